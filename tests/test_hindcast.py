"""The hindcast: strict vintages, the meaning of forecasts, scores of later figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simcore import hindcast as module
from simcore.arrays import Array
from simcore.baseline import Baseline
from simcore.benchmarks import middle, observed_values
from simcore.entries import Figure
from simcore.errors import CalibrationError, InputError
from simcore.hindcast import NO_BASE, NO_ZONE, NOT_MODELLED, PART_OF_A_YEAR, hindcast
from simcore.history import Past
from simcore.labels import use_language
from simcore.members import Members
from simcore.outlook import Outlook, core_meaning, look_ahead
from simcore.posterior import Posterior
from simcore.priors import Priors, load_priors
from simcore.reconcile import reconcile
from simcore.resources import using_calibration
from simcore.scenario import load_scenario
from simcore.scorecard import Hindcast
from simcore.scores import crps_ensemble, pit
from simcore.vintage import as_of

FORECAST = ("median", "q05", "q25", "q75", "q95")


@pytest.fixture(scope="module")
def priors() -> Priors:
    return load_priors()


@pytest.fixture(scope="module")
def card(baseline: Baseline, priors: Priors) -> Hindcast:
    return hindcast(Past(baseline, priors), 2021)


@pytest.fixture(scope="module")
def fitted(baseline: Baseline, priors: Priors) -> Posterior:
    return reconcile(*as_of(baseline, priors, 2021), cache=False)


@pytest.fixture(autouse=True)
def _english() -> None:
    use_language("en")


def changed(baseline: Baseline, **figures: Any) -> Baseline:
    """The baseline with other values of figures, named with __ for the dots."""
    names = {name.replace("__", "."): value for name, value in figures.items()}
    new = {n: baseline.figures[n].model_copy(update={"value": v}) for n, v in names.items()}
    return replace(baseline, figures=baseline.figures | new)


def later_document(baseline: Baseline, *figures: tuple[str, str, float, int]) -> Baseline:
    """One more document of 2025: figures like known ones (id, its model, value, year)."""
    document = baseline.documents["donghu-report-2024"].model_copy(update={"published": 2025})
    new = {}
    for name, like, value, year in figures:
        known = baseline.figures[like]
        source = known.source.model_copy(update={"document": "more"})
        new[name] = known.model_copy(
            update={"id": name, "value": value, "period": year, "source": source, "same_as": None}
        )
    documents = baseline.documents | {"more": document}
    return replace(baseline, documents=documents, figures=baseline.figures | new)


# --- acceptance -----------------------------------------------------------------------------------


def test_the_vintage_of_the_plans_holds_growth_and_level_of_2023(card: Hindcast) -> None:
    rows = {row.figure: row for row in card.rows}
    growth, level = rows["donghu.gdp.growth.2023"], rows["donghu.gdp.2023"]
    assert (growth.observed, level.observed) == (4.7, 2715)
    assert growth.q05 <= 4.7 <= growth.q95
    assert level.q05 <= 2715 <= level.q95
    assert card.base_year == 2020
    assert card.national_path == "IMF World Economic Outlook, October 2021"


def test_what_is_scored_and_what_is_not(card: Hindcast, baseline: Baseline) -> None:
    assert {row.figure for row in card.rows} == {
        "donghu.gdp.growth.2023", "donghu.gdp.2023", "donghu.firms.market_entities.2023",
        "donghu.firms.enterprises.2023", "donghu.firms.high_tech.2023",
    }  # fmt: skip
    assert card.not_scored[PART_OF_A_YEAR] == (
        "donghu.gdp.growth.2023q1", "donghu.gdp.growth.2023h1", "donghu.gdp.growth.2023q1_q3",
    )  # fmt: skip
    assert {"donghu.investment.2023", "donghu.population.2023"} <= set(card.not_scored[NO_BASE])
    counted = len(card.rows) + sum(map(len, card.not_scored.values()))
    assert counted == sum(baseline.published(f) > 2021 for f in baseline.actuals())


def test_a_row_is_consistent(card: Hindcast) -> None:
    for row in card.rows:
        assert row.q05 < row.q25 < row.median < row.q75 < row.q95
        assert row.error == pytest.approx(row.observed - row.median)
        assert row.inside_50 == (row.q25 <= row.observed <= row.q75)
        assert row.inside_90 == (row.q05 <= row.observed <= row.q95)
        assert 0 < row.pit < 1
        assert row.crps > 0
        assert (row.pit > 0.5) == (row.observed > row.median) or abs(row.pit - 0.5) < 0.05
    over = next(row for row in card.rows if row.figure == "donghu.firms.high_tech.2023")
    assert over.observed == pytest.approx(over.printed * 1.012)
    assert over.error_percent == pytest.approx(100 * over.error / over.observed)
    growth = next(row for row in card.rows if row.unit == "%")
    assert growth.error_percent is None


def test_the_benchmarks_are_those_of_the_documents_of_the_time(card: Hindcast) -> None:
    rows = {row.figure: row for row in card.rows}
    level, growth = rows["donghu.gdp.2023"], rows["donghu.gdp.growth.2023"]
    path = 2000 * 1.012 * (5000 / (2000 * 1.012)) ** 0.6
    assert level.crps_plan == pytest.approx(path - 2715, abs=0.3)
    assert growth.crps_plan is None
    assert growth.crps_random_walk is not None
    assert level.crps_random_walk is not None
    assert {row.crps_five_year_mean for row in card.rows} == {None}
    counts = {part.benchmark: part.figures for part in card.comparisons}
    assert counts == {"random_walk": 2, "plan": 2}


def test_below_eight_figures_there_is_no_verdict(card: Hindcast) -> None:
    assert card.verdict == "too few figures for a verdict: 5 of 8"
    assert [(part.band, part.figures) for part in card.coverage] == [(0.5, 5), (0.9, 5)]
    assert all(part.low < part.share <= part.high for part in card.coverage)


def test_a_verdict_says_in_words_what_the_figures_show(card: Hindcast) -> None:
    row = replace(card.rows[0], crps=1.0, crps_random_walk=2.0, crps_plan=0.5)
    inside = replace(card, rows=(replace(row, inside_50=True),) * 8)
    assert inside.verdict == (
        "the 50 % band is too wide; the 90 % band holds as often as it should, within its limits; "
        "better than random-walk growth; no better than the plan's path"
    )
    outside = replace(card, rows=(replace(row, inside_50=False, inside_90=False),) * 8)
    assert outside.verdict.startswith("the 50 % band is too narrow; the 90 % band is too narrow")


def test_fans_show_what_was_known_and_what_came(card: Hindcast) -> None:
    fan = next(fan for fan in card.fans if fan.units == "1e8 CNY")
    assert fan.years == (2020, 2021, 2022, 2023, 2024, 2025)
    assert fan.known == ((2020, pytest.approx(2024)),)
    assert fan.later == ((2023, pytest.approx(2715)),)
    assert fan.plan[-1] == (2025, pytest.approx(5000))
    row = next(row for row in card.rows if row.figure == "donghu.gdp.2023")
    assert fan.quantiles[2, 3] == row.median
    assert len(card.fans) == len(card.rows)


# --- strictness -----------------------------------------------------------------------------------


def test_a_planted_leak_is_caught(
    baseline: Baseline, priors: Priors, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaking(*arguments: Any) -> tuple[Baseline, Priors]:
        vintage, known = as_of(*arguments)
        late = baseline.figures["donghu.gdp.growth.2023"]
        disguised = late.model_copy(
            update={"id": "donghu.gdp.growth.late", "period": 2020, "value": 5.1}
        )
        return replace(vintage, figures=vintage.figures | {disguised.id: disguised}), known

    monkeypatch.setattr(module, "as_of", leaking)
    with pytest.raises(
        CalibrationError, match=r"figure donghu\.gdp\.growth\.late of donghu-report-2024"
    ):
        hindcast(Past(baseline, priors), 2021, draws=8)


def test_a_later_national_path_is_caught(
    baseline: Baseline, priors: Priors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "as_of", lambda *arguments: (as_of(*arguments)[0], priors))
    with pytest.raises(CalibrationError, match="national path of 2023"):
        hindcast(Past(baseline, priors), 2021, draws=8)


def test_nothing_later_moves_the_forecast_by_a_bit(
    baseline: Baseline, priors: Priors, card: Hindcast
) -> None:
    """Every later figure, national path and outcome ten times as large: the same forecast."""
    figures = {
        name: figure.model_copy(update={"value": 10 * figure.value})
        if figure.value is not None and baseline.published(figure) > 2021 else figure
        for name, figure in baseline.figures.items()
    }  # fmt: skip
    nation = priors.national_growth
    vintages = [
        v.model_copy(update={"path": {y: 10 * g for y, g in v.path.items()}})
        if v.year > 2021 else v
        for v in nation.vintages
    ]  # fmt: skip
    outcomes = {y: 10 * g if y >= 2021 else g for y, g in nation.outcomes.items()}
    growth = nation.model_copy(update={"vintages": vintages, "outcomes": outcomes})
    other = Priors(
        **{name: getattr(priors, name) for name in Priors.model_fields}
        | {"national_growth": growth}
    )
    found = hindcast(Past(replace(baseline, figures=figures), other), 2021)
    for row, same in zip(found.rows, card.rows, strict=True):
        assert row.printed == 10 * same.printed
        assert [getattr(row, n) for n in FORECAST] == [getattr(same, n) for n in FORECAST]
    for fan, known in zip(found.fans, card.fans, strict=True):
        np.testing.assert_array_equal(fan.quantiles, known.quantiles)
        assert (fan.known, fan.plan) == (known.known, known.plan)


def test_a_known_figure_does_move_it(baseline: Baseline, priors: Priors, card: Hindcast) -> None:
    found = hindcast(
        Past(changed(baseline, donghu__gdp__growth__2020=6.1), priors), 2021, draws=1024
    )
    assert found.rows[0].median != card.rows[0].median


def test_draws_are_the_first_of_more(baseline: Baseline, priors: Priors, fitted: Posterior) -> None:
    meaning = core_meaning(fitted.problem.past, baseline.figures["donghu.gdp.2023"])
    assert meaning is not None
    few, more = (_draws(fitted, meaning, 2023, n) for n in (100, 1500))
    assert (len(few), len(more)) == (100, 1500)
    np.testing.assert_array_equal(few, more[:100])


# --- the forecast ---------------------------------------------------------------------------------


def _draws(posterior: Posterior, meaning: Any, horizon: int, draws: int = 4096) -> Array:
    baseline = posterior.problem.past.baseline
    scenario = load_scenario("baseline", baseline).model_copy(update={"horizon": horizon})
    return look_ahead(posterior, scenario, {"x": meaning}, draws, 20211222)["x"]


def _next_growth(baseline: Baseline, priors: Priors, zone: str, value: float) -> float:
    """Median growth of 2021 with another growth of 2020."""
    vintage, known = as_of(baseline, priors, 2021)
    vintage = changed(vintage, **{f"{zone}__gdp__growth__2020": value})
    posterior = reconcile(vintage, known, cache=False)
    row = list(vintage.zones).index(zone)
    meaning = lambda outlook: 100 * np.expm1(outlook.growth[row, 2021 - outlook.years[0]])  # noqa: E731
    return float(np.median(_draws(posterior, meaning, 2021)))


@pytest.mark.parametrize(
    ("zone", "printed", "deeper"), [("jingkai", -1.0, -4.0), ("donghu", 5.1, -3.0)]
)
def test_a_deeper_slump_raises_the_next_years_growth(
    baseline: Baseline, priors: Priors, zone: str, printed: float, deeper: float
) -> None:
    """The gap closes, though East Lake's only documented growth also speaks of its lead."""
    assert _next_growth(baseline, priors, zone, deeper) > (
        _next_growth(baseline, priors, zone, printed) + 0.2
    )


