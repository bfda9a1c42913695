"""What there is: every variable and indicator with treatment and evidence."""

from __future__ import annotations

import pytest

from simcore.baseline import Baseline
from simcore.dims import CORE, SATELLITES, VARIABLES
from simcore.inventory import Entry, inventory


@pytest.fixture(scope="module")
def entries(baseline: Baseline) -> dict[tuple[str, str], Entry]:
    return {(entry.of, entry.name): entry for entry in inventory(baseline)}


def test_everything_is_there_once(
    entries: dict[tuple[str, str], Entry], baseline: Baseline
) -> None:
    wanted = [("result", name) for name in VARIABLES]
    assert list(entries) == [*wanted, *(("documents", name) for name in baseline.indicators)]


def test_treatments(entries: dict[tuple[str, str], Entry]) -> None:
    for name in VARIABLES:
        wanted = "satellite" if name in SATELLITES else "simulated"
        assert entries["result", name].treatment == wanted
    assert entries["documents", "firms"].by == ("high_tech_firms", "market_entities", "enterprises")
    assert entries["documents", "energy"].by == ("energy_intensity", "energy_use")
    assert entries["documents", "gdp"].by == ("gdp", "gdp_growth")
    assert entries["documents", "ranking"].treatment == "not_modelled"
    for (of, _), entry in entries.items():
        assert bool(entry.by) == (entry.treatment != "not_modelled")
        assert entry.units == (VARIABLES[entry.by[0]].units if entry.by else ""), of


@pytest.mark.parametrize(
    ("name", "evidence"),
    [
        ("gdp", {"donghu": "documented", "jingkai": "documented"}),
        ("rnd_intensity", {"donghu": "documented", "jingkai": "assumed"}),
        ("deflator", {"donghu": "assumed", "jingkai": "assumed"}),
        ("gdp_per_head", {"donghu": "assumed", "jingkai": "documented"}),
        ("high_value_patents", {"donghu": "documented", "jingkai": "assumed"}),
        ("doctors", {"jingkai": "documented"}),
        ("fiscal_revenue", {"donghu": "assumed"}),
        ("carbon_emissions", {"donghu": "assumed", "jingkai": "derived"}),
    ],
)
def test_evidence(
    name: str, evidence: dict[str, str], entries: dict[tuple[str, str], Entry]
) -> None:
    assert entries["result", name].evidence == evidence
    assert name in (*CORE, *SATELLITES)
