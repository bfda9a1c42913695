"""The reconciliation: every documented figure met, every conflict named, nothing invented."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simcore import reconcile as module
from simcore.baseline import Baseline
from simcore.errors import CalibrationError
from simcore.fit import conflicts, fit_table, shrinkage_table
from simcore.history import History
from simcore.observe import Observation, rounding
from simcore.posterior import Posterior
from simcore.priors import Priors, load_priors
from simcore.reconcile import reconcile

ACCEPTED = {
    "donghu.gdp.2023": 2715, "donghu.gdp.growth.2023": 4.7, "donghu.gdp.growth.2020": 5.1,
    "donghu.rnd.intensity.2020": 8.7, "donghu.value_added.high_tech.share.2020": 55,
    "jingkai.gdp.2020": 1650, "jingkai.gdp.growth.2020": -1.0,
    "jingkai.output.industry.gross_output.2020": 2972, "jingkai.value_added.tertiary.2020": 545,
    "jingkai.value_added.primary.share.2020": 1, "jingkai.value_added.secondary.share.2020": 66,
    "jingkai.value_added.tertiary.share.2020": 33, "jingkai.value_added.primary.share.2015": 1.1,
    "jingkai.value_added.secondary.share.2015": 76.9,
    "jingkai.value_added.tertiary.share.2015": 22.0, "jingkai.gdp.growth.2016_2020": 5.6,
    "jingkai.value_added.tertiary.growth.2016_2020": 9.1,
}  # fmt: skip


@pytest.fixture(scope="module")
def priors() -> Priors:
    return load_priors()


@pytest.fixture(scope="module")
def past(posterior: Posterior) -> History:
    """Four thousand draws of the past."""
    return posterior.draw(np.random.default_rng(1).standard_normal((len(posterior.mean), 4096)))


def observed(posterior: Posterior, figure: str) -> Observation:
    return next(o for o in posterior.problem.observations if o.figure.id == figure)


def with_figure(baseline: Baseline, like: str, **changes: Any) -> Baseline:
    """The baseline with a figure changed, or added if the changes give it another id."""
    figure = baseline.figures[like].model_copy(update=changes)
    return replace(baseline, figures={**baseline.figures, figure.id: figure})


# --- figures are met ------------------------------------------------------------------------------


@pytest.mark.parametrize("figure", ACCEPTED)
def test_documented_figure_is_met(figure: str, posterior: Posterior) -> None:
    (row,) = [row for row in fit_table(posterior, draws=64) if row.figure == figure]
    assert row.value == ACCEPTED[figure]
    assert row.z is not None
    assert abs(row.z) <= 2
    half_unit = rounding(observed(posterior, figure).figure) * np.sqrt(3)
    assert abs(row.fitted - ACCEPTED[figure]) <= 2 * half_unit / np.sqrt(3)
    assert row.evidence == "documented"


def test_one_sided_figures_lie_above_their_number(posterior: Posterior) -> None:
    rows = {row.figure: row for row in fit_table(posterior, draws=256)}
    for figure, number in (
        ("donghu.gdp.2020", 2000), ("donghu.investment.2023", 1200),
        ("donghu.population.2023", 120), ("jingkai.gdp_per_head.2020", 34),
    ):  # fmt: skip
        assert number < rows[figure].low < rows[figure].fitted < 1.1 * number


def test_goals_and_repetitions_are_no_evidence(posterior: Posterior) -> None:
    used = [observation.figure for observation in posterior.problem.observations]
    assert {figure.kind for figure in used} == {"actual"}
    assert not [figure.id for figure in used if figure.same_as]
    assert not {figure.id for figure in used} & set(posterior.problem.unused)
    ids = {figure.id for figure in used} | set(posterior.problem.unused)
    actuals = posterior.problem.past.baseline.actuals()
    assert ids == {figure.id for figure in actuals}


def test_fit_table_has_every_figure_and_every_undocumented_year_once(posterior: Posterior) -> None:
    rows = fit_table(posterior, draws=64)
    named = [row.figure for row in rows if row.figure]
    assert sorted(named) == sorted(o.figure.id for o in posterior.problem.observations)
    keys = [(row.zone, row.indicator, row.period) for row in rows if row.figure is None]
    assert len(keys) == len(set(keys))
    for row in rows:
        assert row.low < row.high, row


def test_undocumented_growth_is_assumed(posterior: Posterior) -> None:
    rows = [row for row in fit_table(posterior) if row.figure is None]
    donghu = {row.period: row for row in rows if row.zone == "donghu"}
    assert set(donghu) == {2021, 2022}
    for row in rows:
        assert (row.evidence, row.value, row.z) == ("assumed", None, None)
        assert row.low < row.fitted < row.high
        assert row.high - row.low > 4  # wide: no document decides it
    jingkai = {row.period for row in rows if row.zone == "jingkai"}
    assert jingkai == {2016, 2017, 2018, 2019, 2021, 2022, 2023}


def test_jingkai_after_2020_is_a_nowcast(baseline: Baseline) -> None:
    status = [baseline.status("jingkai", year) for year in range(2014, 2026)]
    assert status == [""] + ["history"] * 6 + ["nowcast"] * 3 + ["projection"] * 2
    assert [baseline.status("donghu", year) for year in (2019, 2020, 2023, 2024)] == [
        "", "history", "history", "projection",
    ]  # fmt: skip


# --- conflicts ------------------------------------------------------------------------------------


def test_exactly_the_two_known_conflicts(posterior: Posterior) -> None:
    found = {row.conflict: row for row in conflicts(posterior)}
    assert set(found) == {
        "services_growth_against_share", "industrial_output_against_secondary_share",
    }  # fmt: skip
    services = found["services_growth_against_share"]
    assert set(services.slacks) == {"relative_price_services.jingkai", "sector_scope.jingkai"}
    assert services.slacks["relative_price_services.jingkai"] > 1
    assert services.slacks["sector_scope.jingkai"] < -1
    assert abs(services.worst_misfit) > 3
    industry = found["industrial_output_against_secondary_share"]
    assert set(industry.slacks) == {"value_added_rate_factor.jingkai", "coverage.jingkai"}
    assert industry.slacks["value_added_rate_factor.jingkai"] > 1
    for row in found.values():
        assert row.zone == "jingkai"
        assert row.misfit_increase > 0
        assert set(row.figures) <= set(posterior.problem.past.baseline.figures)


def test_slacks_explain_the_known_gaps(posterior: Posterior) -> None:
    """Trap 4: price and scope carry 24 % over five years; trap 5: rates a quarter above."""
    middle = posterior.problem.history(posterior.mean[:, None]).values
    price = 5 * middle["relative_price_services.jingkai"][0]
    scope = middle["sector_scope.jingkai"][0]
    growth = 5 * np.log(1.091 / 1.056)
    assert growth + price - scope == pytest.approx(np.log(33.03 / 22), abs=0.01)
    assert 1.1 < np.exp(middle["value_added_rate_factor.jingkai"][0]) < 1.4


def test_without_its_slacks_the_misfit_would_be_spread(posterior: Posterior) -> None:
    held = ["relative_price_services.jingkai", "sector_scope.jingkai"]
    mode = module.most_probable(posterior.problem, held=held)
    names = [unknown.name for unknown in posterior.problem.unknowns]
    assert [mode[names.index(name)] for name in held] == [0, 0]
    assert np.abs(posterior.problem.misfit(mode[:, None])).max() > 3


def test_a_contradictory_figure_is_an_error_that_names_it(baseline: Baseline) -> None:
    again = "donghu.gdp.growth.2023.again"
    wrong = with_figure(baseline, "donghu.gdp.growth.2023", id=again, value=9.9)
    with pytest.raises(CalibrationError, match=r"slack is missing") as caught:
        reconcile(wrong)
    named = str(caught.value)
    assert f"{again} is off by -" in named
    assert "donghu.gdp.growth.2023 is off by +" in named
    assert "jingkai" not in named


def test_impossible_shares_are_an_error_that_names_them(baseline: Baseline) -> None:
    wrong = with_figure(baseline, "jingkai.value_added.secondary.share.2020", value=76)
    with pytest.raises(CalibrationError, match=r"jingkai\.value_added\.\w+\.share\.2020 is off"):
        reconcile(wrong)


def test_a_repetition_is_not_evidence(baseline: Baseline, posterior: Posterior) -> None:
    like = "donghu.gdp.growth.2023"
    repeated = with_figure(baseline, like, id=f"{like}.again", value=9.9, same_as=like)
    again = reconcile(repeated)
    np.testing.assert_array_equal(again.mean, posterior.mean)


def test_a_consistent_change_moves_the_past(baseline: Baseline) -> None:
    changed = reconcile(with_figure(baseline, "donghu.gdp.growth.2023", value=6.3))
    rows = {row.figure: row.fitted for row in fit_table(changed, draws=16)}
    assert rows["donghu.gdp.growth.2023"] == pytest.approx(6.3, abs=0.05)
    assert rows["donghu.gdp.2023"] == pytest.approx(2715, abs=0.5)


# --- draws ----------------------------------------------------------------------------------------


def test_every_draw_keeps_every_exact_figure(posterior: Posterior, past: History) -> None:
    for observation in posterior.problem.observations:
        figure = observation.figure
        if figure.qualifier == "exact":
            z = (observation.operator(past) - float(figure.value or 0)) / rounding(figure)
            assert np.abs(z).max() < 6, figure.id
            assert np.sqrt((z**2).mean()) < 2, figure.id


def test_over_figures_are_exceeded_in_every_draw(posterior: Posterior, past: History) -> None:
    over = [o for o in posterior.problem.observations if o.figure.qualifier == "over"]
    assert len(over) == 4
    for observation in over:
        assert (observation.operator(past) > float(observation.figure.value or 0)).all()


def test_shares_sum_to_one_in_every_draw(posterior: Posterior, past: History) -> None:
    for name, rows in posterior.problem.past.members.items():
        first = posterior.problem.past.baseline.zones[name].first_year
        total = past.share[rows, past.place(first) :].sum(axis=0)
        np.testing.assert_allclose(total, 1, rtol=1e-12)
        assert (past.share[rows, past.place(first) :] > 0).all()


def test_nothing_is_invented_before_the_first_documented_year(past: History) -> None:
    assert past.years == tuple(range(2015, 2024))
    assert np.isnan(past.gdp[0, : past.place(2020)]).all()
    assert np.isfinite(past.gdp[0, past.place(2020) :]).all()
    assert np.isfinite(past.gdp[1]).all()


def test_levels_growth_and_prices_of_a_draw_agree(past: History) -> None:
    real = np.log(past.gdp / past.deflator)
    for row, first in ((0, 2020), (1, 2015)):
        place = past.place(first)
        change = np.diff(real[row, place:], axis=0)
        np.testing.assert_allclose(change, past.growth[row, place + 1 :], atol=1e-12)
    np.testing.assert_allclose(past.deflator[:, past.place(2020)], 1, rtol=1e-12)


def test_value_added_is_never_above_output(past: History) -> None:
    assert (past.value_added_rate > 0).all()
    assert (past.value_added_rate < 1).all()


def test_draws_have_the_posterior_spread(posterior: Posterior, past: History) -> None:
    """The corrections keep the Laplace spread of an unknown that no figure pins down."""
    names = [unknown.name for unknown in posterior.problem.unknowns]
    place = names.index("deflator_mean")
    spread = past.values["deflator_mean"].std() / 0.008
    assert spread == pytest.approx(posterior.deviation[place], rel=0.05)


# --- the mathematics ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_jacobian_of_linear_figures(seed: int, posterior: Posterior) -> None:
    """The share of high-tech is linear in the error of its weights, output in its coverage."""
    problem = posterior.problem
    latent = posterior.mean + 0.3 * np.random.default_rng(seed).standard_normal(len(posterior.mean))
    names = [unknown.name for unknown in problem.unknowns]
    figures = [observation.figure.id for observation in problem.observations]
    jacobian = problem.jacobian(latent)
    assert jacobian.shape == (len(figures), len(names))

    share = figures.index("donghu.value_added.high_tech.share.2020")
    weights = names.index("aggregate_weights.donghu")
    assert jacobian[share, weights] == pytest.approx(1.5 / (0.5 / np.sqrt(3)), rel=1e-6)

    output = figures.index("jingkai.output.industry.gross_output.2020")
    coverage = names.index("coverage.jingkai")
    history = problem.history(latent[:, None])
    total = problem.observations[output].operator(history)[0] / history.values["coverage.jingkai"]
    assert jacobian[output, coverage] == pytest.approx(
        float(total[0]) * 0.015 / (0.5 / np.sqrt(3)), rel=1e-6
    )
    others = [row for row in range(len(figures)) if row != output]
    assert not jacobian[others, coverage].any()


def test_mode_is_stationary(posterior: Posterior) -> None:
    """At the most probable point the gradient of the sum of squares vanishes."""
    gradient = posterior.mean + posterior.jacobian.T @ posterior.misfit
    assert np.abs(gradient).max() < 1e-3


def test_covariance_is_the_inverse_of_the_precision(posterior: Posterior) -> None:
    """(I + JᵀJ)⁻¹ = I − Jᵀ (I + J Jᵀ)⁻¹ J, which is small enough to be inverted exactly."""
    jacobian = posterior.jacobian
    inner = np.linalg.solve(np.eye(len(jacobian)) + jacobian @ jacobian.T, jacobian)
    expected = np.eye(len(posterior.mean)) - jacobian.T @ inner
    covariance = posterior.factor @ posterior.factor.T
    np.testing.assert_allclose(covariance, expected, atol=1e-6)


def test_shrinkage_lies_between_none_and_all(posterior: Posterior) -> None:
    rows = {row.parameter: row for row in shrinkage_table(posterior)}
    assert len(rows) == len(posterior.mean)
    for row in rows.values():
        assert -1e-9 <= row.shrinkage <= 1
        assert row.evidence in ("documented", "derived", "assumed")
    assert rows["rnd_intensity.donghu"].shrinkage > 0.99
    assert rows["rnd_intensity.jingkai"].shrinkage == pytest.approx(0, abs=1e-9)
    assert rows["rnd_intensity.jingkai"].evidence == "assumed"
    assert rows["rnd_intensity.donghu"].evidence == "derived"
    assert rows["level.donghu"].evidence == "documented"


def test_the_priors_decide_where_no_figure_speaks(priors: Priors, posterior: Posterior) -> None:
    rows = {row.parameter: row for row in shrinkage_table(posterior)}
    assert rows["investment_rate.jingkai"].posterior == pytest.approx(
        priors.parameters["investment_rate"].mean
    )
    assert rows["investment_rate.jingkai"].shift == pytest.approx(0, abs=1e-6)


# --- cache ----------------------------------------------------------------------------------------


def same(first: Posterior, second: Posterior) -> bool:
    names = ("mean", "factor", "misfit", "jacobian")
    arrays = [(getattr(first, name), getattr(second, name)) for name in names]
    return all(np.array_equal(a, b) for a, b in arrays) and first.fingerprint == second.fingerprint


@pytest.fixture
def cached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, posterior: Posterior
) -> tuple[Path, Posterior]:
    """A cache in a folder of its own, with the file that the first call wrote."""
    monkeypatch.setenv("SIMCORE_CACHE", str(tmp_path))
    first = reconcile()
    assert same(first, posterior)
    (place,) = tmp_path.rglob("posterior-*.npz")
    return place, first


def forbid(monkeypatch: pytest.MonkeyPatch) -> None:
    def computed(*_: object, **__: object) -> None:
        raise AssertionError("reconciled again")

    monkeypatch.setattr(module, "most_probable", computed)


def test_cache_is_read_back_bit_for_bit(
    cached: tuple[Path, Posterior], monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid(monkeypatch)
    assert same(reconcile(), cached[1])
    normal = np.random.default_rng(2).standard_normal((len(cached[1].mean), 8))
    np.testing.assert_array_equal(reconcile().draw(normal).gdp, cached[1].draw(normal).gdp)


def test_other_versions_of_libraries_have_a_cache_of_their_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A last bit may differ between them; runs that are to be equal must not mix them."""
    monkeypatch.setenv("SIMCORE_CACHE", str(tmp_path))
    reconcile()
    monkeypatch.setattr(module, "version", lambda name: "0.1")
    reconcile()
    assert len(list(tmp_path.rglob("posterior-*.npz"))) == 2


