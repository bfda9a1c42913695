"""The shipped scenarios: complete, sourced, and doing what their comments say."""

import re
from pathlib import Path

import numpy as np
import pytest
from pipelines import few_effects

from simcore.assembly import build_parameters, centre_offsets
from simcore.baseline import Baseline
from simcore.design import load_design
from simcore.document import read_document
from simcore.kernel import Results, simulate
from simcore.ladder_coupling import firm_ladders
from simcore.ladder_fit import fit_firms
from simcore.ladder_members import factors_of
from simcore.ladder_table import FirmEnsemble
from simcore.members import Members
from simcore.posterior import Posterior
from simcore.priors import load_priors
from simcore.reconcile import reconcile
from simcore.resources import folder
from simcore.scenario import load_scenario

SEED = 20211222
ASSUMED = {
    "rnd-stall",
    "auto-downturn",
    "chip-shock",
    "projects-fast-track",
    "funding-squeeze",
}  # no document speaks of them
SERVICES = {"digital_services", "logistics", "modern_services", "other_services"}

FILES = {path.stem: path for path in sorted(folder("scenarios").glob("*.yaml"))}
SWEEPS = {name for name, path in FILES.items() if "axes" in read_document(path).data}
SCENARIOS = sorted(set(FILES) - SWEEPS)
POINTS = {"growth-3-to-9": 7, "growth-by-rnd": 15}


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    return reconcile()


@pytest.fixture(scope="module")
def baseline(posterior: Posterior) -> Baseline:
    return posterior.problem.past.baseline


@pytest.fixture(scope="module")
def undisturbed(posterior: Posterior) -> Results:
    """The baseline's first block."""
    return results(posterior, "baseline")


def results(posterior: Posterior, name: str, blocks: int = 1) -> Results:
    """The kernel's arrays, (row, year from the base year on, draw), with blocks joined."""
    baseline = posterior.problem.past.baseline
    scenario = load_scenario(name, baseline)
    effects = few_effects(posterior, scenario, SEED)
    ladders = firm_ladders(posterior.problem.past, SEED, [scenario])
    firms = ladders.changes[name] if ladders else None
    offsets = centre_offsets(posterior, scenario, firms=firms)
    found = []
    for block in range(blocks):
        members = Members(posterior, seed=SEED, block=block)
        parameters = build_parameters(members, scenario, offsets, effects, firms=firms)
        found.append(simulate(parameters, tuple(baseline.zones)))
    drawn = [key for key, array in found[0].items() if array.ndim == 3]
    return {key: np.concatenate([one[key] for one in found], axis=-1) for key in drawn}


def opening(path: Path) -> list[str]:
    """The comment lines with which a file opens."""
    lines = path.read_text(encoding="utf-8").splitlines()
    end = next(place for place, line in enumerate(lines) if not line.startswith("#"))
    return lines[:end]


def medians(array: np.ndarray, baseline: Baseline, year: int) -> dict[str, float]:
    """The median of a year in each zone."""
    middle = np.median(array[:, year - baseline.base_year], axis=-1)
    return dict(zip(baseline.zones, middle, strict=True))


@pytest.mark.parametrize("name", SCENARIOS)
def test_loads_and_speaks_both_languages(name: str, baseline: Baseline) -> None:
    scenario = load_scenario(name, baseline)
    assert scenario.name == name
    assert scenario.question is not None
    for text in (scenario.label, scenario.question):
        assert text.en
        assert re.search(r"[\u4e00-\u9fff]", text.zh)


@pytest.mark.parametrize("name", FILES)
def test_opens_with_its_question_and_source(name: str) -> None:
    lines = opening(FILES[name])
    assert lines
    assert "?" in lines[0]
    documents = read_document(folder("calibration") / "documents.yaml").data["documents"]
    if name in ASSUMED:
        assert "Assumed" in "\n".join(lines)
    elif name != "baseline":
        assert any(document in "\n".join(lines[:3]) for document in documents)


def test_readme_lists_every_file() -> None:
    text = (folder("scenarios") / "README.md").read_text(encoding="utf-8")
    assert [name for name in FILES if f"`{name}`" not in text] == []


@pytest.mark.parametrize("name", sorted(set(SCENARIOS) - {"baseline"}))
def test_changes_the_results(name: str, posterior: Posterior, undisturbed: Results) -> None:
    changed = results(posterior, name)
    assert any(
        not np.array_equal(changed[key], undisturbed[key], equal_nan=True)
        for key in ("gdp", "value_added", "rnd", "population")
    )


