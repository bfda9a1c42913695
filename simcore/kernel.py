"""The kernel: steps the zones through the projected years, all draws at once.

Everything is computed against a reference path (*) of the same draw: its own parameters and
assumptions, no shocks, no levers. Draw axis last; activities are rows grouped by zone. The
year is the only loop. Equations stand in `simcore.equations`, the theory in the documentation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simcore import equations
from simcore.arrays import Array, Mask
from simcore.closure import (
    EXCEEDED,
    centred_factor,
    nothing_left,
    refuse_impossible,
    zone_factor,
)
from simcore.parameters import Parameters, Pins

Results = dict[str, Array]

ZONE_VARIABLES = (
    "gdp", "gdp_real", "gdp_growth", "rnd", "rnd_intensity", "rnd_stock", "capital", "investment",
    "employment", "population", "deflator", "tfp_growth", "tfp_growth_required",
)  # fmt: skip
ACTIVITY_VARIABLES = ("value_added", "output")


def simulate(
    parameters: Parameters,
    zones: tuple[str, ...] = (),
    impossible: dict[str, Mask] | None = None,
) -> Results:
    """Project every draw from the base year to the horizon.

    Returns arrays (zone or activity, year, draw) whose first year is the base year, named and
    measured as in the result file, and the log factors ``zone_offset`` (zone, year) and
    ``activity_offset`` (activity, year) that centred closures applied.
    Raises `InputError` if pinned industries leave nothing for the rest of their zone; ``zones``
    are the names to say it with. With a dictionary ``impossible`` such draws are NaN from that
    year on, and stand there by cause, (zone, year with the base, draw).
    """
    run = _Run(parameters, zones, impossible)
    run.store_base()
    for year in range(len(parameters.years)):
        run.step(year)
    return run.results


@dataclass
class _Path:
    """What is carried from year to year, of the path or of the reference: rows × draws."""

    capital: Array
    rnd_stock: Array
    gdp: Array
    spending: Array  # real R&D


class _Run:
    """The state of one block of draws while the years pass."""

    def __init__(
        self, parameters: Parameters, zones: tuple[str, ...], impossible: dict[str, Mask] | None
    ) -> None:
        p = self.parameters = parameters
        self.zones = zones or tuple(str(row) for row in range(len(p.starts)))
        self.impossible = _Impossible(p, self.zones, impossible)
        self.path = _Path(p.capital, p.rnd_stock, p.gdp, p.rnd_intensity_reference * p.gdp)
        self.reference = _Path(p.capital, p.rnd_stock, p.gdp, p.rnd_intensity_reference * p.gdp)
        self.share = p.share.copy()  # of the reference
        self.value_added = p.share * p.gdp[p.zone_of]  # real
        self.closure = np.zeros((len(p.zone_of), 1))
        self.log_labour = np.zeros((1, 1))
        self.log_labour_reference = np.zeros((1, 1))
        self.deflator = p.deflator
        self.intensity = p.rnd_intensity_reference
        self.split = _Split(p, self.impossible)
        self.scratch = np.empty_like(self.value_added)
        years, draws = len(p.years) + 1, p.draws
        rows = {name: len(p.starts) for name in ZONE_VARIABLES}
        rows |= {name: len(p.zone_of) for name in ACTIVITY_VARIABLES}
        self.results = {name: np.full((n, years, draws), np.nan) for name, n in rows.items()}
        self.results["zone_offset"] = np.zeros((len(p.starts), years - 1))
        self.results["activity_offset"] = np.zeros((len(p.zone_of), years - 1))

    # --- a year -----------------------------------------------------------------------------

    def step(self, t: int) -> None:
        p, path, reference = self.parameters, self.path, self.reference
        self.step_reference(t)
        last_capital, last_labour = path.capital, self.log_labour
        path.rnd_stock = equations.rnd_stock(path.rnd_stock, p.rnd_depreciation, path.spending)
        path.capital = equations.capital(
            path.capital, p.depreciation, p.capital_formation_share, p.investment_rate[:, t],
            path.gdp,
        )  # fmt: skip
        self.log_labour = self.log_labour + np.log1p(p.labour_growth[:, t])
        self.split.step(t, last_capital, path)

        knowledge = equations.knowledge_effect(
            np.log(path.rnd_stock / reference.rnd_stock), p.rnd_elasticity, p.spillover,
            p.spillover_weights,
        )  # fmt: skip
        capital_gap = np.log(path.capital / reference.capital)
        labour_gap = self.log_labour - self.log_labour_reference
        value_added = self.levels(t, capital_gap, labour_gap, knowledge)
        self.close(t, value_added)
        gdp = self.total(value_added)
        tfp = self.tfp_growth(value_added, last_capital, last_labour)
        self.deflator = self.deflator * np.exp(p.deflator_change[:, t])
        self.spend(t, gdp)
        self.store(t, value_added, gdp, tfp)
        path.gdp, self.value_added = gdp, value_added

    def step_reference(self, t: int) -> None:
        """GDP*, K*, S*, L* and the reference shares of a year, by steps 0 to 3."""
        p, reference = self.parameters, self.reference
        reference.rnd_stock = equations.rnd_stock(
            reference.rnd_stock, p.rnd_depreciation, reference.spending
        )
        reference.capital = equations.capital(
            reference.capital, p.depreciation, p.capital_formation_share,
            p.investment_rate_reference, reference.gdp,
        )  # fmt: skip
        self.log_labour_reference = self.log_labour_reference + np.log1p(p.labour_growth_reference)
        reference.gdp = reference.gdp * np.exp(p.reference_growth[:, t])
        reference.spending = p.rnd_intensity_reference * reference.gdp
        np.multiply(p.differential, p.differential_decay[t], out=self.scratch)
        np.exp(self.scratch, out=self.scratch)
        self.share *= self.scratch
        self.share /= self.total(self.share)[p.zone_of]

    def levels(self, t: int, capital_gap: Array, labour_gap: Array, knowledge: Array) -> Array:
        """Real value added by step 4, (activity, draw).

        ``ln Y = ln Y* + α (ln K − ln K*) + (1−α)(ln L − ln L*) + knowledge + U + Λ``
        """
        p = self.parameters
        intensive = np.broadcast_to(capital_gap - labour_gap, p.gdp.shape)
        common = np.broadcast_to(labour_gap + knowledge, p.gdp.shape)
        value_added = np.take(intensive, p.zone_of, axis=0)
        self.split.add_capital(value_added)
        self.split.subtract_labour(value_added)
        value_added *= p.capital_elasticity
        value_added += np.take(common, p.zone_of, axis=0, out=self.scratch)
        self.split.add_labour(value_added)
        value_added += p.disturbance[:, t]
        value_added += self.closure
        np.exp(value_added, out=value_added)
        value_added *= np.take(self.reference.gdp, p.zone_of, axis=0, out=self.scratch)
        value_added *= self.share
        return value_added

    def total(self, rows: Array) -> Array:
        """Sum activities to their zones, (zone, draw)."""
        return np.asarray(np.add.reduceat(rows, self.parameters.starts, axis=0))

    # --- closures ---------------------------------------------------------------------------

    def close(self, t: int, value_added: Array) -> None:
        """Make the pinned growth of the year true, industries first, in place."""
        p = self.parameters
        if p.activity_pins.any(t):
            self.close_activities(t, value_added)
        if p.zone_pins.any(t):
            for zone in np.flatnonzero(np.isfinite(p.zone_pins.target[:, t])):
                self.close_zone(int(zone), t, value_added)

    def close_activities(self, t: int, value_added: Array) -> None:
        pins = self.parameters.activity_pins
        for row in np.flatnonzero(np.isfinite(pins.target[:, t])):
            nothing = np.zeros(1)
            factor = self.factor(
                pins, int(row), t, self.value_added[row], nothing, value_added[row]
            )
            if pins.centred[row, t]:
                self.results["activity_offset"][row, t] = np.log(factor)
            self.apply(np.array([row]), factor, value_added)

    def close_zone(self, zone: int, t: int, value_added: Array) -> None:
        p = self.parameters
        inside = np.flatnonzero(p.zone_of == zone)
        pinned = np.isfinite(p.activity_pins.target[inside, t])
        held = value_added[inside[pinned]].sum(axis=0)
        free = value_added[inside[~pinned]].sum(axis=0)
        factor = self.factor(p.zone_pins, zone, t, self.path.gdp[zone], held, free)
        if (np.asarray(factor) <= 0).any():
            factor = self.impossible.without(np.asarray(factor), EXCEEDED, zone, t)
        if p.zone_pins.centred[zone, t]:
            self.results["zone_offset"][zone, t] = np.log(factor)
        self.apply(inside[~pinned], factor, value_added)

    @staticmethod
    def factor(
        pins: Pins, row: int, t: int, last: Array, pinned: Array, free: Array
    ) -> Array | float:
        target = float(pins.target[row, t])
        if not pins.centred[row, t]:
            return zone_factor(target, last, pinned, free)
        if pins.offset is not None:
            return float(np.exp(pins.offset[row, t]))
        return centred_factor(target, last, pinned, free)

    def apply(self, rows: Array, factor: Array | float, value_added: Array) -> None:
        """Multiply rows by a factor and keep it for the years that follow."""
        if self.closure.shape != value_added.shape:
            self.closure = np.zeros_like(value_added)
        value_added[rows] *= factor
        self.closure[rows] += np.log(factor)

    # --- what follows from the year's GDP ---------------------------------------------------

    def tfp_growth(self, value_added: Array, last_capital: Array, last_labour: Array) -> Array:
        """TFP growth of the zones by step 5, weighted with last year's shares, (zone, draw)."""
        p = self.parameters
        capital = np.log(self.path.capital / last_capital)
        labour = np.broadcast_to(self.log_labour - last_labour, p.gdp.shape)
        growth = np.log(value_added / self.value_added)
        self.split.subtract_growth(growth, p.capital_elasticity)
        growth -= p.capital_elasticity * (capital - labour)[p.zone_of] + labour[p.zone_of]
        weights = self.value_added / self.path.gdp[p.zone_of]
        return self.total(growth * weights)

    def spend(self, t: int, gdp: Array) -> None:
        """R&D by step 9: an intensity path, a growth path, or last year's intensity."""
        p = self.parameters
        nominal = self.deflator * gdp
        last = self.results["rnd"][:, t]
        growth, intensity = p.rnd_growth[:, t, None], p.rnd_intensity[:, t, None]
        rule = np.where(np.isfinite(growth), last * (1 + growth) / nominal, self.intensity)
        self.intensity = np.where(np.isfinite(intensity), intensity, rule)
        self.path.spending = self.intensity * gdp

    def store_base(self) -> None:
        p, out = self.parameters, self.results
        self.store_levels(0, self.value_added, p.gdp)
        out["investment"][:, 0] = p.investment_rate_reference * p.gdp * p.deflator

    def store(self, t: int, value_added: Array, gdp: Array, tfp: Array) -> None:
        p, out = self.parameters, self.results
        self.store_levels(t + 1, value_added, gdp)
        out["gdp_growth"][:, t + 1] = 100 * (gdp / self.path.gdp - 1)
        out["investment"][:, t + 1] = p.investment_rate[:, t] * gdp * self.deflator
        out["tfp_growth"][:, t + 1] = 100 * np.expm1(tfp)
        closed = np.isfinite(p.zone_pins.target[:, t])
        out["tfp_growth_required"][closed, t + 1] = 100 * np.expm1(tfp[closed])

    def store_levels(self, place: int, value_added: Array, gdp: Array) -> None:
        p, out = self.parameters, self.results
        deflator = self.deflator
        out["gdp_real"][:, place] = gdp
        out["gdp"][:, place] = gdp * deflator
        out["deflator"][:, place] = deflator
        nominal = out["value_added"][:, place]
        np.multiply(value_added, deflator[p.zone_of], out=nominal)
        np.divide(nominal, p.value_added_rate, out=out["output"][:, place])
        out["rnd"][:, place] = self.intensity * gdp * deflator
        out["rnd_intensity"][:, place] = 100 * self.intensity
        out["rnd_stock"][:, place] = self.path.rnd_stock
        out["capital"][:, place] = self.path.capital
        labour = np.exp(self.log_labour)
        out["employment"][:, place] = p.employment * labour
        out["population"][:, place] = p.population * labour


