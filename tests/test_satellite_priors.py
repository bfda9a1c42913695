"""Satellite equations as data: whole, sourced, and held against the documented figures."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from simcore import satellite_priors
from simcore.baseline import Baseline
from simcore.dims import SATELLITES
from simcore.document import parse_document
from simcore.equations import decay
from simcore.errors import InputError
from simcore.priors import load_priors
from simcore.resources import folder
from simcore.satellite_priors import (
    Satellites,
    check_satellites,
    load_satellites,
)
from simcore.strict import validated

TEXT = (folder("calibration") / "satellites.yaml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> Satellites:
    assert old in TEXT
    return validated(Satellites, parse_document(TEXT.replace(old, new, 1), "satellites.yaml"))


def test_they_are_the_variables_of_the_result() -> None:
    assert list(load_satellites().indicators) == list(SATELLITES)


def test_figures_and_goals_are_what_the_equations_take_them_for(baseline: Baseline) -> None:
    check_satellites(load_satellites(), baseline)
    listed = [figure for _, _, figure, _ in load_satellites().listed()]
    assert len(listed) == len(set(listed))


def test_every_indicator_of_a_satellite_is_one_of_satellites(baseline: Baseline) -> None:
    wanted = {name for name, part in baseline.indicators.items() if part.treatment == "satellite"}
    assert set(load_satellites().indicators.values()) == wanted


def test_every_number_has_a_source() -> None:
    for name, satellite in load_satellites().equations.items():
        levels = [zone.level for zone in satellite.zones.values() if zone.level]
        for part in (*satellite.drivers.values(), satellite.trend, satellite.walk, *levels):
            assert part.source, name


def test_trends_are_national_averages_over_the_mean_decay() -> None:
    """An average of 2016-20 is that of years in which the trend was larger than in 2020."""
    half_life = load_priors().half_life
    decays = [
        decay(year - load_satellites().reference_year, half_life) for year in range(2016, 2021)
    ]
    divisors = {f"{np.mean(decays):.3f}", f"{np.mean(decays[:-1]):.3f}"}
    found = 0
    for name, satellite in load_satellites().equations.items():
        said = re.search(r": (-?[\d.]+), divided by ([\d.]+)", satellite.trend.source)
        if said is None:
            assert satellite.trend.mean == 0, name
            continue
        average, divisor = said.groups()
        assert divisor in divisors
        kept = 0.5 if "half of it" in satellite.trend.source else 1
        wanted = kept * float(average) / float(divisor)
        assert 100 * satellite.trend.mean == pytest.approx(wanted, abs=0.11), name
        found += 1
    assert found == 9


def test_evidence_of_a_zone() -> None:
    known = load_satellites()
    assert known.evidence("doctors", "jingkai") == ["jingkai.health.doctors_per_1000.2020"]
    for name, zone in (("doctors", "donghu"), ("energy_use", "jingkai"), ("gdp", "jingkai")):
        assert known.evidence(name, zone) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  doctors:\n", "  docters:\n", "'docters' is no variable; did you mean 'doctors'"),
        ("      rnd_stock: {mean: 0.6", "      rnd_stok: {mean: 0.6", "unknown driver 'rnd_stok'"),
        ("rnd_stock: {mean: 0.6, deviation: 0.2", "rnd_stock: {mean: 0.6, deviation: -1", r"-1"),
        ("      gdp: {mean: 0.9", "      doctors: {mean: 0.9", "unknown driver 'doctors'"),
        ("intensity: energy_intensity", "intensity: doctors", "'doctors' is no index"),
        ("scale: gdp_real", "scale: gdp_reel", "unknown scale 'gdp_reel'"),
        (
            "        goals: [jingkai.health.doctors_per_1000.2025.target]",
            "        level: {year: 2020, median: 2, sigma: 1, evidence: assumed, source: x}",
            "figures or an assumed level, not both",
        ),
        (
            "    index: true\n    drivers:\n      gdp:",
            "    drivers:\n      gdp: {mean: 1}\n      gpd:",
            "the key 'deviation' is missing",
        ),
        (
            "    indicator: retail_sales\n", "    indicator: retail_sales\n    index: true\n",
            "an index has no level",
        ),
    ],
)  # fmt: skip
def test_a_fault_of_the_file_is_named(old: str, new: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        changed(old, new)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("donghu.firms.2020,", "donghu.firms.2002,", "no figure 'donghu.firms.2002'; did you"),
        ("[donghu.firms.2020,", "[jingkai.firms.high_tech.2020,", "is of the zone jingkai"),
        ("[donghu.firms.2020,", "[donghu.gdp.2020,", "is of the indicator gdp"),
        ("[donghu.firms.2020,", "[donghu.firms.high_tech.2020,", "printed in 家, not in 万家"),
        ("[donghu.firms.2020,", "[donghu.firms.high_tech.2025.target,", "a goal is no evidence"),
        ("goals: [jingkai.firms.high_tech.2025.target", "goals: [jingkai.firms.high_tech.2020",
         "is actual: no goal"),
        ("level: {year: 2020, median: 400", "level: {year: 2019, median: 400",
         "the model knows the past of donghu from 2020 to 2023, not 2019"),
    ],
)  # fmt: skip
def test_a_figure_that_does_not_fit_is_named_with_its_place(
    old: str, new: str, message: str, baseline: Baseline, monkeypatch: pytest.MonkeyPatch
) -> None:
    satellites = changed(old, new)
    document = parse_document(TEXT.replace(old, new, 1), "satellites.yaml")
    read: Callable[[str], object] = lambda _: document  # noqa: E731
    monkeypatch.setattr(satellite_priors, "calibration_document", read)
    line = TEXT[: TEXT.index(old)].count("\n") + 1
    with pytest.raises(InputError, match=rf"satellites.yaml:{line}:\d+: .*{message}"):
        check_satellites(satellites, baseline)
