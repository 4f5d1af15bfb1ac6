"""Missing is never a number and never valid; only real, valid values are usable."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.model.clock import Instant
from edge_agent.model.measurements import (
    CANONICAL_UNITS,
    DeviceTime,
    GenerationMode,
    Numeric,
    Validity,
    Vital,
    VitalKind,
)

AT = Instant(1, 2)
VITAL = Vital(
    bed_id="bed-01",
    kind=VitalKind.HEART_RATE,
    value=80.0,
    validity=Validity.VALID,
    mode=GenerationMode.REAL,
    reason="",
    site="",
    device_id="bed-01",
    code=147842,
    device_time=DeviceTime(),
    measured_at=AT,
    received_at=AT,
    stored_ns=2,
)
NUMERIC = Numeric(
    device_id="bed-01",
    channel="82A5",
    code=147842,
    label="",
    value=80.0,
    unit_code=264864,
    unit="/min",
    state=0,
    validity=Validity.VALID,
    mode=GenerationMode.REAL,
    measured_at=DeviceTime(),
    received_at=AT,
)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_value_is_finite_or_none(value: float) -> None:
    with pytest.raises(ValueError, match="heart_rate must be finite"):
        replace(VITAL, value=value)
    with pytest.raises(ValueError, match="0x24182 must be finite"):
        replace(NUMERIC, value=value)


def test_no_value_cannot_be_valid() -> None:
    with pytest.raises(ValueError, match="cannot be VALID"):
        replace(VITAL, value=None)


def test_zero_is_a_value_and_usable() -> None:
    assert replace(VITAL, value=0.0).is_usable


@pytest.mark.parametrize("validity", [v for v in Validity if v is not Validity.VALID])
def test_doubtful_values_are_not_usable(validity: Validity) -> None:
    assert not replace(VITAL, validity=validity).is_usable
    assert not replace(VITAL, value=None, validity=validity).is_usable


@pytest.mark.parametrize("mode", [GenerationMode.DEMO, GenerationMode.TEST])
def test_demo_and_test_values_are_not_usable(mode: GenerationMode) -> None:
    assert not replace(VITAL, mode=mode).is_usable


def test_every_kind_has_a_canonical_unit() -> None:
    assert set(CANONICAL_UNITS) == set(VitalKind)
