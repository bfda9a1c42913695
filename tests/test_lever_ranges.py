"""Levers that vary from draw to draw: exact in every draw, and their indices are known ones."""

from __future__ import annotations

import numpy as np
import pytest
from command_line import invoke, printed_json, refused

import simcore
from simcore.arrays import Array
from simcore.assembly import build_parameters, build_reference
from simcore.baseline import Baseline
from simcore.contributions import Change
from simcore.drivers import Sensitivity, sensitivity
from simcore.errors import InputError
from simcore.indices import Index
from simcore.kernel import simulate
from simcore.labels import use_language
from simcore.lever_ranges import at_corners, laid, lever_of, levers_of, varied
from simcore.levers import Scenario
from simcore.members import Members
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.scenario import load_scenario

ALL = (
    "donghu.tfp=0 pp..2 pp", "*.tfp=-1 pp..1 pp", "donghu.investment_rate=30%..60%",
    "jingkai.labour_growth=0%..4%", "donghu.rnd_growth=0%..20%", "jingkai.rnd_intensity=2%..9%",
    "donghu.optoelectronics.growth=2%..12%", "jingkai.automotive.tfp=0 pp..3 pp",
)  # fmt: skip
UNTIL = 2030
BOTH = "lever donghu.rnd_growth: rnd_growth and rnd_intensity both fix the R&D of donghu"


@pytest.fixture(scope="module")
def world(baseline: Baseline) -> Scenario:
    return load_scenario("baseline", baseline)


@pytest.fixture(scope="module")
def members(posterior: Posterior) -> Members:
    return Members(posterior, 3, 0, draws=1024)


def gdp(members: Members, scenario: Scenario, parameters: object = None) -> Array:
    known = parameters or build_parameters(members, scenario)
    reference = build_reference(members, scenario, known)  # type: ignore[arg-type]
    return np.asarray(simulate(known, ("donghu", "jingkai"), reference, {})["gdp"])  # type: ignore[arg-type]


@pytest.mark.parametrize("texts", [*[(text,) for text in ALL], ALL])
def test_a_draw_with_a_value_is_that_draw_of_a_scenario_with_it(
    texts: tuple[str, ...], members: Members, world: Scenario, baseline: Baseline
) -> None:
    """One lever at a time, and all of them together at different places of their ranges."""
    levers = levers_of(texts, baseline)
    low, high = at_corners(world, levers, UNTIL, baseline)
    places = np.linspace(0.15, 0.85, len(levers))
    weight = np.repeat(places[:, None], 1024, axis=1)
    weight[:, 512:] = 0.0
    mixed = varied(lambda s: build_parameters(members, s), low, high, weight)
    inside = world
    for lever, place in zip(levers, places, strict=True):
        inside = laid(inside, lever, lever.low + place * (lever.high - lever.low), UNTIL, baseline)
    found, exact = gdp(members, low, mixed), gdp(members, inside)
    np.testing.assert_allclose(found[..., :512], exact[..., :512], rtol=1e-11)
    np.testing.assert_allclose(found[..., 512:], gdp(members, low)[..., 512:], rtol=1e-12)
    zone = 0 if levers[0].zone in ("donghu", "*") else 1
    moved = found[zone, 7, :512] / gdp(members, low)[zone, 7, :512]
    assert np.abs(np.log(moved)).max() > 1e-4


def test_nothing_is_changed_without_levers(
    members: Members, world: Scenario, baseline: Baseline
) -> None:
    low, high = at_corners(world, (), UNTIL, baseline)
    found = varied(lambda s: build_parameters(members, s), low, high, np.empty((0, 1024)))
    assert np.array_equal(gdp(members, world, found), gdp(members, world))
    assert low is world


@pytest.mark.parametrize(
    ("inner", "own"),
    [("tfp", "1 pp"), ("industries.optoelectronics.tfp", "{path: {2025: 1 pp}}")],
)
def test_a_lever_of_every_zone_replaces_what_a_zone_has(
    inner: str, own: str, members: Members, baseline: Baseline
) -> None:
    """The corners are those of ``--set`` on a scenario in which the zone has the lever already."""
    named = f"levers.donghu.{inner}={own}"
    world = load_scenario("baseline", baseline, [named, "levers.donghu.labour_growth=1%"])
    low, high = at_corners(world, levers_of([f"*.{inner}=0 pp..2 pp"], baseline), UNTIL, baseline)
    for corner, value in ((low, "0 pp"), (high[0], "2 pp")):
        wanted = [named, "levers.donghu.labour_growth=1%", f"levers.*.{inner}={value}"]
        set_ = load_scenario("baseline", baseline, wanted)
        assert np.array_equal(gdp(members, corner), gdp(members, set_))
    assert np.all(gdp(members, high[0])[0, 7] > gdp(members, low)[0, 7])


