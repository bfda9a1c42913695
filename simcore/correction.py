"""Moves draws onto the documented figures by the least change, draw by draw.

Figures are not linear in the unknowns, so a draw of the linear model meets them only nearly. A step
of the linear model closes most of the gap, Broyden's method the rest: every further step uses what
the steps before it did to the gap of the same draw. The rare draw that runs away is moved again,
by shorter steps of the linear model. No draw depends on another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simcore.arrays import Array

STEPS = 12  # at most
NEAR = 2.0  # the step from a gap within this many σ is a draw's last; it closes nearly all of it
LEAST = 1.0  # figures that say less than the prior of a direction do not move a draw along it
FAR = 6.0  # a draw that is moved further, in prior standard deviations, has run away
SHORTER = 60  # steps at most, each halved where it closes nothing
LONGER = 4.0  # Broyden's step is at most this many times the one it starts from


class Correction:
    """Least changes of the unknowns that close the figures' gaps.

    The jacobian ``J = U S Vᵀ`` (figure, unknown) has a direction V of the unknowns for every
    combination U of figures. A gap g [σ] is closed by ``−V s/(s² + 1) Uᵀ g``, in prior standard
    deviations.
    """

    def __init__(self, jacobian: Array) -> None:
        left, singular, right = np.linalg.svd(jacobian, full_matrices=False)
        said = singular > LEAST
        self.combinations = np.ascontiguousarray(left.T[said])
        self.gain = (singular / (singular**2 + 1))[said, None]
        self.directions = np.ascontiguousarray(right.T[:, said])

    def corrected(self, latent: Array, target: Array, misfit: Callable[[Array], Array]) -> Array:
        """Return latent draws (unknown, draw) moved until their misfit is near its target.

        ``target`` : (figure, draw) [σ]; ``misfit`` : of any draws (unknown, draw), two at least,
        each by itself.

        References
        ----------
        Broyden (1965), Mathematics of Computation 19:577, doi:10.1090/S0025-5718-1965-0198670-6;
        Kelley (1995), Iterative Methods for Linear and Nonlinear Equations, chapter 7,
        doi:10.1137/1.9781611970944.
        """
        moved, total, steps = latent, np.zeros((1, 1)), list[Array]()
        far = np.zeros(latent.shape[1], dtype=bool)
        moving = np.arange(latent.shape[1])
        while len(moving) and len(steps) < STEPS:
            asked = np.resize(moving, max(2, len(moving)))  # a lone column is summed in other order
            gap = np.zeros_like(target)
            gap[:, asked] = misfit(moved[:, asked]) - target[:, asked]
            along = self.combinations @ gap
            steps.append(_step(-self.gain * along, steps))
            total = total + steps[-1]
            moved = latent + self.directions @ total
            far = ~((total**2).sum(axis=0) <= FAR**2)
            moving = np.flatnonzero(((along**2).sum(axis=0) > NEAR**2) & ~far)
        lost = np.flatnonzero(far)
        if len(lost):
            asked = np.resize(lost, max(2, len(lost)))
            moved[:, asked] = self._shorter(latent[:, asked], target[:, asked], misfit)
        return moved

    def _shorter(self, latent: Array, target: Array, misfit: Callable[[Array], Array]) -> Array:
        """Move draws by the linear model's steps, halved until the gap is smaller than before.

        None is moved further than `FAR`.

        Armijo (1966), Pacific Journal of Mathematics 16:1, doi:10.2140/pjm.1966.16.1.
        """
        moved, size = latent, np.ones(latent.shape[1])
        along = self.combinations @ (misfit(moved) - target)
        for _ in range(SHORTER):
            tried = moved - self.directions @ (size * self.gain * along)
            left = self.combinations @ (misfit(tried) - target)
            gap = (along**2).sum(axis=0)
            nearer = ((left**2).sum(axis=0) < gap) & (gap > NEAR**2)
            nearer &= ((tried - latent) ** 2).sum(axis=0) <= FAR**2
            moved, along = np.where(nearer, tried, moved), np.where(nearer, left, along)
            size = np.where(nearer, np.minimum(2 * size, 1.0), size / 2)
        return moved


def _step(plain: Array, steps: Sequence[Array]) -> Array:
    """Return Broyden's step, (direction, draw), from the linear model's and the steps before it.

    ``z + Σ_k s_k+1 (s_k·z)/|s_k|²`` over the steps s, each term with the sum so far as z, and with
    the last step ``z / (1 − s·z/|s|²)``.
    """
    step = plain
    for before, after in zip(steps, steps[1:], strict=False):
        step = step + after * _along(before, step)
    return step / np.maximum(1.0 - _along(steps[-1], step), 1 / LONGER) if steps else step


def _along(direction: Array, step: Array) -> Array:
    """Return ``s·z/|s|²``, (draw), nothing where there was no step."""
    length = (direction**2).sum(axis=0)
    product = (direction * step).sum(axis=0)
    return np.divide(product, length, out=np.zeros_like(length), where=length > 0)
