"""Single precision: the same draws to 1e-5, identities to 1e-5, and said by the result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from command_line import invoke, printed_json
from pipelines import few_effects

from simcore.assembly import build_parameters, build_reference
from simcore.attributes import read_attributes
from simcore.dataset import run_plan
from simcore.dims import VARIABLES
from simcore.errors import InputError
from simcore.identities import broken
from simcore.kernel import simulate
from simcore.members import Members
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.production import produce
from simcore.scenario import load_scenario, shipped_scenarios
from simcore.verify import verify

pytestmark = pytest.mark.long

NAMES = [n for n, path in shipped_scenarios().items() if "axes:" not in path.read_text("utf-8")]
RATES = {"gdp_growth", "tfp_growth", "tfp_growth_required"}  # may be zero: compared in points
DRAWS = 1500


def plan(posterior: Posterior, precision: str, *names: str, draws: int = DRAWS) -> Plan:
    baseline = posterior.problem.past.baseline
    scenarios = tuple(load_scenario(name, baseline) for name in names)
    return Plan(scenarios, draws, 5, posterior, precision=precision)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def both(posterior: Posterior, few_replications: int) -> list[xr.Dataset]:
    return [run_plan(plan(posterior, precision, *NAMES)) for precision in ("double", "single")]


@pytest.mark.parametrize("name", VARIABLES)
def test_draws_and_medians_are_those_of_double_precision(name: str, both: list[xr.Dataset]) -> None:
    double, single = (data[name].values.astype(float) for data in both)
    np.testing.assert_array_equal(np.isnan(single), np.isnan(double))
    known = ~np.isnan(double)
    close = {"rtol": 0, "atol": 2e-3} if name in RATES else {"rtol": 2e-5}
    if name == "investment":  # what is left where hardly any project starts
        close["atol"] = 1e-2
    if name in ("value_added", "output"):  # of one small industry whose projects stop
        close["rtol"] = 4e-5
    np.testing.assert_allclose(single[known], double[known], **close)
    medians = (np.median(values, axis=-1) for values in (single, double))
    np.testing.assert_allclose(*medians, **close)


def test_the_two_differ(both: list[xr.Dataset]) -> None:
    double, single = (data["gdp"].sel(year=2035).values for data in both)
    assert (double != single).mean() > 0.5


@pytest.mark.parametrize("name", NAMES)
def test_the_kernel_computes_in_single_precision_and_keeps_identities(
    name: str, posterior: Posterior
) -> None:
    members = Members(posterior, 5, 0, single=True)
    scenario = load_scenario(name, posterior.problem.past.baseline)
    parameters = build_parameters(members, scenario, None, few_effects(posterior, scenario, 5))
    results = simulate(parameters, reference=build_reference(members, scenario, parameters))
    offsets = {"zone_offset", "activity_offset"}
    assert {v.dtype.name for n, v in results.items() if n not in offsets} == {"float32"}
    assert broken(parameters, results) == []
    results["rnd"][1, 3, 7] *= 1 + 1e-4
    assert [finding.cause for finding in broken(parameters, results)] == [
        "R&D is not intensity times GDP"
    ]


def test_scenario_company_does_not_matter(posterior: Posterior, both: list[xr.Dataset]) -> None:
    alone = run_plan(plan(posterior, "single", "rnd-12"))
    for name in VARIABLES:
        together = both[1][name].sel(scenario="rnd-12").values
        assert alone[name].values[0].tobytes() == together.tobytes(), name


def test_precision_is_part_of_the_run(posterior: Posterior, tmp_path: Path) -> None:
    double, single = (plan(posterior, p, "baseline", draws=1100) for p in ("double", "single"))
    assert double.fingerprint != single.fingerprint
    path = tmp_path / "single.h5"
    produce(single, path, workers=2)
    assert read_attributes(path)["precision"] == "single"
    assert verify(path, posterior).same
    with pytest.raises(InputError, match=r"cannot be resumed: another precision"):
        produce(double, path, resume=True)


def test_another_precision_is_refused(posterior: Posterior) -> None:
    with pytest.raises(InputError, match=r"^the precision 'half' is neither double nor single$"):
        plan(posterior, "half", "baseline")


def test_the_command_line_asks_for_it(tmp_path: Path) -> None:
    path = tmp_path / "few.h5"
    invoke("run", "baseline", "-n", 50, "--precision", "single", "-o", path)
    assert read_attributes(path)["precision"] == "single"
    assert printed_json("inspect", path)["precision"] == "single"
    invoke("what-if", "--gdp-growth", "5%", "-n", 200, "--precision", "single")
