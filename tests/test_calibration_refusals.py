"""What is wrong in the user's own calibration is refused, with the place where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from own_calibration import FIGURE, REGISTRATION, ZONE, Write

from simcore.baseline import Baseline, load_baseline
from simcore.errors import InputError
from simcore.prior_check import load_checked_priors
from simcore.reconcile import reconcile
from simcore.resources import using_calibration


def refused(folder: Path | str, *messages: str) -> None:
    with using_calibration(folder), pytest.raises(InputError) as caught:
        load_checked_priors(load_baseline())
    for message in messages:
        assert message in str(caught.value)


def test_a_folder_that_does_not_exist() -> None:
    with pytest.raises(InputError, match=r"^nowhere: there is no such folder of calibration files"):
        using_calibration("nowhere").__enter__()


def test_a_folder_without_a_calibration_file(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing", "utf-8")
    with pytest.raises(InputError, match=r"has no calibration file, such as documents\.yaml$"):
        using_calibration(tmp_path).__enter__()


def test_a_refused_folder_is_not_kept(baseline: Baseline) -> None:
    with pytest.raises(InputError, match="no such folder"):
        using_calibration("nowhere").__enter__()
    assert load_baseline() == baseline


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"zons": "zones: {}"},
         "zons.yaml:1:1: is no calibration file and no document of documents.yaml; "
         "did you mean 'zones'?"),
        ({"documents": REGISTRATION, "mine": FIGURE}, "mine.yaml:1:1: is no calibration file"),
        ({"documents": REGISTRATION},
         "documents.yaml:2:3: there is no file mine-2025.yaml with the figures of mine-2025"),
        ({"donghu-report-2024": "figures: []"},
         "donghu-report-2024 is a shipped document; register one of your own beside it"),
        ({"zones": "zones: {donghu: {label: {en: 1, zh: [}}}"}, "not valid YAML"),
        ({"zones": "[]"}, "zones.yaml:1:1: a mapping of keys is expected"),
        ({"documents": "documents: 3"}, "documents.yaml:1:1"),
    ],
)  # fmt: skip
def test_a_file_that_is_none(files: dict[str, str], message: str, write: Write) -> None:
    with pytest.raises(InputError) as caught, using_calibration(write(**files)):
        load_baseline()
    assert message in str(caught.value)


def test_a_file_that_is_no_text(write: Write) -> None:
    folder = write(zones="")
    (folder / "zones.yaml").write_bytes(b"zones: \xff\xfe")
    refused(folder, "zones.yaml:1:1: not a text in UTF-8")


def test_a_file_of_another_suffix(write: Write) -> None:
    folder = write(priors="censuses: [2028]")
    (folder / "zones.yml").write_text("zones: {}", "utf-8")
    with pytest.raises(InputError, match=r"zones\.yml:1:1: is not read; call it zones\.yaml"):
        using_calibration(folder).__enter__()


def test_figures_of_one_document_in_two_folders(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine-2025.yaml").write_text(FIGURE, "utf-8")
    (tmp_path / "first" / "documents.yaml").write_text(REGISTRATION, "utf-8")
    with pytest.raises(InputError, match="the figures of mine-2025 stand in two folders"):
        using_calibration(tmp_path / "first", tmp_path / "second").__enter__()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("zone: donghu", "zone: dongu",
         "mine-2025.yaml:2:5: mine.gdp.2024: unknown zone 'dongu'; did you mean 'donghu'?"),
        ("unit: 亿元", "unit: 万亿元", "GDP levels are read in 亿元, not in 万亿元"),
        ("period: 2024", "period: 2025",
         "mine.gdp.2024: GDP of 2025 in a document of 2025; a year's GDP is published after it"),
        ("id: mine.gdp.2024", "id: donghu.gdp.2023", "the id donghu.gdp.2023 stands twice"),
        ("term: GDP", "term: GDP, same_as: donghu.gdp.2032",
         "repeats donghu.gdp.2032, which does not exist; did you mean 'donghu.gdp.2023'?"),
    ],
)  # fmt: skip
def test_a_figure_at_fault_is_named_in_its_own_file(
    old: str, new: str, message: str, write: Write
) -> None:
    assert old in FIGURE
    refused(write(documents=REGISTRATION, mine_2025=FIGURE.replace(old, new)), message)


@pytest.mark.parametrize(
    ("priors", "message"),
    [
        ("parameters: {population: {zones: {donhu: {median: 3}}}}",
         "priors.yaml:1:35: unknown zone 'donhu'; did you mean 'donghu'?"),
        ("parameters: {population: {zones: {donghu: {medain: 3}}}}",
         "unknown key 'medain' of donghu; did you mean 'median'?"),
        ("parameters: {population: {zones: {donghu: {dist: beta}}}}",
         "donghu: a beta distribution also needs mean, deviation"),
        ("activities: {donghu: {farms: {}}}", "priors.yaml:1:23: the key"),
        ("activities: {donghu: {agriculture: {shock: {group: farms}}}}",
         "priors.yaml:1:45: unknown group 'farms'"),
        ("activities: {donghu: {agriculture: {output_share: {median: 1%, sigma: 1}}}}",
         "give either value_added_share or output_share"),
        ("slacks: {coverage: {zone: donghu}}\nconflicts: {high_tech_weights: {figures: [x.y]}}",
         "priors.yaml:2:43: unknown figure 'x.y'"),
        ("conflicts: {mine: {zone: donghu, label: {en: a, zh: b}, figures: []}}",
         "priors.yaml:1:13: no slack reconciles the conflict mine"),
        ("slacks: {coverage.donghu: {zone: jingkai, conflict: nothing, label: {en: a, zh: b}, "
         "dist: normal, mean: 0, deviation: 1, evidence: assumed, source: none}}",
         "the slack coverage.donghu is of jingkai"),
        ("slacks: {covrage: {zone: donghu, conflict: nothing, label: {en: a, zh: b}, "
         "dist: normal, mean: 0, deviation: 1, evidence: assumed, source: none}}",
         "unknown slack 'covrage'; did you mean 'coverage'?"),
        ("national_growth: {outcomes: {2023: 5%}}",
         "priors.yaml:1:30: 2023 is no outcome yet for the latest vintage, of 2023"),
        ("national_growth: {vintages: [{year: 2025, path: {2025: 4%}, source: invented}]}",
         "the nation's growth of 2023 is missing; give it in outcomes"),
    ],
)  # fmt: skip
def test_a_prior_at_fault_is_named_in_its_own_file(priors: str, message: str, write: Write) -> None:
    refused(write(priors=priors), message)


def test_a_base_year_that_the_national_path_does_not_reach(write: Write) -> None:
    figure = FIGURE.replace("period: 2024", "period: 2029")
    registration = REGISTRATION.replace("published: 2025", "published: 2030")
    refused(
        write(documents=registration, mine_2025=figure),
        "the nation's growth of 2029 is missing; give it in a later vintage",
    )


ZONE_TEXT = (ZONE / "zones.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("first_year: 2022", "first_year: 2024", "first_year 2024 of beihu lies outside 2015 to 2"),
        ("first_growth_year: 2023", "first_growth_year: 2010",
         "zones.yaml:5:5: first_growth_year 2010 of beihu lies outside 2015 to 2023"),
        ("first_growth_year: 2023", "first_growth_year: 2024",
         "first_growth_year 2024 of beihu lies outside 2015 to 2023"),
        ("rnd_year: 2023", "rnd_year: 2026", "rnd_year 2026 of beihu lies outside 2015 to 2023"),
        ("      instruments:", "      Instruments:", "'Instruments' is no name"),
        ("aggregates: {}",
         "aggregates: {high: {label: {en: a, zh: b}, weights: {instrument: 1}}}",
         "unknown industry 'instrument'; did you mean 'instruments'?"),
    ],
)  # fmt: skip
def test_a_zone_at_fault_is_named_in_its_own_file(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    assert old in ZONE_TEXT
    for place in ZONE.iterdir():
        (tmp_path / place.name).write_bytes(place.read_bytes())
    (tmp_path / "zones.yaml").write_text(ZONE_TEXT.replace(old, new), "utf-8")
    refused(tmp_path, message)


def test_a_zone_needs_a_level_of_gdp(write: Write) -> None:
    refused(write(zones=ZONE_TEXT), "no document prints a GDP level of beihu; it needs one")


def test_every_industry_needs_a_prior(tmp_path: Path) -> None:
    for place in ZONE.iterdir():
        if place.stem != "priors":
            (tmp_path / place.name).write_bytes(place.read_bytes())
    refused(tmp_path, "activities.beihu has no prior of instruments")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("reference_year: 2030",
         "satellites.yaml:1:1: the model knows the past from 2015 to 2023, not 2030"),
        ("reference_year: 2014", "from 2015 to 2023, not 2014"),
        ("equations: {doctors: {zones: {jinkai: {goals: []}}}}",
         "satellites.yaml:1:31: unknown zone 'jinkai'; did you mean 'jingkai'?"),
    ],
)  # fmt: skip
def test_a_satellite_at_fault_is_named_in_its_own_file(
    text: str, message: str, write: Write
) -> None:
    with using_calibration(write(satellites=text)), pytest.raises(InputError) as caught:
        reconcile()
    assert message in str(caught.value)


def test_repetitions_in_a_circle_are_refused(write: Write) -> None:
    """Without the check they are followed for ever."""
    first = (
        FIGURE.partition("\n")[2]
        .replace("gdp.2024", "a")
        .replace("term:", "same_as: mine.b, term:")
    )
    second = (
        first.replace("mine.a", "mine.c").replace("mine.b", "mine.a").replace("mine.c", "mine.b")
    )
    refused(
        write(documents=REGISTRATION, mine_2025=FIGURE + first + second),
        "mine-2025.yaml:5:5: mine.a repeats mine.b in a circle",
        "mine-2025.yaml:8:5: mine.b repeats mine.a in a circle",
    )
