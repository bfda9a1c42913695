"""The kernel: steps the zones through the projected years, all draws at once.

In logs against the reference path (*) of the same draw, and per head of labour. Draw axis last;
activities are rows grouped by zone. The year is the only loop, and what no year waits for (prices,
labour, nominal values, growth) is computed outside it. Equations stand in `simcore.equations`, the
theory in the documentation.
"""

from __future__ import annotations

import numpy as np

from simcore import equations
from simcore.accounting import Account
from simcore.additions import Additions
from simcore.arrays import Array, Mask, by_year
from simcore.closure import EXCEEDED, centred_factor, zone_factor
from simcore.impossible import Impossible
from simcore.parameters import Parameters, Pins
from simcore.reference import Reference, cumulated, reference_path
from simcore.split import Split

Results = dict[str, Array]

ZONE_VARIABLES = (
    "gdp", "gdp_real", "gdp_growth", "rnd", "rnd_intensity", "rnd_stock", "capital", "investment",
    "employment", "population", "deflator", "tfp_growth", "tfp_growth_required",
)  # fmt: skip
ACTIVITY_VARIABLES = ("value_added", "output")


def simulate(
    parameters: Parameters,
    zones: tuple[str, ...] = (),
    reference: Reference | None = None,
    impossible: dict[str, Mask] | None = None,
    account: Account | None = None,
) -> Results:
    """Project every draw from the base year to the horizon.

    Returns arrays (zone or activity, year, draw) whose first year is the base year, named and
    measured as in the result file, and the log factors ``zone_offset`` (zone, year) and
    ``activity_offset`` (activity, year) that centred closures applied.
    Raises `InputError` if pinned industries leave nothing for the rest of their zone; ``zones``
    are the names to say it with. ``reference`` is `reference_path` of the parameters where it is
    known already: it is the same for scenarios that differ by levers alone. With a dictionary
    ``impossible`` such draws are NaN from that year on, and stand there by cause, (zone, year with
    the base, draw). ``account`` is given what makes up each activity's value added.
    """
    names = zones or tuple(str(row) for row in range(len(parameters.starts)))
    run = _Run(
        parameters,
        reference or reference_path(parameters),
        Impossible(parameters, names, impossible),
        account,
    )
    for year in range(len(parameters.years)):
        run.step(year)
    run.finish()
    return run.results


def centring(
    parameters: Parameters, zones: tuple[str, ...] = (), reference: Reference | None = None
) -> tuple[Array, Array]:
    """Return ``zone_offset`` and ``activity_offset`` of `simulate`, and compute little beside."""
    names = zones or tuple(str(row) for row in range(len(parameters.starts)))
    run = _Centring(
        parameters,
        reference or reference_path(parameters),
        Impossible(parameters, names, None),
        None,
    )
    for year in range(len(parameters.years)):
        run.step(year)
    return run.results["zone_offset"], run.results["activity_offset"]


