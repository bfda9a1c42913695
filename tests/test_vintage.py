"""Vintages: what was known by the end of a year, and that nothing later is in them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simcore.baseline import Baseline
from simcore.entries import Figure
from simcore.errors import CalibrationError, InputError
from simcore.priors import Priors, load_priors
from simcore.vintage import as_of, known_figures, refuse_leaks, vintage_year, vintage_years


@pytest.fixture(scope="module")
def priors() -> Priors:
    return load_priors()


@pytest.fixture(scope="module")
def vintage(baseline: Baseline, priors: Priors) -> tuple[Baseline, Priors]:
    return as_of(baseline, priors, 2021)


def with_figures(baseline: Baseline, *figures: Figure) -> Baseline:
    return replace(baseline, figures=baseline.figures | {figure.id: figure for figure in figures})


def test_a_vintage_is_a_year_or_the_year_of_a_document(baseline: Baseline) -> None:
    assert vintage_years(baseline) == [2017, 2021, 2022, 2024]
    assert vintage_year(baseline, "2023") == 2023
    assert vintage_year(baseline, "donghu-action-2022") == 2022


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("donghu-14fyp-2012", "did you mean 'donghu-14fyp-2021'"),
        ("soon", "neither a year nor a document"),
        ("2016", "nothing was published by 2016; the first document is of 2017"),
    ],
)
def test_other_vintages_are_refused(asked: str, message: str, baseline: Baseline) -> None:
    with pytest.raises(InputError, match=message):
        vintage_year(baseline, asked)


def test_a_vintage_holds_what_was_published_by_then(
    baseline: Baseline, vintage: tuple[Baseline, Priors]
) -> None:
    known, _ = vintage
    assert set(known.documents) == {
        "donghu-13fyp-2017", "donghu-14fyp-2021", "jingkai-14fyp-2021",
    }  # fmt: skip
    wanted = {f.id for f in baseline.figures.values() if baseline.published(f) <= 2021}
    assert set(known.figures) == wanted == set(known_figures(baseline, 2021))
    assert "donghu.gdp.2020" in known.figures
    assert "donghu.gdp.2023" not in known.figures


def test_its_years_are_set_back_to_its_base_year(vintage: tuple[Baseline, Priors]) -> None:
    known, _ = vintage
    assert known.base_year == 2020
    donghu = known.zones["donghu"]
    assert (donghu.split_year, donghu.population_year, donghu.rnd_year) == (2020, 2020, 2020)
    assert known.zones["jingkai"].first_year == 2015
    assert known.status("donghu", 2021) == "projection"


def test_the_nation_is_as_it_was_known(vintage: tuple[Baseline, Priors], priors: Priors) -> None:
    _, known = vintage
    assert priors.vintage.year == 2023  # found before, and not kept by the copy
    assert known.vintage.year == 2021
    assert list(known.national_growth.outcomes) == [2016, 2017, 2018, 2019, 2020]
    assert min(known.vintage.path) == 2021


def test_outcomes_after_the_base_year_join_the_path(baseline: Baseline, priors: Priors) -> None:
    known, then = as_of(baseline, priors, 2023)
    assert known.base_year == 2020
    assert {y: then.vintage.path[y] for y in (2021, 2022, 2023)} == {
        2021: 0.084, 2022: 0.03, 2023: 0.05,
    }  # fmt: skip


def test_without_a_gdp_level_there_is_no_zone(baseline: Baseline, priors: Priors) -> None:
    known, then = as_of(baseline, priors, 2017)
    assert known.zones == {}
    assert (then.activities, then.slacks, then.conflicts) == ({}, {}, {})
    assert "donghu.revenue.enterprises.2015" in known.figures


def test_a_zone_goes_with_everything_of_it(baseline: Baseline, priors: Priors) -> None:
    late = baseline.documents["jingkai-14fyp-2021"].model_copy(update={"published": 2023})
    later = replace(baseline, documents=baseline.documents | {"jingkai-14fyp-2021": late})
    known, then = as_of(later, priors, 2021)
    assert list(known.zones) == ["donghu"]
    assert list(then.activities) == ["donghu"]
    assert then.output_share_figures == {}
    assert {slack.zone for slack in then.slacks.values()} == {"donghu"}
    assert {conflict.zone for conflict in then.conflicts.values()} == {"donghu"}


def test_a_zone_whose_priors_rest_on_a_later_figure_is_not_there(
    baseline: Baseline, priors: Priors
) -> None:
    output = baseline.figures["jingkai.output.industry.gross_output.2020"]
    source = output.source.model_copy(update={"document": "donghu-report-2024"})
    moved = with_figures(baseline, output.model_copy(update={"source": source}))
    assert list(as_of(moved, priors, 2021)[0].zones) == ["donghu"]


def test_what_a_later_document_printed_first_is_evidence_of_its_own(
    baseline: Baseline, priors: Priors
) -> None:
    growth = baseline.figures["donghu.gdp.growth.2020"]
    first = growth.model_copy(update={"id": "donghu.a", "same_as": "donghu.gdp.2023"})
    second = growth.model_copy(update={"id": "donghu.b", "same_as": "donghu.a"})
    both = with_figures(baseline, first, second)
    then = as_of(both, priors, 2021)[0].figures
    assert then["donghu.a"].same_as is None
    assert then["donghu.b"].same_as == "donghu.a"
    today = as_of(both, priors, 2024)[0].figures
    assert today["donghu.a"].same_as == "donghu.gdp.2023"


def test_before_the_crisis_nobody_knew_of_it(baseline: Baseline, priors: Priors) -> None:
    before, after = as_of(baseline, priors, 2019)[1], as_of(baseline, priors, 2020)[1]
    for name in ("gap_city", "gap_own"):
        assert before.distribution(name, "donghu").dist == "constant"
        assert before.distribution(name, "donghu").value == 0
        assert after.distribution(name, "donghu") == priors.distribution(name, "donghu")


def test_no_prior_of_population_repeats_a_later_figure(priors: Priors) -> None:
    assert priors.parameters["population"].zones == {}


@pytest.mark.parametrize("year", [2017, 2021, 2022, 2023, 2024])
def test_a_vintage_has_no_leak(year: int, baseline: Baseline, priors: Priors) -> None:
    refuse_leaks(*as_of(baseline, priors, year), year)


def test_today_is_full_of_leaks(baseline: Baseline, priors: Priors) -> None:
    with pytest.raises(CalibrationError) as caught:
        refuse_leaks(baseline, priors, 2021)
    for leak in (
        "document donghu-report-2024", "document donghu-action-2022", "figure donghu.gdp.2023",
        "national path of 2023", "national outcome of 2021", "national outcome of 2022",
    ):  # fmt: skip
        assert leak in str(caught.value)
    assert "donghu.gdp.2020 " not in str(caught.value)
    assert "jingkai" not in str(caught.value)


def test_planted_leaks_are_named(
    baseline: Baseline, priors: Priors, vintage: tuple[Baseline, Priors]
) -> None:
    known, then = vintage
    late = baseline.figures["donghu.gdp.2023"]
    with pytest.raises(CalibrationError, match=r"figure donghu\.gdp\.2023 of donghu-report-2024"):
        refuse_leaks(with_figures(known, late), then, 2021)
    with pytest.raises(CalibrationError, match=r"figure donghu\.gdp\.2023 of donghu-report-2024"):
        refuse_leaks(known, then, 2021, used=[late])
    source = known.figures["donghu.gdp.2020"].source
    disguised = late.model_copy(update={"source": source})
    with pytest.raises(CalibrationError, match=r"figure donghu\.gdp\.2023 of the year 2023"):
        refuse_leaks(with_figures(known, disguised), then, 2021)
    with pytest.raises(CalibrationError, match="national path of 2023"):
        refuse_leaks(known, priors, 2021)
