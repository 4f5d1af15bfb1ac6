"""Answers, queries, links and damage of one line."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from edge_agent.drivers.hl7_oru.session import SILENCE_S
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import (
    FrameRejected,
    LinkChanged,
    LinkState,
    NumericsReceived,
    SessionEvent,
)
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.sender import (
    BPM,
    HR,
    PERCENT,
    SPO2,
    START,
    messages,
    obx,
    rejected,
    results,
)

ROW = obx(HR, "66", BPM)
NEVER, ALWAYS = 'acknowledge = "never"', 'acknowledge = "always"'
DAMAGED = sender.frame(sender.header(), "OB\x1cX|1", ROW)
OTHER = sender.frame(sender.header("ADT^A08"), "PID|||1")


def answers(frame: bytes, profile: str = "", text: str = "") -> list[list[str]]:
    """Return what is answered, as segments."""
    session = sender.session(profile, text)
    session.receive(frame, START)
    sent = session.bytes_to_send()
    assert session.bytes_to_send() == b""
    frames = sent.split(b"\x1c\r")
    assert frames.pop() == b""
    assert all(frame.startswith(b"\x0b") for frame in frames)
    return [frame[1:].decode().split("\r") for frame in frames]


def codes(frame: bytes, profile: str = "", text: str = "") -> list[str]:
    return [segments[1].split("|")[1] for segments in answers(frame, profile, text)]


def asking(accept: str, application: str, kind: str = "ORU^R01", row: str = ROW) -> bytes:
    head = sender.header(kind, rest=f"M1|P|2.6|||{accept}|{application}")
    return sender.frame(head, row)


def links(events: list[SessionEvent]) -> list[LinkState]:
    return [event.state for event in events if isinstance(event, LinkChanged)]


def test_an_answer_swaps_the_names_and_repeats_the_number() -> None:
    head = (
        r"MSH|^~\&|GW\T\1^7^EUI-64|ACME|EMR|WARD 3|20260912120000||ORU^R01^ORU_R01|N\S\4711|P|2.4"
    )
    ((msh, msa, rest),) = answers(sender.frame(head, ROW))
    fields = msh.split("|")
    assert fields[:6] == ["MSH", r"^~\&", "EMR", "WARD 3", r"GW\T\1^7^EUI-64", "ACME"]
    assert fields[6] == "20260910002640+0000"
    assert fields[8:9] + fields[10:] == ["ACK^R01^ACK", "P", "2.4"]
    assert len(fields[9]) <= 20
    assert msa == r"MSA|AA|N\S\4711"
    assert rest == ""


def test_an_answer_is_in_the_charset_and_the_separators_of_the_message() -> None:
    head = "MSH#*~@%#Gerät####20260912120000##ORU#7#P#2.5######8859/1"
    session = sender.session()
    session.receive(sender.frame(head, ROW.replace("|", "#"), encoding="latin-1"), START)
    text = session.bytes_to_send().decode("latin-1")
    assert text.startswith("\x0bMSH#*~@%###Gerät##20260910002640+0000##ACK#")
    assert text.endswith("#P#2.5######8859/1\rMSA#AA#7\r\x1c\r")


def test_an_end_mark_that_is_repeated_does_not_end_the_answer() -> None:
    ((_, msa, _),) = answers(sender.frame(sender.header(rest="7\x1c"), ROW))
    assert msa == "MSA|AA|7"


def test_answers_to_one_sender_have_different_numbers() -> None:
    session = sender.session()
    session.receive(results(ROW) * 50, START)
    sent = session.bytes_to_send().decode().split("\x1c\r")[:-1]
    assert len({frame.split("|")[9] for frame in sent}) == 50


@pytest.mark.parametrize(
    ("accept", "application", "good", "damaged", "other"),
    [
        ("", "", ["AA"], ["AE"], ["AR"]),
        ("AL", "NE", ["CA"], ["CE"], ["CR"]),
        ("NE", "AL", ["AA"], ["AE"], ["AR"]),
        ("AL", "AL", ["CA", "AA"], ["CE", "AE"], ["CR", "AR"]),
        ("AL", "", ["CA"], ["CE"], ["CR"]),
        ("ER", "SU", ["AA"], ["CE"], ["CR"]),
        ("SU", "ER", ["CA"], ["AE"], ["AR"]),
        ("NE", "NE", [], [], []),
        ("??", "", [], [], []),
    ],
)
def test_acknowledgements_are_those_the_sender_asks_for(
    accept: str, application: str, good: list[str], damaged: list[str], other: list[str]
) -> None:
    assert codes(asking(accept, application)) == good
    assert codes(asking(accept, application, row="?|1")) == damaged
    assert codes(asking(accept, application, kind="MDM^T02")) == other


def test_the_profile_may_answer_always_or_never() -> None:
    assert codes(asking("NE", "NE"), "ward", ALWAYS) == ["AA"]
    assert codes(asking("AL", "AL"), "ward", NEVER) == []


@pytest.mark.parametrize("kind", ["ACK", "ACK^R01^ACK", "MCF"])
def test_an_acknowledgement_is_never_acknowledged(kind: str) -> None:
    assert codes(sender.frame(sender.header(kind), "MSA|AA|1")) == []


def test_updates_of_patients_are_accepted_where_the_profile_says_so() -> None:
    assert codes(OTHER, "comen_nc5") == ["AA"]
    assert codes(OTHER) == ["AR"]
    assert codes(sender.frame(sender.header("QRY^R02"), "QRD|1"), "comen_nc5") == ["AR"]


@pytest.mark.parametrize("kind", ["ADT^A08", "QRY^R02", "ORU^W01", "ORF^R99", "MCF", ""])
def test_other_messages_are_rejected_whole_and_show_that_the_line_lives(kind: str) -> None:
    frame = sender.frame(sender.header(kind), ROW)
    events = sender.read(frame)
    assert links(events) == [LinkState.CONNECTED]
    assert rejected(events) == [FrameRejected(f"message type not supported: {kind!r}", frame)]


@pytest.mark.parametrize("kind", ["ORU", "ORU^R01", "ORU^R30", "ORU^R31^ORU_R30", "ORF^R04"])
def test_results_come_under_several_types(kind: str) -> None:
    frame = sender.frame(sender.header(kind), ROW)
    assert [n.value for n in sender.numerics(sender.read(frame))] == [66]


def test_a_damaged_message_is_rejected_and_an_unreadable_one_is_not_answered() -> None:
    (damage,) = rejected(sender.read(DAMAGED))
    assert damage == FrameRejected("malformed message: its segments are damaged", DAMAGED)
    unreadable = b"\x0bPID|1\x1c\r"
    (only,) = sender.read(unreadable)
    assert only == FrameRejected("malformed message: it does not begin with MSH", unreadable)
    assert codes(unreadable) == []


def test_two_messages_in_one_frame_are_two_patients() -> None:
    frame = sender.frame(sender.header(), "PV1||I|ICU^^1", ROW, sender.header(), ROW)
    events = sender.read(frame)
    assert [m.origin for m in messages(events)] == ["ICU^^1", "WARD_GATEWAY"]
    assert rejected(events) == []


def test_a_listener_neither_answers_nor_asks() -> None:
    session = sender.session("efficia", listen_only=True)
    session.receive(results(ROW), START)
    session.tick(START.plus(60))
    assert session.bytes_to_send() == b""


def test_a_peer_that_reads_nothing_does_not_fill_the_memory() -> None:
    session = sender.session()
    for _ in range(100):
        session.receive(results(ROW) * 20, START)
    assert len(session.bytes_to_send()) < 70_000


def test_a_sender_is_connected_when_heard_and_lost_after_a_silence() -> None:
    session = sender.session()
    assert links(session.tick(START)) == []
    assert links(session.receive(results(ROW) * 2, START)) == [LinkState.CONNECTED]
    assert links(session.tick(START.plus(179))) == []
    assert links(session.tick(START.plus(180))) == [LinkState.LOST]
    assert links(session.receive(results(ROW), START.plus(200))) == [LinkState.CONNECTED]


def asked(profile: str, seconds: list[float]) -> list[float]:
    session = sender.session(profile)
    found = []
    for second in seconds:
        session.tick(START.plus(second))
        found += [second] * session.bytes_to_send().count(b"QRY^R02")
    return found


def test_a_sender_that_talks_unasked_is_never_asked() -> None:
    assert asked("efficia_lan", [0, 60, 600]) == []


def test_a_query_that_is_not_answered_is_repeated_after_its_time_out() -> None:
    assert asked("efficia", [0, 1, 5, 9.9, 10, 15, 20, 3600, 3601]) == [0, 10, 20, 3600]


@pytest.mark.parametrize("kind", ["ORF^R04", "ACK^R04"])
def test_a_query_that_is_answered_is_followed_by_the_next_in_time(kind: str) -> None:
    session = sender.session("efficia")
    found = []
    for second in range(12):
        session.tick(START.plus(second))
        if b"QRY^R02" in session.bytes_to_send():
            found.append(second)
            session.receive(sender.frame(sender.header(kind), "MSA|AA|1", ROW), START.plus(second))
    assert found == [0, 5, 10]


def test_the_answer_to_a_query_is_acknowledged() -> None:
    assert codes(sender.frame(sender.header("ORF^R04"), "MSA|AA|1", ROW), "efficia") == ["AA"]


def test_a_monitor_that_is_asked_is_connecting_until_it_answers() -> None:
    session = sender.session("efficia")
    assert links(session.tick(START)) == [LinkState.CONNECTING]
    assert links(session.tick(START.plus(10))) == []
    answer = sender.frame(sender.header("ORF^R04"), ROW)
    assert links(session.receive(answer, START.plus(11))) == [LinkState.CONNECTED]
    assert links(session.tick(START.plus(16))) == []
    lost = session.tick(START.plus(41))
    assert links(lost) == [LinkState.LOST, LinkState.CONNECTING]


def test_a_released_session_asks_no_more() -> None:
    session = sender.session("efficia")
    session.release()
    session.tick(START)
    assert session.bytes_to_send() == b""


STREAM = [
    results(ROW, obx(SPO2, value, PERCENT), place=f"ICU^^{value}")
    for value in ("91", "92", "93", "94", "95")
]


def decode(*chunks: bytes) -> list[SessionEvent]:
    session = sender.session(listen_only=True)
    events = [event for chunk in chunks for event in session.receive(chunk, START)]
    return events + session.tick(START.plus(SILENCE_S))


def received(events: list[SessionEvent]) -> list[NumericsReceived]:
    return messages(events)


def test_a_thousand_random_splits_give_the_same_events() -> None:
    chance = random.Random(3)
    stream = b"..".join(STREAM) + OTHER + DAMAGED
    whole = decode(stream)
    for _ in range(1000):
        cuts = sorted(chance.choices(range(len(stream)), k=chance.randrange(1, 20)))
        chunks = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
        assert decode(*chunks) == whole


def test_a_message_cut_anywhere_costs_only_itself() -> None:
    frame, after = STREAM[0], STREAM[1]
    expected = received(decode(after))
    for length in range(1, len(frame) - 1):
        events = decode(frame[:length], after)
        assert received(events) == expected
        assert b"".join(r.raw for r in rejected(events)) == frame[:length]


def test_a_lying_end_costs_one_message_once_the_line_is_quiet() -> None:
    session = sender.session()
    half = STREAM[0][:-2]
    assert rejected(session.receive(half, START)) == []
    assert rejected(session.tick(START.plus(SILENCE_S - 0.1))) == []
    (only,) = rejected(session.tick(START.plus(SILENCE_S)))
    assert only.raw == half
    later = START.plus(SILENCE_S + 1)
    assert len(received(session.receive(STREAM[1], later))) == 1


def test_flipped_bytes_never_raise_and_no_message_that_they_spare_is_lost() -> None:
    chance = random.Random(5)
    stream, spared = bytearray(), list[str]()
    for n in range(400):
        frame = bytearray(results(ROW, place=f"ICU^^{n:03d}"))
        if chance.random() < 0.3:
            for _ in range(3):
                frame[chance.randrange(1, len(frame))] ^= 1 << chance.randrange(8)
        else:
            spared.append(f"ICU^^{n:03d}")
        stream += frame
    events = decode(bytes(stream))
    assert set(spared) - {m.origin for m in received(events)} == set()
    assert len(spared) > 200


def test_nothing_happens_without_bytes() -> None:
    session = sender.session()
    assert session.receive(b"", START) == []
    assert session.tick(Instant(0, 0)) == []
