"""JSON on the wire and in the journal."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.model.alerts import Alert, AlertKind, AlertPriority, AlertState
from edge_agent.model.bed_events import (
    BedEvent,
    ClockCompared,
    CommandRejected,
    ContextEntered,
    MonitorAccepted,
    MonitorIdentity,
)
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
from edge_agent.model.session_events import (
    AlarmLimits,
    AlarmLimitsChanged,
    DeviceAlarm,
    DeviceAlarmsChanged,
    DeviceIdentified,
    LinkChanged,
    LinkState,
)
from edge_agent.payloads.alerts import (
    AlertIdentity,
    alert_identity,
    decode_alert,
    encode_alert,
    parse_acknowledgement,
)
from edge_agent.payloads.common import MAX_COMMAND_BYTES, rfc3339
from edge_agent.payloads.events import (
    AlarmLimitsEvent,
    ClockEvent,
    ContextEvent,
    DeviceAlarmsEvent,
    DeviceEvent,
    EventRecord,
    LinkEvent,
    MonitorEvent,
    RejectedCommandEvent,
    decode_accepted,
    decode_event,
    encode_accepted,
    encode_event,
    event_message,
)
from edge_agent.payloads.readings import (
    decode_readings,
    decode_vitals_message,
    encode_readings,
    vitals_message,
)
from edge_agent.payloads.status import GatewayIdentity, gateway_message, status_message
from edge_agent.payloads.topics import Topics, bed_of, check_segment, is_context
from tests.support.patient_entries import an_entry
from tests.support.samples import AT, an_alert, some_readings

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
ALERTS = st.builds(
    Alert,
    alert_id=TEXT,
    n=st.integers(1, 2**31),
    bed_id=TEXT,
    rule_id=TEXT,
    rule_version=st.integers(1, 99),
    kind=st.sampled_from(AlertKind),
    priority=st.sampled_from(AlertPriority),
    text=TEXT,
    state=st.sampled_from(AlertState),
    pending_since=INSTANTS,
    changed_at=INSTANTS,
    evidence=st.lists(EVIDENCE, max_size=2).map(tuple),
    config_hash=TEXT,
    present_s=NUMBERS,
    present_at=st.none() | INSTANTS,
    recovered_since=st.none() | INSTANTS,
    recovered_at=st.none() | INSTANTS,
    raised_at=st.none() | INSTANTS,
    acknowledged_at=st.none() | INSTANTS,
    acknowledged_by=TEXT,
    latched_at=st.none() | INSTANTS,
    resolved_at=st.none() | INSTANTS,
    closed_because=TEXT,
    absorbed_by=TEXT,
    is_signalled=st.booleans(),
)


@given(READINGS)
def test_readings_come_back_exactly(readings: Readings) -> None:
    assert decode_readings(encode_readings(readings)) == readings


@given(ALERTS)
def test_an_alert_comes_back_exactly(alert: Alert) -> None:
    body = encode_alert(alert)
    assert decode_alert(body) == alert
    assert alert_identity(body) == AlertIdentity(alert.alert_id, alert.n)


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


Said = (
    LinkChanged
    | DeviceIdentified
    | DeviceAlarmsChanged
    | AlarmLimitsChanged
    | MonitorAccepted
    | ClockCompared
    | CommandRejected
    | ContextEntered
)


def test_each_kind_of_event_comes_back_and_carries_its_origin() -> None:
    alarm = DeviceAlarm(
        source_code=150456,
        event_code=3086,
        priority="high",
        is_technical=False,
        state=1,
        channel="ch",
        text="SpO2 LOW",
        is_usable=True,
    )
    events: dict[Said, type[EventRecord]] = {
        LinkChanged(LinkState.LOST, "silence", AT): LinkEvent,
        DeviceIdentified("maker", "model", "s/n", AT): DeviceEvent,
        DeviceAlarmsChanged((alarm,), DeviceTime(), AT): DeviceAlarmsEvent,
        AlarmLimitsChanged((AlarmLimits(150456, "%", 90.0, None),), AT): AlarmLimitsEvent,
        MonitorAccepted(MonitorIdentity("maker", "model", "s/n"), "nurse 7", AT): MonitorEvent,
        ClockCompared(-3600.5, None, is_step=True, at=AT): ClockEvent,
        CommandRejected("by is ''"): RejectedCommandEvent,
        ContextEntered(an_entry("1", "oxygen", "nasal cannula", amount=2)): ContextEvent,
    }
    for said, kind in events.items():
        body = encode_event(BedEvent("b", "d", said, AT))
        event = decode_event(body)
        assert isinstance(event, kind)
        wire = json.loads(event_message(event, "gw", 3))
        origin = {"schema": 1, "gateway_id": "gw", "seq": 3}
        assert wire == json.loads(body) | origin


def test_what_is_remembered_of_a_monitor_comes_back() -> None:
    accepted = MonitorAccepted(MonitorIdentity("maker", "", "s/n"), "", AT)
    assert decode_accepted(encode_accepted(accepted)) == accepted


def test_status_lists_every_link_of_a_bed() -> None:
    links = [LinkEvent("b", d, LinkState.CONNECTED, "", "t") for d in ("monitor", "pump")]
    wire = json.loads(status_message("b", links))
    assert wire["bed_id"] == "b"
    assert [link["device_id"] for link in wire["links"]] == ["monitor", "pump"]
    assert wire["links"][0]["state"] == "connected"


def test_birth_names_version_boot_and_configuration() -> None:
    wire = json.loads(gateway_message(GatewayIdentity("gw", "0.1", "boot", "hash"), "online"))
    note = "decision support, not a medical device"
    assert wire == {
        "schema": 1,
        "state": "online",
        "note": note,
        "gateway_id": "gw",
        "version": "0.1",
        "boot_id": "boot",
        "config_hash": "hash",
    }


def test_topics_have_a_fixed_number_of_segments() -> None:
    topics = Topics("site", "ward", "gw")
    assert topics.vitals("b") == "crswatch/v1/site/ward/b/vitals"
    assert topics.alert("b", "crs.fever") == "crswatch/v1/site/ward/b/alerts/crs.fever"
    assert topics.events("b") == "crswatch/v1/site/ward/b/events"
    assert topics.context("b") == "crswatch/v1/site/ward/b/context"
    assert topics.contexts() == "crswatch/v1/site/ward/+/context"
    assert is_context(topics.context("b"))
    assert not is_context(topics.events("b"))
    assert topics.status("b") == "crswatch/v1/site/ward/b/status"
    assert topics.gateway() == "crswatch/v1/site/ward/_gateway/gw"
    assert topics.acknowledgements() == "crswatch/v1/site/ward/+/ack"
    assert bed_of("crswatch/v1/site/ward/b/ack") == "b"


@pytest.mark.parametrize("name", ["", "a/b", "+", "#", "a\x00"])
def test_a_name_that_would_change_the_topic_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="topic segment"):
        check_segment(name)
    with pytest.raises(ValueError, match="topic segment"):
        Topics("site", name, "gw")


def test_an_acknowledgement_names_alert_and_person() -> None:
    got = parse_acknowledgement("b", b'{"alert_id": "a-1", "by": " nurse 7 "}')
    assert (got.bed_id, got.alert_id, got.by) == ("b", "a-1", "nurse 7")


@pytest.mark.parametrize(
    ("payload", "complaint"),
    [
        (b"", "want alert_id and by"),
        (b"\xff\xfe", "want alert_id and by"),
        (b'"\xff"', "want alert_id and by"),
        (b'{"alert_id": "a"}', "want alert_id and by"),
        (b'{"alert_id": 7, "by": "n"}', "want alert_id and by"),
        (b'{"alert_id": "a", "by": ""}', "by is ''; want a name"),
        (b'{"alert_id": "a", "by": "\xe2\x80\x8b"}', "characters that can be seen"),
        (b'{"alert_id": "' + b"A" * 161 + b'", "by": "N1"}', "at most 160 printable"),
        (b'{"x": ' + b"[" * 2000 + b"]" * 2000 + b"}", "want alert_id and by"),
        (b'{"alert_id": "a", "by": "  "}', "want a name"),
        (b'{"alert_id": "a", "by": "' + b"x" * 81 + b'"}', "want a name"),
        (b'{"alert_id": "", "by": "n"}', "alert_id is empty"),
        (b" " * (MAX_COMMAND_BYTES + 1), "at most 4096"),
    ],
)
def test_a_wrong_command_is_refused_with_what_was_wrong(payload: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_acknowledgement("b", payload)


@given(st.binary(max_size=60))
def test_noise_as_a_command_raises_nothing_but_value_error(payload: bytes) -> None:
    with contextlib.suppress(ValueError):
        parse_acknowledgement("b", payload)
