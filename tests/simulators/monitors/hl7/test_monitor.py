"""HL7 devices send in time, and what their patient shows."""

from __future__ import annotations

from dataclasses import replace

from simulators.monitors.device import PowerOn, Sent
from simulators.monitors.hl7.monitor import Hl7Monitor
from simulators.monitors.hl7.settings import Hl7Settings
from simulators.scenarios.scenario_file import load_scenario
from tests.simulators.monitors.hl7.heard import kinds
from tests.support.hl7_host import (
    ALL_OFF,
    NORMAL,
    POWERED_AT,
    Dialogue,
    at,
    first_report,
    pushing,
    query,
    read,
)


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
