"""Every field becomes a numeric with the monitor's own verdict, and only what is sound is one."""

from __future__ import annotations

import pytest

from edge_agent.model.measurements import DeviceTime, Numeric, Validity
from edge_agent.model.session_events import NumericsReceived
from tests.drivers.ge_dri.line import heard
from tests.drivers.ge_dri.monitor import (
    ECG,
    INVALID,
    NOT_UPDATED,
    NOW_S,
    ON,
    OVER,
    P1,
    P2,
    P3,
    P4,
    SOURCE_ECG,
    SPO2,
    T1,
    T2,
    T3,
    T4,
    UNCALIBRATED,
    UNDER,
    UNDOCUMENTED,
    arrhythmia,
    cuff,
    displayed,
    frame,
    heart,
    record,
    values,
)

Group = tuple[int, int, int, tuple[int, ...]]
HR, PULSE, PULSE_OF_PRESSURE, PULSE_OF_SPO2 = 147842, 149514, 149522, 149530
PRIVATE = 1024 * 65536
EXISTS = 1


def numerics(*groups: Group) -> tuple[Numeric, ...]:
    (event,) = heard(displayed(*groups)).of(NumericsReceived)
    return event.numerics


def said(*groups: Group) -> list[tuple[str, int, float | None, str, str]]:
    return [(n.channel, n.code, n.value, n.unit, n.validity.value) for n in numerics(*groups)]


def test_the_electrodes_give_heart_rate_st_levels_and_impedance_rate() -> None:
    assert said(heart()) == [
        ("ECG", 147842, 72, "/min", "valid"),
        ("ECG", PRIVATE + 12, 0.1, "mm", "valid"),
        ("ECG", PRIVATE + 14, -0.2, "mm", "valid"),
        ("ECG", PRIVATE + 16, None, "mm", "invalid"),
        ("ECG", 151562, 15, "/min", "valid"),
    ]


def test_every_numeric_says_what_came_and_when() -> None:
    (numeric,) = numerics((T1, ON | 0x80, 4, (3780,)))
    assert numeric.state == 4 << 32 | 0x83
    assert numeric.measured_at == DeviceTime(wall_ns=NOW_S * 10**9)
    assert (numeric.unit_code, numeric.label) == (268192, "Temperature (rectal)")
    assert not numeric.is_sent_once


@pytest.mark.parametrize(
    ("source", "code"),
    [(1, HR), (9, HR), (0, PULSE), (13, PULSE), (15, PULSE)]
    + [(source, PULSE_OF_PRESSURE) for source in (2, 3, 4, 5, 7, 8, 10, 11)]
    + [(6, PULSE_OF_SPO2), (12, PULSE_OF_SPO2)],
)
def test_the_heart_rate_is_what_its_source_measures(source: int, code: int) -> None:
    rates = [n for n in numerics(heart(status=ON | source << 3)) if n.value == 72]
    assert [(n.code, n.channel) for n in rates] == [(code, "ECG")]


def test_a_pulse_shown_as_heart_rate_yields_its_code_to_the_pulse_itself() -> None:
    shown = said(heart(status=ON | 6 << 3), (SPO2, ON, 0, (9700, 72, 9)))
    pulses = [(channel, code) for channel, code, value, _, _ in shown if value == 72]
    assert pulses == [("SpO2", PULSE_OF_SPO2), ("ECG", PRIVATE + 10)]


@pytest.mark.parametrize("bit", [7, 8, 9])
def test_noise_artifact_and_learning_make_the_heart_rate_doubtful(bit: int) -> None:
    rate, *_, breaths = numerics(heart(status=ON | SOURCE_ECG | 1 << bit))
    assert (rate.value, rate.validity) == (72, Validity.QUESTIONABLE)
    assert breaths.validity is Validity.VALID


@pytest.mark.parametrize(
    ("status", "validity"),
    [
        (0, Validity.QUESTIONABLE),
        (1 << 2, Validity.VALID),
        (1 << 2 | 1 << 9, Validity.QUESTIONABLE),
        (1 << 11, Validity.QUESTIONABLE),
    ],
)
def test_a_heart_rate_of_zero_counts_only_where_the_monitor_says_asystole(
    status: int, validity: Validity
) -> None:
    rate = numerics(heart(0, ON | SOURCE_ECG | status))[0]
    assert (rate.value, rate.validity) == (0, validity)


@pytest.mark.parametrize(
    ("off", "validity"),
    [
        (0b000, Validity.VALID),
        (0b011, Validity.VALID),
        (0b110, Validity.VALID),
        (0b111, Validity.QUESTIONABLE),
    ],
)
def test_numbers_of_the_electrodes_are_doubtful_where_all_channels_are_off(
    off: int, validity: Validity
) -> None:
    found = numerics((ECG, ON | SOURCE_ECG | off << 11, 0, (72, 10, -20, 5, 15)))
    assert {n.validity for n in found} == {validity}


def test_the_arrhythmia_analysis_vouches_for_a_heart_rate_of_zero_in_its_own_record() -> None:
    basic = (1, values(heart(0)))
    together = frame(record(basic, (1, arrhythmia(1, heart_rate=0))))
    line = heard(together, frame(record(basic)))
    first, second = (event.numerics for event in line.of(NumericsReceived))
    assert (first[0].value, first[0].validity) == (0, Validity.VALID)
    assert second[0].validity is Validity.QUESTIONABLE
    (analysed,) = [n for n in first if n.code == PRIVATE + 0x200 + 10]
    assert (analysed.value, analysed.validity) == (0, Validity.VALID)