class _Run:
    """The state of one block of draws while the years pass.

    Real value added of an activity is ``scale · product``: ``scale`` (zone, draw) holds labour and
    all productivity that is common to the zone, ``product`` (activity, draw) what is its own.
    """

    zone_variables: tuple[str, ...] = ZONE_VARIABLES
    activity_variables: tuple[str, ...] = ACTIVITY_VARIABLES

    def __init__(
        self, parameters: Parameters, reference: Reference, impossible: Impossible,
        account: Account | None,
    ) -> None:  # fmt: skip
        p = self.parameters = parameters
        self.account = account
        self.impossible, self.split = impossible, Split(p, impossible)
        self.additions = Additions(p, self.split, reference)
        self.reference, self.inside = reference, p.inside
        self.results = self.empty_results()
        self.log_labour = cumulated(np.zeros_like(p.gdp[:, :1]), np.log1p(p.labour_growth))
        self.deflator = self.results["deflator"]
        self.deflator[:] = cumulated(np.zeros_like(p.gdp), p.deflator_change)
        np.exp(self.deflator, out=self.deflator)
        self.deflator *= p.deflator[:, None]
        self.gdp, self.capital, self.rnd_stock = p.gdp, p.capital, p.rnd_stock
        self.intensity = p.rnd_intensity_reference
        self.common = self.neutral = np.zeros_like(p.gdp)
        self.closure: Array | None = None
        self.scale = np.ones_like(p.gdp)
        self.product, self.last_product = p.share * p.gdp[p.zone_of], np.empty_like(p.share)
        self.productivity = reference.productivity[:, 0].copy()
        self.last_productivity, self.scratch = np.empty_like(p.share), np.empty_like(p.share)
        self.total = self.sum(self.product)
        self.output_rate = 1 / p.value_added_rate
        self.store(0)

    def empty_results(self) -> Results:
        """Arrays for all that a run returns."""
        p = self.parameters
        years, dtype = len(p.years) + 1, p.gdp.dtype
        rows = {name: len(p.starts) for name in self.zone_variables}
        rows |= {name: len(p.zone_of) for name in self.activity_variables}
        results = {name: by_year(n, years, p.draws, dtype) for name, n in rows.items()}
        results["zone_offset"] = np.zeros((len(p.starts), years - 1))
        results["activity_offset"] = np.zeros((len(p.zone_of), years - 1))
        return results

    # --- a year -----------------------------------------------------------------------------

    def step(self, t: int) -> None:
        p, last = self.parameters, self.capital
        self.rnd_stock = equations.rnd_stock(
            self.rnd_stock, p.rnd_depreciation, self.intensity * self.gdp
        )
        self.capital = equations.capital(
            last, p.depreciation, p.capital_formation_share, p.investment_rate[:, t], self.gdp
        )
        self.split.step(t, last, self.capital)
        self.additions.step(t, self.capital)
        knowledge = equations.knowledge_effect(
            np.log(self.rnd_stock) - self.reference.rnd_stock[:, t + 1], p.rnd_elasticity,
            p.spillover, p.spillover_weights,
        )  # fmt: skip
        last_scale, last_common = self.scale, self.common
        self.produce(t)
        self.scale = np.exp(self.log_labour[:, t + 1] + knowledge + self.neutral)
        self.close(t, last_scale)
        self.common = knowledge + self.neutral
        self.results["tfp_growth"][:, t] = self.own_growth() + (self.common - last_common)
        self.total = self.sum(self.product)
        gdp = self.scale * self.total
        self.spend(t, gdp)
        self.gdp = gdp
        self.store(t + 1)

    def produce(self, t: int) -> None:
        """Real value added by step 4 but for the zone's scale, (activity, draw).

        ``ln Y = ln A + α ln K + (1 − α) ln L`` with ``ln A = ln A* + knowledge + U + Λ``
        """
        p = self.parameters
        self.productivity, self.last_productivity = self.last_productivity, self.productivity
        self.product, self.last_product = self.last_product, self.product
        np.add(self.reference.productivity[:, t + 1], p.disturbance[:, t], out=self.productivity)
        if self.closure is not None:
            self.productivity += self.closure
        capital_per_head = np.log(self.capital) - self.log_labour[:, t + 1]
        for rows, own in zip(self.inside, capital_per_head, strict=True):
            np.multiply(p.capital_elasticity[rows], own, out=self.product[rows])
        self.product += self.productivity
        for effect in (self.split.effect, self.additions.effect):
            if effect is not None:
                self.product += effect
        np.exp(self.product, out=self.product)

    def own_growth(self) -> Array:
        """Growth of the activities' own TFP by step 5, with last year's shares, (zone, draw)."""
        np.subtract(self.productivity, self.last_productivity, out=self.scratch)
        self.scratch *= self.last_product
        return self.sum(self.scratch) / self.total

    def sum(self, rows: Array) -> Array:
        """Sum activities to their zones, (zone, draw)."""
        total = np.empty((len(self.inside), rows.shape[1]), dtype=rows.dtype)
        for zone, inside in enumerate(self.inside):
            np.add.reduce(rows[inside], axis=0, out=total[zone])
        return total

    def spend(self, t: int, gdp: Array) -> None:
        """R&D by step 9: a path of intensity or growth, else last year's, moved by the firms'."""
        p, last_intensity = self.parameters, self.intensity
        growth, path = _by_draw(p.rnd_growth[:, t]), _by_draw(p.rnd_intensity[:, t])
        if p.rnd_change is not None:
            self.intensity = last_intensity * p.rnd_change[:, t]
        if np.isfinite(growth).any():
            last = last_intensity * self.gdp * self.deflator[:, t]
            grown = last * (1 + growth) / (gdp * self.deflator[:, t + 1])
            self.intensity = np.where(np.isfinite(growth), grown, self.intensity)
        if np.isfinite(path).any():
            self.intensity = np.where(np.isfinite(path), path, self.intensity)

    # --- closures ---------------------------------------------------------------------------

    def close(self, t: int, last_scale: Array) -> None:
        """Make the pinned growth of the year true, industries first."""
        p = self.parameters
        if p.activity_pins.any(t):
            for row in np.flatnonzero(p.activity_pins.fixed(t)):
                self.close_activity(int(row), t, last_scale)
        if p.zone_pins.any(t):
            for zone in np.flatnonzero(p.zone_pins.fixed(t)):
                self.close_zone(int(zone), t)

    def close_activity(self, row: int, t: int, last_scale: Array) -> None:
        pins, zone = self.parameters.activity_pins, self.parameters.zone_of[row]
        last, now = last_scale[zone] * self.last_product[row], self.scale[zone] * self.product[row]
        factor = self.factor(pins, row, t, last, np.zeros(1), now)
        if pins.centred[row, t]:
            self.results["activity_offset"][row, t] = np.log(factor)
        self.apply(np.array([row]), factor)

    def close_zone(self, zone: int, t: int) -> None:
        p = self.parameters
        inside, scale = self.inside[zone], self.scale[zone]
        pinned = p.activity_pins.fixed(t)[inside]
        held, free = (inside.start + np.flatnonzero(rows) for rows in (pinned, ~pinned))
        value_added = scale * np.add.reduce(self.product[inside], axis=0)
        kept = scale * self.product[held].sum(axis=0) if len(held) else np.zeros_like(scale)
        factor = self.factor(p.zone_pins, zone, t, self.gdp[zone], kept, value_added - kept)
        if np.less_equal(factor, 0).any():
            factor = self.impossible.without(np.asarray(factor), EXCEEDED, zone, t)
        if p.zone_pins.centred[zone, t]:
            self.results["zone_offset"][zone, t] = np.log(factor)
        if len(held):
            self.apply(free, factor)
        else:
            self.scale[zone] *= factor
            self.neutral = self.neutral.copy()
            self.neutral[zone] += np.log(factor)

    def factor(
        self, pins: Pins, row: int, t: int, last: Array, pinned: Array, free: Array
    ) -> Array | float:
        """Return the factor of a row's closure: one a draw, or one for all draws under centre."""
        target = pins.target[row, t]
        target = target if target.ndim else float(target)
        if not pins.centred[row, t]:
            return zone_factor(target, last, pinned, free)
        if pins.offset is not None:
            return float(np.exp(pins.offset[row, t]))
        return centred_factor(target, last, pinned, free)

    def apply(self, rows: Array, factor: Array | float) -> None:
        """Multiply the product of rows by a factor and keep it for the years that follow."""
        if self.closure is None:
            self.closure = np.zeros_like(self.product)
        self.product[rows] *= factor
        self.productivity[rows] += np.log(factor)
        self.closure[rows] += np.log(factor)

    # --- results ----------------------------------------------------------------------------

    def store(self, place: int) -> None:
        """Keep what the year loop knows of a year, in the arrays of the results."""
        out = self.results
        out["gdp_real"][:, place] = self.gdp
        out["capital"][:, place] = self.capital
        for zone in self.additions.moved:
            out["capital"][zone, place] += self.additions.total(zone)
        out["rnd_stock"][:, place] = self.rnd_stock
        out["rnd_intensity"][:, place] = self.intensity
        nominal, output = out["value_added"][:, place], out["output"][:, place]
        price = self.scale * self.deflator[:, place]
        for rows, own in zip(self.inside, price, strict=True):
            np.multiply(self.product[rows], own, out=nominal[rows])
        np.multiply(nominal, self.output_rate, out=output)
        if self.account is not None:
            self.account.enter(**self.factors(place))

    def factors(self, place: int) -> dict[str, Array]:
        """Logs of what makes up value added beside A*, knowledge and U, (activity, draw)."""
        p, zone = self.parameters, self.parameters.zone_of
        capital = p.capital_elasticity * np.log(self.capital)[zone]
        labour = (1 - p.capital_elasticity) * self.log_labour[:, place][zone]
        closure = self.neutral[zone]
        if self.split.of_capital is not None:
            capital += self.split.of_capital
        if self.additions.effect is not None:
            capital += self.additions.effect
        if self.split.of_labour is not None:
            labour += self.split.of_labour
        if self.closure is not None:
            closure = closure + self.closure
        return {"capital": capital, "labour": labour, "closure": closure}

    def finish(self) -> None:
        """What follows from the paths of all years by step 8."""
        p, out = self.parameters, self.results
        gdp_real, gdp = out["gdp_real"], out["gdp"]
        np.multiply(gdp_real, self.deflator, out=gdp)
        out["gdp_growth"][:, 0] = np.nan
        out["gdp_growth"][:, 1:] = 100 * (gdp_real[:, 1:] / gdp_real[:, :-1] - 1)
        np.multiply(out["rnd_intensity"], gdp, out=out["rnd"])
        out["rnd_intensity"] *= 100
        out["investment"][:, 0] = p.investment_rate_reference * gdp[:, 0]
        investment = np.multiply(p.investment_rate, gdp[:, 1:], out=out["investment"][:, 1:])
        difference = self.additions.put_in_place()
        if difference is not None:
            investment += difference * self.deflator[:, 1:]
            np.maximum(investment, 0, out=investment)
        labour = np.exp(self.log_labour)
        np.multiply(labour, p.employment[:, None], out=out["employment"])
        np.multiply(labour, p.population[:, None], out=out["population"])
        growth = 100 * np.expm1(out["tfp_growth"][:, :-1])
        out["tfp_growth"][:, 0] = out["tfp_growth_required"][:, 0] = np.nan
        out["tfp_growth"][:, 1:] = growth
        closed = np.isfinite(p.zone_pins.target)[:, :, None]
        out["tfp_growth_required"][:, 1:] = np.where(closed, growth, np.nan)


class _Centring(_Run):
    """A run of which the factors of closures alone are wanted: it keeps no paths."""

    zone_variables = ("deflator", "tfp_growth")
    activity_variables = ()

    def own_growth(self) -> Array:
        """Return nothing: no growth of productivity is told."""
        return np.zeros_like(self.total)

    def store(self, place: int) -> None:
        """Keep nothing of a year: the next one needs the state alone."""


def _by_draw(values: Array) -> Array:
    """Return values of a year as (row, draw), of one draw where all have the same."""
    return values if values.ndim == 2 else values[:, None]
