"""What must hold in every block: each break is found, named and located."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from pipelines import few_effects

from simcore.arrays import Array
from simcore.assembly import build_parameters
from simcore.identities import Finding, broken, unusual
from simcore.kernel import Results, simulate
from simcore.members import Members
from simcore.parameters import Parameters
from simcore.reconcile import reconcile
from simcore.scenario import load_scenario, shipped_scenarios

Run = tuple[Parameters, Results]
SWEEPS = {"growth-3-to-9", "growth-by-rnd"}


@pytest.fixture(scope="module")
def members() -> Members:
    return Members(reconcile(), seed=1, block=0)


def run(members: Members, name: str, *settings: str) -> Run:
    baseline = members.past.baseline
    scenario = load_scenario(name, baseline, settings)
    effects = few_effects(members.posterior, scenario, members.seed)
    parameters = build_parameters(members, scenario, None, effects)
    return parameters, simulate(parameters, tuple(baseline.zones))


@pytest.fixture(scope="module")
def sound(members: Members) -> Run:
    return run(members, "growth-5")


def copied(results: Results) -> Results:
    return {name: array.copy() for name, array in results.items()}


@pytest.mark.parametrize("name", sorted(set(shipped_scenarios()) - SWEEPS))
def test_identities_hold_in_every_shipped_scenario(name: str, members: Members) -> None:
    assert broken(*run(members, name)) == []


def times(name: str, factor: float) -> Callable[[Results], None]:
    def change(results: Results) -> None:
        results[name][1, 3, 7] *= factor

    return change


def set_to(name: str, value: float) -> Callable[[Results], None]:
    def change(results: Results) -> None:
        results[name][1, 3, 7] = value

    return change


BREAKS = {
    "value added does not sum to GDP": times("value_added", 1.001),
    "nominal GDP is not real GDP times the deflator": times("deflator", 1 + 1e-7),
    "R&D is not intensity times GDP": times("rnd", 1 - 1e-7),
    "gross output is below value added": times("output", 0.01),
    "pinned GDP growth is missed": times("gdp_growth", 1 + 1e-6),
    "gdp is not finite and positive": set_to("gdp", np.nan),
    "capital is not finite and positive": set_to("capital", np.inf),
    "employment is not finite and positive": set_to("employment", -1.0),
    "rnd_stock is not finite and positive": set_to("rnd_stock", 0.0),
    "deflator is not finite and positive": set_to("deflator", np.nan),
    "value_added is not finite and positive": set_to("value_added", -5.0),
}


@pytest.mark.parametrize("cause", BREAKS)
def test_a_break_is_found_and_located(cause: str, sound: Run) -> None:
    parameters, results = sound[0], copied(sound[1])
    BREAKS[cause](results)
    found = {finding.cause: finding for finding in broken(parameters, results)}
    zone = 0 if cause.startswith(("gross output", "value_added")) else 1  # row 1 is in zone 0
    if cause.startswith("value added"):
        zone = 0
    assert cause in found
    assert found[cause] == Finding(cause, 1, 7, zone, 2026)
    assert found[cause].message == f"{cause} in 1 draws"


def test_rows_of_industries_are_located_in_their_zone(sound: Run) -> None:
    parameters, results = sound[0], copied(sound[1])
    results["output"][-1, 2, 5] = 0.0
    (finding,) = broken(parameters, results)
    assert (finding.zone, finding.draw, finding.year) == (1, 5, 2025)


def test_draws_are_counted_once(sound: Run) -> None:
    parameters, results = sound[0], copied(sound[1])
    results["rnd"][:, 2:5, [3, 4, 900]] *= 2
    (finding,) = broken(parameters, results)
    assert (finding.draws, finding.draw, finding.year) == (3, 3, 2025)


def test_rounding_is_no_break(sound: Run) -> None:
    parameters, results = sound[0], copied(sound[1])
    for name in ("gdp", "rnd", "value_added"):
        results[name] *= 1 + 1e-12
    assert broken(parameters, results) == []


def test_the_base_year_is_not_pinned(sound: Run) -> None:
    parameters, results = sound[0], copied(sound[1])
    results["gdp_growth"][:, 0] = 99.0
    assert broken(parameters, results) == []


def test_a_mean_that_is_pinned_may_vary(members: Members) -> None:
    from simcore.assembly import centre_offsets

    lever = "levers.*.gdp_growth={value: 5%, mode: centre}"
    scenario = load_scenario("baseline", members.past.baseline, [lever])
    offsets = centre_offsets(members.posterior, scenario)
    parameters = build_parameters(members, scenario, offsets)
    results = simulate(parameters, tuple(members.past.baseline.zones))
    assert results["gdp_growth"][:, 1:].std() > 1
    assert broken(parameters, results) == []


@pytest.mark.parametrize(
    ("name", "value", "cause"),
    [
        ("rnd_intensity", 26.0, "R&D above 25 % of GDP"),
        ("capital", 1e9, "capital-output ratio outside 1 to 6"),
        ("capital", 1.0, "capital-output ratio outside 1 to 6"),
    ],
)
def test_what_is_unusual_is_counted(name: str, value: float, cause: str, sound: Run) -> None:
    parameters, results = sound[0], calm(sound[1])
    assert unusual(parameters, results) == []
    results[name][1, 2:4, [8, 9]] = value
    assert unusual(parameters, results) == [Finding(cause, 2, 8, 1, 2025)]


def calm(results: Results) -> Results:
    found = copied(results)
    found["capital"] = 3 * found["gdp_real"]
    found["rnd_intensity"] = np.full_like(found["rnd_intensity"], 5.0)
    return found


def test_limits_themselves_are_usual(sound: Run) -> None:
    parameters, results = sound[0], calm(sound[1])
    ratio: Array = np.where(np.arange(results["capital"].shape[-1]) % 2, 1.0, 6.0)
    results["capital"] = ratio * np.ones_like(results["capital"])
    results["gdp_real"] = np.ones_like(results["gdp_real"])
    results["rnd_intensity"][:] = 25.0
    assert unusual(parameters, results) == []
