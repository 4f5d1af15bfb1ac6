"""Lines of several kinds, serial numbers, silence and hostile bytes."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.ascii_line import SPEC
from edge_agent.drivers.ascii_line.definition_file import MAX_TEXT
from edge_agent.model.session_events import DeviceIdentified, FrameRejected, LinkChanged, LinkState
from tests.drivers.ascii_line.line import (
    HEAD,
    SPO2,
    START,
    decoded,
    definition,
    messages,
    numerics,
    opened,
    printed,
    reasons,
    serials,
)
from tests.drivers.ascii_line.test_session import PULSE

ID = '[fields.id]\nrole = "serial"\nlongest = 8\n'


def states(events: list[object]) -> list[LinkState]:
    return [event.state for event in events if isinstance(event, LinkChanged)]


def test_lines_of_several_kinds_share_fields_and_a_header_gives_nothing() -> None:
    text = (
        definition("HEADER {id}", ID, SPO2, PULSE)
        + '\n[[line]]\npattern = "S={spo2}"\n[[line]]\npattern = "S={spo2} P={pulse}"'
    )
    events = decoded(b"HEADER 007\nS= 97\nS= 98 P=72\n", text)
    assert [[printed(n) for n in m.numerics] for m in messages(events)] == [
        ["spo2 97 % valid"],
        ["spo2 98 % valid", "pulse_rate 72 /min valid"],
    ]
    assert reasons(events) == []


def test_the_serial_number_is_told_when_known_and_when_it_differs() -> None:
    text = definition("S={spo2}", ID, SPO2) + '\n[[line]]\npattern = "ID={id};"'
    events = decoded(b"S= 97\nID=007;\nS= 97\nID=007;\nID=A-12345;\n", text)
    assert serials(events) == ["007", "A-12345"]
    assert [e.model for e in events if isinstance(e, DeviceIdentified)] == ["Probe", "Probe"]


def test_a_device_without_a_serial_number_is_told_once() -> None:
    text = definition("S={spo2}", SPO2)
    assert serials(decoded(b"S= 97\n" * 3, text)) == [""]


def test_an_ignored_text_ends_where_the_pattern_says() -> None:
    ignored = '[fields.note]\nrole = "ignore"\nlongest = 20\n'
    text = definition("S={spo2} [{note}]", SPO2, ignored)
    assert len(numerics(decoded(b"S= 97 [any text, 5%]\n", text))) == 1
    assert reasons(decoded(b"S= 97 [a]b]\n", text)) != []
    assert (
        len(numerics(decoded(b"S= 97 rest\n", definition("S={spo2} {note}", SPO2, ignored)))) == 1
    )


def test_an_ignored_text_of_fixed_width_may_hold_anything() -> None:
    text = definition(
        "[{x}] {x_2}{spo2}",
        SPO2,
        *(f'[fields.{name}]\nrole = "ignore"\nwidth = 4\n' for name in ("x", "x_2")),
    )
    assert len(numerics(decoded(b"[a] {] ]{ [ 97\n", text))) == 1
    assert reasons(decoded(b"[a] {] ]{ 97\n", text)) == ["the line does not match the definition"]


def test_braces_of_the_device_are_doubled_in_the_pattern() -> None:
    assert len(numerics(decoded(b"{S= 97}\n", definition("{{S={spo2}}}", SPO2)))) == 1


def test_a_device_that_talks_always_is_lost_when_it_does_not() -> None:
    session = opened(definition("{spo2}", SPO2, head=HEAD + "quiet_s = 10"))
    assert states([*session.receive(b" 97\n", START)]) == [LinkState.CONNECTED]
    assert states([*session.tick(START.plus(9.9))]) == []
    assert states([*session.tick(START.plus(10))]) == [LinkState.LOST]


def test_the_silence_of_a_device_that_prints_only_readings_says_nothing() -> None:
    session = opened(definition("{spo2}", SPO2))
    session.receive(b" 97\n", START)
    assert states([*session.tick(START.plus(1e6))]) == []


def test_a_half_line_is_settled_by_silence_and_empty_reads_do_not_count() -> None:
    session = opened(definition("S={spo2}", SPO2))
    session.receive(b"S= 9", START)
    session.receive(b"", START.plus(SPEC.silence_s / 2))
    assert reasons(session.tick(START.plus(SPEC.silence_s * 0.9))) == []
    assert len(reasons(session.tick(START.plus(SPEC.silence_s)))) == 1


def test_nothing_is_ever_sent() -> None:
    session = opened(definition("S={spo2}", SPO2))
    session.receive(b"S= 97\n", START)
    session.release()
    session.tick(START.plus(100))
    assert session.bytes_to_send() == b""


@given(st.binary(max_size=600), st.integers(0, 2**32))
def test_any_bytes_in_any_pieces_give_the_same_and_none_is_lost(noise: bytes, seed: int) -> None:
    sound = b"S= 97\r\n"
    stream, chance = sound + noise + b"\n" + sound, random.Random(seed)
    session, text = opened(definition("S={spo2}", SPO2)), definition("S={spo2}", SPO2)
    events, at = [], 0
    while at < len(stream):
        step = chance.randrange(1, 50)
        events += session.receive(stream[at : at + step], START)
        at += step
    events += session.tick(START.plus(SPEC.silence_s))
    assert events == decoded(stream, text)
    given_up = b"".join(e.raw for e in events if isinstance(e, FrameRejected))
    assert len(messages(events)) == 2
    assert given_up.translate(None, b"\r\n") == noise.translate(None, b"\r\n")


def test_a_hostile_line_is_matched_in_a_time_in_proportion_to_its_length() -> None:
    note = '[fields.n{}]\nrole = "ignore"\nlongest = 40\n'
    names = [f"{{n{i}}}," for i in range(5)]
    text = definition("".join(names) + "{spo2}", SPO2, *(note.format(i) for i in range(5)))
    wire = (b"a," * (MAX_TEXT // 2) + b"\n") * 2000
    assert len(reasons(decoded(wire, text))) == 2000
