"""The headline quantities, ln of nominal GDP of each zone, as a linear function of what is unknown.

``ln GDP ≈ constant + β'x + γ'p``: x the unknowns of the reconciliation, p the projection's own
parameters, both in prior standard deviations. β and γ are central differences of the model itself
with nothing happening by chance. A regression over draws of the posterior would not do: the
figures leave x no variation in just those directions that open when a figure is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from simcore.arrays import Array
from simcore.assembly import build_parameters
from simcore.errors import InputError
from simcore.history import History
from simcore.kernel import simulate
from simcore.labels import say
from simcore.levers import Scenario
from simcore.members import Members
from simcore.posterior import Posterior
from simcore.sampling import BLOCK
from simcore.scenario import load_scenario

YEARS = (2025, 2030)  # the last years of the plans that the documents speak of
STEP = 0.01  # of central differences, in prior standard deviations
PARAMETER = "parameter."  # what the names of the parameters' random numbers begin with


def usual_years(base: int) -> tuple[int, ...]:
    """Return the last years of the plans that lie beyond a base year, or the fifth year after it.

    >>> usual_years(2023), usual_years(2025), usual_years(2031)
    ((2025, 2030), (2030,), (2036,))
    """
    return tuple(year for year in YEARS if year > base) or (base + 5,)


@dataclass(frozen=True)
class Headline:
    """Zones and years of the headline quantities, and the posterior that they rest on."""

    posterior: Posterior
    years: tuple[int, ...]

    @classmethod
    def of(cls, posterior: Posterior, years: Sequence[int] | None = None) -> Headline:
        """Return the headline of some years, those of `usual_years` by default.

        Raises `InputError` unless every year lies beyond the base year.
        """
        base = posterior.problem.past.baseline.base_year
        years = usual_years(base) if years is None else years
        wrong = [year for year in years if year <= base]
        if wrong or not years:
            raise InputError(say(
                "the headline's years lie after {base}, the base year: {wrong}",
                base=base, wrong=wrong,
            ))  # fmt: skip
        return cls(posterior, tuple(sorted(years)))

    @property
    def zones(self) -> tuple[str, ...]:
        """Names of the zones."""
        return tuple(self.posterior.problem.past.baseline.zones)

    @cached_property
    def scenario(self) -> Scenario:
        """The baseline scenario, up to the last headline year."""
        scenario = load_scenario("baseline", self.posterior.problem.past.baseline)
        return scenario.model_copy(update={"horizon": self.years[-1]})

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Names of the projection's own parameters, as the model asks for them."""
        asked = Given(self.posterior, 0, 0, known=self._middle, chance=False, normal={})
        self.log_gdp(asked)
        assert asked.normal is not None
        return tuple(asked.normal)

    @cached_property
    def gradient(self) -> tuple[Array, Array]:
        """β (zone, year, unknown) and γ (zone, year, parameter) at the posterior mean."""
        count = len(self.posterior.mean)
        slopes = np.concatenate(
            [self._slopes(part) for part in self._batches(count + len(self.parameters))], axis=-1
        )
        return slopes[..., :count], slopes[..., count:]

    def at(self, latent: Array) -> Array:
        """Return ln GDP (zone, year) at given unknowns, parameters at their medians, no chance."""
        history = self.posterior.problem.history(np.repeat(latent[:, None], BLOCK, axis=1))
        members = Given(self.posterior, 0, 0, known=history, chance=False, normal={})
        return np.asarray(self.log_gdp(members)[..., 0].sum(axis=0))

    def log_gdp(self, members: Members) -> Array:
        """Return logs of real GDP and deflator, which sum to ln GDP, (2, zone, year, draw)."""
        parameters = build_parameters(members, self.scenario)
        found = simulate(parameters, self.zones)
        base = self.posterior.problem.past.baseline.base_year
        places = [year - base for year in self.years]
        parts = [found[name][:, places] for name in ("gdp_real", "deflator")]
        return np.log(np.array(parts))

    @property
    def _middle(self) -> History:
        latent = np.repeat(self.posterior.mean[:, None], BLOCK, axis=1)
        return self.posterior.problem.history(latent)

    def _batches(self, total: int) -> list[range]:
        """Split the unknowns and parameters: two draws each, up and down, in blocks."""
        size = BLOCK // 2
        return [range(start, min(start + size, total)) for start in range(0, total, size)]

    def _slopes(self, part: range) -> Array:
        """Central differences of ln GDP along some unknowns and parameters, (zone, year, each)."""
        count, size = len(self.posterior.mean), len(part)
        shift = np.zeros((count + len(self.parameters), BLOCK))
        for place, row in enumerate(part):
            shift[row, place], shift[row, size + place] = STEP, -STEP
        history = self.posterior.problem.history(self.posterior.mean[:, None] + shift[:count])
        normal = dict(zip(self.parameters, shift[count:, None], strict=True))
        members = Given(self.posterior, 0, 0, known=history, chance=False, normal=normal)
        found = self.log_gdp(members).sum(axis=0)
        return np.asarray((found[..., :size] - found[..., size : 2 * size]) / (2 * STEP))


@dataclass(frozen=True)
class Given(Members):
    """Members whose past is given; without chance, no shock, crisis or price change strikes them.

    ``normal`` gives the parameters' standard normals by name, zero (their medians) unless named;
    None leaves them to their random numbers.
    """

    known: History | None = field(default=None, compare=False, repr=False)
    chance: bool = True
    normal: dict[str, Array] | None = field(default=None, compare=False, repr=False)

    @cached_property
    def history(self) -> History:
        """The past of every draw."""
        assert self.known is not None  # its makers give it
        return self.known

    def normals(self, name: str, rows: int) -> Array:
        """Return the standard normals (row, draw) of a name."""
        if name.startswith(PARAMETER):
            if self.normal is not None:
                return self.normal.setdefault(name, np.zeros((rows, BLOCK)))
        elif not self.chance:
            return np.zeros((rows, BLOCK))
        return super().normals(name, rows)

    def students(self, name: str, rows: int) -> Array:
        """Return the Student t numbers (row, draw) of a name, none without chance."""
        return super().students(name, rows) if self.chance else np.zeros((rows, BLOCK))

    def uniforms(self, name: str, rows: int) -> Array:
        """Return the uniform numbers (row, draw) of a name; without chance nothing strikes."""
        return super().uniforms(name, rows) if self.chance else np.ones((rows, BLOCK))
