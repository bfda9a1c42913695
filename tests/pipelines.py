"""Small pipelines for tests: few projects, with numbers that a test may choose."""

from __future__ import annotations

from typing import Any

import numpy as np

from simcore.levers import Scenario
from simcore.paired_projects import project_effects
from simcore.pipeline_parameters import PipelineParameters
from simcore.posterior import Posterior
from simcore.project_effects import ProjectEffects

YEARS = tuple(range(2015, 2026))
FIRST_CHANGED = 2020


def small_pipeline(draws: int = 1, **chosen: Any) -> PipelineParameters:
    """A zone with some 12 plans a year; what is chosen is a number, or an array by year."""

    def by_draw(value: float) -> Any:
        return np.full(draws, float(value))

    def by_year(value: Any) -> Any:
        return np.broadcast_to(np.asarray(value, dtype=float), len(YEARS))[:, None] + np.zeros(
            (len(YEARS), draws)
        )

    numbers = {
        "planning": 0.8, "preparation": 0.5, "construction": 1.5, "size": 5, "size_spread": 1.2,
        "realised": 0.5, "coverage": 0.8, "dropped_plan": 0.2, "dropped_contract": 0.1,
        "dropped_building": 0.1,
    }  # fmt: skip
    paths = {"rate": 12.0, "land": 1e6, "funds": 1e9, "capacity": 1e4}
    constants: dict[str, Any] = {
        "planning_spread": 0.6, "preparation_spread": 0.5, "construction_spread": 0.4,
        "size_effect": 0.2, "smallest": 1.0, "large": 20.0, "carry": 2.0,
    }  # fmt: skip
    return PipelineParameters(
        zone="small",
        years=YEARS,
        cells=(("works", "steel"), ("works", "glass"), ("roads", "steel")),
        cell_share=np.array([0.5, 0.2, 0.3]),
        **{name: by_draw(chosen.get(name, value)) for name, value in numbers.items()},
        **{name: by_year(chosen.get(name, value)) for name, value in paths.items()},
        **{name: chosen.get(name, value) for name, value in constants.items()},
    )


SCARCE = {"land": 8, "funds": 40, "capacity": np.linspace(6, 12, len(YEARS)).round()}


def few_effects(posterior: Posterior, scenario: Scenario, seed: int) -> ProjectEffects | None:
    """What a scenario changes of the projects, in sixteen replications."""
    return project_effects(posterior.problem.past, [scenario], seed, 16)[0]
