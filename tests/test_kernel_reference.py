"""The kernel equals the slow reference model."""

from __future__ import annotations

import pytest
from hypothesis import given
from kernel_examples import EXAMPLES, assert_same, cut, feasible, scenario_of, small_parameters
from pipelines import few_effects
from reference_model import ImpossiblePins, ImpossibleShares, simulate_slowly

from simcore.assembly import build_parameters, centre_offsets
from simcore.baseline import Baseline
from simcore.errors import InputError
from simcore.kernel import simulate
from simcore.ladder_coupling import firm_ladders
from simcore.levers import Scenario
from simcore.members import Members
from simcore.parameters import Parameters
from simcore.posterior import Posterior
from simcore.scenario import load_scenario, shipped_scenarios

SHIPPED = [n for n, path in shipped_scenarios().items() if "axes:" not in path.read_text("utf-8")]


@pytest.fixture(scope="module")
def members(posterior: Posterior) -> Members:
    return Members(posterior, 20211222, 0)


# --- random parameters ----------------------------------------------------------------------------


@given(small_parameters())
@EXAMPLES
def test_equals_the_reference_model(parameters: Parameters) -> None:
    try:
        expected = simulate_slowly(parameters)
    except ImpossiblePins:
        with pytest.raises(InputError, match=r"\d, 202\d: the pinned industries alone exceed"):
            simulate(parameters)
    except ImpossibleShares:
        with pytest.raises(InputError, match=r"shares"):
            simulate(parameters)
    else:
        assert_same(simulate(parameters), expected)


@given(small_parameters(pins=False))
@EXAMPLES
def test_equals_the_reference_model_without_closures(parameters: Parameters) -> None:
    feasible(parameters)
    assert_same(simulate(parameters), simulate_slowly(parameters))


# --- scenarios ------------------------------------------------------------------------------------

PINNED = """
levers:
  "*":
    gdp_growth: 5%
  donghu:
    rnd_growth: {value: 12%, until: 2027}
    industries:
      optoelectronics: {growth: {path: {2025: 8%, 2028: 6%}, until: 2030}}
      life_health: {tfp: +0.5 pp, investment_share: +2 pp, labour_share: -1 pp}
  jingkai:
    investment_rate: {path: {2026: 50%}}
    rnd_intensity: {path: {2024: 3%, 2030: 5%}}
    labour_growth: 2%
    industries:
      automotive: {growth: 3%}
      digital_services: {growth: {mode: set, value: 9%}}
"""
CENTRED = """
levers:
  donghu:
    gdp_growth: {mode: centre, value: 5%}
    industries: {optoelectronics: {growth: {mode: centre, value: 7%}}}
  jingkai:
    gdp_growth: {mode: centre, path: {2026: 4%, 2030: 5%}, until: 2032}
    tfp: +0.3 pp
"""
EVENTS = """
assumptions: {inflation: 3%, national_growth: {path: {2026: 4%}}}
behaviour: {rnd_elasticity: {dist: constant, value: 0.2}}
events:
  - {name: factory, zone: jingkai, industry: automotive, year: 2026, size: 10%, persistence: 1}
  - {name: slump, size: -5%, probability: 30%}
"""


def compare(members: Members, scenario: Scenario) -> None:
    ladders = firm_ladders(members.past, members.seed, [scenario])
    firms = ladders.changes[scenario.name] if ladders else None
    offsets = centre_offsets(members.posterior, scenario, firms=firms)
    effects = few_effects(members.posterior, scenario, members.seed)
    built = build_parameters(members, scenario, offsets, effects, firms=firms)
    parameters = cut(built, slice(0, 3))
    assert parameters.draws == 3
    assert_same(simulate(parameters), simulate_slowly(parameters))


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenarios_equal_the_reference_model(
    name: str, members: Members, baseline: Baseline
) -> None:
    compare(members, load_scenario(name, baseline))


@pytest.mark.parametrize("levers", [PINNED, CENTRED, EVENTS], ids=["pinned", "centred", "events"])
def test_levers_equal_the_reference_model(
    levers: str, members: Members, baseline: Baseline
) -> None:
    compare(members, scenario_of(levers, baseline))
