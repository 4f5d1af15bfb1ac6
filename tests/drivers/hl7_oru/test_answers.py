"""Acknowledgements of messages: to whom, which kind, and when none is sent."""

from __future__ import annotations

import pytest

from edge_agent.model.session_events import FrameRejected, LinkState
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.heard import DAMAGED, OTHER, ROW, answers, codes, links
from tests.drivers.hl7_oru.sender import START, messages, rejected, results

NEVER, ALWAYS = 'acknowledge = "never"', 'acknowledge = "always"'


def asking(accept: str, application: str, kind: str = "ORU^R01", row: str = ROW) -> bytes:
    head = sender.header(kind, rest=f"M1|P|2.6|||{accept}|{application}")
    return sender.frame(head, row)


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