def test_what_a_figure_means_is_the_same_before_and_after_the_base_year(fitted: Posterior) -> None:
    """In the base year the forecast's meaning is the observation's, draw by draw."""
    past = fitted.problem.past
    history = Members(fitted, 20211222, 0).history
    compared = 0
    for observation in fitted.problem.observations:
        figure = observation.figure
        meaning = core_meaning(past, figure)
        if figure.year != 2020 or meaning is None or figure.concept == "growth":
            continue
        if figure.indicator in ("gdp", "rnd", "output", "value_added", "gdp_per_head"):
            compared += 1
            expected = observation.operator(history)
            np.testing.assert_allclose(_draws(fitted, meaning, 2021, 1024), expected, rtol=1e-9)
    assert compared >= 8


def test_levels_are_as_they_will_be_published(fitted: Posterior, baseline: Baseline) -> None:
    past = fitted.problem.past
    meaning = core_meaning(past, baseline.figures["donghu.gdp.2023"])
    assert meaning is not None

    def revision(outlook: Outlook) -> Array:
        return np.asarray(meaning(outlook) / outlook.gdp[0, 2023 - outlook.years[0]])

    factor = np.log(_draws(fitted, revision, 2023))
    assert factor.std() == pytest.approx(0.01 * np.sqrt(3), rel=0.05)  # three years of 1 %


