"""JSON on the wire and in the journal."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.model.alerts import Alert, AlertKind, AlertPriority, AlertState, SignalReason
from edge_agent.model.clock import Instant
from edge_agent.model.findings import Evidence
from edge_agent.model.measurements import (
    DeviceTime,
    GenerationMode,
    Numeric,
    Readings,
    Validity,
    Vital,
    VitalKind,
)
from edge_agent.payloads.alerts import (
    AlertIdentity,
    alert_identity,
    decode_alert,
    encode_alert,
)
from edge_agent.payloads.common import rfc3339
from edge_agent.payloads.readings import (
    decode_readings,
    decode_vitals_message,
    encode_readings,
    vitals_message,
)
from tests.support.samples import an_alert, some_readings

NS = st.integers(0, 4_000_000_000_000_000_000)
TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
INSTANTS = st.builds(Instant, NS, NS)
DEVICE_TIMES = st.builds(DeviceTime, st.none() | NS, st.none() | NS)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def sound(values: dict[str, Any]) -> bool:
    return not (values["value"] is None and values["validity"] is Validity.VALID)


NUMERICS = st.fixed_dictionaries(
    {
        "device_id": TEXT,
        "channel": TEXT,
        "code": st.integers(0, 2**32 - 1),
        "label": TEXT,
        "value": st.none() | NUMBERS,
        "unit_code": st.integers(0, 2**32 - 1),
        "unit": TEXT,
        "state": st.integers(0, 2**32 - 1),
        "validity": st.sampled_from(Validity),
        "mode": st.sampled_from(GenerationMode),
        "measured_at": DEVICE_TIMES,
        "received_at": INSTANTS,
    }
).filter(sound)
VITALS = st.fixed_dictionaries(
    {
        "bed_id": TEXT,
        "kind": st.sampled_from(VitalKind),
        "value": st.none() | NUMBERS,
        "validity": st.sampled_from(Validity),
        "mode": st.sampled_from(GenerationMode),
        "reason": TEXT,
        "site": TEXT,
        "device_id": TEXT,
        "code": st.integers(0, 2**32 - 1),
        "device_time": DEVICE_TIMES,
        "measured_at": INSTANTS,
        "received_at": INSTANTS,
        "stored_ns": NS,
    }
).filter(sound)
READINGS = st.builds(
    Readings,
    bed_id=TEXT,
    device_id=TEXT,
    received_at=INSTANTS,
    numerics=st.lists(NUMERICS.map(lambda v: Numeric(**v)), max_size=3).map(tuple),
    vitals=st.lists(VITALS.map(lambda v: Vital(**v)), max_size=3).map(tuple),
)
EVIDENCE = st.builds(
    Evidence,
    kind=TEXT,
    statistic=TEXT,
    value=st.none() | NUMBERS,
    unit=TEXT,
    window_s=NUMBERS,
    coverage=st.floats(0, 1),
    threshold=NUMBERS,
    measured_at=st.none() | INSTANTS,
    site=TEXT,
)
BY_TYPE: dict[object, st.SearchStrategy[object]] = {
    "str": TEXT,
    "bool": st.booleans(),
    "int": st.integers(0, 2**31),
    "float": NUMBERS,
    "Instant": INSTANTS,
    "Instant | None": st.none() | INSTANTS,
    "SignalReason | None": st.none() | st.sampled_from(SignalReason),
}
"""Values of the plain fields of an alert, whatever their names."""
ALERTS = st.builds(
    Alert,
    kind=st.sampled_from(AlertKind),
    priority=st.sampled_from(AlertPriority),
    state=st.sampled_from(AlertState),
    evidence=st.lists(EVIDENCE, max_size=2).map(tuple),
    **{field.name: BY_TYPE[field.type] for field in fields(Alert) if field.type in BY_TYPE}
    | {"n": st.integers(1, 2**31), "rule_version": st.integers(1, 99)},
)


@pytest.mark.untraced
@given(READINGS)
def test_readings_come_back_exactly(readings: Readings) -> None:
    assert decode_readings(encode_readings(readings)) == readings


@pytest.mark.untraced
@given(ALERTS)
def test_an_alert_comes_back_exactly(alert: Alert) -> None:
    body = encode_alert(alert)
    assert decode_alert(body) == alert
    assert alert_identity(body) == AlertIdentity(alert.alert_id, alert.n)


@pytest.mark.untraced
@given(ALERTS)
def test_an_alert_of_an_older_program_was_closed_for_no_other_reason(alert: Alert) -> None:
    record = json.loads(encode_alert(alert))
    del record["closed_because"]
    assert decode_alert(json.dumps(record).encode()) == replace(alert, closed_because="")


def test_a_missing_value_stays_null_and_zero_stays_zero() -> None:
    for value in (None, 0.0):
        readings = some_readings(value)
        wire = json.loads(vitals_message(readings, "gw", 7, historical=False))
        assert wire["vitals"][0]["value"] == value
        assert json.loads(encode_readings(readings))["vitals"][0]["value"] == value


def test_vitals_on_the_wire_carry_unit_code_times_and_origin() -> None:
    wire = json.loads(vitals_message(some_readings(61.0), "gw", 7, historical=True))
    assert wire == {
        "gateway_id": "gw",
        "seq": 7,
        "bed_id": "bed-1",
        "device_id": "monitor",
        "historical": True,
        "vitals": [
            {
                "kind": "heart_rate",
                "value": 61.0,
                "unit": "/min",
                "code": 147842,
                "validity": "valid",
                "mode": "real",
                "reason": "",
                "site": "",
                "device_id": "monitor",
                "measured_at": "2023-11-14T22:13:20.123Z",
                "received_at": "2023-11-14T22:13:20.123Z",
                "stored_ns": 1_700_000_000_123_456_789,
            }
        ],
        "schema": 1,
    }


def test_a_subscriber_decodes_what_was_sent() -> None:
    wire = decode_vitals_message(vitals_message(some_readings(0.0), "gw", 7, historical=False))
    assert (wire.seq, wire.bed_id, wire.schema) == (7, "bed-1", 1)
    assert [(v.kind, v.value) for v in wire.vitals] == [(VitalKind.HEART_RATE, 0.0)]


def test_an_alert_on_the_wire_is_lower_case_and_says_what_it_is_not() -> None:
    wire = json.loads(encode_alert(an_alert(acknowledged_by="nurse 7")))
    assert (wire["priority"], wire["state"], wire["kind"]) == ("high", "raised", "physiological")
    assert wire["raised_at"]["utc"] == "2023-11-14T22:13:20.123Z"
    assert wire["resolved_at"] is None
    assert wire["acknowledged_by"] == "nurse 7"
    assert wire["note"] == "decision support, not a medical device"
    assert wire["event"] == "alert"
    assert wire["schema"] == 1


def test_a_damaged_alert_has_no_identity() -> None:
    assert alert_identity(b"{torn") is None


@pytest.mark.parametrize(
    ("utc_ns", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (999_999, "1970-01-01T00:00:00.000Z"),
        (1_999_999_999, "1970-01-01T00:00:01.999Z"),
    ],
)
def test_times_are_cut_to_milliseconds_never_rounded_up(utc_ns: int, text: str) -> None:
    assert rfc3339(utc_ns) == text
