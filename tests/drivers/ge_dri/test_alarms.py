"""The monitor's alarms pass through as it shows them, with what its status bits say."""

from __future__ import annotations

import pytest

from edge_agent.drivers.ge_dri import codes
from edge_agent.model.session_events import DeviceAlarm, DeviceAlarmsChanged
from tests.drivers.ge_dri.line import heard
from tests.drivers.ge_dri.monitor import (
    CO2,
    NOW_S,
    ON,
    SOURCE_ECG,
    alarm_status,
    arrhythmia,
    displayed,
    frame,
    heart,
    record,
    values,
)

EVENTS = 3 * 65536
PRIVATE = 1024 * 65536
ASYSTOLE, APNEA = EVENTS + 3076, EVENTS + 3072


def text_alarm(text: str, priority: str, state: int = 1 << 16) -> DeviceAlarm:
    return DeviceAlarm(0, 0, priority, None, state, "alarm", text, is_usable=True)


def bits(value: int) -> bytes:
    return frame(record((1, values(heart())), (1, arrhythmia(value))))


def test_text_colour_and_silence_pass_through() -> None:
    line = heard(
        alarm_status((b"ASYSTOLIE", 3), (b"SpO2 tief  ", 2), (b"H\xe4ndler", 1), silence=6)
    )
    (event,) = line.of(DeviceAlarmsChanged)
    assert event.alarms == (
        text_alarm("ASYSTOLIE", "high", 0x10006),
        text_alarm("SpO2 tief  ", "medium", 0x10006),
        text_alarm("Händler", "low", 0x10006),
    )
    assert event.device_now.wall_ns == NOW_S * 10**9


def test_all_80_characters_of_a_text_are_kept_and_nothing_after_its_end() -> None:
    line = heard(alarm_status((b"x" * 80, 1), (b"ab\0old rest", 0)))
    texts = [alarm.text for alarm in line.of(DeviceAlarmsChanged)[0].alarms]
    assert texts == ["x" * 80, "ab"]


def test_an_alarm_without_colour_or_without_text_is_still_one() -> None:
    line = heard(alarm_status((b"note", 0), (b"", 3), (b"   ", 0)))
    assert line.of(DeviceAlarmsChanged)[0].alarms == (
        text_alarm("note", ""),
        text_alarm("", "high"),
    )


def test_a_colour_that_does_not_exist_costs_the_record() -> None:
    line = heard(alarm_status((b"a", 1)), alarm_status((b"b", 4)), alarm_status((b"c", -1)))
    assert line.reasons() == ["malformed record: unknown alarm colour"] * 2
    assert len(line.of(DeviceAlarmsChanged)) == 1


def test_the_list_is_told_once_and_again_when_it_changes() -> None:
    low, both = alarm_status((b"low", 1)), alarm_status((b"high", 3), (b"low", 1))
    line = heard(alarm_status(), low, low, both, alarm_status(), alarm_status())
    assert [len(e.alarms) for e in line.of(DeviceAlarmsChanged)] == [0, 1, 2, 0]


UNPUBLISHED = "bit {} of the arrhythmia status, whose meaning is not published"


@pytest.mark.parametrize(
    ("bit", "event", "name", "is_technical"),
    [
        (0, ASYSTOLE, "asystole", False),
        (1, EVENTS + 61444, "ventricular fibrillation", False),
        (2, PRIVATE + 0x402, "rapid ventricular tachycardia", False),
        (3, EVENTS + 3224, "ventricular tachycardia", False),
        (4, EVENTS + 3086, "extreme bradycardia", False),
        (5, EVENTS + 3122, "extreme tachycardia", False),
        (
            6,
            PRIVATE + 0x406,
            UNPUBLISHED.format(6),
            None,
        ),
        (20, EVENTS + 74, "noisy ECG", True),
        (27, EVENTS + 61766, "bradycardia", False),
        (28, EVENTS + 61768, "tachycardia", False),
        (29, PRIVATE + 0x41D, "ventricular bradycardia", False),
        (30, PRIVATE + 0x41E, "arrhythmia analysis off", True),
        (
            31,
            PRIVATE + 0x41F,
            UNPUBLISHED.format(31),
            None,
        ),
    ],
)
def test_every_arrhythmia_bit_is_an_alarm_with_a_name(
    bit: int, event: int, name: str, *, is_technical: bool | None
) -> None:
    (changed,) = heard(bits(1 << bit)).of(DeviceAlarmsChanged)
    assert changed.alarms == (
        DeviceAlarm(147842, event, "", is_technical, 0, "ARRH", name, is_usable=True),
    )


def test_no_alarm_that_stands_as_a_bit_is_without_a_name() -> None:
    names = [signal.name for signal in codes.SIGNALS.values()]
    assert all(names)
    assert len(set(names)) == len(names) == 34


def test_apnea_is_told_as_the_gas_bench_and_as_the_impedance_shows_it() -> None:
    for bit, found in (
        (2, (151570, APNEA, "CO2", "apnea (CO2)")),
        (7, (151562, APNEA, "RESP", "apnea (impedance)")),
    ):
        shown = displayed((CO2, ON | 1 << bit, 1, (0, 0, 14, 7600)))
        (changed,) = heard(shown).of(DeviceAlarmsChanged)
        alarms = [(a.source_code, a.event_code, a.channel, a.text) for a in changed.alarms]
        assert alarms == [found]
    both = displayed((CO2, ON | 1 << 2 | 1 << 7, 1, (0, 0, 14, 7600)))
    assert heard(both, displayed(heart())).alarm_events() == [[APNEA, APNEA], []]


def test_texts_and_bits_are_one_list() -> None:
    line = heard(bits(0), alarm_status((b"V FIB", 3)), bits(1 << 1), alarm_status(), bits(0))
    assert line.alarm_events() == [[], [0], [0, EVENTS + 61444], [EVENTS + 61444], []]


def test_asystole_told_twice_is_one_alarm() -> None:
    twice = frame(
        record((1, values(heart(0, ON | SOURCE_ECG | 1 << 2))), (1, arrhythmia(1, heart_rate=0)))
    )
    assert heard(twice).alarm_events() == [[ASYSTOLE]]


def test_asystole_and_apnea_of_the_status_words_are_alarms() -> None:
    stopped = displayed(heart(0, ON | SOURCE_ECG | 1 << 2), (CO2, ON | 1 << 2, 1, (0, 0, 0, 7600)))
    assert heard(stopped, displayed(heart())).alarm_events() == [[ASYSTOLE, APNEA], []]


def test_a_record_without_the_analysis_leaves_its_alarms_and_one_with_it_off_ends_them() -> None:
    without = displayed(heart())
    switched_off = frame(record((1, arrhythmia(1 << 1, status=0))))
    line = heard(bits(1 << 1), without, switched_off)
    assert line.alarm_events() == [[EVENTS + 61444], []]


def test_a_request_overheard_is_no_list_of_alarms() -> None:
    request = frame(record((0, bytes(12)), main_type=4, level=0))
    assert heard(request).events == []