def test_scores_are_those_of_the_draws(
    card: Hindcast, fitted: Posterior, baseline: Baseline, priors: Priors
) -> None:
    figure = baseline.figures["donghu.gdp.2023"]
    meaning = core_meaning(fitted.problem.past, figure)
    draws, values = _draws(fitted, meaning, 2023), observed_values(figure, priors)
    row = next(row for row in card.rows if row.figure == figure.id)
    assert row.median == np.median(draws)
    assert row.crps == pytest.approx(crps_ensemble(draws, values), rel=1e-12)
    assert row.pit == pytest.approx(pit(draws, values), rel=1e-12)
    assert row.z == pytest.approx((middle(values) - draws.mean()) / draws.std())


# --- other vintages -------------------------------------------------------------------------------


def test_before_any_level_of_gdp_there_is_nothing_to_fit(
    baseline: Baseline, priors: Priors
) -> None:
    found = hindcast(Past(baseline, priors), 2017)
    assert (found.rows, found.base_year, found.fans) == ((), None, ())
    bases = {base.figure: base.printed_again for base in found.bases}
    assert bases["donghu.revenue.enterprises.2015"] == ()
    assert bases["donghu.fiscal.revenue.2015"] == ()
    assert bases["donghu.investment.urban_construction.2015"] == ()
    assert bases["donghu.land.parks.2015"] == (
        "donghu.land.parks.2020",
        "donghu.land.parks.2023.stated",
    )
    assert list(found.not_scored) == [NO_ZONE]


