"""Settings answered at once: the members are drawn once, a setting is simulated on them.

Everything is computed as `simcore.sweep` does for a file, on the same members and with the same
judgement of every draw, so the numbers are those of ``simcore run`` to the last bit.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from simcore.arrays import Array, Mask
from simcore.assembly import Offsets, centre_ensemble, centre_offsets, centres
from simcore.assessment import TargetRow, assess
from simcore.dims import BY_INDUSTRY, QUANTILES, VARIABLES
from simcore.faults import Tally
from simcore.goals import Goal, goals
from simcore.levers import Scenario
from simcore.members import Members
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.quantiles import mean_of, sorted_quantiles
from simcore.samplers import Kind
from simcore.scenario import load_scenario, parse_scenario
from simcore.scenario_paths import ScenarioPaths
from simcore.setting import Sampled, Setting
from simcore.sweep import run_block
from simcore.threads import one_thread
from simcore.what_if import REQUIRED_UNTIL

FILE = "setting.yaml"
DRAWS = 1000
REMEMBERED = 96  # results of a block that do not depend on levers: some 30 are always used
CENTRED = 64  # settings whose offsets are kept


class Recent(OrderedDict[Hashable, Any]):
    """A memory of members that lets go of what was not used for longest.

    >>> memory = Recent(2)
    >>> memory["a"], memory["b"] = 1, 2
    >>> _ = memory["a"]
    >>> memory["c"] = 3
    >>> list(memory)
    ['a', 'c']
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def __getitem__(self, key: Hashable) -> Any:
        """Return an entry, which is the latest used from now on."""
        self.move_to_end(key)
        return super().__getitem__(key)

    def __setitem__(self, key: Hashable, value: Any) -> None:
        """Keep an entry; the one that was not used for longest goes if there are too many."""
        super().__setitem__(key, value)
        while len(self) > self.size:
            del self[next(iter(self))]


@dataclass(frozen=True)
class _Prepared(Plan):
    """A plan whose members are there already."""

    ensemble: tuple[Members, ...] = field(default=(), repr=False)

    def members(self, block: int) -> Members:
        """Return the members of a block of work."""
        return self.ensemble[block]


class LivePaths(ScenarioPaths):
    """The paths of one setting in memory, float32 as on the disk.

    ``rough`` : whether a centred growth is met on a part of its ensemble only.
    """

    def __init__(
        self, plan: Plan, variables: Mapping[str, Array], masked: Mask, *, rough: bool
    ) -> None:  # fmt: skip
        baseline = plan.posterior.problem.past.baseline
        self.variables, self.masked, self.rough = variables, int(masked.sum()), rough
        self.years = range(plan.layout.years[0], plan.layout.years[-1] + 1)
        self.zones = list(plan.layout.zones)
        self.sound = ~masked
        self.weight = np.ones(int(self.sound.sum()))
        self._read = {}
        self._rows: dict[tuple[str, str | None], int] = {
            (zone, None): row for row, zone in enumerate(self.zones)
        }
        for row, activity in enumerate(baseline.activities):
            self._rows[activity.zone, activity.industry] = row

    def series(self, variable: str, zone: str, industry: str | None = None) -> Array:
        """Return the path of a zone or of one of its industries, (year, draw), float32.

        A variable by industries without an industry is summed over those of the zone.
        """
        values = self.variables[variable]
        if industry is None and VARIABLES[variable].dims == BY_INDUSTRY:
            rows = [row for (of, name), row in self._rows.items() if of == zone and name]
            return np.asarray(values[rows].sum(axis=0))
        return np.asarray(values[self._rows[zone, industry]])

    def at(self, variable: str, zone: str, year: int, industry: str | None = None) -> Array:
        """Return a variable of a zone, or of one of its industries, in a year, (draw)."""
        key = (variable, zone, industry)
        if key not in self._read:
            path = self.variables[variable][self._rows[zone, industry]]
            self._read[key] = path[:, self.sound].astype(np.float64)
        return self._read[key][year - self.years[0]]

    def median(self, values: Array) -> float:
        """Return the median of draws, NaN of none; their weights are equal."""
        return float(np.median(values)) if len(values) else float("nan")

    def fan(self, variable: str, zone: str, industry: str | None = None) -> Array:
        """Return quantiles over the draws, (quantile, year)."""
        return np.asarray(sorted_quantiles(self.series(variable, zone, industry), QUANTILES))


