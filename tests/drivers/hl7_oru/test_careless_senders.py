"""Careless framing, lines and names of senders cost no value and repeat no message."""

from __future__ import annotations

import pytest

from edge_agent.drivers.hl7_oru import batches
from edge_agent.drivers.hl7_oru.session import SILENCE_S
from edge_agent.model.session_events import FrameRejected, NumericsReceived, SessionEvent
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.sender import BPM, DEGC, HR, PERCENT, SPO2, START, TEMP, obx

HEART, OXYGEN, HEAT = obx(HR, "88", BPM), obx(SPO2, "97", PERCENT), obx(TEMP, "38.4", DEGC)
LINES = [sender.header(), "PID|1", "PV1|1|I|ICU^^5", "OBR|1", HEART, OXYGEN, HEAT]
ALL = {147842: 88.0, 150456: 97.0, 150344: 38.4}


class Heard:
    """Result of a stream: events until the line was silent, and the answers."""

    def __init__(self, stream: bytes, profile: str = "", text: str = "") -> None:
        session = sender.session(profile, text)
        self.at_once = session.receive(stream, START)
        self.soon = session.tick(START.plus(1.0))
        self.events: list[SessionEvent] = [*self.at_once, *self.soon]
        self.events += session.tick(START.plus(SILENCE_S))
        sent = session.bytes_to_send().decode("latin-1")
        self.answers = [frame.split("MSA|")[1].split("|")[0] for frame in sent.split("\x0b")[1:]]

    @property
    def values(self) -> list[dict[int, float | None]]:
        """Values by code of each message."""
        said = [e for e in self.events if isinstance(e, NumericsReceived)]
        return [{n.code: n.value for n in message.numerics} for message in said]

    @property
    def origins(self) -> list[str]:
        """Place of each message."""
        return [e.origin for e in self.events if isinstance(e, NumericsReceived)]

    @property
    def reasons(self) -> list[str]:
        """Reason of each rejection."""
        return [e.reason for e in self.events if isinstance(e, FrameRejected)]


def written(lines: list[str], line_end: str = "\r") -> bytes:
    return "".join(line + line_end for line in lines).encode()


def framed(lines: list[str], line_end: str = "\r") -> bytes:
    return b"\x0b" + written(lines, line_end) + b"\x1c\r"


@pytest.mark.parametrize("line_end", ["\r", "\n", "\r\n", "\r\n\r\n", "\r   \r", "\r\t", "\x00\r"])
def test_lines_end_in_any_way(line_end: str) -> None:
    heard = Heard(framed(LINES, line_end))
    assert (heard.values, heard.answers, heard.reasons) == ([ALL], ["AA"], [])


@pytest.mark.parametrize(
    "change",
    [
        lambda body: b" " + body,
        lambda body: b"\x00\x00" + body,
        lambda body: b"\r\n" + body,
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: body + b"\x1a",
        lambda body: body + b"\x00\x00\x00",
        lambda body: body.rstrip(b"\r"),
        lambda body: body.replace(b"OBX|", b"   OBX|"),
        lambda body: body.replace(b"OBX|", b"obx|").replace(b"PV1", b"pv1"),
        lambda body: body.replace(b"MSH|", b"msh|"),
        lambda body: body.replace(b"OBX|", b"OBX |"),
        lambda body: body.replace(b"|^~\\&|", b"|^~\\\\&|"),
        lambda body: body.replace(b"|88|", b"|88\x00|").replace(b"97|", b"\x1a97|"),
        lambda body: body.replace(b"ICU^^5", b"ICU^^5\x00\x00"),
        lambda body: body.replace(b"\rOBX||NM|150456", b"\rNTE|1||a\x00b\x1a\rOBX||NM|150456"),
    ],
)
def test_padding_blanks_and_small_letters_cost_nothing(change: object) -> None:
    assert callable(change)
    heard = Heard(b"\x0b" + change(written(LINES)) + b"\x1c\r")
    assert (heard.values, heard.origins, heard.answers) == ([ALL], ["ICU^^5"], ["AA"])
    assert heard.reasons == []


@pytest.mark.parametrize("filler", [b"\x00", b"\x1a", b"\x01", b"\x02", b"\x1b", b"\x0c", b"\x7f"])
def test_a_control_character_beside_anything_costs_nothing(filler: bytes) -> None:
    whole = framed([*LINES[:5], "NTE|1||probe changed", *LINES[5:]])
    head, rest = whole.split(b"\r", 1)
    for stream in (
        filler + whole,
        whole[:1] + filler + whole[1:],
        whole[:-1] + filler + whole[-1:],
        whole[:-2] + filler + whole[-2:],
        whole + filler,
        whole.replace(b"changed", b"chan" + filler + b"ged"),
        whole.replace(b"\r", filler + b"\r"),
        whole.replace(b"\rOBX", b"\r" + filler + b"OBX"),
        head + b"\r" + rest.replace(b"^", filler + b"^").replace(b"|", b"|" + filler),
    ):
        heard = Heard(stream + framed(LINES))
        assert (heard.values, heard.origins) == ([ALL, ALL], ["ICU^^5"] * 2)
        assert (heard.answers, heard.reasons) == (["AA", "AA"], [])


@pytest.mark.parametrize("filler", ["\x00", "\x1a"])
def test_padding_between_the_digits_of_a_value_costs_that_value(filler: str) -> None:
    rows = [obx(HR, f"8{filler}8", BPM), OXYGEN]
    (values,) = Heard(framed([*LINES[:4], *rows])).values
    assert values == {147842: None, 150456: 97.0}


