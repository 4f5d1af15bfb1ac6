"""Events, status, topics and commands on the wire."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from edge_agent.model.bed_events import (
    BedEvent,
    ClockCompared,
    CommandRejected,
    ContextEntered,
    MonitorAccepted,
    MonitorIdentity,
)
from edge_agent.model.measurements import (
    DeviceTime,
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
from edge_agent.payloads.answers import encode_answer, parse_answer
from edge_agent.payloads.common import MAX_COMMAND_BYTES
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
from edge_agent.payloads.status import GatewayIdentity, gateway_message, status_message
from edge_agent.payloads.topics import (
    Topics,
    bed_of,
    board_of,
    check_segment,
    is_context,
    is_screens,
)
from tests.support.answers import acknowledgement
from tests.support.patient_entries import an_entry
from tests.support.samples import AT

MORE = b'{"alert_id": "a"}]}'
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
        CommandRejected("already answered by N1", ("a-1",), "0001"): RejectedCommandEvent,
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
    assert topics.screens() == "crswatch/v1/site/ward/_board/+/screens"
    assert topics.board_screens() == "crswatch/v1/site/ward/_board/gw/screens"
    assert is_screens(topics.board_screens())
    assert board_of(topics.board_screens()) == "gw"
    assert not is_screens(topics.auditor())
    assert topics.acknowledgements() == "crswatch/v1/site/ward/+/ack"
    assert bed_of("crswatch/v1/site/ward/b/ack") == "b"


@pytest.mark.parametrize("name", ["", "a/b", "+", "#", "a\x00"])
def test_a_name_that_would_change_the_topic_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="topic segment"):
        check_segment(name)
    with pytest.raises(ValueError, match="topic segment"):
        Topics("site", name, "gw")


def test_an_acknowledgement_names_alert_and_person() -> None:
    got = parse_answer("b", b'{"alert_id": "a-1", "by": " nurse 7 "}')
    assert got == acknowledgement("b", "a-1", "nurse 7")


def test_an_answer_names_a_problem_as_it_was_seen_and_comes_back() -> None:
    given = Answer(
        "b",
        AnswerKind.SILENCE,
        "nurse 7",
        (SeenAlert("a-1", 3), SeenAlert("a-2", 0)),
        reason="washing",
        for_s=60.0,
        answer_id="0001",
    )
    assert parse_answer("b", encode_answer(given)) == given
    whole = parse_answer("b", b'{"kind": "reject", "seen": [], "by": "N1", "reason": " busy "}')
    assert whole == Answer("b", AnswerKind.REJECT, "N1", reason="busy")


@pytest.mark.parametrize(
    ("payload", "complaint"),
    [
        (b"", "want by and alert_id"),
        (b"\xff\xfe", "want by and alert_id"),
        (b'"\xff"', "want by and alert_id"),
        (b'{"by": "N1"}', "either alert_id or seen"),
        (b'{"by": "N1", "kind": "reject"}', "either alert_id or seen"),
        (b'{"by": "N1", "alert_id": "a", "seen": []}', "either alert_id or seen"),
        (b'{"by": "N1", "seen": [{"alert_id": "a", "n": -1}]}', "n is -1"),
        (b'{"by": "N1", "seen": [{"alert_id": "a"}, {"alert_id": ""}]}', "alert_id is empty"),
        (b'{"by": "N1", "seen": [' + b'{"alert_id": "a"}, ' * 64 + MORE, "names 65 alerts"),
        (b'{"by": "N1", "seen": [], "kind": "ignore"}', "want by and alert_id"),
        (b'{"by": "N1", "seen": [], "reason": "a\\nb"}', "reason is"),
        (b'{"by": "N1", "seen": [], "reason": "' + b"x" * 201 + b'"}', "at most 200 characters"),
        (b'{"by": "N1", "seen": [], "answer_id": "' + b"x" * 161 + b'"}', "answer_id"),
        (b'{"by": "N1", "seen": [], "kind": "silence", "for_s": 0}', "more than 0 s"),
        (b'{"by": "N1", "seen": [], "kind": "silence", "for_s": -5}', "more than 0 s"),
        (b'{"by": "N1", "seen": [], "kind": "silence", "for_s": 1e999}', "want by and alert_id"),
        (b'{"alert_id": "a"}', "want by and alert_id"),
        (b'{"alert_id": 7, "by": "n"}', "want by and alert_id"),
        (b'{"alert_id": "a", "by": ""}', "by is ''; want a name"),
        (b'{"alert_id": "a", "by": "\xe2\x80\x8b"}', "characters that can be seen"),
        (b'{"alert_id": "' + b"A" * 161 + b'", "by": "N1"}', "at most 160 printable"),
        (b'{"x": ' + b"[" * 2000 + b"]" * 2000 + b"}", "want by and alert_id"),
        (b'{"alert_id": "a", "by": "  "}', "want a name"),
        (b'{"alert_id": "a", "by": "' + b"x" * 81 + b'"}', "want a name"),
        (b'{"alert_id": "", "by": "n"}', "alert_id is empty"),
        (b" " * (MAX_COMMAND_BYTES + 1), "at most 4096"),
    ],
)
def test_a_wrong_command_is_refused_with_what_was_wrong(payload: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_answer("b", payload)


@given(st.binary(max_size=60))
def test_noise_as_a_command_raises_nothing_but_value_error(payload: bytes) -> None:
    with contextlib.suppress(ValueError):
        parse_answer("b", payload)
