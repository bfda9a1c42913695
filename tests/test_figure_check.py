"""Figures against each other and against the texts they were read from."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr

from simcore.baseline import Baseline, load_baseline
from simcore.errors import InputError
from simcore.figure_check import check_documents, check_figures, price_change, size
from simcore.printed import is_printed
from simcore.priors import load_priors

BASELINE = load_baseline()


def changed(name: str, **values: object) -> Baseline:
    """The baseline with one figure altered."""
    figure = BASELINE.figures[name].model_copy(update=values)
    return replace(BASELINE, figures=BASELINE.figures | {name: figure})


def failures(baseline: Baseline) -> set[str]:
    return {row.check for row in check_figures(baseline) if not row.passed}


def test_shipped_figures_agree() -> None:
    found = check_figures(BASELINE)
    assert {row.check for row in found} == {
        "repetition", "sector sum", "sector share", "reserve", "sum", "increase", "share",
        "part of a whole", "growth",
    }  # fmt: skip
    assert failures(BASELINE) == set()


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        ("jingkai.value_added.secondary.share.2020", 68, "sector sum"),
        ("jingkai.value_added.tertiary.2020", 600, "sector share"),
        ("jingkai.investment.infrastructure.cumulative.2021_2025.pipeline", 9999, "reserve"),
        ("donghu.rnd.growth.2021_2025.target.table", 13, "repetition"),
        ("jingkai.output.automotive_cluster.gross_output.2025.target", 7000, "sum"),
        ("jingkai.health.doctors_per_1000.cumulative.2021_2025.target", 1.98, "increase"),
        ("donghu.environment.forest.share.2025.target", 8.62, "increase"),
        ("donghu.institutions.hubei_laboratories.province.2023", 5, "part of a whole"),
    ],
)
def test_contradiction_is_found(name: str, value: float, check: str) -> None:
    assert failures(changed(name, value=value)) == {check}


def test_listed_disagreements_pass_with_the_id_of_their_entry() -> None:
    listed = {row.listed: row for row in check_figures(BASELINE) if row.listed}
    assert set(listed) == {
        "donghu_schools", "jingkai_services_growth", "donghu_forest",
        "donghu_gdp_growth_2021_2023",
    }  # fmt: skip
    growth = listed["donghu_gdp_growth_2021_2023"]
    assert (growth.check, growth.found, growth.expected) == ("growth", "10.7 %", "4.7 %")


def test_what_agrees_is_not_listed() -> None:
    """With the growth that the levels imply there is nothing to list."""
    baseline = changed("donghu.gdp.growth.2023", value=10.7)
    (row,) = [
        row for row in check_figures(baseline)
        if row.check == "growth" and row.figures[0] == "donghu.gdp.growth.2023"
    ]  # fmt: skip
    assert (row.passed, row.listed) == (True, "")


def test_the_fields_of_the_reserve_are_six() -> None:
    (row,) = [row for row in check_figures(BASELINE) if row.check == "reserve"]
    assert len(row.figures) == 7
    assert row.found == "12057 亿元"


def written(folder: Path, text: str) -> Path:
    for name in BASELINE.documents:
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def test_another_text_is_found(tmp_path: Path) -> None:
    found = check_documents(BASELINE, written(tmp_path, "nothing\n" * 1000))
    assert not any(row.passed for row in found if row.check == "fingerprint")
    (row,) = [row for row in found if row.figures == ("donghu.gdp.2023",)]
    assert (row.check, row.passed) == ("printed", False)
    assert row.found.startswith("2715 ")


def test_a_line_beyond_the_text_is_found(tmp_path: Path) -> None:
    found = check_documents(BASELINE, written(tmp_path, "one line"))
    (row,) = [row for row in found if row.figures == ("donghu.gdp.2023",)]
    assert (row.check, row.expected, row.passed) == ("line", "12", False)


def test_a_folder_without_texts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"donghu-13fyp-2017\.txt: cannot be read: No such file"):
        check_documents(BASELINE, tmp_path)


@pytest.mark.parametrize(
    ("value", "unit", "line"),
    [
        (0.25, "倍", "总量占全市1/4"), (0.2, "倍", "占全市的五分之一"), (2, "倍", "签约数量倍增"),
        (0, "起", "实现“零事故”"), (1, "万吨标煤", "年能耗万吨标煤以上"),
        (1000, "亿个", "千亿参数"), (1, "位", "位居各区首位"),
    ],
)  # fmt: skip
def test_words_are_numbers(value: float, unit: str, line: str) -> None:
    assert is_printed(value, unit, line)
    assert not is_printed(value + 1, unit, line)


def test_the_change_of_prices_is_that_of_any_distribution() -> None:
    """A uniform prior that is as wide as the normal between −1 and +1 s.d. says the same."""
    priors = load_priors()
    mean = priors.parameters["deflator_mean"]
    share = float(ndtr(1.0) - ndtr(-1.0))  # of a uniform's width
    half = (mean.deviation or 0.0) / share
    changes = {
        "dist": "uniform", "mean": None, "deviation": None,
        "low": (mean.mean or 0.0) - half, "high": (mean.mean or 0.0) + half,
    }  # fmt: skip
    other = mean.model_copy(update=changes)
    changed_ = priors.model_copy(
        update={"parameters": priors.parameters | {"deflator_mean": other}}
    )
    assert price_change(changed_) == pytest.approx(price_change(priors))
    spread = np.sqrt(
        sum(
            (priors.distribution(f"deflator_{n}").deviation or 0.0) ** 2
            for n in ("mean", "common", "own")
        )
    )
    wanted = 100 * ((mean.mean or 0.0) + 2 * spread)
    assert price_change(priors)[1] == pytest.approx(wanted)


def test_units_of_money_and_of_things() -> None:
    found = [size(unit) for unit in ("万亿元", "亿元", "百万元", "万元", "万户", "家")]
    assert found == [10**4, 1, Decimal("0.01"), Decimal("1e-4"), 10**4, 1]
