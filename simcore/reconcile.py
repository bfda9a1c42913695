"""Reconciling the documents: the most probable past under the figures and the priors.

Minimises ``Σ z² + Σ ((model − figure)/σ)²`` over latent normals z, as Stone, Champernowne and
Meade (1942, Review of Economic Studies 9:111, doi:10.2307/2967664) reconcile accounts, with
`scipy.optimize.least_squares`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from simcore.arrays import Array
from simcore.baseline import Baseline, load_baseline
from simcore.entries import Figure
from simcore.errors import CalibrationError
from simcore.history import Past
from simcore.labels import say
from simcore.laplace import Misfits
from simcore.posterior import Posterior, Problem
from simcore.prior_check import load_checked_priors
from simcore.priors import Priors, load_priors
from simcore.resources import folder, overlay_files
from simcore.satellite_priors import Satellites, check_satellites, load_satellites
from simcore.threads import one_thread

EXACT_TOLERANCE = 2.0  # an exact figure beyond this many σ of its rounding is a missing slack

_SOURCES = (
    "baseline", "correction", "document", "equations", "history", "laplace", "observe", "posterior",
    "printed", "priors", "quantity", "reconcile", "resources", "strict", "unknowns",
)  # fmt: skip


def reconcile(
    baseline: Baseline | None = None,
    priors: Priors | None = None,
    satellites: Satellites | None = None,
    *,
    cache: bool = True,
) -> Posterior:
    """Reconcile the documents, or read the reconciliation of the same fingerprint.

    ``satellites`` : the equations that the past takes along; those of the calibration in use.

    Raises `CalibrationError` if an exact figure misses its rounding by more than 2 σ.
    """
    shipped = baseline is None and priors is None and satellites is None
    past = load_past() if shipped else Past(
        baseline or load_baseline(), priors or load_priors(), satellites or load_satellites()
    )  # fmt: skip
    problem = Problem.of(past)
    fingerprint = calibration_fingerprint() if shipped else "unsaved"
    place = cache_folder() / f"posterior-{fingerprint[:16]}-{_versions()}.npz"
    known = _read(place, problem, fingerprint) if cache and shipped else None
    if known is not None:
        return known
    with one_thread():
        posterior = Posterior.at(problem, most_probable(problem), fingerprint=fingerprint)
    check(posterior)
    if cache and shipped:
        _write(place, posterior)
    return posterior


def load_past() -> Past:
    """Read the calibration in use; raises `InputError` with the place of what does not fit."""
    baseline, satellites = load_baseline(), load_satellites()
    priors = load_checked_priors(baseline)
    check_satellites(satellites, baseline)
    return Past(baseline, priors, satellites)


def most_probable(problem: Misfits, held: Iterable[str] = ()) -> Array:
    """Return the latent mode (unknown); unknowns named in ``held`` stay at their prior mean."""
    from scipy.optimize import least_squares

    names = [unknown.name for unknown in problem.unknowns]
    free = np.array([name not in set(held) for name in names])
    latent = np.zeros(len(names))

    def full(part: Array) -> Array:
        latent[free] = part
        return latent.copy()

    def residuals(part: Array) -> Array:
        return np.concatenate([part, problem.misfit(full(part)[:, None])[:, 0]])

    def jacobian(part: Array) -> Array:
        return np.vstack([np.eye(len(part)), problem.jacobian(full(part))[:, free]])

    found = least_squares(
        residuals, np.zeros(free.sum()), jac=jacobian, xtol=1e-9, ftol=1e-9, max_nfev=200,
    )  # fmt: skip
    if not found.success:
        raise CalibrationError(say("the fit did not converge: {reason}", reason=found.message))
    return full(found.x)


def check(posterior: Posterior) -> None:
    """Raise `CalibrationError` if an exact figure misses its rounding by more than 2 σ."""
    figures = [observation.figure for observation in posterior.problem.observations]
    refuse_missed(
        figures, posterior.misfit, say("of its rounding"),
        say("documented figures that cannot be met; a slack is missing"),
    )  # fmt: skip


def refuse_missed(figures: Sequence[Figure], misfit: Array, spread: str, failure: str) -> None:
    """Raise `CalibrationError` if an exact figure is missed by more than 2 σ.

    ``misfit`` (figure) [σ]; ``spread`` : what σ is; ``failure`` : what it means.
    """
    missed = [
        say("{figure} is off by {misfit:+.1f} σ {of}", figure=figure.id, misfit=z, of=spread)
        for figure, z in zip(figures, misfit, strict=True)
        if figure.qualifier == "exact" and abs(z) > EXACT_TOLERANCE
    ]
    if missed:
        raise CalibrationError(f"{failure}:\n" + "\n".join(missed))


# --- cache ----------------------------------------------------------------------------------------


def calibration_fingerprint() -> str:
    """SHA-256 over the calibration data, shipped and the user's own, and the code that reads them.

    Where the user's folders stand does not count, only their files and the order of the folders.
    """
    digest = hashlib.sha256()
    package = Path(__file__).parent
    for path in [*sorted(folder("calibration").glob("*.yaml"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for place, content in overlay_files().items():
        digest.update(f"{Path(place).name}\0{content}".encode())
    for name in _SOURCES:
        digest.update(name.encode() + b"\0" + (package / f"{name}.py").read_bytes())
    return digest.hexdigest()


def _versions() -> str:
    """Name the libraries whose versions may change a last bit of a reconciliation."""
    names = f"numpy {version('numpy')}, scipy {version('scipy')}"
    return hashlib.sha256(names.encode()).hexdigest()[:8]


def cache_folder() -> Path:
    """Return where what was computed before is kept: ``SIMCORE_CACHE``, or the user's cache."""
    base = os.environ.get("SIMCORE_CACHE") or os.environ.get("XDG_CACHE_HOME")
    return Path(base or Path.home() / ".cache") / "simcore"


def _read(place: Path, problem: Problem, fingerprint: str) -> Posterior | None:
    """Read a cached reconciliation; anything unreadable or of another shape is computed again."""
    try:
        with place.open("rb") as file, np.load(file) as stored:
            arrays = {name: stored[name] for name in ("mean", "factor", "misfit", "jacobian")}
            same = str(stored["fingerprint"]) == fingerprint
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    count, figures = len(problem.unknowns), len(problem.observations)
    shapes = {
        "mean": (count,), "factor": (count, count), "misfit": (figures,),
        "jacobian": (figures, count),
    }  # fmt: skip
    if not same or any(arrays[name].shape != shape for name, shape in shapes.items()):
        return None
    return Posterior(problem, fingerprint=fingerprint, **arrays)


def _write(place: Path, posterior: Posterior) -> None:
    """Keep a reconciliation; a cache that cannot be written costs a second, not the run."""
    part = place.with_suffix(f".{os.getpid()}.part.npz")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            part, mean=posterior.mean, factor=posterior.factor, misfit=posterior.misfit,
            jacobian=posterior.jacobian, fingerprint=posterior.fingerprint,
        )  # fmt: skip
        part.replace(place)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
