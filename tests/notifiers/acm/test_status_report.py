"""Reports of status (R41): forms that alert managers write, and what they say about whom."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.hl7_oru import er7
from edge_agent.model.calls import ReceiptFact
from edge_agent.notifiers.acm.alert_reader import read_alert
from edge_agent.notifiers.acm.status_report import (
    PersonStatus,
    StatusKind,
    StatusReport,
    read_status,
)
from tests.support.notices import UUID

DRAEGER = f"""\
MSH|^~\\&#||MockAM|||20191105183942||ORA^R41^ORA_R41|79||2.7
OBR|||1^{UUID}
PRT|||Delivered
"""
FULL = f"""\
MSH|^~\\&|AM|Site|CRSWATCH|st-anna|20231114221321+0000||ORA^R41^ORA_R41|S1|P|2.6|||AL|NE
MSA|AA|C1
PV1||I|w3^^bed-1^st-anna
OBR|1|n-1^CRSWATCH|3^urn:uuid:{UUID}^02^EUI-64
PRT|1|UC|Accepted^accepted by the nurse|AAP|nurse-7^Beckett^Ann
PRT|2|UC|Undeliverable||nurse-8
"""


def read(text: str) -> StatusReport:
    return read_status(er7.parse(text.replace("\n", "\r").encode()))


def test_the_form_of_draegers_sample_is_read() -> None:
    assert read(DRAEGER) == StatusReport(
        control_id="79",
        answered_id="",
        notice_id="",
        alert_id=UUID,
        n=1,
        bed_id="",
        statuses=(PersonStatus("Delivered", ""),),
    )


def test_every_reference_and_every_person_is_read() -> None:
    assert read(FULL) == StatusReport(
        control_id="S1",
        answered_id="C1",
        notice_id="n-1",
        alert_id=UUID,
        n=3,
        bed_id="bed-1",
        statuses=(PersonStatus("Accepted", "nurse-7"), PersonStatus("Undeliverable", "nurse-8")),
    )


def test_an_alert_is_found_by_its_parent_too() -> None:
    lines = "MSH|^~\\&|AM||||20231114||ORA^R41^ORA_R41|S1|P|2.6\nOBR|1" + "|" * 28
    found = read(f"{lines}^0&{UUID}&02&EUI-64\nPRT|||Read\n")
    assert (found.alert_id, found.n) == (UUID, None)


def test_a_status_without_a_participant_is_read_from_the_results() -> None:
    text = FULL.split("PRT", maxsplit=1)[0] + "PRT|1|UC|||nurse-7\nOBX|1|ST|1^x||rejected\n"
    assert read(text).statuses == (PersonStatus("rejected", "nurse-7"),)
    assert read(FULL.split("PRT", maxsplit=1)[0]).statuses == ()


def test_a_person_without_an_id_is_named_by_the_family() -> None:
    assert read(FULL.replace("nurse-7^", "^")).statuses[0].person == "Beckett"


def test_a_report_without_anything_is_empty() -> None:
    found = read("MSH|^~\\&|AM||||20231114||ORA^R41^ORA_R41|S1|P|2.6\n")
    assert (found.alert_id, found.n, found.statuses) == ("", None, ())


PIECES = st.sampled_from(
    [
        "|",
        "^",
        "&",
        "~",
        "\\",
        "OBR",
        "PRT",
        "OBX",
        "PV1",
        "MSA",
        "\r",
        "9" * 5000,
        "Read",
        UUID,
        "ä",
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=40))
def test_nothing_after_a_header_raises(pieces: list[str]) -> None:
    text = "MSH|^~\\&|AM||||20231114||ORA^R41^ORA_R41|S1|P|2.6\r" + "".join(pieces)
    message = er7.parse(text.encode("utf-8", "replace"))
    assert isinstance(read_status(message), StatusReport)
    alert = er7.parse(text.replace("ORA^R41^ORA_R41", "ORU^R40").encode("utf-8", "replace"))
    with suppress(ValueError):
        read_alert(alert)


@pytest.mark.parametrize(
    ("word", "fact"),
    [
        ("Delivered", ReceiptFact.DELIVERED),
        ("READ", ReceiptFact.SEEN),
        ("Accepted Positive", ReceiptFact.ACCEPTED),
        ("AcceptedNegative", ReceiptFact.REJECTED),
        ("rejected", ReceiptFact.REJECTED),
        ("Undeliverable", ReceiptFact.FAILED),
        ("Received", None),
    ],
)
def test_words_are_known_in_any_spelling(word: str, fact: ReceiptFact | None) -> None:
    status = PersonStatus(word, "")
    assert status.is_known
    assert status.fact is fact


def test_an_unknown_word_says_nothing() -> None:
    assert not PersonStatus("Vaporised", "").is_known
    assert PersonStatus("Vaporised", "").fact is None


@pytest.mark.parametrize(
    ("kind", "is_status"),
    [
        ("ORA^R41^ORA_R41", True),
        ("ORA^R41", True),
        ("ORU^R42^ORA_R41", True),
        ("ACK^R40^ACK", False),
        ("ORU^R01^ORU_R01", False),
    ],
)
def test_trigger_or_structure_tell_a_report_of_status(kind: str, is_status: bool) -> None:  # noqa: FBT001
    message = er7.parse(f"MSH|^~\\&|AM||||20231114||{kind}|S1|P|2.6\r".encode())
    assert StatusKind().is_in(message) is is_status


def test_another_trigger_may_be_configured() -> None:
    message = er7.parse(b"MSH|^~\\&|AM||||20231114||ORU^R42^ORU_R42|S1|P|2.6\r")
    assert StatusKind("R42", "ORU_R42").is_in(message)
    assert StatusKind("R42", "ORA_R41").is_in(message)
    assert not StatusKind().is_in(message)