def test_a_changed_baseline_is_never_read_from_the_cache(
    cached: tuple[Path, Posterior], baseline: Baseline, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cached[0].exists()
    forbid(monkeypatch)
    with pytest.raises(AssertionError, match="reconciled again"):
        reconcile(baseline)


def _flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: b"", id="empty"),
        pytest.param(lambda content: b"not an archive", id="text"),
        pytest.param(lambda content: b"PK\x03\x04" + b"\0" * 100, id="zip in name only"),
        pytest.param(lambda content: content[: len(content) // 2], id="torn"),
        pytest.param(lambda content: content[:-1], id="a byte short"),
        pytest.param(_flipped, id="flipped"),
    ],
)
def test_a_damaged_cache_is_computed_again(damage: Any, cached: tuple[Path, Posterior]) -> None:
    place, first = cached
    place.write_bytes(damage(place.read_bytes()))
    assert same(reconcile(), first)
    with np.load(place) as stored:  # and mended
        np.testing.assert_array_equal(stored["mean"], first.mean)


def test_a_cache_of_another_fingerprint_is_computed_again(cached: tuple[Path, Posterior]) -> None:
    place, first = cached
    with np.load(place) as stored:
        content = dict(stored)
    np.savez(place, **(content | {"fingerprint": "another", "mean": content["mean"] + 1}))
    assert same(reconcile(), first)


@pytest.mark.parametrize("name", ["mean", "factor", "misfit", "jacobian"])
def test_a_cache_of_another_shape_is_computed_again(
    name: str, cached: tuple[Path, Posterior]
) -> None:
    place, first = cached
    with np.load(place) as stored:
        content = dict(stored)
    np.savez(place, **(content | {name: content[name][1:]}))
    assert same(reconcile(), first)


def test_a_cache_that_cannot_be_written_costs_only_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, posterior: Posterior
) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    monkeypatch.setenv("SIMCORE_CACHE", str(file))
    assert same(reconcile(), posterior)
    assert file.read_text() == "not a folder"
