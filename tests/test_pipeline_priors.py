"""The pipeline as data: whole, sourced, held against the figures, refused with its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from simcore.baseline import Baseline
from simcore.errors import InputError
from simcore.pipeline_fit import fit_pipelines
from simcore.pipeline_priors import (
    CONSTANTS,
    PARAMETERS,
    Flow,
    load_checked_pipeline,
    load_pipeline_priors,
)
from simcore.priors import Priors, load_priors
from simcore.resources import calibration_document, folder, using_calibration

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A folder with this pipeline.yaml."""

    def made(text: str) -> Path:
        (tmp_path / "pipeline.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return made


@pytest.fixture(scope="module")
def priors() -> Priors:
    return load_priors()


def test_every_parameter_has_a_source(baseline: Baseline, priors: Priors) -> None:
    pipeline = load_checked_pipeline(baseline, priors)
    assert set(pipeline.parameters) == set(PARAMETERS)
    assert all(prior.source and prior.label.zh for prior in pipeline.parameters.values())
    assert set(pipeline.zones) == set(baseline.zones)
    for entry in pipeline.zones.values():
        assert all(field.source for field in entry.fields.values())


def test_no_documented_number_is_typed_again(baseline: Baseline) -> None:
    """Values of the documents' figures on projects stand in their own files alone."""
    document = calibration_document("pipeline")
    named = {
        figure
        for zone in document.data["zones"].values()
        for kind in ("evidence", "compared")
        for flow in zone[kind]
        for figure in flow["figures"]
    }
    text = (folder("calibration") / "pipeline.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "source:" not in line]
    for name in named:
        value = baseline.figures[name].value
        assert value is not None
        if value > 10:
            assert not [line for line in lines if f" {value:g}" in line.replace("2023", "")], name


def test_constants_are_what_they_are_in_a_zone(priors: Priors) -> None:
    pipeline = load_pipeline_priors()
    for name in CONSTANTS:
        assert pipeline.constant(name, "donghu") > 0


WRONG = [
    ("parameters: {plan: {label: {en: a, zh: 甲}, scope: zone, dist: constant, value: 3,"
     " evidence: assumed, source: mine}}", "'plan' is no parameter of the pipeline; did you mean"),
    ("parameters: {carry: {dist: lognormal, median: 2, sigma: 0.1}}", "carry is held fixed"),
    ("parameters: {size: {zones: {donhu: {median: 3}}}}",
     "pipeline.yaml:1:29: unknown zone 'donhu'; did you mean 'donghu'?"),
    ("parameters: {size: {zones: {donghu: {sgma: 3}}}}", "unknown key 'sgma' of donghu"),
    ("first_year: 2019", "pipeline.yaml:1:1: projects begin before the first documented year"),
    ("zones: {donhu: {fields: {x: {weight: {figure: a.b}, industries: {z: 1}, evidence: assumed,"
     " source: mine}}}}", "pipeline.yaml:1:9: unknown zone 'donhu'"),
    ("zones: {donghu: {fields: {projets: {weight: {figure: donghu.investment.2023}, industries:"
     " {optoelectronics: 1}, evidence: assumed, source: mine}}}}",
     "pipeline.yaml:1:27: 'projets' is no aggregate of donghu"),
    ("zones: {donghu: {fields: {urban_construction: {industries: {services: 0.5}}}}}",
     "the shares of industries sum to 1.5"),
    ("zones: {donghu: {fields: {culture: {weight: {figure: donghu.investment.2032}, industries:"
     " {optics: 1}, evidence: assumed, source: mine}}}}",
     "pipeline.yaml:1:92: unknown industry 'optics' of donghu"),
    ("zones: {donghu: {fields: {culture: {weight: {figure: donghu.investment.2032}, industries:"
     " {agriculture: 1}, evidence: assumed, source: mine}}}}",
     "pipeline.yaml:1:46: no figure 'donghu.investment.2032'; did you mean"),
    ("zones: {donghu: {evidence: [{measure: start, year: 2023, figures: [x]}]}}",
     "'start' is not one of"),
    ("zones: {donghu: {evidence: [{measure: starts, year: 2023, figures: [x.y]}]}}",
     "pipeline.yaml:1:69: no figure 'x.y'"),
    ("zones: {donghu: {evidence: [{measure: starts, year: 2023, figures: [jingkai.gdp.2020]}]}}",
     "jingkai.gdp.2020 is of the zone jingkai"),
    ("zones: {donghu: {evidence: [{measure: starts, year: 2023, figures: [donghu.gdp.2023]}]}}",
     "donghu.gdp.2023 is printed in 亿元, not in 个, 项"),
    ("zones: {donghu: {evidence: [{measure: starts, year: [2020, 2023], figures: [x]}]}}",
     "starts is of all fields and of one year"),
    ("zones: {donghu: {evidence: [{measure: investment, year: [2023, 2020], figures: [x]}]}}",
     "the years of a span rise"),
    ("zones: {donghu: {evidence: [{measure: investment, year: 2001, figures:"
     " [donghu.gdp.2023]}]}}", "the pipeline is simulated from 2006"),
    ("zones: {donghu: {evidence: [{measure: investment, field: urban, year: 2023, figures:"
     " [donghu.gdp.2023]}]}}", "unknown field 'urban'"),
    ("zones: {donghu: {evidence: [{measure: investment, times: rate, year: 2023, figures:"
     " [donghu.gdp.2023]}]}}", "unknown parameter 'rate'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_faults_are_refused_with_their_place(
    text: str, message: str, write: Write, baseline: Baseline, priors: Priors
) -> None:
    with using_calibration(write(text)), pytest.raises(InputError) as caught:
        load_checked_pipeline(baseline, priors)
    assert message in str(caught.value)
    assert re.search(r"pipeline\.yaml:\d+:\d+: ", str(caught.value))


def test_a_folder_of_ones_own_is_laid_on_it(write: Write, baseline: Baseline) -> None:
    text = "parameters: {construction: {zones: {jingkai: {median: 4}}}}"
    plain = fit_pipelines(baseline)
    with using_calibration(write(text)):
        mine = fit_pipelines(baseline)
    place = [unknown.name for unknown in mine["jingkai"].problem.unknowns].index("construction")
    assert mine["jingkai"].problem.unknowns[place].distribution.median == 4
    assert (mine["donghu"].mean == plain["donghu"].mean).all()
    assert (mine["jingkai"].mean != plain["jingkai"].mean).any()


def test_a_flow_of_a_span_covers_its_years() -> None:
    flow = Flow.model_validate({"measure": "investment", "year": [2016, 2018], "figures": ["x"]})
    assert flow.years == (2016, 2017, 2018)
