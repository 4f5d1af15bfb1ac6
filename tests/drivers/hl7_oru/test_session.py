"""Links, queries and damage of one line."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from edge_agent.drivers.hl7_oru.session import SILENCE_S
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import LinkState, NumericsReceived, SessionEvent
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.heard import DAMAGED, OTHER, ROW, codes, links
from tests.drivers.hl7_oru.sender import PERCENT, SPO2, START, messages, obx, rejected, results


def test_a_listener_neither_answers_nor_asks() -> None:
    session = sender.session("efficia", listen_only=True)
    session.receive(results(ROW), START)
    session.tick(START.plus(60))
    assert session.bytes_to_send() == b""


@pytest.mark.untraced
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
    results(ROW, obx(SPO2, value, PERCENT), location=f"ICU^^{value}")
    for value in ("91", "92", "93", "94", "95")
]


def decode(*chunks: bytes) -> list[SessionEvent]:
    session = sender.session(listen_only=True)
    events = [event for chunk in chunks for event in session.receive(chunk, START)]
    return events + session.tick(START.plus(SILENCE_S))


def received(events: list[SessionEvent]) -> list[NumericsReceived]:
    return messages(events)


@pytest.mark.untraced
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
        frame = bytearray(results(ROW, location=f"ICU^^{n:03d}"))
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
