"""Correlated parameters: the copula, and what the priors may say of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simcore.arrays import Array
from simcore.baseline import Baseline, load_baseline
from simcore.correlations import groups, matrix, mixtures
from simcore.errors import InputError
from simcore.headline import PARAMETER, Headline
from simcore.history import Past
from simcore.members import Members
from simcore.posterior import Posterior
from simcore.prior_check import load_checked_priors, projected_parameters
from simcore.priors import ParameterPair, Priors
from simcore.resources import using_calibration
from simcore.samplers import SAMPLERS, Kind, Sampler

FIRST, SECOND, THIRD = "rnd_elasticity", "spillover", "employment_ratio.donghu"
PAIRS = ((FIRST, SECOND, 0.6), (SECOND, THIRD, -0.3))


def test_groups_join_when_a_pair_bridges_them() -> None:
    found = groups([("a", "b", 0.1), ("c", "d", 0.1), ("e", "f", 0.1), ("d", "a", 0.1)])
    assert found == [["a", "b", "c", "d"], ["e", "f"]]


def test_mixtures_have_the_correlations() -> None:
    names = [FIRST, SECOND, THIRD]
    found = mixtures(PAIRS)
    weights = np.array([[dict(found[name]).get(other, 0.0) for other in names] for name in names])
    np.testing.assert_allclose(weights @ weights.T, matrix(names, PAIRS), atol=1e-15)
    assert found[FIRST] == ((FIRST, 1.0),)
    assert mixtures(()) == {}
    with pytest.raises(np.linalg.LinAlgError):
        mixtures((("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9)))


def correlated(posterior: Posterior) -> Posterior:
    past = posterior.problem.past
    entries = [
        ParameterPair(parameters=(a, b), coefficient=r, evidence="assumed", source="a test")
        for a, b, r in PAIRS
    ]
    priors = past.priors.model_copy(update={"correlations": entries})
    other = Past(past.baseline, priors, past.satellites)
    return replace(posterior, problem=replace(posterior.problem, past=other))


def parameters(posterior: Posterior, sampler: Kind) -> dict[str, Array]:
    places = {f"parameter.{name}": (k,) for k, name in enumerate((FIRST, SECOND, THIRD, "spare"))}
    many = [Members(posterior, 3, block, sampler=Sampler(sampler, places)) for block in range(8)]
    return {
        name: np.concatenate(
            [members.parameter(*name.split(".")[:1], zone=(name.split(".") + [None])[1])
             for members in many]
        )
        for name in (FIRST, SECOND, THIRD, "depreciation")
    }  # fmt: skip


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_parameters_are_correlated_and_keep_their_distributions(
    sampler: Kind, posterior: Posterior
) -> None:
    plain, found = (parameters(p, sampler) for p in (posterior, correlated(posterior)))
    for name in (FIRST, "depreciation"):  # the first of a group, and one outside
        np.testing.assert_array_equal(found[name], plain[name])
    ranks = [np.argsort(np.argsort(found[name])) for name in (FIRST, SECOND, THIRD)]
    spearman = np.corrcoef(ranks)
    expected = [6 / np.pi * np.arcsin(r / 2) for r in (0.6, -0.3, 0.0)]
    found_pairs = [spearman[0, 1], spearman[1, 2], spearman[0, 2]]
    np.testing.assert_allclose(found_pairs, expected, atol=0.035)
    for name in (SECOND, THIRD):
        quantiles = [np.quantile(d[name], [0.05, 0.5, 0.95]) for d in (plain, found)]
        np.testing.assert_allclose(quantiles[1], quantiles[0], rtol=0.06)


def test_shipped_priors_have_none(posterior: Posterior) -> None:
    assert posterior.problem.past.priors.correlations == []


def test_what_can_be_correlated_is_what_the_model_asks_for(
    posterior: Posterior, baseline: Baseline
) -> None:
    asked = {name.removeprefix(PARAMETER) for name in Headline.of(posterior).parameters}
    assert asked == set(projected_parameters(posterior.problem.past.priors, baseline))


def entry(first: str, second: str, coefficient: object = 0.5) -> str:
    text = f"{{parameters: [{first}, {second}], coefficient: {coefficient}"
    return f"  - {text}, evidence: assumed, source: a test}}\n"


@pytest.fixture
def overlaid(tmp_path: object) -> object:
    def load(*entries: str) -> Priors:
        folder = tmp_path / "own"  # type: ignore[operator]
        folder.mkdir()
        (folder / "priors.yaml").write_text("correlations:\n" + "".join(entries), encoding="utf-8")
        with using_calibration(folder):
            return load_checked_priors(load_baseline())

    return load


def test_an_own_folder_correlates(overlaid: object) -> None:
    priors = overlaid(entry(FIRST, SECOND))  # type: ignore[operator]
    assert priors.pairs == ((FIRST, SECOND, 0.5),)


@pytest.mark.parametrize(
    ("entries", "place", "message"),
    [
        ([entry("rnd_elasticit", SECOND)], "2:19", "did you mean 'rnd_elasticity'"),
        ([entry(SECOND, "deflator_mean")], "2:30", "'deflator_mean' is no parameter of the proj"),
        ([entry(SECOND, "crisis_size")], "2:30", "'crisis_size' is no parameter of the projection"),
        ([entry(FIRST, SECOND), entry(SECOND, FIRST)], "3:6", "stands twice"),
        ([entry(FIRST, SECOND, 1.0)], "2:", "less than 1"),
        (
            [entry(FIRST, SECOND, 0.9), entry(SECOND, THIRD, 0.9), entry(FIRST, THIRD, -0.9)],
            "2:", "cannot hold together: their matrix has the eigenvalue -0.8, not above zero",
        ),
    ],
)  # fmt: skip
def test_faults_are_refused_with_their_place(
    entries: list[str], place: str, message: str, overlaid: object
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        overlaid(*entries)  # type: ignore[operator]
    assert f"priors.yaml:{place}" in str(caught.value)
