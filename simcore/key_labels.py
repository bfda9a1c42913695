"""What the key path of a setting is called in pictures: the place, and the lever or assumption."""

from __future__ import annotations

from simcore.baseline import Baseline
from simcore.dims import VARIABLES
from simcore.labels import Label, language, say
from simcore.lever_labels import EVERY
from simcore.priors import load_priors

HEADS = ("levers", "behaviour", "assumptions")
INNER = ("industries", "projects", "firms", "value")
HORIZON = {"horizon": Label("last year", "末年")}


def key_label(key: str, baseline: Baseline, zone: str = "") -> str:
    """Return what a key path sets, in the language in use; the path itself where that is unknown.

    ``zone`` : of which the picture speaks anyway, so that it need not be named.
    """
    head, *rest = key.split(".")
    if head == "events" and rest:
        return say("event: {name}", name=".".join(rest))
    parts = [part for part in (rest if head in HEADS else [head, *rest]) if part not in INNER]
    known = {name: prior.label for name, prior in load_priors().parameters.items()}
    known |= {name: variable.label for name, variable in VARIABLES.items()} | EVERY | HORIZON
    if not parts or parts[-1] not in known:
        return key.removeprefix("levers.")
    where = [_place(part, baseline) for part in parts[:-1] if part != zone]
    what = str(known[parts[-1]])
    return joined(" · ".join(where), what)


def joined(first: str, second: str) -> str:
    """Return two names with a colon between them, or the one that there is."""
    colon = "：" if language() == "zh" else ": "
    return colon.join(part for part in (first, second) if part)


def place_label(name: str, baseline: Baseline, zone: str = "") -> str:
    """Return what a zone or an industry is called."""
    if name in baseline.zones:
        return str(baseline.zones[name].label)
    return str(baseline.industry_label(name, zone))


def _place(name: str, baseline: Baseline) -> str:
    if name != "*":
        return place_label(name, baseline)
    return say("both zones") if len(baseline.zones) == 2 else say("all zones")