@pytest.mark.parametrize(
    ("settings", "texts", "message"),
    [
        (["levers.donghu.rnd_intensity=5%"], ["donghu.rnd_growth"], BOTH),
        (["levers.donghu.rnd_intensity=5%"], ["*.rnd_growth"], BOTH.replace("donghu.", "[*].", 1)),
        ([], ["donghu.rnd_growth", "donghu.rnd_intensity"], BOTH.replace("growth", "intensity", 1)),
        ([], ["donghu.rnd_growth=0%..300%"], "lever donghu.rnd_growth: 300% lies outside -50% to"),
        ([], ["donghu.rnd_intensity=0%..5%"], "lever donghu.rnd_intensity: 0% lies outside 0% to"),
        ([], ["*.tfp=0 pp..60.5 pp"], "tfp: 60.5 pp is beyond 50 pp"),
    ],
)
def test_what_no_scenario_can_say_no_lever_can(
    settings: list[str], texts: list[str], message: str, baseline: Baseline
) -> None:
    world = load_scenario("baseline", baseline, settings)
    with pytest.raises(InputError, match=message):
        at_corners(world, levers_of(texts, baseline), UNTIL, baseline)


def test_a_lever_is_read_with_or_without_its_range(baseline: Baseline) -> None:
    one = lever_of("levers.donghu.tfp = 0 pp .. 1 pp", baseline)
    assert (one.name, one.low, one.high) == ("donghu.tfp", 0.0, 0.01)
    assert lever_of("donghu.tfp", baseline).low == -0.05
    assert lever_of("donghu.industries.optoelectronics.growth=1%..2%", baseline).high == 0.02
    for text, message in (
        ("donghu.tfp=1 pp", "lever donghu.tfp=1 pp: has no range such as"),
        ("donghu.tfp=2 pp..1 pp", "2 pp is not below 1 pp"),
        ("donghu.tfp=0%..1%", "not a difference in percentage points"),
        ("donghu.tpf=0 pp..1 pp", "unknown lever 'tpf'; did you mean 'tfp'"),
        ("wuhan.tfp", "unknown zone 'wuhan'"),
        (
            "donghu.projects.funds",
            "on projects cannot vary.*donghu.projects.funds=20%'.*; .*solve",
        ),
        ("donghu.projects.delay=0 years..1 years", "what-if --set 'levers.*delay=1 year'.*explain"),
        (
            "levers.*.firms.promotion=0%..1%",
            r"on firms .*levers\.\*\.firms.promotion=20%'.* adds$",
        ),
        ("donghu.firms.support.gazelle", "a lever on firms cannot vary"),
        ("wuhan.firms.entry", "unknown zone 'wuhan'"),
    ):
        with pytest.raises(InputError, match=message):
            lever_of(text, baseline)
    with pytest.raises(InputError, match="the lever donghu.tfp is given twice"):
        levers_of(["donghu.tfp", "levers.donghu.tfp=0 pp..1 pp"], baseline)


# --- indices --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def product(posterior: Posterior, baseline: Baseline) -> tuple[Sensitivity, Array]:
    """R&D where growth is pinned: an intensity, even on 4 to 10 %, times a GDP of its own."""
    scenario = load_scenario("growth-5", baseline)
    plan = Plan((scenario,), 2048, 3, posterior)
    levers = levers_of(["donghu.rnd_intensity=4%..10%"], baseline)
    found = sensitivity(plan, Change("growth-5", "donghu", "rnd", (2023, 2030)), levers=levers)
    other = np.concatenate(
        [gdp(plan.members(block), scenario)[0, 7] for block in range(plan.blocks)]
    )
    return found, other


