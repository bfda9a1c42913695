"""What many tests share: the shipped baseline and its reconciliation, read and computed once."""

from __future__ import annotations

import os

import pytest

from simcore.baseline import Baseline, load_baseline
from simcore.posterior import Posterior
from simcore.reconcile import reconcile

os.environ.pop("SIMCORE_CALIBRATION", None)  # the tests are of the shipped calibration


@pytest.fixture(scope="session")
def baseline() -> Baseline:
    return load_baseline()


@pytest.fixture(scope="session")
def posterior() -> Posterior:
    return reconcile(cache=False)
