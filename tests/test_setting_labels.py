"""Every setting that can differ between two scenarios has a name for people, in both languages."""

from __future__ import annotations

import pytest

from simcore.baseline import Baseline
from simcore.lever_effects import Key, settings_of
from simcore.lever_labels import (
    ASSUMPTIONS,
    FIRM_LEVERS,
    INDUSTRY_LEVERS,
    PROJECT_LEVERS,
    ZONE_LEVERS,
)
from simcore.levers import Assumptions, FirmLevers, IndustryLevers, ProjectLevers, ZoneLevers
from simcore.posterior import Posterior
from simcore.scenario import load_scenario, shipped_scenarios
from simcore.setting_labels import settings_label


def test_every_lever_and_assumption_has_a_label() -> None:
    assert ZONE_LEVERS.keys() == ZoneLevers.model_fields.keys() - {"industries"}
    assert INDUSTRY_LEVERS.keys() == IndustryLevers.model_fields.keys()
    assert PROJECT_LEVERS.keys() == ProjectLevers.model_fields.keys()
    assert FIRM_LEVERS.keys() == FirmLevers.model_fields.keys()
    assert ASSUMPTIONS.keys() == Assumptions.model_fields.keys()


def test_labels_of_shipped_scenarios_tell_their_settings_apart(
    posterior: Posterior, baseline: Baseline
) -> None:
    zones, priors = tuple(baseline.zones), posterior.problem.past.priors
    for name, path in shipped_scenarios().items():
        if "axes:" in path.read_text("utf-8"):
            continue
        settings = settings_of(load_scenario(name, baseline), zones)
        labels = [settings_label([key], baseline, priors, "donghu") for key in settings]
        assert len({label.en for label in labels}) == len(settings), name
        assert len({label.zh for label in labels}) == len(settings), name


@pytest.mark.parametrize(
    ("keys", "english", "chinese"),
    [
        ([("levers", "donghu", "rnd_intensity")], "R&D over GDP", "研发投入强度"),
        (
            [("levers", "jingkai", "industries", "automotive", "tfp")],
            "Wuhan Economic & Technological Development Zone: automotive: added productivity "
            "growth a year",
            "武汉经开区：汽车及零部件：全要素生产率年均增速提高",
        ),
        (
            [("levers", "donghu", "rnd_intensity"), ("levers", "donghu", "rnd_growth")],
            "R&D spending growth a year + R&D over GDP",
            "研发经费投入年均增长、研发投入强度",
        ),
        (
            [("levers", "donghu", "tfp"), ("levers", "donghu", "industries", "life_health", "tfp")],
            "East Lake High-tech: all settings",
            "东湖高新区：全部设定",
        ),
        (
            [("assumptions", "inflation")],
            "inflation (GDP deflator) a year", "价格（GDP平减指数）年均涨幅",
        ),
        ([("behaviour", "spillover")], None, None),
        ([("events", "slump 1.5")], "event: slump 1.5", "事件：slump 1.5"),
    ],
)  # fmt: skip
def test_a_label_says_lever_industry_and_another_zone(
    posterior: Posterior, baseline: Baseline, keys: list[Key], english: str, chinese: str
) -> None:
    priors = posterior.problem.past.priors
    found = settings_label(keys, baseline, priors, "donghu")
    prior = priors.parameters["spillover"].label
    assert (found.en, found.zh) == (english or prior.en, chinese or prior.zh)