def test_indices_of_a_product_are_those_of_theory(product: tuple[Sensitivity, Array]) -> None:
    """Of y = r X: ``S_r = V(r) E(X)² / V(y)``, ``T_r = V(r) E(X²) / V(y)``, and S_X alike."""
    found, x = product
    mean, spread = 0.07, 0.06**2 / 12
    variance = (mean**2 + spread) * (x**2).mean() - (mean * x.mean()) ** 2
    theory = {
        "levers": (spread * x.mean() ** 2, spread * (x**2).mean()),
        "base_state+prices": (mean**2 * x.var(), (mean**2 + spread) * x.var()),
    }
    layers = {row.name: row.index for row in found.layers}
    first, total = (value / variance for value in theory["levers"])
    assert 0.3 < first < 0.98
    assert layers["levers"].first_order == pytest.approx(first, abs=_width(layers["levers"]))
    assert layers["levers"].total_order == pytest.approx(total, abs=_width(layers["levers"]))
    rest = layers["base_state"].total_order + layers["prices"].total_order
    assert rest == pytest.approx(theory["base_state+prices"][1] / variance, abs=0.05)
    lever = next(row for row in found.factors if row.layer == "levers")
    assert lever.index.total_order == layers["levers"].total_order
    assert lever.label == "donghu.rnd_intensity: R&D over GDP, 4.00% – 10.00%"
    assert found.mean == pytest.approx(mean * x.mean(), rel=0.03)


def _width(index: Index) -> float:
    low, high = index.first_interval
    return high - low


def test_shares_with_levers_sum_as_they_should(posterior: Posterior, baseline: Baseline) -> None:
    plan = Plan((load_scenario("baseline", baseline),), 512, 3, posterior)
    levers = levers_of(["donghu.tfp=0 pp..8 pp", "donghu.investment_rate"], baseline)
    change = Change("baseline", "donghu", "gdp_real", (2023, 2030))
    found = sensitivity(plan, change, levers=levers)
    rows = {row.name: row.index for row in found.factors}
    layers = {row.name: row.index for row in found.layers}
    assert rows["lever.donghu.tfp"].total_order > 0.2
    assert rows["lever.donghu.investment_rate"].total_order > 0.01
    total = sum(index.total_order for index in layers.values())
    first = sum(index.first_order for index in layers.values())
    assert 0.75 < first < 1.25
    assert 0.85 < total < 1.4
    inside = rows["lever.donghu.tfp"].total_order + rows["lever.donghu.investment_rate"].total_order
    assert layers["levers"].total_order == pytest.approx(inside, abs=0.1)
    alone = sensitivity(plan, change)
    assert found.deviation > 1.1 * alone.deviation
    assert not any(row.layer == "levers" for row in (*alone.factors, *alone.layers))


def test_levers_beside_a_centred_growth_are_refused(
    posterior: Posterior, baseline: Baseline
) -> None:
    pinned = ["levers.donghu.gdp_growth={value: 5%, mode: centre}", "name=centred"]
    plan = Plan((load_scenario("baseline", baseline, pinned),), 128, 3, posterior)
    with pytest.raises(InputError, match="centred centres growth: levers cannot vary beside it"):
        sensitivity(
            plan, Change("centred", "donghu", "gdp", (2023, 2030)),
            levers=levers_of(["jingkai.tfp"], baseline),
        )  # fmt: skip


@pytest.mark.usefixtures("own_folder", "read_once")
def test_the_command_takes_levers() -> None:
    words = ["sensitivity", "-n", 128, "--zone", "donghu", "--lever", "donghu.tfp=0 pp..3 pp"]
    text = invoke(*words).stdout
    assert "LEVERS" in text
    assert "donghu.tfp: added productivity growth a year, +0.00 pp – +3.00 pp" in text
    printed = printed_json(*words)
    assert printed["levers"] == ["donghu.tfp=0 pp..3 pp"]
    assert {row["parameter"] for row in printed["rows"]} >= {"lever.donghu.tfp", "base_state"}
    chinese = invoke("--lang", "zh", *words, "-o", "levers.png").stdout
    assert "政策手段" in chinese
    use_language("en")
    assert "has no range" in refused(*words[:-1], "donghu.tfp=1 pp")[0]
    found = simcore.sensitivity(zone="donghu", levers=["donghu.tfp"], draws=64)
    assert any(row.layer == "levers" for row in found.layers)
