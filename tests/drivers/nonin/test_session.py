"""The session follows the link and asks for a format where the oximeter has to be asked."""

from __future__ import annotations

import pytest

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.nonin import SPEC
from edge_agent.model.errors import ConfigError
from edge_agent.model.session_events import DeviceIdentified, LinkState
from tests.drivers.nonin.line import START, decoded, messages, opened, rejections, states
from tests.drivers.nonin.oximeter import data_bytes, df2, df7, df8

ASKED = pytest.mark.parametrize(
    ("profile", "command", "packet"),
    [("df7", "027002020703", df7()), ("df8", "027002020803", df8())],
)


def test_the_default_is_format_2() -> None:
    assert decoded(df2()) == decoded(df2(), "df2")
    assert len(messages(decoded(df2()))) == 1


def test_the_profiles_are_named_in_the_facts_of_the_driver() -> None:
    for profile in SPEC.profiles:
        opened(profile)


def test_mistakes_of_the_options_are_told_together() -> None:
    options = SessionOptions("oximeter-1", profile="df9", profile_text="x = 1")
    with pytest.raises(ConfigError) as caught:
        SPEC.open_session(options)
    assert [str(m) for m in caught.value.mistakes] == [
        "nonin: profile: 'df9'; want one of df2, df7, df8, ascii",
        "nonin: profile_text: this driver accepts no profile text",
    ]


def test_the_link_is_lost_after_five_seconds_without_a_sound_message() -> None:
    session = opened()
    assert states(session.receive(df2(), START)) == [LinkState.CONNECTED]
    assert states(session.receive(df2(), START.plus(2))) == []
    assert states(session.receive(b"noise" * 50, START.plus(4))) == []
    assert states(session.tick(START.plus(6.9))) == []
    assert states(session.tick(START.plus(7))) == [LinkState.LOST]
    assert states(session.receive(df2() * 3, START.plus(9))) == [LinkState.CONNECTED]


def test_the_identity_is_told_when_it_is_known_and_when_it_differs() -> None:
    session = opened()
    stream = df2() + df2() + df2(data_bytes(revision=49)) + df2(data_bytes(revision=49))
    told = [e for e in session.receive(stream, START) if isinstance(e, DeviceIdentified)]
    assert [(e.manufacturer, e.model, e.serial) for e in told] == [
        ("Nonin", "pulse oximeter, firmware revision 48", ""),
        ("Nonin", "pulse oximeter, firmware revision 49", ""),
    ]


def test_each_packet_is_one_message_received_when_it_was_complete() -> None:
    session, wire = opened(), df2() * 2
    first = session.receive(wire[:100], START)
    second = session.receive(wire[100:130], START.plus(1))
    third = session.receive(wire[130:], START.plus(2))
    received = [m for events in (first, second, third) for m in messages(events)]
    assert [n.received_at for m in received for n in list(m.values())[:1]] == [
        START.plus(1),
        START.plus(2),
    ]


@ASKED
def test_the_format_is_asked_for_once_and_again_after_silence(
    profile: str, command: str, packet: bytes
) -> None:
    session = opened(profile)
    sent = []
    for second in range(30):
        at = START.plus(second)
        session.tick(at)
        sent.append(session.bytes_to_send().hex())
        if 7 <= second < 20:
            session.receive(packet, at)
    asked_at = [second for second, wire in enumerate(sent) if wire]
    assert asked_at == [0, 5, 24, 29]
    assert {wire for wire in sent if wire} == {command}


@ASKED
def test_an_acknowledgement_is_part_of_the_dialogue(
    profile: str, command: str, packet: bytes
) -> None:
    session = opened(profile)
    session.tick(START)
    assert session.bytes_to_send().hex() == command
    events = session.receive(b"\x06" + packet, START)
    assert rejections(events) == []
    assert len(messages(events)) == 1


@ASKED
def test_a_refusal_is_told(profile: str, command: str, packet: bytes) -> None:
    session = opened(profile)
    session.tick(START)
    assert session.bytes_to_send().hex() == command
    events = session.receive(b"\x15" + packet, START)
    assert rejections(events) == [("the device refuses this data format", b"\x15")]
    assert len(messages(events)) == 1


@ASKED
def test_an_answer_to_another_host_is_not_taken_for_ours(
    profile: str, command: str, packet: bytes
) -> None:
    session = opened(profile, listen_only=True)
    session.tick(START)
    assert session.bytes_to_send() != bytes.fromhex(command)
    events = session.receive(packet + b"\x06" + packet, START)
    assert rejections(events) == [("an answer without a request", b"\x06")]
    assert len(messages(events)) == 2


@pytest.mark.parametrize("profile", ["df2", "ascii"])
def test_nothing_is_sent_where_the_oximeter_talks_unasked(profile: str) -> None:
    session = opened(profile)
    for second in range(60):
        session.tick(START.plus(second))
        assert session.bytes_to_send() == b""


def test_nothing_is_asked_after_the_release() -> None:
    session = opened("df7")
    session.tick(START)
    session.release()
    session.tick(START.plus(60))
    assert session.bytes_to_send() == b""


def test_silence_counts_from_the_newest_bytes_and_not_from_an_empty_read() -> None:
    session = opened()
    session.receive(df2()[:60], START)
    session.receive(b"", START.plus(0.4))
    assert len(rejections(session.tick(START.plus(0.5)))) == 1
