"""Influence of figures and documents on GDP to come, and where its spread comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest

import simcore
from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.errors import InputError
from simcore.fit import shrinkage_table
from simcore.headline import Given, Headline
from simcore.influence import (
    DocumentContribution,
    Effect,
    FigureInfluence,
    deletion,
    document_contributions,
    figure_influence,
    information,
)
from simcore.members import Members
from simcore.posterior import Posterior
from simcore.reconcile import most_probable
from simcore.spread import Ensemble, shares, spread_table
from simcore.threads import one_thread

REFIT_FIGURE = 0.02  # percent and points by which the update misses a refit without one figure
REFIT_DOCUMENT = 0.05  # the same without a document


@pytest.fixture(scope="module")
def headline(posterior: Posterior) -> Headline:
    return Headline.of(posterior)


@pytest.fixture(scope="module")
def ensemble(headline: Headline) -> Ensemble:
    return Ensemble.of(headline, blocks=2)


@pytest.fixture(scope="module")
def past_deviation(headline: Headline) -> Array:
    """Standard deviation of ln GDP that the unknowns of the past alone give, (zone, year)."""
    return spread_of(headline)


@pytest.fixture(scope="module")
def figures(headline: Headline, past_deviation: Array) -> dict[str, FigureInfluence]:
    return {row.figure: row for row in figure_influence(headline, past_deviation)}


@pytest.fixture(scope="module")
def documents(headline: Headline, past_deviation: Array) -> dict[str, DocumentContribution]:
    return {row.document: row for row in document_contributions(headline, past_deviation)}


def spread_of(headline: Headline) -> Array:
    """√(β'Cβ) of every headline quantity."""
    return np.asarray(np.sqrt(((headline.gradient[0] @ headline.posterior.factor) ** 2).sum(-1)))


def without(posterior: Posterior, left_out: Iterable[str]) -> Posterior:
    """The posterior of a reconciliation without some figures, its unknowns as before."""
    gone = set(left_out)
    kept = [o for o in posterior.problem.observations if o.figure.id not in gone]
    assert len(kept) + len(gone) == len(posterior.problem.observations)
    problem = replace(posterior.problem, observations=tuple(kept))
    with one_thread():
        return Posterior.at(problem, most_probable(problem), fingerprint="refitted")


def used(posterior: Posterior, document: str) -> list[str]:
    figures = [observation.figure for observation in posterior.problem.observations]
    return [figure.id for figure in figures if figure.source.document == document]


# --- the headline ---------------------------------------------------------------------------------


def test_it_is_the_gdp_of_the_baseline_scenario(headline: Headline) -> None:
    draws = 16
    dataset = simcore.run("baseline", draws=draws, seed=3)
    gdp = dataset["gdp"].sel(scenario="baseline", year=list(headline.years))
    found = headline.log_gdp(Members(headline.posterior, 3, 0)).sum(axis=0)[..., :draws]
    wanted = np.log(gdp.transpose("zone", "year", "draw").values)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_given_members_are_the_members(headline: Headline) -> None:
    plain = Members(headline.posterior, 5, 1, "x:")
    given = Given(headline.posterior, 5, 1, "x:", known=plain.history)
    np.testing.assert_array_equal(headline.log_gdp(given), headline.log_gdp(plain))


def test_without_chance_draws_of_one_past_differ_by_parameters_alone(headline: Headline) -> None:
    plain = Members(headline.posterior, 5, 1, "x:")
    still = Given(headline.posterior, 5, 1, known=plain.history, chance=False, normal={})
    other = Given(headline.posterior, 6, 2, known=plain.history, chance=False, normal={})
    np.testing.assert_array_equal(headline.log_gdp(still), headline.log_gdp(other))


def test_slopes_that_are_known(headline: Headline) -> None:
    """A level enters in proportion; the path's error once a year, to first order."""
    names = [unknown.name for unknown in headline.posterior.problem.unknowns]
    unknowns, parameters = headline.gradient
    for row, zone in enumerate(headline.zones):
        level = unknowns[:, :, names.index(f"level.{zone}")]
        sigma = headline.posterior.problem.unknowns[names.index(f"level.{zone}")].distribution.sigma
        np.testing.assert_allclose(level[row], sigma, rtol=1e-6)
        np.testing.assert_allclose(np.delete(level, row, axis=0), 0, atol=1e-9)
    base = headline.posterior.problem.past.baseline.base_year
    error = headline.posterior.problem.past.priors.distribution("path_error").deviation or 0.0
    path = parameters[:, :, headline.parameters.index("parameter.path_error")]
    for place, year in enumerate(headline.years):
        np.testing.assert_allclose(path[:, place], error * (year - base), rtol=0.02)


def test_slopes_do_not_depend_on_the_blocks_they_are_found_in(
    headline: Headline, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = len(headline.posterior.mean) + len(headline.parameters)
    parts = [range(0, 7), range(7, 100), range(100, count)]
    monkeypatch.setattr(Headline, "_batches", lambda self, total: parts)
    again = Headline.of(headline.posterior)
    for found, wanted in zip(again.gradient, headline.gradient, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-9)


def test_draws_are_nearly_linear_in_the_slopes(ensemble: Ensemble) -> None:
    """What is left beside chance and the linear parts is at most two percent of the variance."""
    assert all(abs(r.share) < 0.02 for r in spread_table(ensemble) if r.source == "curvature")


@pytest.mark.parametrize("years", [(2023,), (2030, 2020), ()])
def test_years_lie_beyond_the_base(years: Sequence[int], posterior: Posterior) -> None:
    with pytest.raises(InputError, match="lie after 2023"):
        Headline.of(posterior, years)


# --- deletion -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [[0], [3], [1, 2], [0, 1, 2, 3, 4], []])
def test_deletion_is_exact_in_a_linear_model(rows: list[int]) -> None:
    random = np.random.default_rng(4)
    jacobian = random.standard_normal((5, 8)) * [[1], [30], [1e-3], [200], [2]]
    data = random.standard_normal(5)

    def fit(kept: Array) -> tuple[Array, Array]:
        part = jacobian[kept]
        covariance = np.linalg.inv(np.eye(8) + part.T @ part)
        return covariance @ part.T @ data[kept], covariance

    everything = np.arange(5)
    mean, covariance = fit(everything)
    mean_without, covariance_without = fit(np.setdiff1d(everything, rows))
    misfit = jacobian @ mean - data
    gain, schur = deletion(jacobian, rows)
    np.testing.assert_allclose(mean + gain @ misfit[rows], mean_without, atol=1e-6)
    change = gain @ np.linalg.solve(schur, gain.T)
    np.testing.assert_allclose(covariance + change, covariance_without, atol=1e-6)
    ratio = np.linalg.slogdet(covariance_without)[1] - np.linalg.slogdet(covariance)[1]
    assert information(schur) == pytest.approx(ratio / 2 / np.log(2), abs=1e-6)
    for row, value in zip(
        rows, np.diag(jacobian[rows] @ covariance @ jacobian[rows].T), strict=True
    ):
        assert 1 - 1 / deletion(jacobian, [row])[1][0, 0] == pytest.approx(value, abs=1e-6)


def close(effects: Sequence[Effect], left: Posterior, headline: Headline, tolerance: float) -> None:
    """Hold effects against a refitted posterior: medians and standard deviations."""
    again = Headline.of(left)
    change = 100 * np.expm1(again.at(left.mean) - headline.at(headline.posterior.mean))
    found = [effect.median_change for effect in effects]
    np.testing.assert_allclose(found, change.ravel(), atol=tolerance)
    spread = [effect.deviation_without for effect in effects]
    np.testing.assert_allclose(spread, 100 * spread_of(again).ravel(), atol=tolerance)


@pytest.mark.parametrize(
    "figure",
    [
        "donghu.gdp.2023",
        "donghu.gdp.2020",
        "donghu.gdp.growth.2020",
        "jingkai.gdp.growth.2016_2020",
    ],
)
def test_the_update_agrees_with_a_refit_without_the_figure(
    figure: str, figures: dict[str, FigureInfluence], headline: Headline
) -> None:
    close(figures[figure].effects, without(headline.posterior, [figure]), headline, REFIT_FIGURE)


@pytest.mark.parametrize("document", ["donghu-14fyp-2021", "jingkai-14fyp-2021"])
def test_the_update_agrees_with_a_refit_without_the_document(
    document: str, documents: dict[str, DocumentContribution], headline: Headline
) -> None:
    left = without(headline.posterior, used(headline.posterior, document))
    close(documents[document].effects, left, headline, REFIT_DOCUMENT)


def test_every_figure_and_document_has_its_row(
    figures: dict[str, FigureInfluence],
    documents: dict[str, DocumentContribution],
    headline: Headline,
) -> None:
    observed = [observation.figure for observation in headline.posterior.problem.observations]
    assert list(figures) == [figure.id for figure in observed]
    baseline = headline.posterior.problem.past.baseline
    assert list(documents) == list(baseline.documents)
    for name, row in documents.items():
        assert row.figures == len(used(headline.posterior, name))
    places = [(zone, year) for zone in headline.zones for year in headline.years]
    for effects in [row.effects for row in (*figures.values(), *documents.values())]:
        assert [(effect.zone, effect.year) for effect in effects] == places


def test_less_evidence_is_never_more_certain(
    figures: dict[str, FigureInfluence], documents: dict[str, DocumentContribution]
) -> None:
    for row in (*figures.values(), *documents.values()):
        assert row.information >= 0
        for effect in row.effects:
            assert effect.deviation_without >= effect.deviation
    for row in figures.values():
        assert 0 <= row.leverage < 1


def test_a_document_tells_at_least_what_its_figures_add(
    figures: dict[str, FigureInfluence], documents: dict[str, DocumentContribution]
) -> None:
    for name, document in documents.items():
        alone = [row.information for row in figures.values() if row.document == name]
        assert document.information >= max(alone, default=0) - 1e-9
    silent = [row for row in documents.values() if not row.figures]
    assert {row.document for row in silent} == {"donghu-13fyp-2017", "donghu-action-2022"}
    for row in silent:
        assert row.information == 0
        assert all(effect.median_change == 0 for effect in row.effects)


def test_levels_are_marked_and_matter(
    figures: dict[str, FigureInfluence], documents: dict[str, DocumentContribution]
) -> None:
    levels = [name for name, row in figures.items() if row.sets_level]
    assert levels == ["donghu.gdp.2023", "jingkai.gdp.2020"]
    (donghu,) = [
        effect
        for effect in figures["donghu.gdp.2023"].effects
        if (effect.zone, effect.year) == ("donghu", 2025)
    ]
    assert donghu.deviation_without > 3 * donghu.deviation
    bare = [e for e in documents["jingkai-14fyp-2021"].effects if e.zone == "jingkai"]
    assert all(effect.deviation_without > 45 for effect in bare)  # the level's diffuse prior


# --- where the spread comes from ------------------------------------------------------------------


def test_shares_of_an_analytic_case() -> None:
    """Y = a'x with covariance Σ: the share of a part is a_i (Σa)_i / a'Σa."""
    random = np.random.default_rng(2)
    raw = random.standard_normal((3, 500))
    raw -= raw.mean(axis=1, keepdims=True)
    white = np.linalg.solve(np.linalg.cholesky(np.cov(raw, bias=True)), raw)
    covariance = np.array([[1.0, 0.5, 0.0], [0.5, 2.0, 0.8], [0.0, 0.8, 1.5]])
    slopes = np.array([1.0, -0.4, 2.0])
    parts = slopes[:, None] * (np.linalg.cholesky(covariance) @ white)
    wanted = slopes * (covariance @ slopes) / (slopes @ covariance @ slopes)
    found = shares(parts, parts.sum(axis=0))
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    assert found.sum() == pytest.approx(1)
    assert found.min() < 0  # a part that works against the whole


def test_a_linear_model_leaves_no_curvature(ensemble: Ensemble) -> None:
    """With ln GDP the sum of linear parts and noise, shares are those of the covariance."""
    headline = ensemble.headline
    slopes = np.concatenate(headline.gradient, axis=-1)
    noise = 0.1 * np.random.default_rng(3).standard_normal(ensemble.total.shape)
    total = slopes @ ensemble.inputs + noise
    linear = replace(ensemble, total=total, growth=noise, prices=np.zeros_like(noise))
    table = shrinkage_table(headline.posterior)
    covariance = np.cov(np.vstack([ensemble.inputs, noise[1, 1], total[1, 1]]), bias=True)
    weights = np.append(slopes[1, 1], 1.0)
    wanted = weights * covariance[-1, :-1] / covariance[-1, -1]
    inside = [place for place, row in enumerate(table) if row.evidence == "assumed"]
    rows = {
        (row.source, row.evidence): row
        for row in spread_table(linear)
        if (row.zone, row.year) == (headline.zones[1], headline.years[1])
    }
    assert rows["past", "assumed"].share == pytest.approx(wanted[inside].sum(), rel=1e-9)
    assert rows["growth shocks and crises", None].share == pytest.approx(wanted[-1], rel=1e-9)
    assert rows["curvature", None].deviation == pytest.approx(0, abs=1e-9)
    for name, share in rows["past", "assumed"].largest.items():
        (place,) = [i for i, row in enumerate(table) if row.parameter == name]
        assert share == pytest.approx(wanted[place], rel=1e-9)


def test_shares_sum_to_one_and_name_their_grades(ensemble: Ensemble) -> None:
    rows = spread_table(ensemble)
    for zone in ensemble.headline.zones:
        for year in ensemble.headline.years:
            mine = [row for row in rows if (row.zone, row.year) == (zone, year)]
            assert sum(row.share for row in mine) == pytest.approx(1, abs=1e-9)
            keys = [(row.source, row.evidence) for row in mine]
            assert len(set(keys)) == len(keys)
            assert {source for source, grade in keys if grade is None} == {
                "growth shocks and crises", "price shocks", "curvature",
            }  # fmt: skip
            assert ("past", "assumed") in keys
            assert ("parameters", "derived") in keys


def test_years_without_documents_make_the_past_matter(ensemble: Ensemble) -> None:
    """Jingkai's last document is of 2020: its past is a larger part of GDP in 2025 than later."""
    rows = {(r.zone, r.year, r.source, r.evidence): r.share for r in spread_table(ensemble)}
    near, far = rows["jingkai", 2025, "past", "assumed"], rows["jingkai", 2030, "past", "assumed"]
    assert near > 2 * far
    assert near > 5 * abs(rows["donghu", 2025, "past", "assumed"])


def test_the_ensemble_is_the_same_each_time(ensemble: Ensemble, baseline: Baseline) -> None:
    told: list[int] = []
    again = Ensemble.of(ensemble.headline, blocks=1, progress=told.append)
    np.testing.assert_array_equal(again.total, ensemble.total[..., : again.total.shape[-1]])
    assert again.total.shape == (len(baseline.zones), 2, sum(told))
