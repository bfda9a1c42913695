"""Reports of other files: summaries alone, many scenarios."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from html_tree import read
from report_results import made

from simcore.baseline import Baseline
from simcore.dataset import open_results
from simcore.posterior import Posterior
from simcore.report_gathering import chosen_scenarios, contents
from simcore.report_page import report_page
from simcore.report_tables import listed
from simcore.scenario import load_scenario

pytest.importorskip("altair", reason="the extra simcore[report] is not installed")
pytestmark = pytest.mark.usefixtures("in_english")


def test_a_file_of_summaries_leaves_out_what_needs_draws(
    posterior: Posterior, baseline: Baseline, tmp_path: Path
) -> None:
    path = made(
        posterior, tmp_path / "summary.h5", load_scenario("baseline", baseline),
        load_scenario("growth-5", baseline), keep="summary",
    )  # fmt: skip
    found = contents(path, posterior, without=["sensitivity", "contributions"])
    assert set(found.left_out) == {
        "output", "targets", "differences", "sensitivity", "contributions",
    }  # fmt: skip
    assert found.series.fan("gdp", "donghu", "growth-5") is not None
    assert found.series.fan("output", "donghu", "growth-5") is None
    tree = read(report_page(found, ""))
    said = [one.text for one in tree.find("p", **{"class": "left-out"})]
    assert len(said) == 5
    assert any("simcore run --keep full" in text for text in said)
    assert {"fan-gdp", "industries-donghu"} <= {
        str(f.attributes["id"]) for f in tree.find("figure")
    }


def test_of_many_scenarios_six_are_drawn_and_all_listed(
    posterior: Posterior, baseline: Baseline, tmp_path: Path
) -> None:
    base = load_scenario("baseline", baseline)
    many = [base.model_copy(update={"name": f"point {i}", "horizon": 2030}) for i in range(7)]
    path = made(posterior, tmp_path / "many.h5", *many)
    found = contents(path, posterior, without=["sensitivity", "contributions", "targets"])
    assert len(found.shown) == 6
    assert [row.scenario for row in found.listed] == [f"point {i}" for i in range(7)]
    low, _, high = 0.05, 0.5, 0.95
    with open_results(path) as dataset:
        draws = dataset["gdp"].sel(scenario="point 4", zone="donghu", year=2030).values
    wanted = np.quantile(draws.astype(float), [0.5, low, high])
    assert found.listed[4].values["gdp", "donghu"] == pytest.approx(wanted, rel=1e-4)
    table = listed(found)
    assert table is not None
    assert len(table.rows) == 7


def test_the_reference_is_always_among_those_drawn() -> None:
    names = [str(i) for i in range(30)]
    assert "7" in chosen_scenarios(names, "7")
    assert len(chosen_scenarios(names, "7")) == 6
