"""HL7 devices answer, and wait for answers where they must."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulators.monitors.hl7.settings import Hl7Settings
from tests.simulators.monitors.hl7.heard import kinds
from tests.support.hl7_host import POWERED_AT, Dialogue, acknowledgement, at, pushing, query

WAITING = Hl7Settings(dialect="edan_ehc")


def test_a_report_is_repeated_three_times_and_then_nothing_comes_for_a_minute() -> None:
    dialogue = Dialogue(WAITING)
    times: dict[str, list[int]] = {}
    for second in range(1, 130):
        for message in dialogue.hear(float(second)):
            times.setdefault(message.control_id, []).append(second)
    (first, second_report) = list(times)[:2]
    assert times[first] == [5, 15, 25, 35]
    assert times[second_report] == [105, 115, 125]
    assert dialogue.monitor.courier.given_up == 1
    assert [sent.at.seconds_since(POWERED_AT) for sent in dialogue.told] == [5.0, 105.0]


def test_an_acknowledged_report_makes_way_for_the_next() -> None:
    dialogue = Dialogue(WAITING)
    (first,) = dialogue.hear(5.0)
    assert dialogue.hear(11.0) == []
    (second,) = dialogue.say(acknowledgement(first.control_id), 11.5)
    assert second.control_id != first.control_id
    assert at(second.one("OBR"), 7) == "20250615150650"  # made at 10 s, sent now
    assert dialogue.told[1].at == POWERED_AT.plus(11.5)
    assert dialogue.say(acknowledgement(second.control_id, "CA"), 12.0) == []
    assert len(dialogue.hear(15.0)) == 1
    assert dialogue.monitor.courier.accepted == 2


def test_a_refused_report_is_not_repeated() -> None:
    dialogue = Dialogue(WAITING)
    (first,) = dialogue.hear(5.0)
    assert dialogue.say(acknowledgement(first.control_id, "AR"), 6.0) == []
    (second,) = dialogue.hear(14.9)
    assert second.control_id != first.control_id
    assert (dialogue.monitor.courier.refused, dialogue.monitor.courier.accepted) == (1, 0)


@pytest.mark.parametrize(
    "answer",
    [
        acknowledgement("another"),
        acknowledgement("another").replace(b"MSA|AA|another\r", b""),
        b"\x0bMSA|AA|{id}\r\x1c\r",
        b"MSH|^~\\&|HOST\rMSA|AA|{id}\r\x1c\r",
        b"noise without end",
        query(),
    ],
)
def test_an_answer_to_something_else_is_none(answer: bytes) -> None:
    dialogue = Dialogue(WAITING)
    (first,) = dialogue.hear(5.0)
    dialogue.say(answer.replace(b"{id}", first.control_id.encode()), 6.0)
    (again,) = dialogue.hear(15.0)
    assert again.control_id == first.control_id
    assert again.segments == first.segments


def test_an_answer_is_understood_in_pieces_and_amid_noise() -> None:
    dialogue = Dialogue(WAITING)
    (first,) = dialogue.hear(5.0)
    answer = b"\x00noise\x0bMSH|half" + acknowledgement(first.control_id)
    for byte in answer:
        assert dialogue.say(bytes([byte]), 5.5) == []
    assert dialogue.monitor.courier.accepted == 1


def test_noise_from_the_host_is_bounded() -> None:
    dialogue = Dialogue(WAITING)
    (first,) = dialogue.hear(5.0)
    for _ in range(100):
        dialogue.say(b"\x0b" + b"x" * 10_000, 5.5)
    assert len(dialogue.monitor._host._buffer) <= 65_536
    dialogue.say(b"\x1c\r" + acknowledgement(first.control_id), 6.0)
    assert dialogue.monitor.courier.accepted == 1


@pytest.mark.parametrize(
    "dialect", ["mindray_egateway", "northern_aquaris", "ge_carescape_gateway"]
)
def test_some_dialects_send_on_without_an_answer(dialect: str) -> None:
    dialogue = Dialogue(Hl7Settings(dialect=dialect))
    assert kinds(dialogue, 15.0) == ["ORU^R01^ORU_R01"] * 3


@pytest.mark.parametrize("dialect", ["comen_nc5", "intellibridge", "edan_ehc"])
def test_other_dialects_wait_for_the_answer(dialect: str) -> None:
    dialogue = Dialogue(Hl7Settings(dialect=dialect))
    assert len(dialogue.hear(14.9)) == 1


def test_a_waiting_device_sends_what_it_measured_in_the_meantime_in_order() -> None:
    dialogue = Dialogue(WAITING)
    (message,) = dialogue.hear(5.0)
    for second in range(10, 36):
        dialogue.raw(float(second))
    shown = []
    for _ in range(6):
        (message,) = dialogue.say(acknowledgement(message.control_id), 36.0)
        shown.append(at(message.one("OBR"), 7)[-2:])
    assert shown == ["50", "55", "00", "05", "10", "15"]


def test_a_waiting_device_keeps_no_more_than_its_memory_holds() -> None:
    dialogue = Dialogue(replace(WAITING, ack_timeout_s=1e6))
    (message,) = dialogue.hear(5.0)
    dialogue.raw(7200.0)
    kept = []
    answers = dialogue.say(acknowledgement(message.control_id), 7201.0)
    while answers:
        kept += answers
        answers = dialogue.say(acknowledgement(kept[-1].control_id), 7201.0)
    assert 60_000 < sum(len(sent.wire) for sent in dialogue.told[1:]) <= 65_536
    assert at(kept[-1].one("OBR"), 7) == "20250615170640"  # the newest, from 7200 s


def test_a_polled_monitor_is_silent_until_it_is_asked() -> None:
    dialogue = Dialogue(Hl7Settings(dialect="efficia"))
    assert dialogue.raw(600.0) == b""
    (answer,) = dialogue.say(query("RES"), 601.0)
    assert answer.kind == "ORF^R04"
    assert answer.segments[1] == ["MSA", "AA", "EXAMPLE123"]
    assert "|".join(answer.segments[2]) == "QRD|20120510124500|R|I|QUERY123|||||RES"
    assert [fields[0] for fields in answer.segments[3:7]] == ["PID", "PV1", "ORC", "OBR"]
    assert at(answer.one("OBR"), 4) == "MONITOR"
    assert dialogue.told[0].values["spo2"] == 97.0
    assert dialogue.told[0].at == POWERED_AT.plus(601.0)
    assert dialogue.say(acknowledgement(answer.control_id), 602.0) == []


@pytest.mark.parametrize(
    "bad", [query("DEM"), query().replace(b"QUERY123", b""), query().replace(b"QRD|", b"ZZZ|")]
)
def test_a_bad_query_is_refused_without_values(bad: bytes) -> None:
    dialogue = Dialogue(Hl7Settings(dialect="efficia"))
    (answer,) = dialogue.say(bad, 1.0)
    assert answer.kind == "ACK"
    assert answer.segments[1:] == [["MSA", "AR", "EXAMPLE123", "Invalid query"]]
    assert dialogue.told == []


def test_a_device_that_pushes_answers_no_query() -> None:
    assert pushing("mindray_egateway").say(query(), 1.0) == []