@dataclass(frozen=True)
class Comparison:
    """One setting against another in a year, draw by draw.

    ``difference`` : median, 5 % and 95 % quantile; ``above`` : P(this > that), None where no draw
    differs.
    """

    difference: tuple[float, float, float]
    above: float | None


def compared(this: Array, that: Array) -> Comparison:
    """Compare two paths in a year, each (draw), on common random numbers.

    >>> compared(np.array([2.0, 3.0]), np.array([1.0, 4.0])).above
    0.5
    """
    difference = this.astype(np.float64) - that.astype(np.float64)
    low, median, high = sorted_quantiles(difference, (0.05, 0.5, 0.95))
    above = float(mean_of(np.where(np.isnan(difference), np.nan, difference > 0)[None])[0])
    differs = bool((np.nan_to_num(difference) != 0).any())
    return Comparison((float(median), float(low), float(high)), above if differs else None)


class Live:
    """Answers settings on members that are drawn once; what sessions share and none changes."""

    def __init__(
        self, posterior: Posterior, draws: int = DRAWS, *, seed: int | None = None,
        sampler: Kind | None = None,
    ) -> None:  # fmt: skip
        self.baseline = posterior.problem.past.baseline
        base = load_scenario("baseline", self.baseline)
        self.sampling = Sampled(
            draws, base.sampling.seed if seed is None else seed, sampler or base.sampling.sampler
        )
        usual = self.plan([base], posterior)
        blocks = [usual.members(block) for block in range(usual.blocks)]
        kept = tuple(replace(members, memory=Recent(REMEMBERED)) for members in blocks)
        self._plan = _Prepared(
            usual.scenarios, usual.draws, usual.seed, posterior, sampler=usual.sampler,
            given=usual.drawing, ensemble=kept,
        )  # fmt: skip
        self._ensemble: Future[list[Members]] | None = None
        self._offsets: OrderedDict[str, Offsets | None] = OrderedDict()
        self.goals = [goal for goal in goals(self.baseline) if self._answered(goal, base)]
        self.usual = self.run(base)
        self._usual_targets: dict[str, tuple[TargetRow, ...]] = {}

    def plan(self, scenarios: Sequence[Scenario], posterior: Posterior | None = None) -> Plan:
        """Return the plan of a run of scenarios with the same draws, seed and sampler."""
        given = posterior or self._plan.posterior
        at = self.sampling
        return Plan(tuple(scenarios), at.draws, at.seed, given, sampler=at.sampler)

    def plan_members(self, block: int) -> Members:
        """Return the members of a block, with what they remember."""
        return self._plan.members(block)

    def _answered(self, goal: Goal, base: Scenario) -> bool:
        return goal.measure is not None and self.baseline.base_year < goal.year <= base.horizon

    @property
    def years(self) -> tuple[int, ...]:
        """The projected years."""
        return tuple(year for year in self.usual.years if year > self.baseline.base_year)

    def text(self, setting: Setting) -> str:
        """Return the scenario file that says what a setting says."""
        return setting.text(self.sampling)

    def scenario(self, setting: Setting) -> Scenario:
        """Return a setting as a scenario, read from its file; raises `InputError`."""
        return parse_scenario(self.text(setting), FILE, self.baseline)

    def run(self, scenario: Scenario, *, rough: bool = False) -> LivePaths:
        """Simulate a scenario. With ``rough``, growth that is centred may be met roughly only.

        Raises `InputError` if most draws cannot do what is asked, `RunError` as a run does.
        """
        plan = replace(self._plan, scenarios=(scenario,))
        with one_thread():
            offsets, met = self._centred(scenario, rough)
            sink, tally = _Kept(plan.draws), Tally()
            for block in range(plan.blocks):
                tally.join(run_block(plan, [offsets], block, sink))
                tally.refuse_too_many(plan.draws)
        return LivePaths(plan, sink.variables(), sink.masked, rough=not met)

    # --- growth that is met on average ------------------------------------------------------------

    def prepare_centring(self) -> None:
        """Draw the ensemble on which growth is centred, beside everything else."""
        if self._ensemble is None:
            pool = ThreadPoolExecutor(1, "centring")
            self._ensemble = pool.submit(self._draw_ensemble)
            pool.shutdown(wait=False)

    def _draw_ensemble(self) -> list[Members]:
        """Return the ensemble with what the baseline uses of it; its bits need one thread."""
        ensemble = [
            replace(members, memory=Recent(REMEMBERED))
            for members in centre_ensemble(self._plan.posterior)
        ]
        text = self.text(Setting(dials={"gdp_growth": 5.0}, mode="centre"))
        scenario = parse_scenario(text, FILE, self.baseline)
        with one_thread():
            centre_offsets(self._plan.posterior, scenario, ensemble=ensemble)
        return ensemble

    def _centred(self, scenario: Scenario, rough: bool) -> tuple[Offsets | None, bool]:
        """Return the offsets of a scenario, and whether they are those of the whole ensemble."""
        if not centres(scenario, tuple(self.baseline.zones)):
            return None, True
        key = scenario.model_dump_json(include={"levers", "assumptions", "events", "horizon"})
        if key in self._offsets:
            self._offsets.move_to_end(key)
            return self._offsets[key], True
        self.prepare_centring()
        assert self._ensemble is not None
        ensemble = self._ensemble.result()
        if rough:
            ensemble = ensemble[:1]
        found = centre_offsets(self._plan.posterior, scenario, ensemble=ensemble)
        if not rough:
            self._offsets[key] = found
            if len(self._offsets) > CENTRED:
                self._offsets.popitem(last=False)
        return found, not rough

    # --- what is read off -------------------------------------------------------------------------

    def targets(self, paths: LivePaths, zone: str) -> tuple[TargetRow, ...]:
        """Return the goals of a zone that have a probability, by year."""
        wanted = [goal for goal in self.goals if goal.figure.zone == zone]
        rows = [row for row in assess(wanted, paths, self.baseline) if row.probability is not None]
        return tuple(sorted(rows, key=lambda row: row.year))

    def usual_targets(self, zone: str) -> tuple[TargetRow, ...]:
        """Return the goals of a zone in the baseline."""
        if zone not in self._usual_targets:
            self._usual_targets[zone] = self.targets(self.usual, zone)
        return self._usual_targets[zone]

    def usual_values(self, zone: str) -> dict[str, float]:
        """Return what the dials would be in the baseline: medians over draws to 2030 [percent].

        Growth and inflation are averages over the years, shares means.
        """
        base = self.baseline.base_year
        last = min(REQUIRED_UNTIL, self.years[-1])
        years = range(base + 1, last + 1)

        def growth(variable: str) -> float:
            first, end = (self.usual.at(variable, zone, year) for year in (base, last))
            return float(np.median(100 * ((end / first) ** (1 / len(years)) - 1)))

        def share(above: str) -> float:
            ratios = [
                self.usual.at(above, zone, year) / self.usual.at("gdp", zone, year)
                for year in years
            ]
            return float(np.median(100 * np.mean(ratios, axis=0)))

        return {
            "gdp_growth": growth("gdp_real"), "rnd_growth": growth("rnd"),
            "rnd_intensity": share("rnd"), "investment_rate": share("investment"),
            "labour_growth": growth("employment"), "inflation": growth("deflator"),
        }  # fmt: skip


class _Kept:
    """Blocks in memory: rows of zones and activities, float32 as in a file."""

    def __init__(self, draws: int) -> None:
        self.draws = draws
        self.blocks: list[dict[str, Array]] = []
        self.masked: Mask = np.zeros(draws, dtype=bool)

    def write(self, scenario: int, start: int, block: Mapping[str, Array]) -> None:
        """Keep the variables of a block."""
        width = self.draws - start
        self.blocks.append(
            {name: rows[..., :width].astype(np.float32) for name, rows in block.items()}
        )

    def mask(self, scenario: int, start: int, masked: Mask) -> None:
        """Note draws that count for nothing."""
        self.masked[start : start + len(masked)] = masked

    def write_members(self, start: int, members: Mapping[str, Array]) -> None:
        """Let go of the sampled parameters, which are not shown."""

    def variables(self) -> dict[str, Array]:
        """Return every variable, (zone or activity, year, draw)."""
        if len(self.blocks) == 1:
            return self.blocks[0]
        names = self.blocks[0]
        return {name: np.concatenate([b[name] for b in self.blocks], axis=-1) for name in names}
