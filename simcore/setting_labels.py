"""What people read of a setting of a scenario: its lever, of which zone and industry."""

from __future__ import annotations

from collections.abc import Sequence

from simcore.baseline import Baseline
from simcore.labels import Label
from simcore.lever_labels import ASSUMPTIONS, INDUSTRY_LEVERS, ZONE_LEVERS
from simcore.priors import Priors

Key = tuple[str, ...]
"""The place of a setting: ``("levers", "donghu", "tfp")``, ``("events", "slump")``."""


def settings_label(keys: Sequence[Key], baseline: Baseline, priors: Priors, here: str) -> Label:
    """Return the label of settings that are one; of several different ones, that of their zone.

    ``here`` : the zone whose name goes without saying.
    """
    if len({key[:-1] for key in keys}) == 1 and len(keys) <= 2:
        labels = [_label(key, baseline, priors, here) for key in sorted(keys)]
        return Label(" + ".join(own.en for own in labels), "、".join(own.zh for own in labels))
    zone = baseline.zones[keys[0][1]].label
    return Label(f"{zone.en}: all settings", f"{zone.zh}：全部设定")


def _label(key: Key, baseline: Baseline, priors: Priors, here: str) -> Label:
    room, name = key[0], key[-1]
    if room == "assumptions":
        return ASSUMPTIONS[name]
    if room == "behaviour":
        return priors.parameters[name].label
    if room == "events":
        return Label(f"event: {name}", f"事件：{name}")
    zone, *inner = key[1:-1]
    label = INDUSTRY_LEVERS[name] if inner else ZONE_LEVERS[name]
    before = [] if zone == here else [baseline.zones[zone].label]
    if inner:
        before.append(baseline.industry_label(inner[-1], zone))
    return Label(
        ": ".join([*(part.en for part in before), label.en]),
        "：".join([*(part.zh for part in before), label.zh]),
    )
