"""Text lines are taken as the manuals print them, and in no other way."""

from __future__ import annotations

import pytest

from tests.drivers.nonin.line import HR, SPO2, V, decoded, messages, rejections, vitals


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (b"SPO2=098 HR=072", 0),
        (b"SPO2=098 HR=072*", 1),
        (b"SPO2=098 HR=072 *", 1),
        (b"SPO2=098 HR=072 F", 2),
        (b"SPO2=098 HR=072 F*", 3),
        (b"SPO2=098 HR=072 B", 4),
        (b"23:59:59 SPO2=098 HR=072", 0),
        (b"00:00:00  SPO2=098  HR=072  B *  ", 5),
    ],
)
def test_every_printed_form_of_a_line_is_read(text: bytes, state: int) -> None:
    for end in (b"\r\n", b"\n\r", b"\r", b"\n"):
        assert vitals(text + end, "ascii") == [(72, 98, V)]
    (message,) = messages(decoded(text + b"\r\n", "ascii"))
    assert message[HR].state == message[SPO2].state == state


@pytest.mark.parametrize(
    "text",
    [
        b"SPO2=98 HR=072",
        b"SPO2=0098 HR=072",
        b"SPO2=098 HR=72",
        b"SPO2=098 HR=0x2",
        b"SPO2=098HR=072",
        b"SPO2=098 HR=07",
        b"SPO2=-98 HR=072",
        b"SPO2=--- HR=--",
        b"SPO2=098 HR=072 X",
        b"SPO2=098 HR=072 BB",
        b"spo2=098 hr=072",
        b"24:00:00 SPO2=098 HR=072",
        b"12:60:00 SPO2=098 HR=072",
        b"SPO2=\xb998 HR=072",
        b"NONIN 9600 AVANT",
    ],
)
def test_any_other_line_is_rejected_whole(text: bytes) -> None:
    found = decoded(text + b"\r\nSPO2=098 HR=072\r\n", "ascii")
    assert [raw for _, raw in rejections(found)] == [text + b"\r"]
    assert len(messages(found)) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"SPO2=97 HR=72", "SPO2 or HR does not have three digits: one may be lost"),
        (b"12:00:00 SPO2=098 HR=72 *", "SPO2 or HR does not have three digits: one may be lost"),
        (b"SPO2=098 HR=0x2", "not a line of real-time data"),
        (b"NONIN 9600 AVANT", "not a line of real-time data"),
    ],
)
def test_a_line_that_is_not_read_says_why(text: bytes, reason: str) -> None:
    assert rejections(decoded(text + b"\r\n", "ascii")) == [(reason, text + b"\r")]


def test_what_adapters_add_to_a_line_costs_nothing() -> None:
    line = b"SPO2=098 HR=072*\r\n"
    even = bytes(byte | 0x80 * (byte.bit_count() % 2) for byte in line)
    for data in (even, b"\0" + line, line.replace(b"\r\n", b"\r\r\n"), line + b"\n"):
        found = decoded(data * 3, "ascii")
        assert len(messages(found)) == 3
        assert rejections(found) == []


@pytest.mark.parametrize("rest", [b"SPO2=097 HR=0", b"12:00:00", b" ", b"12:0", b"HR=99 "])
def test_a_line_survives_the_rest_of_one_that_was_cut_short(rest: bytes) -> None:
    for line in (b"SPO2=098 HR=072\r", b"12:00:07  SPO2=098 HR=072\r"):
        found = decoded(rest + line, "ascii")
        assert rejections(found) == [("bytes before the beginning of a line", rest)]
        assert len(messages(found)) == 1


@pytest.mark.parametrize("text", [b"SPO2=101 HR=072", b"SPO2=098 HR=322", b"SPO2=098 HR=999"])
def test_numbers_out_of_range_cost_the_line(text: bytes) -> None:
    found = decoded(text + b"\r", "ascii")
    assert rejections(found) == [("a number that these oximeters never send", text + b"\r")]


def test_a_half_line_is_settled_by_silence() -> None:
    assert rejections(decoded(b"SPO2=098 H", "ascii")) == [
        ("the line fell silent before the end of a text line", b"SPO2=098 H")
    ]