def test_the_arrhythmia_analysis_counts_extrasystoles() -> None:
    line = heard(frame(record((1, arrhythmia(0, heart_rate=81, pvcs=0)))))
    (event,) = line.of(NumericsReceived)
    assert [(n.code, n.value, n.validity.value) for n in event.numerics] == [
        (PRIVATE + 0x200 + 10, 81, "valid"),
        (148065, 0, "valid"),
    ]
    assert heard(frame(record((1, arrhythmia(0, status=0))))).of(NumericsReceived) == []


@pytest.mark.parametrize(
    ("raw", "validity"),
    [
        (INVALID, Validity.INVALID),
        (NOT_UPDATED, Validity.NOT_AVAILABLE),
        (UNDOCUMENTED, Validity.INVALID),
        (UNDER, Validity.BELOW_RANGE),
        (OVER, Validity.ABOVE_RANGE),
        (UNCALIBRATED, Validity.CALIBRATING),
        (-32001, Validity.INVALID),
        (-32768, Validity.INVALID),
    ],
)
def test_a_special_value_is_no_number_and_says_why(raw: int, validity: Validity) -> None:
    (numeric,) = numerics((T1, ON, 15, (raw,)))
    assert (numeric.value, numeric.validity) == (None, validity)


def test_what_does_not_exist_is_absent_and_what_rests_is_not_available() -> None:
    assert said((T1, 0, 15, (3700,)), (T2, 2, 15, (3700,)), (T3, EXISTS, 15, (3700,))) == [
        ("T3", 150368, None, "Cel", "not_available")
    ]


@pytest.mark.parametrize(
    ("label", "family"),
    [
        (1, (150033, 150034, 150035, PULSE_OF_PRESSURE)),
        (8, (150037, 150038, 150039, PULSE_OF_PRESSURE)),
        (16, (150037, 150038, 150039, PULSE_OF_PRESSURE)),
        (2, (150085, 150086, 150087, PRIVATE + 32)),
        (3, (150045, 150046, 150047, PRIVATE + 32)),
        (4, (150069, 150070, 150071, PRIVATE + 32)),
        (6, (150065, 150066, 150067, PRIVATE + 32)),
        (7, (153609, 153610, 153611, PRIVATE + 32)),
        (0, tuple(PRIVATE + at for at in (26, 28, 30, 32))),
        (5, tuple(PRIVATE + at for at in (26, 28, 30, 32))),
        (999, tuple(PRIVATE + at for at in (26, 28, 30, 32))),
    ],
)
def test_only_arterial_labels_make_arterial_pressures(label: int, family: tuple[int, ...]) -> None:
    found = numerics((P1, ON | 8, label, (12050, 8000, 9350, 71)))
    assert tuple(n.code for n in found) == family
    assert [n.value for n in found] == [120.5, 80, 93.5, 71]


def test_two_channels_with_one_label_do_not_share_a_code() -> None:
    found = numerics(*((place, ON, 1, (9000, 5000, 6000, 70)) for place in (P1, P2, P3, P4)))
    assert [n.code for n in found[:4]] == [150033, 150034, 150035, PULSE_OF_PRESSURE]
    assert [n.code for n in found[4:8]] == [PRIVATE + at for at in (40, 42, 44, 46)]
    assert len({n.code for n in found}) == 16


def test_a_transducer_that_is_zeroed_has_no_pressure() -> None:
    found = numerics((P1, ON | 1 << 2, 1, (0, 0, 0, INVALID)), (P2, EXISTS | 4, 1, (1, 1, 1, 1)))
    assert [(n.value, n.validity) for n in found] == [(None, Validity.CALIBRATING)] * 4 + [
        (None, Validity.NOT_AVAILABLE)
    ] * 4


@pytest.mark.parametrize(
    ("label", "validity"),
    [(1 << 5, Validity.MEASURING), (1 << 7, Validity.CALIBRATING)],
)
def test_a_cuff_at_work_has_no_reading(label: int, validity: Validity) -> None:
    found = numerics(cuff(label=label))
    assert [(n.code, n.value, n.validity) for n in found] == [
        (code, None, validity) for code in (150021, 150022, 150023, 149546)
    ]
    resting = numerics(cuff(label=label, status=EXISTS))
    assert {n.validity for n in resting} == {Validity.NOT_AVAILABLE}


def test_a_cuff_reading_has_three_pressures_and_a_pulse() -> None:
    assert [(n.code, n.value) for n in numerics(cuff())] == [
        (150021, 120),
        (150022, 80),
        (150023, 93),
        (149546, 71),
    ]


@pytest.mark.parametrize(
    ("label", "term"),
    [
        (1, 0x4B64),
        (2, 0x4B6C),
        (3, 0x4B78),
        (4, 0xE004),
        (5, 0xF0C4),
        (6, 0xE050),
        (7, 0x4B74),
        (8, 0x4B54),
        (11, 0xF0C7),
        (12, 0xF0C8),
        (13, 0xF0C9),
        (14, 0xF0CA),
        (15, 0x4B60),
    ],
)
def test_a_temperature_goes_by_its_site(label: int, term: int) -> None:
    assert said((T4, ON, label, (3925,))) == [("T4", 2 * 65536 + term, 39.25, "Cel", "valid")]


@pytest.mark.parametrize("label", [0, 9, 10, 16, 17])
def test_room_myocardium_surface_and_unnamed_sites_are_no_body_temperature(label: int) -> None:
    assert said((T2, ON, label, (2070,))) == [("T2", PRIVATE + 104, 20.7, "Cel", "valid")]
