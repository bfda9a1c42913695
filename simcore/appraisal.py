"""What is assumed where spending of several years is added up: the discount rate."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

from pydantic import BeforeValidator

from simcore.labels import say
from simcore.priors import Evidence
from simcore.quantity import percent
from simcore.resources import calibration_content, calibration_document
from simcore.strict import Strict, validated


def _rate(value: object) -> float:
    rate = percent(value)
    if not 0.0 <= rate <= 0.5:
        raise ValueError(say("{value} lies outside 0% to 50%", value=value))
    return rate


class Rate(Strict):
    """A yearly rate, with its evidence grade and source."""

    value: Annotated[float, BeforeValidator(_rate, json_schema_input_type=str)]
    evidence: Evidence
    source: str
    verified: bool = True


class Appraisal(Strict):
    """The content of ``appraisal.yaml``."""

    discount_rate: Rate


def load_appraisal() -> Appraisal:
    """Read what is assumed; raises `InputError` with every fault and its place."""
    return _read(calibration_content("appraisal"))


@lru_cache(maxsize=8)
def _read(content: tuple[bytes, ...]) -> Appraisal:
    return validated(Appraisal, calibration_document("appraisal"))
