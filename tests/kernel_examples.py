"""Parameters and scenarios on which the kernel is tested."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import reject, settings
from hypothesis import strategies as st

from simcore.baseline import Baseline
from simcore.document import parse_document
from simcore.errors import InputError
from simcore.kernel import Results, simulate
from simcore.levers import Scenario
from simcore.parameters import Parameters, Pins
from simcore.scenario_check import check

EXAMPLES = settings(max_examples=30, deadline=None, derandomize=True)
DRAW_AXIS = (
    "gdp", "deflator", "share", "capital", "employment", "population", "rnd_stock",
    "rnd_intensity_reference", "value_added_rate", "capital_elasticity", "depreciation",
    "capital_formation_share", "rnd_depreciation", "rnd_elasticity", "spillover",
    "reference_growth", "differential", "deflator_change", "investment_rate_reference",
    "labour_growth_reference", "investment_rate", "labour_growth", "disturbance", "commissioned",
    "put_in_place",
)  # fmt: skip


def scenario_of(levers: str, baseline: Baseline, name: str = "test") -> Scenario:
    text = f"simcore: 1\nname: {name}\nlabel: {{en: test, zh: 测试}}\n{levers}\n"
    return check(parse_document(text, "test.yaml"), baseline)


def cut(parameters: Parameters, wanted: slice) -> Parameters:
    """Some draws of a block."""
    arrays = {name: getattr(parameters, name) for name in DRAW_AXIS}
    if parameters.rnd_change is not None:
        arrays["rnd_change"] = parameters.rnd_change
    varying = {
        name: array[..., wanted]
        for name, array in arrays.items()
        if array is not None and array.shape[-1] == parameters.draws
    }
    return replace(parameters, **varying)


def feasible(parameters: Parameters) -> Results:
    """Results of random parameters, another example if their pins cannot be met."""
    try:
        return simulate(parameters)
    except InputError:
        return reject()


def assert_same(found: Results, expected: dict[str, Any]) -> None:
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-10, atol=1e-10, err_msg=name)


@st.composite
def small_parameters(draw: st.DrawFn, *, pins: bool = True) -> Parameters:
    """Parameters of one to three zones with one to three activities each, plausible in size."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    steps, draws = draw(st.integers(3, 4)), draw(st.integers(2, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    zones, activities = len(sizes), sum(sizes)
    zone_of = np.repeat(np.arange(zones), sizes)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])

    def some(low: float, high: float, *shape: int) -> Any:
        return rng.uniform(low, high, shape)

    def lever(low: float, high: float, rows: int) -> Any:
        given = some(low, high, rows, steps)
        bound = rng.random((rows, steps)) < draw(st.sampled_from([0.0, 0.5, 1.0]))
        return np.where(bound, given, np.nan)

    def shift(low: float, high: float) -> Any:
        if not draw(st.booleans()):
            return None
        moved = some(low, high, activities, steps)
        moved[starts] = 0  # the first of each zone gives way
        moved[rng.random((activities, steps)) < 0.3] = 0
        return moved

    def projects(rows: int, size: float) -> Any:
        if not changed:
            return None
        moved = rng.normal(0, size, (rows, steps, draws))  # some take more than there is
        moved[rng.random(rows) < 0.3] = 0
        return moved

    def path(reference: Any, low: float, high: float) -> Any:
        given = lever(low, high, zones)[:, :, None]
        varying = draw(st.booleans())
        own = reference[:, None, :] if varying else reference[:, None, :1]
        return np.where(np.isnan(given), own, given)

    share = some(0.1, 1, activities, draws)
    share /= np.add.reduceat(share, starts, axis=0)[zone_of]
    gdp, investment = some(500, 3000, zones, draws), some(0.2, 0.6, zones, draws)
    labour = some(-0.02, 0.04, zones, draws)
    weights = np.ones((zones, zones)) - np.eye(zones)
    activity_target = lever(-0.1, 0.15, activities) if pins else np.full((activities, steps), None)
    activity_target = activity_target.astype(float)
    activity_target[starts] = np.nan  # one activity of each zone is free
    zone_target = lever(-0.05, 0.12, zones) if pins else np.full((zones, steps), np.nan)
    varying = draw(st.sampled_from([1, draws]))
    changed = draw(st.booleans())
    return Parameters(
        years=tuple(range(2024, 2024 + steps)),
        zone_of=zone_of,
        starts=starts,
        gdp=gdp,
        deflator=some(0.9, 1.2, zones, draws),
        share=share,
        capital=gdp * some(1.5, 4, zones, draws),
        employment=some(20, 90, zones, draws),
        population=some(50, 150, zones, draws),
        rnd_stock=gdp * some(0.1, 0.5, zones, draws),
        rnd_intensity_reference=some(0.01, 0.1, zones, draws),
        value_added_rate=some(0.15, 0.95, activities, draws),
        capital_elasticity=some(0.05, 0.95, activities, draws),
        depreciation=some(0.05, 0.11, draws),
        capital_formation_share=some(0.5, 0.95, draws),
        rnd_depreciation=some(0.1, 0.25, draws),
        rnd_elasticity=some(0.02, 0.25, draws),
        spillover=some(0.01, 0.3, draws),
        spillover_weights=weights / max(zones - 1, 1),
        reference_growth=some(-0.03, 0.1, zones, steps, draws),
        differential=some(-0.05, 0.05, activities, draws),
        differential_decay=0.5 ** (np.arange(1, steps + 1) / 5),
        deflator_change=some(-0.03, 0.05, zones, steps, draws),
        investment_rate_reference=investment,
        labour_growth_reference=labour,
        investment_rate=path(investment, 0.2, 0.7),
        labour_growth=path(labour, -0.04, 0.06),
        rnd_intensity=lever(0.01, 0.12, zones),
        rnd_growth=lever(-0.05, 0.2, zones),
        rnd_change=some(0.9, 1.2, zones, steps, draws) if draw(st.booleans()) else None,
        investment_share_shift=shift(-0.1, 0.1),
        labour_share_shift=shift(-0.1, 0.1),
        disturbance=np.cumsum(rng.normal(0, 0.05, (activities, steps, varying)), axis=1),
        zone_pins=Pins(zone_target, *_centred(draw, rng, zones, steps)),
        activity_pins=Pins(activity_target, *_centred(draw, rng, activities, steps)),
        commissioned=projects(activities, 0.3),
        put_in_place=projects(zones, 0.6),
    )


def _centred(draw: st.DrawFn, rng: np.random.Generator, rows: int, steps: int) -> tuple[Any, Any]:
    """Which rows are centred, with the offsets that were found for them."""
    centred = np.repeat(rng.random((rows, 1)) < draw(st.sampled_from([0.0, 0.5])), steps, axis=1)
    return centred, rng.normal(0, 0.05, (rows, steps))
