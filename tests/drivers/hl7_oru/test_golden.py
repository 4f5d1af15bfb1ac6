"""Every golden file is accounted for, and reads as its source says."""

from __future__ import annotations

import tomllib

from edge_agent.drivers.hl7_oru.polling import query
from edge_agent.drivers.hl7_oru.reply import OutgoingHeader
from edge_agent.model.measurements import DeviceTime, Validity
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.sender import alarms, golden, numerics


def test_every_golden_file_has_provenance() -> None:
    entries = tomllib.loads((sender.GOLDEN / "PROVENANCE.toml").read_text())
    listed = [name for entry in entries.values() for name in entry["files"]]
    assert sorted(listed) == sorted(path.stem for path in sender.GOLDEN.glob("*.er7"))
    assert all({"device", "firmware", "obtained", "licence"} <= set(e) for e in entries.values())


def test_northern_rows_read_as_published() -> None:
    events = sender.read(sender.results(*golden("northern_rows")), "northern_aquaris")
    assert [n.value for n in numerics(events)] == [None, 38.5]


def test_efficia_rows_read_as_the_guide_says() -> None:
    frame = sender.frame(sender.header("ORF^R04"), "OBR|||", *golden("efficia_rows"))
    read = numerics(sender.read(frame, "efficia"))
    assert [(n.code, n.value, n.unit, n.validity) for n in read] == [
        (150456, 98, "%", Validity.VALID),
        (150021, 122, "mm[Hg]", Validity.VALID),
        (150022, 85, "mm[Hg]", Validity.VALID),
        (150023, 98, "mm[Hg]", Validity.VALID),
        (149530, 80, "/min", Validity.VALID),
        (151562, 20, "/min", Validity.VALID),
        (192832, 37.4, "Cel", Validity.VALID),
        (1024 * 65536 + 0x4BB8, None, "%", Validity.INVALID),
        (1024 * 65536 + 0x4A05, None, "mm[Hg]", Validity.NOT_AVAILABLE),
    ]
    assert read[1].measured_at == DeviceTime(wall_ns=1_336_653_300 * 10**9)
    assert read[6].measured_at == DeviceTime()


def test_an_efficia_alarm_is_passed_on_as_text() -> None:
    frame = sender.frame(sender.header(), "OBR||||ALARM", *golden("efficia_alarm_rows"))
    ((alarm,),) = alarms(sender.read(frame, "efficia"))
    assert (alarm.text, alarm.priority) == ("HR Low, HR=55 /min", "medium")
    assert (alarm.source_code, alarm.event_code, alarm.is_technical) == (0, 0, None)


def test_a_ge_alert_reads_under_the_numbers_of_the_earlier_revision() -> None:
    frame = sender.frame(sender.header("ORU^R40^ORU_R40"), *golden("ge_alert_rows"))
    ((alarm,),) = alarms(sender.read(frame, "ge_carescape_gateway"))
    assert (alarm.text, alarm.priority) == ("HYPERTENSION-Alert Recheck BP", "medium")
    assert (alarm.event_code, alarm.is_technical, alarm.state) == (0, None, 1)


def test_our_query_has_the_fields_of_the_guides_example() -> None:
    ours = query(OutgoingHeader(1_399_725_900 * 10**9, 1)).decode().split("\r")
    for segment, example in zip(ours, golden("efficia_query"), strict=False):
        fields, wanted = segment.split("|"), example.split("|")
        assert len(fields) == len(wanted)
        free = {6, 9} if fields[0] == "MSH" else {1, 4}
        fixed = [n for n in range(len(wanted)) if n not in free]
        assert [fields[n] for n in fixed] == [wanted[n] for n in fixed]
    assert ours[0].split("|")[6] == "20140510124500"