@pytest.mark.parametrize("end", [b"\x1c\r", b"\x1c\n", b"\x1c\r\n", b"\x1c", b"\x1c\r\r\n\x00 "])
def test_any_end_of_a_message_is_one(end: bytes) -> None:
    heard = Heard((b"\x0b" + written(LINES) + end) * 3)
    assert (heard.values, heard.answers, heard.reasons) == ([ALL] * 3, ["AA"] * 3, [])


@pytest.mark.parametrize("line_end", ["\r", "\n"])
def test_an_end_mark_inside_a_text_costs_nothing(line_end: str) -> None:
    note = f"NTE|1||a\x1c{line_end}b"
    lines = [*LINES[:5], note, *LINES[5:]]
    heard = Heard(framed(lines, line_end) + framed(LINES))
    assert heard.values == [{147842: 88.0}, {150456: 97.0, 150344: 38.4}, ALL]
    assert heard.origins == ["ICU^^5"] * 3
    assert (heard.answers, heard.reasons) == (["AA", "AA"], [])
    twice = [*LINES[:5], note, LINES[5], note, LINES[6]]
    heard = Heard(framed(twice, line_end))
    assert heard.values == [{147842: 88.0}, {150456: 97.0}, {150344: 38.4}]


def test_the_rest_of_a_rest_is_the_last_patients_or_nobodys() -> None:
    note, other = "NTE|1||a\x1c\rb", ["PID|2", "PV1||I|ICU^^6"]
    lines = [*LINES[:5], note, OXYGEN, *other, HEART, note, HEAT]
    heard = Heard(framed(lines))
    assert heard.origins == ["ICU^^5", "ICU^^5", "ICU^^6", "ICU^^6"]
    assert heard.values[-1] == {150344: 38.4}
    broken = [*LINES[:5], note.replace("b", "b|"), *other, HEART, note, HEAT]
    heard = Heard(framed(broken) + framed(LINES))
    assert heard.origins == ["ICU^^5", "ICU^^6", "ICU^^6", "ICU^^5"]
    torn = [*LINES[:5], note, *other, HEART, "OB?|1", note, HEAT]
    heard = Heard(framed(torn) + framed(LINES))
    assert (heard.origins, heard.values[-1]) == (["ICU^^5", "ICU^^5"], ALL)
    assert heard.reasons == ["bytes outside a message"] * 2


def test_an_end_mark_inside_a_row_never_gives_another_value() -> None:
    row = obx(SPO2, "197", PERCENT).replace("197", "1\x1c\r97")
    heard = Heard(framed([*LINES[:5], row, HEAT]))
    assert heard.values[1] == {150344: 38.4}
    assert sender.numerics(heard.events)[1].unit_code == 0


REST = b"b\rOBX||NM|150456^^MDC||97|%|||||F\r\x1c\r"


@pytest.mark.parametrize(
    "stream",
    [
        REST,
        framed(LINES)[:-1] + REST,
        framed(LINES) + b"noise\x1c\r" + REST,
        framed(LINES) + REST.replace(b"\x1c\r", b""),
        framed(LINES) + REST.replace(b"\x1c\r", b"") + framed(LINES),
        framed(LINES) + framed([sender.header("ADT^A08"), *LINES[1:]]) + REST,
        framed(LINES) + REST.replace(b"OBX||", b"OBX "),
        framed([sender.header("ADT^A08"), *LINES[1:]]) + REST,
        framed([LINES[0], "?|1", HEART]) + REST,
        framed([*LINES[:2], "ZZZ|" + "z" * 8192, *LINES[2:]]) + REST,
        framed(LINES[:3])[:-3].replace(b"ICU^^5", b"ICU^^1") + b"\x1c\r" + REST,
        framed(LINES[:4]) + REST,
        framed([*LINES[:5], "OBR|2"]) + REST,
        framed(LINES) + b"b\rPV1|1|I|ICU^^6\rOB?|2\rOBX||NM|150456^^MDC||97|%|||||F\r\x1c\r",
    ],
)
def test_what_may_be_the_rest_of_nothing_is_given_up(stream: bytes) -> None:
    heard = Heard(stream)
    assert {150456: 97.0} not in heard.values
    assert heard.reasons


def test_a_message_in_utf_16_has_no_rest() -> None:
    assert batches.context("MSH|^~\\&|\rOBX|1".encode("utf-16-le")) == b""
    assert batches.context(b"MSH#^~\\&#\r\n obx#1\rnte#2\r\x00") == b"MSH#^~\\&#\rNTE#"


@pytest.mark.parametrize("end", [b"\x1c", b"\x1c\x00", b"\x1c \x1a"])
def test_an_end_mark_alone_is_believed_after_a_second(end: bytes) -> None:
    session = sender.session()
    assert session.receive(b"\x0b" + written(LINES) + end, START) == []
    assert session.tick(START.plus(0.9)) == []
    assert len(sender.messages(session.tick(START.plus(1.0)))) == 1
    assert session.receive(b"\r", START.plus(1.1)) == []
    assert session.tick(START.plus(60)) == []


@pytest.mark.parametrize("line_end", ["\r", "\n", "\r\n"])
def test_a_message_without_marks_is_read_and_answered(line_end: str) -> None:
    text = written(LINES, line_end)
    heard = Heard(text + text)
    assert (heard.values, heard.answers, heard.reasons) == ([ALL] * 2, ["AA"] * 2, [])
    assert len(sender.messages(heard.soon)) == 1


def test_half_a_row_without_marks_is_no_row() -> None:
    heard = Heard(written(LINES)[:-20])
    assert heard.values == [{147842: 88.0, 150456: 97.0}]
    assert heard.reasons == ["the line fell silent within a line"]