@pytest.mark.parametrize("name", sorted(SWEEPS))
def test_sweep_loads(name: str, baseline: Baseline) -> None:
    design = load_design(name, baseline)
    assert len(design.points) == POINTS.get(name, len(design.points))
    assert len({point.scenario.name for point in design.points}) == len(design.points)
    assert design.sweep.question is not None


def test_projects_move_gdp_late_and_investment_before(
    posterior: Posterior, baseline: Baseline, undisturbed: Results
) -> None:
    """A squeeze of funds is felt when the unused ones are gone, the others from the first year."""
    for name, sign, felt in (
        ("projects-delayed", -1, 2024),
        ("projects-fast-track", +1, 2024),
        ("funding-squeeze", -1, 2031),
    ):
        changed = results(posterior, name)
        for zone in range(len(baseline.zones)):
            first, later = (
                [
                    sign * np.mean(changed[key][zone, at] / undisturbed[key][zone, at] - 1)
                    for key in ("investment", "gdp")
                ]
                for at in (felt - baseline.base_year, 2035 - baseline.base_year)
            )
            assert first[0] > 0.02
            assert first[1] < first[0] / 2
            assert later[1] > 0.015


def test_plan_meets_the_gdp_goals(posterior: Posterior, baseline: Baseline) -> None:
    gdp = medians(results(posterior, "plan-14fyp", blocks=5)["gdp"], baseline, 2025)
    assert gdp == pytest.approx({"donghu": 5000, "jingkai": 4000}, rel=0.02)


def test_talent_reaches_a_million(posterior: Posterior, baseline: Baseline) -> None:
    found = results(posterior, "talent", blocks=5)["population"]
    assert medians(found, baseline, 2030)["jingkai"] == pytest.approx(100, rel=0.02)


def test_services_reach_half(posterior: Posterior, baseline: Baseline) -> None:
    found = results(posterior, "services-50", blocks=5)
    rows = [
        row
        for row, activity in enumerate(baseline.activities)
        if activity.zone == "jingkai" and activity.industry in SERVICES
    ]
    zone = list(baseline.zones).index("jingkai")
    share = found["value_added"][rows].sum(axis=0) / found["gdp"][zone]
    assert 0.485 < np.median(share[2030 - baseline.base_year]) < 0.515


def test_doubling_reaches_the_goals_for_firms_when_it_says(baseline: Baseline) -> None:
    scenario = load_scenario("firm-doubling", baseline)
    fitted = fit_firms(baseline, load_priors())
    ladder = FirmEnsemble(fitted, SEED, 1024, 2030, factors_of(fitted.problem, scenario))

    def median(zone: str, rung: str, year: int) -> float:
        return float(np.median(ladder.published(zone, rung)[year - ladder.first_year(zone)]))

    assert median("donghu", "gazelle", 2025) == pytest.approx(2 * 460, rel=0.02)
    assert median("donghu", "high_tech", 2026) < 10_000 < median("donghu", "high_tech", 2027)
    assert (
        median("jingkai", "high_tech", 2029)
        < 3000
        == pytest.approx(median("jingkai", "high_tech", 2030), rel=0.03)
    )


@pytest.mark.parametrize(("name", "growth"), [("rnd-12", 0.12), ("rnd-14", 0.14)])
def test_rnd_grows_as_said_and_keeps_its_share_afterwards(
    name: str, growth: float, posterior: Posterior, baseline: Baseline, undisturbed: Results
) -> None:
    found = results(posterior, name)
    donghu, jingkai = list(baseline.zones).index("donghu"), list(baseline.zones).index("jingkai")
    end = 2030 - baseline.base_year
    spending = found["rnd"][donghu, : end + 1]
    np.testing.assert_allclose(spending[1:] / spending[:-1], 1 + growth, rtol=1e-9)
    intensity = found["rnd_intensity"]
    np.testing.assert_allclose(intensity[donghu, end + 1 :] / intensity[donghu, end], 1, rtol=1e-9)
    np.testing.assert_allclose(intensity[jingkai], undisturbed["rnd_intensity"][jingkai], rtol=1e-9)


def test_corridor_helps_jingkai(posterior: Posterior, baseline: Baseline) -> None:
    zone, year = list(baseline.zones).index("jingkai"), 2035 - baseline.base_year
    with_corridor, without = (
        results(posterior, name)["gdp_real"][zone, year] for name in ("corridor", "rnd-14")
    )
    assert np.median(with_corridor / without) > 1.005
