"""Draws are moved onto their figures by the least change, each by itself."""

from __future__ import annotations

import numpy as np
import pytest

from simcore.arrays import Array
from simcore.correction import FAR, LEAST, NEAR, SHORTER, STEPS, Correction
from simcore.posterior import Posterior


@pytest.fixture(scope="module")
def normal(posterior: Posterior) -> Array:
    return np.random.default_rng(7).standard_normal((len(posterior.mean), 2048))


def linear(posterior: Posterior, normal: Array) -> Array:
    """What the figures have in the linear model of a draw [σ]."""
    return posterior.misfit[:, None] + posterior.jacobian @ (posterior.factor @ normal)


# --- analytic cases -------------------------------------------------------------------------------


def test_a_linear_figure_is_met_by_the_least_change() -> None:
    """One figure of 100 σ a unit of (3, 4)/5: the change lies along it and nothing else moves."""
    jacobian = 100 * np.array([[0.6, 0.8, 0.0]])
    latent = np.random.default_rng(1).standard_normal((3, 5))
    target = np.array([[0.0, 1.0, -2.0, 50.0, 400.0]])
    moved = Correction(jacobian).corrected(latent, target, lambda some: jacobian @ some)
    change = moved - latent
    np.testing.assert_allclose(jacobian @ moved, target, atol=0.01 * NEAR)
    np.testing.assert_allclose(change[0] * 0.8, change[1] * 0.6, atol=1e-12)
    assert (change[2] == 0).all()


def test_a_curved_figure_is_met_far_from_where_it_was_linear() -> None:
    """exp(x) and exp(x + y) printed with σ of a thousandth, by the jacobian at nothing."""

    def misfit(latent: Array) -> Array:
        return 1000 * np.array([np.exp(latent[0]), np.exp(latent[0] + latent[1])])

    jacobian = 1000 * np.array([[1.0, 0.0], [1.0, 1.0]])
    wanted = 0.15 * np.random.default_rng(2).standard_normal((2, 400))
    moved = Correction(jacobian).corrected(np.zeros((2, 400)), misfit(wanted), misfit)
    assert np.abs(misfit(moved) - misfit(wanted)).max() < 1
    np.testing.assert_allclose(moved, wanted, atol=0.005)


def test_figures_that_say_less_than_the_prior_move_nothing() -> None:
    jacobian = np.array([[0.9 * LEAST, 0.0], [0.0, 50.0]])
    latent = np.ones((2, 3))
    moved = Correction(jacobian).corrected(latent, np.zeros((2, 3)), lambda some: jacobian @ some)
    np.testing.assert_array_equal(moved[0], 1.0)
    np.testing.assert_allclose(moved[1], 0.0, atol=1e-3)


def test_a_figure_out_of_reach_ends_all_the_same() -> None:
    asked: list[int] = []

    def misfit(latent: Array) -> Array:
        asked.append(latent.shape[1])
        return 100 * np.tanh(latent)

    moved = Correction(np.array([[100.0]])).corrected(
        np.zeros((1, 4)), np.array([[0.0, 10.0, 90.0, 300.0]]), misfit
    )
    assert len(asked) <= STEPS + 1 + SHORTER
    assert np.abs(moved).max() <= FAR  # the one beyond reach has run away and is called back
    np.testing.assert_allclose(100 * np.tanh(moved[0, :3]), [0, 10, 90], atol=NEAR)


# --- the reconciliation ---------------------------------------------------------------------------


def test_every_draw_has_the_figures_of_its_linear_model(
    posterior: Posterior, normal: Array
) -> None:
    gap = posterior.problem.misfit(posterior.latent(normal)) - linear(posterior, normal)
    assert np.abs(gap).max() < 1
    assert np.quantile(np.abs(gap).max(axis=0), 0.9) < 0.5


def test_the_change_is_small(posterior: Posterior, normal: Array) -> None:
    """What corrects a draw is second order: a fifth of a prior deviation over all unknowns."""
    drawn = posterior.mean[:, None] + posterior.factor @ normal
    change = np.sqrt(((posterior.latent(normal) - drawn) ** 2).sum(axis=0))
    assert np.median(change) < 0.3
    unseen = ~posterior.jacobian.any(axis=0)
    np.testing.assert_allclose(posterior.latent(normal)[unseen], drawn[unseen], atol=1e-12)


def test_a_draw_does_not_depend_on_those_beside_it(posterior: Posterior, normal: Array) -> None:
    """Alone among draws of another kind, in another order or a wider block: the same bits."""
    wide = posterior.latent(normal)
    np.testing.assert_array_equal(posterior.latent(normal[:, :1024]), wide[:, :1024])
    np.testing.assert_array_equal(posterior.latent(normal[:, 256:512]), wide[:, 256:512])
    calm = np.where(np.arange(1024) == 300, normal[:, :1024], 0.0)
    np.testing.assert_array_equal(posterior.latent(calm)[:, 300], wide[:, 300])


def test_figures_read_no_other_years_than_their_own(posterior: Posterior, normal: Array) -> None:
    """The misfit, which knows the structure of some years alone, is that of the whole past."""
    problem = posterior.problem
    latent = posterior.latent(normal[:, :64])
    whole = problem.history(latent)
    assert whole.share_years == whole.years
    wanted = [observation.residual(whole) for observation in problem.observations]
    np.testing.assert_array_equal(problem.misfit(latent), np.array(wanted))
    assert set(problem.figure_years) < set(whole.years)
