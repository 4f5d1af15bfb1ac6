"""HL7 devices send in time, answer, and wait for answers where they must."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulators.monitors.device import PowerOn, Sent
from simulators.monitors.hl7.monitor import Hl7Monitor
from simulators.monitors.hl7.settings import Hl7Settings
from simulators.scenarios.scenario_file import load_scenario
from tests.support.hl7_host import (
    ALL_OFF,
    NORMAL,
    POWERED_AT,
    Dialogue,
    acknowledgement,
    at,
    first_report,
    pushing,
    query,
    read,
)

WAITING = Hl7Settings(dialect="edan_ehc")


def kinds(dialogue: Dialogue, patient_s: float) -> list[str]:
    return [message.kind for message in dialogue.hear(patient_s)]


def test_reports_come_every_5_s_and_each_shows_its_own_moment() -> None:
    told: list[Sent] = []
    monitor = Hl7Monitor(
        PowerOn(
            lambda patient_s: replace(NORMAL, heart_rate=60 + round(patient_s)),
            POWERED_AT,
            told.append,
        ),
        Hl7Settings(sends_alarms=False),
        3,
    )
    monitor.tick(POWERED_AT.plus(4.9))
    assert monitor.bytes_to_send() == b""
    monitor.tick(POWERED_AT.plus(21.0))
    reports = read(monitor.bytes_to_send())
    assert [at(report.row("147842"), 5) for report in reports] == ["65", "70", "75", "80"]
    assert [sent.at.seconds_since(POWERED_AT) for sent in told] == [5.0, 10.0, 15.0, 20.0]
    assert [sent.values["heart_rate"] for sent in told] == [65.0, 70.0, 75.0, 80.0]
    assert [at(report.one("OBR"), 7) for report in reports][-1] == "20250615150700.0000+0000"


def test_one_big_step_sends_what_many_small_steps_send() -> None:
    small, big = (Dialogue(Hl7Settings(garbage_between=True)) for _ in range(2))
    pieces = [small.raw(tenth / 10) for tenth in range(1, 601)]
    assert b"".join(pieces) == big.raw(60.0)
    assert small.told == big.told


def test_what_nobody_takes_is_bounded_and_the_newest_whole_messages_are_kept() -> None:
    dialogue = pushing("mindray_egateway")
    stream = dialogue.raw(3600.0)
    assert 60_000 < len(stream) <= 65_536
    assert read(stream)[-1].control_id == read(dialogue.told[-1].wire)[0].control_id


def test_the_values_follow_a_scenario_and_sensors_that_fall_off() -> None:
    course = load_scenario("probe_off", seed=5).patient
    told: list[Sent] = []
    monitor = Hl7Monitor(
        PowerOn(course.vitals_at, POWERED_AT, told.append), Hl7Settings(every_s=60.0), 3
    )
    off_s = int(course.plan.faults[0].from_s)
    monitor.tick(POWERED_AT.plus(off_s + 60))
    by_second = {sent.at.seconds_since(POWERED_AT): sent.values["spo2"] for sent in told}
    assert by_second[off_s - 60] == course.vitals_at(off_s - 60).spo2
    assert by_second[off_s + 60] is None


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


def test_an_efficia_on_a_network_pushes_and_waits() -> None:
    dialogue = Dialogue(Hl7Settings(dialect="efficia", polled=False))
    (first,) = dialogue.hear(5.0)
    assert first.kind == "ORU^R01^ORU_R01"
    assert dialogue.hear(14.9) == []


def test_efficia_and_intellibridge_send_alarms_as_rows_of_text() -> None:
    vitals = replace(NORMAL, heart_rate=45, spo2=85, temperature=39.4)
    dialogue = Dialogue(Hl7Settings(dialect="efficia"), vitals)
    (answer,) = dialogue.say(query(), 1.0)
    head = answer.all("OBR")[1]
    assert at(head, 4) == "ALARM"
    alarms = answer.segments[answer.segments.index(head) + 1 :]
    assert ["|".join(row) for row in alarms] == [
        "OBX||TX|2^Yellow Alarm^MDIL-ALERT||HR Low, HR=45 /min||||||F",
        "OBX||TX|2^Yellow Alarm^MDIL-ALERT||SpO₂ Low, SpO₂=85 %||||||F",
        "OBX||TX|2^Yellow Alarm^MDIL-ALERT||Temp High, Temp=39.4 °C||||||F",
    ]
    rows = first_report(pushing("intellibridge", ALL_OFF)).all("OBX")
    assert [at(row, 2) for row in rows][:3] == ["ST", "ST", "TX"]
    assert "|".join(rows[2]) == "OBX||TX|5^HardInop^MDIL-ALERT||ECG  Leads Off||||||X"
    low = first_report(pushing("intellibridge", replace(NORMAL, spo2=85)))
    assert at(low.all("OBX")[2], 5) == "SpO2 Low, SpO2=85 %"


def test_a_mindray_alarm_starts_goes_on_and_ends() -> None:
    dialogue = Dialogue(Hl7Settings(), replace(NORMAL, spo2=85))

    def phases(patient_s: float) -> list[tuple[str, ...]]:
        return [
            (
                at(message.row("196616"), 5),
                at(message.row("68480"), 5).split("^")[0],
                at(message.row("68481"), 5),
                at(message.row("68482"), 5),
                at(message.row("68484"), 5),
            )
            for message in dialogue.hear(patient_s)
            if message.kind.startswith("ORU^R40")
        ]

    low = ("196670^MDC_EVT_LO^MDC", "150456")
    assert phases(5.0) == [(*low, "start", "active", "PM")]
    assert phases(30.0) == []
    assert phases(35.0) == [(*low, "continue", "active", "PM")]
    dialogue.vitals = replace(NORMAL, heart_rate=130)
    assert phases(40.0) == [
        ("196648^MDC_EVT_HI^MDC", "147842", "start", "active", "PM"),
        (*low, "end", "inactive", "PM"),
    ]
    dialogue.vitals = NORMAL
    assert [phase for _, _, phase, _, _ in phases(45.0)] == ["end"]
    assert phases(100.0) == []


def test_alarms_can_be_switched_off() -> None:
    for dialect in ("mindray_egateway", "efficia", "intellibridge"):
        reports = pushing(dialect, ALL_OFF, sends_alarms=False).hear(5.0)
        assert len(reports) == 1
        assert not any(at(row, 2) == "TX" for row in reports[0].all("OBX"))


def test_a_comen_asks_and_reports_patients_between_its_reports() -> None:
    dialogue = pushing("comen_nc5")
    assert set(kinds(dialogue, 59.0)) == {"ORU^R01^ORU_R01"}
    question, admission, report = dialogue.hear(60.0)
    assert [question.kind, admission.kind] == ["QRY^R02", "ADT^A08^ADT_A01"]
    assert report.kind == "ORU^R01^ORU_R01"
    assert at(question.one("QRD"), 9) == "RES"
    assert at(admission.one("PV1"), 3) == "ICU^^5"
    assert [fields[0] for fields in admission.segments] == ["MSH", "EVN", "PID", "PV1"]
    assert len(dialogue.told) == 12


def test_devices_differ_by_seed_and_agree_with_themselves() -> None:
    settings = Hl7Settings()
    streams = [Dialogue(settings, seed=seed).raw(5.0) for seed in (1, 1, 2)]
    assert streams[0] == streams[1] != streams[2]