@pytest.mark.parametrize("year", [2024, 2030])
def test_after_the_last_document_there_is_nothing_to_score(
    year: int, baseline: Baseline, priors: Priors
) -> None:
    found = hindcast(Past(baseline, priors), year)
    assert (found.rows, found.bases, dict(found.not_scored)) == ((), (), {})


def test_the_action_plan_adds_goals_but_no_figure_of_the_past(
    baseline: Baseline, priors: Priors, card: Hindcast
) -> None:
    found = hindcast(Past(baseline, priors), 2022)
    assert [row.median for row in found.rows] == [row.median for row in card.rows]
    entities = next(row for row in found.rows if "market_entities" in row.figure)
    goal = 14 * 1.012 * (20 / (14 * 1.012)) ** 0.6  # "striving for 200 thousand" in 2025
    values = observed_values(baseline.figures[entities.figure], priors)
    assert entities.crps_plan == pytest.approx(values.mean() - goal)


def test_without_a_national_path_there_is_no_forecast(baseline: Baseline, priors: Priors) -> None:
    early = {
        name: document.model_copy(update={"published": 2020})
        if document.published == 2021 else document
        for name, document in baseline.documents.items()
    }  # fmt: skip
    with pytest.raises(CalibrationError, match="no path of national growth was known by 2020"):
        hindcast(Past(replace(baseline, documents=early), priors), 2020, draws=8)


