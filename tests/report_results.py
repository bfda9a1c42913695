"""Results that reports are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simcore.levers import Scenario
from simcore.plan import Plan
from simcore.posterior import Posterior
from simcore.production import produce

DRAWS = 200


def made(posterior: Posterior, path: Path, *scenarios: Scenario, **settings: Any) -> Path:
    plan = Plan(scenarios, DRAWS, 7, posterior, block_draws=256, **settings)
    produce(plan, path, workers=1)
    return path
