"""Alarm messages of the simulated S/5 monitor, read by the offsets of the specification."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import pytest

from simulators.monitors.ge_dri.settings import GeDriSettings, PatientSpan, Silence
from simulators.patients.vitals import Cuff
from tests.support.ge_dri_host import WELL, Dialogue, Record, ask_alarms, wrap

STATUS, ENTER, EXIT = 0, 2, 3
FEVER = replace(WELL, temperature=39.4)
VERY_ILL = replace(FEVER, spo2=80, heart_rate=135, cuff=Cuff(80, 60, 50, -600.0))


@dataclass(frozen=True)
class Line:
    """One line of an alarm message."""

    text: str
    text_changed: int
    color: int
    color_changed: int


def lines(record: Record) -> list[Line]:
    found = []
    for offset in range(10, 500, 98):
        start = record.parts()[0][0] + offset
        text = record.content[start : start + 80].rstrip(b"\0").decode("latin-1")
        found.append(Line(text, *(record.i16(offset + at) for at in (80, 82, 84))))
    return found


def texts(record: Record) -> list[str]:
    return [line.text for line in lines(record) if line.text]


def test_the_status_is_sent_once_when_asked() -> None:
    dialogue = Dialogue(FEVER)
    frame = ask_alarms(STATUS)
    assert frame[-2:].hex() == "377e"
    (record,) = dialogue.send(frame)
    assert (record.main_type, record.parts(), len(record.content)) == (4, [(40, 1)], 550)
    assert lines(record) == [Line("T1 high", 1, 2, 1), *[Line("", 0, 0, 0)] * 4]
    assert (record.i16(2), record.i16(8)) == (1, 0)
    assert dialogue.wait(60.0) == []
    assert dialogue.sent == []


def test_a_well_patient_has_no_alarm_and_no_sound() -> None:
    (record,) = Dialogue().send(ask_alarms(STATUS))
    assert texts(record) == []
    assert record.i16(2) == 0


def test_alarms_come_in_order_of_color() -> None:
    (record,) = Dialogue(VERY_ILL).send(ask_alarms(STATUS))
    assert texts(record) == ["SpO2 low", "HR high", "NIBP Sys low", "T1 high"]
    assert [line.color for line in lines(record)] == [3, 2, 2, 2, 0]


def test_sensors_off_and_asystole_have_their_own_lines() -> None:
    off = replace(WELL, heart_rate=None, spo2=None, temperature=None, cuff=None)
    (record,) = Dialogue(off).send(ask_alarms(STATUS))
    assert [(line.text, line.color) for line in lines(record)[:2]] == [
        ("ECG leads off", 1),
        ("SpO2 probe off", 1),
    ]
    settings = GeDriSettings(asystole=(PatientSpan(0.0, 9.0),))
    (still,) = Dialogue(settings=settings).send(ask_alarms(STATUS))
    assert (texts(still), lines(still)[0].color) == (["Asystole"], 3)


def test_in_differential_mode_only_changes_are_sent() -> None:
    dialogue = Dialogue()
    frame = ask_alarms(ENTER)
    assert frame[-2:].hex() == "397e"
    assert [texts(record) for record in dialogue.send(frame)] == [[]]
    assert dialogue.wait(300.0) == []
    dialogue.vitals = FEVER
    (first,) = dialogue.wait(60.0)
    assert lines(first)[0] == Line("T1 high", 1, 2, 1)
    dialogue.vitals = replace(FEVER, spo2=88)
    (second,) = dialogue.wait(60.0)
    assert lines(second)[:2] == [Line("SpO2 low", 1, 2, 0), Line("T1 high", 1, 2, 1)]
    dialogue.vitals = replace(FEVER, spo2=82)
    (third,) = dialogue.wait(60.0)
    assert lines(third)[0] == Line("SpO2 low", 0, 3, 1)
    dialogue.vitals = WELL
    assert [texts(record) for record in dialogue.wait(60.0)] == [[]]
    leave = ask_alarms(EXIT)
    assert leave[-2:].hex() == "3a7e"
    assert dialogue.send(leave) == []
    dialogue.vitals = FEVER
    assert dialogue.wait(60.0) == []


def test_two_messages_are_at_least_two_seconds_apart() -> None:
    dialogue = Dialogue(FEVER)
    assert len(dialogue.send(ask_alarms(STATUS))) == 1
    dialogue.wait(0.5)
    assert dialogue.send(ask_alarms(STATUS)) == []
    assert dialogue.wait(1.4) == []
    assert len(dialogue.wait(0.1)) == 1
    changing = Dialogue()
    changing.send(ask_alarms(ENTER))
    arrivals = []
    for step in range(200):
        changing.vitals = FEVER if step % 2 else WELL
        arrivals += [step * 0.3 for _ in changing.wait(0.3)]
    gaps = [after - before for before, after in pairwise(arrivals)]
    assert len(gaps) > 5
    assert min(gaps) > 1.9


def test_the_status_can_be_asked_for_in_differential_mode() -> None:
    dialogue = Dialogue(FEVER)
    dialogue.send(ask_alarms(ENTER))
    dialogue.wait(10.0)
    (again,) = dialogue.send(ask_alarms(STATUS))
    assert lines(again)[0] == Line("T1 high", 0, 2, 0)
    dialogue.vitals = WELL
    assert len(dialogue.wait(10.0)) == 1


def test_older_interface_levels_have_no_alarms() -> None:
    dialogue = Dialogue(FEVER, GeDriSettings(dri_level=9))
    assert dialogue.send(ask_alarms(ENTER)) == []
    assert dialogue.wait(60.0) == []


def test_an_unknown_alarm_command_is_ignored() -> None:
    dialogue = Dialogue(FEVER)
    assert dialogue.send(ask_alarms(1)) == []
    assert dialogue.send(ask_alarms(-1)) == []


def test_silencing_is_reported_and_takes_the_sound() -> None:
    dialogue = Dialogue(FEVER, GeDriSettings(silences=(Silence(PatientSpan(10.0, 130.0), 5),)))
    dialogue.send(ask_alarms(ENTER))
    states = [(record.i16(2), record.i16(8)) for record in dialogue.wait(200.0)]
    assert states == [(0, 5), (1, 0)]


@pytest.mark.parametrize(
    ("language", "text"), [("en", "T1 high"), ("de", "T1 zu groß"), ("fr", "T1 élevée")]
)
def test_the_text_is_in_the_monitors_language(language: str, text: str) -> None:
    (record,) = Dialogue(FEVER, GeDriSettings(language=language)).send(ask_alarms(STATUS))
    assert texts(record) == [text]


def test_a_request_with_a_trailing_subrecord_list_of_eight_is_read() -> None:
    content = bytearray(52)
    content[0] = 52
    content[14] = 4
    for entry in range(8):
        content[16 + 3 * entry + 2] = 0 if entry == 0 else 7
    assert len(Dialogue().send(wrap(bytes(content)))) == 1