class _Impossible:
    """Draws of which a scenario asks what cannot be: refused, or noted and made NaN."""

    def __init__(
        self, parameters: Parameters, zones: tuple[str, ...], found: dict[str, Mask] | None
    ) -> None:
        self.parameters = parameters
        self.zones = zones
        self.found = found

    def without(self, left: Array, cause: str, zone: int, t: int) -> Array:
        """Return what is left to a zone's other activities, NaN in draws in which it is nothing.

        Raises `InputError` if such draws are not wanted, or have a number in common.
        """
        p = self.parameters
        if self.found is None or left.ndim == 0:
            refuse_impossible(left, cause, self.zones[zone], p.years[t])
            return left
        shape = len(p.starts), len(p.years) + 1, p.draws
        where = self.found.setdefault(cause, np.zeros(shape, dtype=bool))
        where[zone, t + 1] |= left <= 0
        return np.where(left <= 0, np.nan, left)


class _Split:
    """Capital and labour moved between the activities of a zone; nothing where no lever does it.

    Both are logs relative to the reference split, which follows the zone: base shares of capital
    in proportion to α Y, of labour to (1 − α) Y.
    """

    def __init__(self, parameters: Parameters, impossible: _Impossible) -> None:
        p = self.parameters = parameters
        self.impossible = impossible
        self.capital_share: Array | None = None
        self.capital_base: Array | None = None
        self.labour_base: Array | None = None
        self.capital_log = self.capital_log_last = np.zeros((1, 1))
        self.labour_log = self.labour_log_last = np.zeros((1, 1))
        if p.investment_share_shift is not None:
            self.capital_share = self.capital_base = self.base(p.capital_elasticity * p.share)
        if p.labour_share_shift is not None:
            self.labour_base = self.base((1 - p.capital_elasticity) * p.share)

    def base(self, weights: Array) -> Array:
        p = self.parameters
        return np.asarray(weights / np.add.reduceat(weights, p.starts, axis=0)[p.zone_of])

    def step(self, t: int, last: Array, path: _Path) -> None:
        """Move the split: K_a,t = (1−δ) K_a,t−1 + φ s GDP_t−1 (its share + the lever's shift)."""
        p = self.parameters
        share, base = self.capital_share, self.capital_base
        if p.investment_share_shift is not None and share is not None and base is not None:
            kept = (1 - p.depreciation) * last
            new = (path.capital - kept)[p.zone_of]
            flow = self.shifted(share, p.investment_share_shift[:, t, None], "investment", t)
            stock = kept[p.zone_of] * share + new * flow
            self.capital_share = stock / path.capital[p.zone_of]
            self.capital_log_last = self.capital_log
            self.capital_log = np.log(self.capital_share / base)
        if p.labour_share_shift is not None and self.labour_base is not None:
            share = self.shifted(self.labour_base, p.labour_share_shift[:, t, None], "labour", t)
            self.labour_log_last = self.labour_log
            self.labour_log = np.log(share / self.labour_base)

    def shifted(self, share: Array, shift: Array, what: str, t: int) -> Array:
        """Return shares plus a shift, the activities without one giving way in proportion."""
        p = self.parameters
        moved = np.where(shift != 0, np.clip(share + shift, 1e-4, 1 - 1e-4), 0.0)
        rest = np.where(shift != 0, 0.0, share)
        left = 1 - np.add.reduceat(moved, p.starts, axis=0)
        for zone in np.flatnonzero((left <= 0).any(axis=1)):
            left[zone] = self.impossible.without(left[zone], nothing_left(what), int(zone), t)
        weight = left / np.add.reduceat(rest, p.starts, axis=0)
        return np.asarray(moved + rest * weight[p.zone_of])

    def add_capital(self, rows: Array) -> None:
        rows += self.capital_log

    def subtract_labour(self, rows: Array) -> None:
        rows -= self.labour_log

    def add_labour(self, rows: Array) -> None:
        rows += self.labour_log

    def subtract_growth(self, growth: Array, elasticity: Array) -> None:
        """Take α Δ ln(K_a/K_z) and (1−α) Δ ln(L_a/L_z) from activity growth."""
        if self.capital_base is not None:
            growth -= elasticity * (self.capital_log - self.capital_log_last)
        if self.labour_base is not None:
            growth -= (1 - elasticity) * (self.labour_log - self.labour_log_last)