def test_one_more_document_is_scored_like_the_others(baseline: Baseline, priors: Priors) -> None:
    """Made-up figures of Jingkai: enough for a verdict, with a five-year mean of the time."""
    more = later_document(
        baseline,
        ("jingkai.gdp.2023", "jingkai.gdp.2020", 2000, 2023),
        ("jingkai.gdp.growth.2022", "jingkai.gdp.growth.2020", 4.0, 2022),
        ("jingkai.tertiary.share.2023", "jingkai.value_added.tertiary.share.2020", 36, 2023),
        ("jingkai.tertiary.2023", "jingkai.value_added.tertiary.2020", 700, 2023),
        ("jingkai.output.2023", "jingkai.output.industry.gross_output.2020", 3500, 2023),
        ("jingkai.gdp_per_head.2023", "jingkai.gdp_per_head.2020", 38, 2023),
        ("jingkai.tertiary.growth.2021", "jingkai.value_added.tertiary.growth.2016_2020", 9, 2021),
        ("jingkai.projects.2023", "jingkai.firms.high_tech.2020", 400, 2023),
    )  # fmt: skip
    found = hindcast(Past(more, priors), 2021, draws=1024)
    rows = {row.figure: row for row in found.rows if row.zone == "jingkai"}
    assert len(rows) == 7
    assert "jingkai.projects.2023" in found.not_scored[NOT_MODELLED]
    assert all(np.isfinite([row.q05, row.q95, row.crps]).all() for row in rows.values())
    growth = rows["jingkai.gdp.growth.2022"]
    assert growth.crps_five_year_mean is not None
    assert growth.crps_five_year_mean != growth.crps_random_walk
    level = rows["jingkai.gdp.2023"]
    assert level.crps_five_year_mean is not None
    assert 1700 < level.median < 2400
    assert "too few figures for a verdict" not in found.verdict


def test_a_figure_of_2024_scores_the_forecast_that_the_report_allowed(
    baseline: Baseline, priors: Priors
) -> None:
    more = later_document(baseline, ("donghu.gdp.2024", "donghu.gdp.2023", 2880, 2024))
    found = hindcast(Past(more, priors), 2024, draws=1024)
    (row,) = found.rows
    assert (found.base_year, found.national_path[-4:]) == (2023, "2023")
    assert row.q05 < 2880 < row.q95
    assert row.crps_random_walk is not None  # growth of 2023 is the last one known
    assert found.fans[0].known[-1] == (2023, pytest.approx(2715))


def test_a_zone_alone_is_forecast_too(baseline: Baseline, priors: Priors) -> None:
    late = baseline.documents["jingkai-14fyp-2021"].model_copy(update={"published": 2023})
    documents = baseline.documents | {"jingkai-14fyp-2021": late}
    found = hindcast(Past(replace(baseline, documents=documents), priors), 2021, draws=256)
    assert found.zones == ("donghu",)
    assert len(found.rows) == 5
    assert "jingkai.gdp.2020" in found.not_scored[NO_ZONE]


@pytest.mark.parametrize(("draws", "seed"), [(0, 1), (1, 1), (8, -1)])
def test_draws_and_seed_are_checked(
    draws: int, seed: int, baseline: Baseline, priors: Priors
) -> None:
    with pytest.raises(InputError, match="draws can be run"):
        hindcast(Past(baseline, priors), 2021, draws=draws, seed=seed)


def test_figures_like_the_documents(baseline: Baseline) -> None:
    figure = later_document(baseline, ("a.b", "donghu.gdp.2020", 1.0, 2024)).figures["a.b"]
    assert isinstance(figure, Figure)
    assert (figure.value, figure.source.document) == (1.0, "more")


# --- the user's own calibration -------------------------------------------------------------------

LATER = """\
documents:
  mine-2025: {title: {en: mine, zh: 我的}, issuer: me, published: 2025, period: [2024, 2025]}
"""
LATER_FIRMS = """\
figures:
  - {id: donghu.firms.high_tech.2024, term: 企业, zone: donghu, indicator: firms, concept: count,
     value: 6300, unit: 家, period: 2024, kind: actual, qualifier: exact, price_basis: none,
     source: {document: mine-2025, section: 一, line: 2}}
"""
LISTED = """\
equations: {high_tech_firms: {zones: {donghu: {figures: [donghu.firms.high_tech.2020,
  donghu.firms.high_tech.2023, donghu.firms.high_tech.2024]}}}}
"""


def test_what_a_satellite_lists_is_that_of_the_past(card: Hindcast, tmp_path: Path) -> None:
    """A scorecard of the shipped figures before it does not change what is scored."""
    texts = {"documents": LATER, "mine-2025": LATER_FIRMS, "satellites": LISTED}
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    with using_calibration(tmp_path):
        past = reconcile(cache=False).problem.past
    found = hindcast(past, 2024, draws=64)
    assert card.rows
    assert [row.figure for row in found.rows] == ["donghu.firms.high_tech.2024"]
