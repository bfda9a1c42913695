"""What the modes of what-if ask, and what they answer beside the comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import click

from simcore.cli.answers import Row
from simcore.cli.solutions import print_solution, solution_row
from simcore.errors import InputError
from simcore.labels import say
from simcore.number_text import number, percent

MODES = ("set", "centre", "condition", "target")
PROBABILITY = "80%"
UNTIL = 2030  # over which a target for growth is averaged


@dataclass
class Closure:
    """The growth that is asked for, and by which mode."""

    mode: str
    growth: str | None
    zone: str
    tolerance: str | None = None
    instrument: str | None = None
    probability: str | None = None
    solution: Any = None

    def check(self) -> None:
        """Refuse options that belong to another mode, and modes that lack theirs."""
        if self.mode in ("condition", "target") and not self.growth:
            raise InputError(say("--mode {mode} needs --gdp-growth", mode=self.mode))
        if self.mode == "target" and not self.instrument:
            raise InputError(say("--mode target needs --instrument, such as donghu.tfp"))
        for option, value, mode in (
            ("--tolerance", self.tolerance, "condition"),
            ("--instrument", self.instrument, "target"),
            ("--probability", self.probability, "target"),
        ):
            if value is not None and self.mode != mode:
                raise InputError(say("{option} goes with --mode {mode}", option=option, mode=mode))

    @property
    def levers(self) -> list[str]:
        """What is laid on the scenario for it, where growth itself is a lever."""
        if not self.growth or self.mode in ("condition", "target"):
            return []
        lever = f"levers.{self.zone}.gdp_growth"
        return [f"{lever}.value={self.growth}", f"{lever}.mode={self.mode}"]

    @property
    def asked(self) -> list[str]:
        """How the question is said where growth is no lever."""
        return [f"gdp_growth.value={self.growth}"] if self.growth and not self.levers else []

    def seek(
        self, base: str, settings: Sequence[str], horizon: int, baseline: Any, run: Row
    ) -> list[str]:
        """Return the setting with which growth has the wanted probability, under target."""
        if self.mode != "target":
            return []
        from simcore.goal_seek import solve
        from simcore.instruments import instrument_of

        assert self.instrument is not None  # `check` sees to it
        instrument_of(self.instrument, baseline)
        zone = self.zone if self.zone != "*" else self.instrument.partition(".")[0]
        if zone == "*":
            raise InputError(say("--mode target is about the growth of one zone: say --zone"))
        first = baseline.base_year + 1
        target = f"{zone}.gdp_growth.{first}-{min(UNTIL, horizon)}={self.growth}"
        self.solution = solve(
            target, self.probability or PROBABILITY, self.instrument, base=base,
            settings=settings, **run,
        )  # fmt: skip
        return [self.solution.setting]

    def weigh(self, dataset: Any) -> Any:
        """Return the result with its draws weighted, under condition."""
        if self.mode != "condition":
            return dataset
        from simcore.conditioning import TOLERANCE, condition

        assert self.growth is not None  # `check` sees to it
        return condition(
            dataset, self.growth, zone=self.zone, tolerance=self.tolerance or TOLERANCE,
            scenario="what-if",
        )  # fmt: skip

    def fields(self, dataset: Any) -> Row:
        """Return what JSON says beside the rows."""
        if self.mode == "target":
            return {"solution": solution_row(self.solution)}
        if self.mode != "condition":
            return {}
        from simcore.conditioning import TOLERANCE, conditionals

        return {
            "tolerance": self.tolerance or TOLERANCE,
            "effective_sample_size": effective(dataset),
            "zones": {row.zone: asdict(row) for row in conditionals(dataset, "what-if")},
        }

    def print(self, dataset: Any, baseline: Any) -> None:
        """Say what the mode means and what it found."""
        if self.mode == "target":
            print_solution(self.solution)
            click.echo(
                say(
                    "Mode target: one lever gives way until growth, averaged over the years, is "
                    "likely enough; all else stays as drawn."
                )
            )
        if self.mode == "condition":
            _print_condition(dataset, baseline)


def effective(dataset: Any) -> float:
    """Return the effective sample size of the scenario that was asked about."""
    from simcore.weighting import effective_size

    return effective_size(dataset["weight"].sel(scenario="what-if").values.astype(float))


def _print_condition(dataset: Any, baseline: Any) -> None:
    from simcore.conditioning import conditionals

    for row in conditionals(dataset, "what-if"):
        median, low, high = row.tfp_growth
        click.echo(
            say(
                "{zone}: growth averages {growth:.2f} % over the weighted draws in {first}–{last}. "
                "Productivity then grows by {median:.2f} % a year ({low:.2f} to {high:.2f}), "
                "instead of {before} in all draws.",
                zone=baseline.zones[row.zone].label, growth=row.growth, first=row.years[0],
                last=row.years[1], median=median, low=low, high=high,
                before=number(row.tfp_growth_before[0]),
            )
        )  # fmt: skip
    size, draws = effective(dataset), dataset.sizes["draw"]
    click.echo(
        say(
            "Mode condition: nothing is fixed; draws are weighted by how near their average growth "
            "comes. Effective sample size {size:,.0f} of {draws:,} draws ({share}). Weighted draws "
            "are no pairs: differences are from the baseline's median.",
            size=size, draws=draws, share=percent(size / draws),
        )
    )  # fmt: skip
