"""What a path is that holds no result, and what makes one of it."""

from __future__ import annotations

from pathlib import Path

from simcore.errors import did_you_mean, nearest
from simcore.labels import say
from simcore.scenario import known_scenarios
from simcore.writing import RESULTS, TEXTS


def no_result(path: Path) -> str:
    """Say why a path is no result: a folder, another file, a scenario's name, or nothing."""
    if path.is_dir():
        return say("{path}: is a folder, not a result file", path=path)
    if path.exists() and path.suffix in TEXTS:
        return say(
            "{path}: is YAML, not a result: simcore run {path} makes one of a scenario, simcore "
            "sweep {path} of a sweep",
            path=path,
        )
    if path.exists():
        return say("{path}: is no HDF5 file", path=path)
    return say("{path}: does not exist", path=path) + (_beside(path) or _scenario(str(path)))


def _beside(path: Path) -> str:
    """Say which result in its folder, or which scenario file of its name, may be meant."""
    try:
        names = [one.name for one in path.parent.iterdir() if one.suffix in RESULTS]
    except OSError:
        return ""
    for name in names:
        if Path(name).stem == path.name:
            return say("; did you mean '{name}'?", name=path.with_name(name))
    if near := did_you_mean(path.name, names):
        return near
    own = path.with_name(f"{path.name}.yaml")
    return say("; simcore run {file} makes a result", file=own) if own.is_file() else ""


def _scenario(name: str) -> str:
    known = known_scenarios()
    if name in known:
        return say("; it is a scenario: simcore run {name} -o {name}.h5 makes a result", name=name)
    near = "" if Path(name).suffix in RESULTS else nearest(name, known)
    if not near:
        return say("; simcore run makes a result")
    return say(
        "; did you mean the scenario '{name}'? simcore run {name} -o {name}.h5 makes a result",
        name=near,
    )
