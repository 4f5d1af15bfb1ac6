"""Batches, long messages and unusual types of careless senders."""

from __future__ import annotations

import random

import pytest

from edge_agent.drivers.hl7_oru.frames import MAX_FRAME
from edge_agent.drivers.hl7_oru.session import MOST_SEGMENTS
from edge_agent.model.measurements import Validity
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.sender import BPM, HR, PERCENT, SPO2, obx
from tests.drivers.hl7_oru.test_careless_senders import ALL, HEART, LINES, Heard, framed, written

NEVER = 'acknowledge = "never"'


def test_a_batch_is_read_message_by_message() -> None:
    other = [line.replace("ICU^^5", "ICU^^6").replace("M1", "M2") for line in LINES]
    batch = ["FHS|^~\\&|MON", "BHS|^~\\&|MON", *LINES, *other, "BTS|2", "FTS|1"]
    for stream in (framed(batch), framed(batch, "\r\n"), written(batch)):
        heard = Heard(stream)
        assert (heard.values, heard.origins) == ([ALL, ALL], ["ICU^^5", "ICU^^6"])
        assert (heard.answers, heard.reasons) == (["AA", "AA"], [])


@pytest.mark.parametrize("body", [b"", b"\r", b" \r\n"])
def test_a_frame_without_a_message_is_counted(body: bytes) -> None:
    heard = Heard(b"\x0b" + body + b"\x1c\r")
    assert heard.reasons == ["malformed message: it does not begin with MSH"]


def test_an_empty_batch_says_nothing() -> None:
    heard = Heard(written(["FHS|^~\\&|MON", "BHS|^~\\&|MON"]) + framed(LINES))
    assert heard.values == [ALL]


def test_text_before_a_header_in_one_frame_is_rejected_alone() -> None:
    heard = Heard(framed(["hello", *LINES]))
    assert (heard.values, heard.answers) == ([ALL], ["AA"])
    assert heard.reasons == ["malformed message: it does not begin with MSH"]


def test_one_bad_message_of_a_batch_costs_itself() -> None:
    bad = [LINES[0], "?|1", HEART]
    heard = Heard(framed([*bad, *LINES, "MSH|||", *LINES]))
    assert (heard.values, heard.answers) == ([ALL, ALL], ["AE", "AA", "AA"])


def test_a_long_message_is_read() -> None:
    wave = "OBX|9|ED|WAVE||^^^Base64^" + "A" * 200_000
    heard = Heard(framed([*LINES, wave]))
    assert (heard.values, heard.answers) == ([ALL], ["AA"])


def test_a_message_that_is_too_long_is_refused_and_not_asked_for_again() -> None:
    wave = "OBX|9|ED|WAVE||^^^Base64^" + "A" * MAX_FRAME
    heard = Heard(framed([*LINES, wave]) + framed(LINES))
    assert (heard.values, heard.answers) == ([ALL], ["AR", "AA"])
    assert heard.reasons[0] == "no end of message within the longest legal message"
    assert Heard(b"\x0bPID" + b"A" * (MAX_FRAME + 64)).answers == []


def test_a_message_of_too_many_segments_is_refused_and_not_asked_for_again() -> None:
    most = [*LINES, *(["NTE|1"] * (MOST_SEGMENTS - len(LINES) + 1))]
    assert Heard(framed(most)).values == [ALL]
    heard = Heard(framed([*most, "NTE|1"]) + framed(LINES))
    assert (heard.values, heard.answers) == ([ALL], ["AR", "AA"])
    assert heard.reasons == ["more segments than a message can have"]


@pytest.mark.parametrize(
    ("kind", "is_read"),
    [
        *((kind, True) for kind in ("ORU^R01", "ORU", "ORU_R01", "oru^r01", "ORU^R01^", "ORU~R01")),
        *(
            (kind, True)
            for kind in ("^^ORU_R01", "R01", "ORU^PCD01", "ORU^R01^ORU_R01", "ORU ^R01")
        ),
        *((kind, False) for kind in ("OUL^R22", "ORU^W01", "ORU_W01", "ORU^R42", "", "R02", "_")),
    ],
)
def test_results_are_known_by_any_form_of_their_type(kind: str, *, is_read: bool) -> None:
    heard = Heard(framed([sender.header(kind), *LINES[1:]]))
    assert heard.values == ([ALL] if is_read else [])
    assert heard.answers == (["AA"] if is_read else ["AR"])
    assert heard.reasons == ([] if is_read else [f"message type not supported: {kind!r}"])


def test_a_row_of_another_kind_of_name_is_told_and_the_rest_is_read() -> None:
    nihon = [
        r"MSH|^~\&|NK|NK|APP|FAC|20260912120000||ORU^R01^ORU_R01|7|P|2.4||NE|AL||ASCII||ASCII",
        "PV1||I|^^BED-001^10.0.0.98:1",
        "OBR|1|||VITAL|||20260912120000",
        "OBX|1|NM|007001^VITAL PR(spo2)|1|77|/min|||||F|||20260912120000|||",
        "OBX|2|NM|072007^VITAL rPR(spo2)|1|77|/min|||||F|||20260912120000|||",
    ]
    text = '[codes.""]\n"007001" = 149530\n'
    heard = Heard(framed(nihon), "ward", text)
    assert heard.origins == ["^^BED-001^10.0.0.98:1"]
    assert heard.values[0][149530] == 77
    assert heard.reasons == ["not understood: code 072007^VITAL rPR(spo2)"]


BEDS = {61: "ICU^^1", 62: "ICU^^2", 63: "ICU^^12", 64: "W^^4"}
MARKS = (
    *(b"\n", b"\r", b"\r\n", b"\x00", b"\x1a", b"\x0b", b"\x0bMSH|"),
    *(b"\x1c", b"\x1c\r", b"\x1c\r\n"),
)


def told_by(rate: int) -> list[str]:
    """Return the lines about the patient whose heart beats so often."""
    rows = [obx(HR, str(rate), BPM), "NTE|1||x y z", obx(SPO2, str(rate + 30), PERCENT)]
    return ["PID|1||7", f"PV1||I|{BEDS[rate]}", "OBR|1", *rows]


_AS_ONE = 3


def stream_of(rates: list[int], form: int) -> bytes:
    """Return the patients as messages, as one frame of them, without marks or as one message."""
    if form == _AS_ONE:
        return framed([LINES[0], *(line for rate in rates for line in told_by(rate))])
    each = [[LINES[0], *told_by(rate)] for rate in rates]
    if form == 0:
        return b"".join(map(framed, each))
    together = [line for lines in each for line in lines]
    return framed(together) if form == 1 else written(together)


def test_marks_and_line_ends_anywhere_never_mix_two_patients() -> None:
    chance = random.Random(7)
    heard = 0
    for trial in range(400):
        stream = bytearray(stream_of(chance.sample(list(BEDS), 3), trial % 4))
        for _ in range(chance.randrange(1, 5)):
            at = chance.randrange(len(stream))
            stream[at:at] = chance.choice(MARKS)
        for message in sender.messages(Heard(bytes(stream), text=NEVER).events):
            for n in message.numerics:
                if n.validity is Validity.VALID and n.unit_code and n.code in {147842, 150456}:
                    assert n.value is not None
                    bed = BEDS[round(n.value) - (30 if n.code == 150456 else 0)]
                    assert message.origin == bed or message.origin not in BEDS.values()
                    heard += 1
    assert heard > 1200
