"""What is known of one documented figure: a page of lines, or a row of JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from simcore.cli.base import console, period_text, source_text
from simcore.cli.conflicts import WIDEST, named, print_line, value_text
from simcore.labels import Label, say


@dataclass(frozen=True)
class FigurePage:
    """A figure with what it implies, who uses it, its treatment, conflicts and repetitions."""

    figure: Any
    baseline: Any
    implied: list[Any]
    fit: Any
    unused: str | None
    other_uses: list[str]
    treatment: str
    cases: list[Any]
    repeated_by: list[str]

    def row(self) -> dict[str, Any]:
        """Return the page as a row of JSON."""
        return self.figure.model_dump(mode="json") | {
            "fit": asdict(self.fit) if self.fit else None,
            "implied": [asdict(relation) for relation in self.implied],
            "use": self.use(),
            "treatment": self.treatment,
            "conflicts": [case.entry.id for case in self.cases],
            "verdicts": {case.entry.id: str(case.verdict) for case in self.cases},
            "repeated_by": self.repeated_by,
        }

    def use(self) -> str:
        """Say who uses the figure in the model."""
        figure = self.figure
        if figure.same_as:
            text = say("none of its own: the fact counts once, as {first}", first=figure.same_as)
        elif self.fit:
            text = say(
                "evidence on {quantity}: fitted {fitted:,.2f} (z {z:+.2f})",
                quantity=self._quantity(), fitted=self.fit.fitted, z=self.fit.z,
            )  # fmt: skip
        elif figure.value is None:
            text = say("none: no number is printed")
        elif figure.kind in ("target", "plan_annual"):
            text = say("a goal: never evidence, assessed as a target")
        elif figure.kind != "actual":
            text = say("a pipeline or capacity: never evidence")
        elif self.other_uses:
            return "; ".join(self.other_uses)
        else:
            text = say("none: {reason}", reason=say(self.unused or "not used"))
        return "; ".join([text, *self.other_uses])

    def _quantity(self) -> str:
        """What is modelled: indicator, concept, industry or sector, and years."""
        figure = self.figure
        zone = self.baseline.zones[figure.zone]
        parts = [str(self.baseline.indicators[figure.indicator].label), say(figure.concept)]
        named = {**zone.industries, **zone.aggregates}
        if figure.industry in named:
            parts.append(str(named[figure.industry].label))
        if figure.sector:
            from simcore.entries import SECTOR_LABELS

            parts.append(str(SECTOR_LABELS[figure.sector]))
        return ", ".join([*parts, period_text(figure.period)])

    def print(self) -> None:
        """Print the page, a name and a text in each line."""
        screen = console()
        width = min(screen.width, WIDEST) if screen.is_terminal else None
        last = ""
        for name, text in [*self._printed(), *self._made_of_it()]:
            print_line("" if name == last else name, text, width, indent=0)
            last = name

    def _printed(self) -> list[tuple[str, str]]:
        """Lines on the figure as printed."""
        figure = self.figure
        document = self.baseline.documents[figure.source.document]
        lines = [
            (say("figure"), figure.id),
            (say("term"), figure.term),
            (say("value"), f"{_value(figure)} ({say(figure.qualifier)})"),
            (say("period"), period_text(figure.period)),
            (say("kind"), say(figure.kind)),
            (say("concept"), say(figure.concept)),
            (say("price basis"), say(figure.price_basis)),
            (say("document"), f"{document.title}, {document.issuer} {document.number}".strip()),
            (say("source"), source_text(figure.source)),
        ]
        if figure.same_as:
            lines.append((say("repeats"), figure.same_as))
        lines += [(say("repeated by"), name) for name in self.repeated_by]
        return [*lines, (say("note"), figure.note)] if figure.note else lines

    def _made_of_it(self) -> list[tuple[str, str]]:
        """Lines on what follows from the figure."""
        lines = []
        for relation in self.implied:
            name = f"{say(relation.meaning)} {relation.other or ''}".rstrip()
            text = named(name, relation.text)
            lines.append((say("implies"), text))
        lines += [(say("in the model"), self.use()), (say("treatment"), self.treatment)]
        for case in self.cases:
            name = f"{case.entry.label} ({case.entry.id})"
            text = named(name, case.verdict)
            lines.append((say("conflict"), text))
        return lines


def _value(figure: Any) -> str:
    """Write the value as it is printed, and say the unit in the language in use."""
    from simcore.printed_units import with_english

    printed = value_text(figure)
    return str(with_english(Label(printed, printed), figure.unit))


def prior_uses(priors: Any, figure: str) -> list[str]:
    """Say where a figure enters a prior: it turns shares of output into shares of GDP."""
    return [
        say("turns the output shares of {zone} into shares of GDP", zone=zone)
        for zone, used in priors.output_share_figures.items()
        if figure in (used.output, used.gdp)
    ]


def satellite_uses(satellites: Any, figure: str) -> list[str]:
    """Say which satellites' paths pass through a figure."""
    names = satellites.met.get(figure, [])
    return [say("the path of {variable} passes through it", variable=name) for name in names]
