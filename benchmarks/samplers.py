"""How fast the error of GDP's mean and median falls with the draws, by sampler.

    python benchmarks/samplers.py [replicates] [largest] [folder]

Root mean square error over replicate seeds of the first 2^6, 2^7, … draws, relative to the mean or
median of all replicates of all samplers at the largest number. Writes ``samplers.json`` and
``samplers.png``, and prints the table. Slopes are least squares on the logarithms.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from simcore.assembly import build_parameters  # noqa: E402
from simcore.kernel import simulate  # noqa: E402
from simcore.members import Members  # noqa: E402
from simcore.pictures import COLOURS, PALE, in_house_style, save  # noqa: E402
from simcore.plan import Plan  # noqa: E402
from simcore.posterior import Posterior  # noqa: E402
from simcore.reconcile import reconcile  # noqa: E402
from simcore.samplers import SAMPLERS, covered  # noqa: E402
from simcore.sampling import BLOCK  # noqa: E402
from simcore.scenario import load_scenario  # noqa: E402
from simcore.threads import one_thread  # noqa: E402

FIRST = 6  # the smallest number of draws is two to this
YEAR = 2030
STATISTICS: dict[str, Callable[..., Any]] = {"mean": np.mean, "median": np.median}


def gdp_draws(posterior: Posterior, sampler: Any, seed: int, draws: int) -> Any:
    """Return nominal GDP of the year in the baseline, (zone, draw)."""
    baseline = posterior.problem.past.baseline
    scenario = load_scenario("baseline", baseline).model_copy(update={"horizon": YEAR})
    plan = Plan((scenario,), draws, seed, posterior, sampler=sampler)
    found = [
        simulate(build_parameters(plan.members(block), scenario))["gdp"][:, -1]
        for block in range(plan.blocks)
    ]
    return np.concatenate(found, axis=-1)[:, :draws]


class Otherwise(Members):
    """Members whose covered numbers are the same, and whose other numbers are others."""

    def normals(self, name: str, rows: int) -> Any:
        """Return the standard normals (row, draw) of a name."""
        return super().normals(name if covered(name) else f"otherwise.{name}", rows)


def covered_share(posterior: Posterior, seed: int = 1, blocks: int = 4) -> list[float]:
    """Return the share of the variance of ln GDP that the samplers' numbers make, by zone.

    The correlation of pairs of draws that share these numbers and nothing else. However even they
    are, the error of a mean stays above √(1 − share) times that of independent draws.
    """
    baseline = posterior.problem.past.baseline
    scenario = load_scenario("baseline", baseline).model_copy(update={"horizon": YEAR})
    pairs = []
    with one_thread():
        for block in range(blocks):
            pair = [kind(posterior, seed, block) for kind in (Members, Otherwise)]
            found = [simulate(build_parameters(m, scenario))["gdp"][:, -1] for m in pair]
            pairs.append(np.log(found))
    one, other = np.concatenate(pairs, axis=-1)
    return [float(np.corrcoef(*rows)[0, 1]) for rows in zip(one, other, strict=True)]


def sampler_errors(
    posterior: Posterior, replicates: int = 16, largest: int = 1 << 13, seed: int = 1
) -> list[dict[str, Any]]:
    """Return a row for each sampler, statistic and zone: draws, relative errors, slope."""
    zones = list(posterior.problem.past.baseline.zones)
    numbers = [1 << power for power in range(FIRST, largest.bit_length())]
    with one_thread():
        found = {
            sampler: np.array(
                [gdp_draws(posterior, sampler, seed + k, largest) for k in range(replicates)]
            )
            for sampler in SAMPLERS
        }
    rows = []
    for name, statistic in STATISTICS.items():
        truth = np.mean([statistic(draws, axis=-1) for draws in found.values()], axis=(0, 1))
        for sampler, draws in found.items():
            gaps = np.array([statistic(draws[..., :n], axis=-1) for n in numbers]) / truth - 1
            errors = np.sqrt((gaps**2).mean(axis=1))
            for row, zone in enumerate(zones):
                slope = np.polyfit(np.log(numbers), np.log(errors[:, row]), 1)[0]
                rows.append(
                    {
                        "sampler": sampler, "statistic": name, "zone": zone, "year": YEAR,
                        "replicates": replicates, "draws": numbers,
                        "error": errors[:, row].tolist(), "slope": float(slope),
                    }
                )  # fmt: skip
    return rows


@in_house_style
def draw_errors(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw the errors against draws, a panel for each statistic and zone, on logarithmic axes."""
    import matplotlib.pyplot as plt

    zones = list(dict.fromkeys(row["zone"] for row in rows))
    picture, panels = plt.subplots(
        len(STATISTICS), len(zones), figsize=(8.4, 6.4), sharex=True, sharey=True, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    places = [(name, zone) for name in STATISTICS for zone in zones]
    for panel, (name, zone) in zip(panels.flat, places, strict=True):
        own = [row for row in rows if (row["statistic"], row["zone"]) == (name, zone)]
        for row, colour in zip(own, COLOURS, strict=False):
            label = f"{row['sampler']}, slope {row['slope']:.2f}"
            errors = 100 * np.array(row["error"])
            panel.loglog(row["draws"], errors, "o-", color=colour, label=label, base=2, ms=4)
        first = 100 * own[0]["error"][0]
        half = [first * (n / own[0]["draws"][0]) ** -0.5 for n in own[0]["draws"]]
        panel.loglog(own[0]["draws"], half, ":", color=PALE, base=2, label="slope −0.5")
        panel.set_title(f"{name} of GDP {YEAR}, {zone}", loc="left", fontsize=9.5)
        panel.legend(frameon=False, fontsize=8)
    for panel in panels[-1]:
        panel.set_xlabel("draws")
    for panel in panels[:, 0]:
        panel.set_ylabel("root mean square error, %")
    save(picture, path)
    plt.close(picture)


def main() -> None:
    """Measure, print and draw."""
    replicates = int(sys.argv[1]) if len(sys.argv) > 1 else 16
    largest = int(sys.argv[2]) if len(sys.argv) > 2 else 1 << 13
    folder = Path(sys.argv[3]) if len(sys.argv) > 3 else Path("outputs")
    posterior = reconcile()
    shares = covered_share(posterior)
    rows = sampler_errors(posterior, replicates, max(largest, BLOCK // 4))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "samplers.json").write_text(
        json.dumps({"covered": shares, "rows": rows}, indent=1) + "\n"
    )
    draw_errors(rows, folder / "samplers.png")
    bounds = ", ".join(f"{share:.2f}" for share in shares)
    print(f"share of the variance of ln GDP {YEAR} that is covered, by zone: {bounds}")
    for row in rows:
        errors = " ".join(f"{100 * error:6.3f}" for error in row["error"])
        print(f"{row['statistic']:<7} {row['zone']:<8} {row['sampler']:<7} {errors}  % "
              f"slope {row['slope']:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
