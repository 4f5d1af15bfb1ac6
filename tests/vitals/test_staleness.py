"""A vital is stale once it was measured longer ago than its kind allows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.model.measurements import VitalKind
from edge_agent.vitals.normalise import Normaliser
from edge_agent.vitals.staleness import is_stale
from tests.vitals.readings import BPM, HR, START, message, numeric

(RATE,) = Normaliser("bed-07").normalise(message(numeric(HR, 80, BPM)))


@pytest.mark.parametrize(
    ("kind", "site", "limit_s"),
    [
        (VitalKind.HEART_RATE, "", 30),
        (VitalKind.SPO2, "", 30),
        (VitalKind.RESPIRATORY_RATE, "", 60),
        (VitalKind.ART_MEAN, "abp", 15),
        (VitalKind.NIBP_MEAN, "", 3600),
        (VitalKind.TEMPERATURE, "rectal", 300),
        (VitalKind.TEMPERATURE, "predictive", 28800),
    ],
)
def test_a_vital_is_stale_just_after_its_limit(kind: VitalKind, site: str, limit_s: float) -> None:
    vital = replace(RATE, kind=kind, site=site)
    assert not is_stale(vital, START.plus(limit_s))
    assert is_stale(vital, START.plus(limit_s + 0.001))


def test_the_age_counts_from_the_measurement_not_from_the_receipt() -> None:
    vital = replace(RATE, measured_at=START.plus(-31), received_at=START)
    assert is_stale(vital, START)
