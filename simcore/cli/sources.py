"""What commands share that look at a result file or at a scenario, and write beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simcore.errors import InputError
from simcore.labels import say


def refuse_output(output: Path | None, data: Path | None, *, force: bool) -> None:
    """Refuse a picture or CSV that cannot be written, before anything is computed."""
    from simcore.store import refuse_existing

    if output is not None:
        from simcore.pictures import refuse_format

        refuse_format(output)
    for path in (output, data):
        if path is not None:
            refuse_existing(path, force=force)


def is_result(source: str) -> bool:
    """Whether a source is a result file by its name; else it is a scenario."""
    return Path(source).suffix in (".h5", ".nc")


def plan_of_source(source: str, against: str | None, seed: int | None) -> Any:
    """Return the plan that a result was made from, or that of scenarios to run."""
    from simcore.plan import Plan
    from simcore.reconcile import reconcile
    from simcore.scenario import load_scenario
    from simcore.store import read_attributes
    from simcore.verify import plan_of, refuse_other_calibration

    posterior = reconcile()
    if is_result(source):
        if seed is not None:
            raise InputError(
                say("{source}: a result has its seed; leave out --seed", source=source)
            )
        plan = plan_of(Path(source), posterior)
        refuse_other_calibration(read_attributes(Path(source)), posterior, source)
        return plan
    baseline = posterior.problem.past.baseline
    names = dict.fromkeys([against, source] if against else [source])
    chosen = tuple(load_scenario(name, baseline) for name in names)
    sampling = chosen[-1].sampling
    seed = sampling.seed if seed is None else seed
    return Plan(chosen, sampling.draws, seed, posterior, sampler=sampling.sampler)


def write_rows(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write rows as CSV, which spreadsheets open with its Chinese characters."""
    import csv

    from simcore.writing import write_whole

    def write(place: Path) -> None:
        with place.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    write_whole(path, write)
