"""simcore: regional economic simulation of Wuhan's two development zones.

>>> import simcore
>>> ds = simcore.run("growth-5", draws=64, seed=1)
>>> round(float(ds["gdp_growth"].sel(year=2030).mean()), 3)
5.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simcore.api import (
        compare,
        condition,
        discover,
        explain,
        export,
        frontier,
        impact,
        load_baseline,
        load_scenario,
        open_results,
        run,
        sensitivity,
        simulate,
        solve,
        targets,
        using_calibration,
        using_study,
    )

__all__ = [
    "compare", "condition", "discover", "explain", "export", "frontier", "impact", "load_baseline",
    "load_scenario", "open_results", "run", "sensitivity", "simulate", "solve", "targets",
    "using_calibration", "using_study",
]  # fmt: skip


def __getattr__(name: str) -> object:
    """Import the public names when they are first used: ``import simcore`` stays light."""
    if name in __all__:
        from simcore import api

        return getattr(api, name)
    raise AttributeError(f"module 'simcore' has no attribute '{name}'")


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
