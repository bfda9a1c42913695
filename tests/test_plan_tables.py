"""The indicator tables of the plans: every row is there, and every figure knows its treatment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from simcore import plan_tables
from simcore.baseline import Baseline
from simcore.dims import VARIABLES
from simcore.document import parse_document
from simcore.errors import InputError
from simcore.plan_tables import load_plan_tables, treatment
from simcore.resources import folder

LINES = {"donghu-14fyp-2021": range(98, 113), "jingkai-14fyp-2021": range(171, 193)}
TEXT = (folder("calibration") / "plan_tables.yaml").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    plan_tables._read_with.cache_clear()
    yield
    plan_tables._read_with.cache_clear()


def test_every_row_is_there(baseline: Baseline) -> None:
    tables = load_plan_tables(baseline).tables
    numbers = {name: [row.row for row in table.rows] for name, table in tables.items()}
    assert numbers == {
        "donghu-14fyp-2021": list(range(1, 16)), "jingkai-14fyp-2021": list(range(1, 21))
    }  # fmt: skip


def test_the_figures_of_the_lines_are_the_figures_of_the_rows(baseline: Baseline) -> None:
    """Each row has the figures of one line of the document, rows in the order of the lines."""
    for document, table in load_plan_tables(baseline).tables.items():
        standing: dict[int, set[str]] = {}
        for figure in baseline.figures.values():
            if figure.source.document == document and figure.source.line in LINES[document]:
                standing.setdefault(figure.source.line, set()).add(figure.id)
        assert [set(row.figures) for row in table.rows] == [standing[n] for n in sorted(standing)]


def test_satellites_and_core_answer_what_they_say(baseline: Baseline) -> None:
    for _, zone, row in load_plan_tables(baseline).rows():
        if row.treatment == "not_modelled":
            assert row.by == ""
        else:
            assert row.by in VARIABLES or baseline.zones[zone].aggregates[row.by].weights


def test_every_row_answers_for_its_figures(baseline: Baseline) -> None:
    for document, _, row in load_plan_tables(baseline).rows():
        for name in row.figures:
            found = treatment(baseline, name)
            assert (found.treatment, found.by) == (row.treatment, row.by)
            assert (found.document, found.row) == (document, row)


@pytest.mark.parametrize(
    ("figure", "way", "by"),
    [
        ("donghu.gdp.2023", "simulated", "gdp"),
        ("donghu.gdp.growth.2023", "simulated", "gdp_growth"),
        ("donghu.rnd.intensity.2020", "simulated", "rnd_intensity"),
        ("jingkai.gdp_per_head.2020", "simulated", "gdp_per_head"),
        ("donghu.value_added.high_tech.share.2020", "simulated", "high_tech"),
        ("jingkai.output.automotive.gross_output.2025.target", "simulated", "output"),
        ("donghu.firms.high_tech.2023", "satellite", "high_tech_firms"),
        ("donghu.firms.high_tech.2025.target.action", "satellite", "high_tech_firms"),
        ("jingkai.retail_sales.2025.target", "satellite", "retail_sales"),
        ("donghu.gdp.growth.2023q1", "not_modelled", ""),  # part of a year
        ("donghu.value_added.culture.share.2020", "not_modelled", ""),  # no weights
        ("donghu.employment.urban_new.2024.plan", "not_modelled", ""),  # new jobs
        ("donghu.firms.gazelle.2020", "not_modelled", ""),  # of a satellite's indicator
        ("donghu.investment.project_starts.2024.pipeline", "not_modelled", ""),
        ("jingkai.population.university_graduates.cumulative.2021_2025.target", "not_modelled", ""),
    ],
)
def test_figures_outside_the_tables(figure: str, way: str, by: str, baseline: Baseline) -> None:
    found = treatment(baseline, figure)
    assert (found.treatment, found.by, found.row) == (way, by, None)


def test_a_repetition_is_treated_like_the_row_it_repeats(baseline: Baseline) -> None:
    text, table = (treatment(baseline, f"donghu.trade.growth.2021_2025.target{end}")
                   for end in ("", ".table"))  # fmt: skip
    assert text == table
    assert text.row is not None
    assert text.row.row == 10


def test_every_figure_has_a_treatment(baseline: Baseline) -> None:
    for name in baseline.figures:
        found = treatment(baseline, name)
        assert (found.treatment == "not_modelled") == (found.by == "")


def test_an_earlier_vintage_has_treatments_too(baseline: Baseline) -> None:
    known = {
        name: figure for name, figure in baseline.figures.items()
        if figure.source.document == "donghu-action-2022"
    }  # fmt: skip
    vintage = replace(baseline, figures=known)
    found = treatment(vintage, "donghu.firms.market_entities.2025.target.action")
    assert (found.treatment, found.by) == ("satellite", "market_entities")


def test_an_unknown_figure(baseline: Baseline) -> None:
    with pytest.raises(InputError, match=r"no figure 'donghu.gdp.2032'; did you mean"):
        treatment(baseline, "donghu.gdp.2032")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("row: 2\n", "row: 3\n", "row 3 stands where row 2 belongs"),
        ("forest.share.2020", "forest.share.2002", "no figure '.*2002'; did you mean"),
        ("by: hospital_beds", "by: hospital_bed", "unknown answer 'hospital_bed'; did you mean"),
        ("by: high_tech\n", "by: culture\n", "unknown answer 'culture'"),
        ("by: trade", "by: gdp", "unknown answer 'gdp'"),
        ("donghu.energy.per_gdp.growth.2021_2025.target", "donghu.gdp.2023", ".*another document"),
        ("donghu-14fyp-2021:", "donghu-14fyp-2012:", "unknown document 'donghu-14fyp-2012'"),
    ],
)  # fmt: skip
def test_a_row_that_does_not_fit_is_named_with_its_place(
    old: str, new: str, message: str, baseline: Baseline, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert old in TEXT
    document = parse_document(TEXT.replace(old, new, 1), "plan_tables.yaml")
    monkeypatch.setattr(plan_tables, "calibration_document", lambda _: document)
    with pytest.raises(InputError, match=rf"plan_tables.yaml:\d+:\d+: {message}"):
        load_plan_tables(baseline)


def test_a_row_has_an_answer_or_is_not_modelled(monkeypatch: pytest.MonkeyPatch) -> None:
    for old, new in (
        ("by: hospital_beds\n", "\n"),
        ("treatment: not_modelled\n", "treatment: not_modelled\n        by: gdp\n"),
    ):
        document = parse_document(TEXT.replace(old, new, 1), "plan_tables.yaml")
        monkeypatch.setattr(plan_tables, "calibration_document", lambda _, d=document: d)
        plan_tables._read_with.cache_clear()
        with pytest.raises(InputError, match="a row that is simulated says by what, and no other"):
            plan_tables._read()
