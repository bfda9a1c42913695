"""Scenarios side by side: ranks, the year of a clear difference, what pairing removes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from command_line import invoke, printed_json

import simcore
from simcore.errors import InputError
from simcore.rankings import rankings


def made(paths: dict[str, list[list[float]]]) -> xr.Dataset:
    """A result of one zone with paths (year, draw) of GDP from 2023 on."""
    values = np.array(list(paths.values()), dtype=float)[:, None]
    years = 2023 + np.arange(values.shape[2])
    return xr.Dataset(
        {
            "gdp": (("scenario", "zone", "year", "draw"), values),
            "weight": (("scenario", "draw"), np.ones((len(paths), values.shape[-1]))),
        },
        coords={"scenario": list(paths), "zone": ["donghu"], "year": years},
    )  # fmt: skip


def test_ranks_years_and_variances_by_hand() -> None:
    baseline = [[10.0, 20.0, 30.0], [10.0, 20.0, 30.0], [10.0, 20.0, 30.0], [10.0, 20.0, 30.0]]
    up = [[10.0, 20.0, 30.0], [9.0, 21.0, 31.0], [11.0, 21.0, 31.0], [12.0, 22.0, 32.0]]
    same = baseline
    found = rankings(made({"baseline": baseline, "up": up, "same": same}), "baseline", "gdp",
                     2026, 2024)  # fmt: skip
    by_name = {row.scenario: row for row in found}
    assert [row.scenario for row in found][0] == "up"
    assert (by_name["up"].mean_rank, by_name["up"].first, by_name["up"].last) == (1, 1, 0)
    assert by_name["baseline"].mean_rank == by_name["same"].mean_rank == 2.5
    assert by_name["up"].clear_from == 2025  # the difference of 2024 has both signs
    assert by_name["same"].clear_from is None
    assert by_name["up"].variance_removed == pytest.approx(1)  # the same difference in every draw
    assert (by_name["baseline"].clear_from, by_name["baseline"].variance_removed) == (None, None)


def test_a_difference_that_does_not_last_is_none() -> None:
    baseline = [[1.0, 2.0]] * 4
    passing = [[1.0, 2.0], [2.0, 3.0], [2.0, 3.0], [1.0, 2.0]]
    (found,) = [
        row for row in rankings(made({"baseline": baseline, "p": passing}), "baseline", "gdp",
                                2026, 2024) if row.scenario == "p"
    ]  # fmt: skip
    assert found.clear_from is None


def test_masked_draws_are_left_out() -> None:
    one = [[1.0, np.nan, 3.0]] * 2
    two = [[2.0, 9.0, np.nan]] * 2
    found = rankings(made({"baseline": one, "b": two}), "baseline", "gdp", 2024, 2024)
    assert [(row.scenario, row.mean_rank) for row in found] == [("b", 1), ("baseline", 2)]


def test_weighted_draws_and_industries_are_refused() -> None:
    dataset = made({"baseline": [[1.0, 2.0]] * 2})
    dataset["weight"][0, 0] = 0.3
    with pytest.raises(InputError, match="ranking: draws have unequal weights"):
        rankings(dataset, "baseline", "gdp", 2024, 2024)
    run = simcore.run("baseline", draws=4, seed=1)
    with pytest.raises(InputError, match="'value_added' is by industry"):
        rankings(run, "baseline", "value_added", 2030, 2024)


@pytest.mark.usefixtures("own_folder")
def test_the_command_ranks_and_warns_of_what_changes_nothing(result: Path) -> None:
    text = invoke("compare", result, "--rank", "--indicator", "gdp").stdout
    assert "East Lake High-tech: scenarios by GDP at current prices of 2035" in text
    assert "variance removed by pairing" in text
    found = printed_json("compare", result, "--rank", "--indicator", "gdp")["ranking"]
    for zone in ("donghu", "jingkai"):
        here = [row for row in found if row["zone"] == zone]
        assert sum(row["mean_rank"] for row in here) == pytest.approx(6)
        assert sum(row["first"] for row in here) <= 1
    fourteen = next(r for r in found if (r["scenario"], r["zone"]) == ("rnd-14", "donghu"))
    assert 2024 < fourteen["clear_from"] <= 2030
    assert fourteen["variance_removed"] > 0.9
    warned = invoke("compare", result, "--indicator", "investment", "--year", 2024).stderr
    assert "rnd-14: changes none of the indicators and years that are compared" in warned
    assert "growth-5" not in warned
