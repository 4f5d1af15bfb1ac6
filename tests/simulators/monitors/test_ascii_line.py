"""The simulated thermometer and cuff print one line per finished measurement."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulators.monitors.ascii_line import (
    CuffSettings,
    CuffWriter,
    ThermometerSettings,
    ThermometerWriter,
)
from simulators.monitors.push_device import PacedMonitor
from simulators.patients.vitals import Cuff
from tests.support.listener import NORMAL, POWERED_AT, Listener, Patient

NO_CUFF = replace(NORMAL, cuff=None)
PRINTED = "BP SN=0000042 22:48:44 SYS=120 DIA=075 MAP=090 HR=097 OK"


def thermometer(
    settings: ThermometerSettings | None = None, patient: Patient | None = None, seed: int = 1
) -> Listener:
    view, chosen = patient or Patient(), settings or ThermometerSettings()
    return Listener(view, lambda on: PacedMonitor(ThermometerWriter(chosen, seed), on))


def cuff(
    settings: CuffSettings | None = None, patient: Patient | None = None, seed: int = 1
) -> Listener:
    view, chosen = patient or Patient(), settings or CuffSettings()
    return Listener(view, lambda on: PacedMonitor(CuffWriter(chosen, seed), on))


def readings(count: int) -> Patient:
    """Return a patient whose cuff measures once a minute, each time 1 mmHg more."""
    courses = {0.0: NO_CUFF}
    for number in range(1, count + 1):
        reading = Cuff(120 + number, 90 + number, 75 + number, 60.0 * number)
        courses[60.0 * number] = replace(NORMAL, cuff=reading)
    return Patient(courses)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (ThermometerSettings(serial=12345), "ST690 SN=0012345 ORAL   T= 38.4 C OK"),
        (ThermometerSettings(serial=7, probe="AXILLA"), "ST690 SN=0000007 AXILLA T= 38.4 C OK"),
        (ThermometerSettings(serial=7, unit="F"), "ST690 SN=0000007 ORAL   T=101.1 F OK"),
        (
            ThermometerSettings(serial=7, probe="RECTAL", low_battery=True),
            "ST690 SN=0000007 RECTAL T= 38.4 C LOWBAT",
        ),
        (ThermometerSettings(serial=7, fail_every=1), "ST690 SN=0000007 ORAL   T=---.- C ERR07"),
    ],
)
def test_a_thermometer_line_is_as_agreed(settings: ThermometerSettings, line: str) -> None:
    listener = thermometer(settings)
    assert listener.lines(1800) == [line]
    assert listener.sent[0].wire == f"{line}\r\n".encode()


@pytest.mark.parametrize(
    ("settings", "truth"),
    [
        (ThermometerSettings(), {"temperature@oral": 38.4}),
        (ThermometerSettings(probe="AXILLA", low_battery=True), {"temperature@axillary": 38.4}),
        (ThermometerSettings(probe="RECTAL"), {"temperature@rectal": 38.4}),
        (ThermometerSettings(fail_every=1), {"temperature@oral": None}),
    ],
)
def test_the_truth_names_the_site_and_a_failed_measurement_has_none(
    settings: ThermometerSettings, truth: dict[str, float | None]
) -> None:
    listener = thermometer(settings)
    listener.wait(1800)
    assert [sent.values for sent in listener.sent] == [truth]


def test_a_truth_in_fahrenheit_is_what_the_line_says_in_celsius() -> None:
    listener = thermometer(ThermometerSettings(unit="F"))
    listener.wait(1800)
    assert listener.sent[0].values["temperature@oral"] == pytest.approx(38.3889, abs=1e-4)


def test_each_measurement_of_a_catch_up_shows_the_patient_of_its_own_moment() -> None:
    courses = {600.0 * n: replace(NORMAL, temperature=37.0 + n / 10) for n in range(6)}
    listener = thermometer(ThermometerSettings(every_s=600.0), Patient(courses))
    lines = listener.lines(3000)
    assert [line[-12:] for line in lines] == [f"T= 37.{n} C OK" for n in range(1, 6)]
    assert [sent.at for sent in listener.sent] == [POWERED_AT.plus(600.0 * n) for n in range(1, 6)]


def test_a_thermometer_without_a_patient_says_that_it_failed() -> None:
    listener = thermometer(patient=Patient({0.0: replace(NORMAL, temperature=None)}))
    assert listener.lines(1800)[0].endswith("T=---.- C ERR07")


def test_only_every_so_many_measurements_fail() -> None:
    lines = thermometer(ThermometerSettings(every_s=60.0, fail_every=3)).lines(360)
    assert ["ERR07" in line for line in lines] == [False, False, True] * 2


def test_a_cuff_line_is_as_agreed() -> None:
    listener = cuff(CuffSettings(serial=42), Patient({0.0: NO_CUFF, 60.0: NORMAL}))
    assert listener.lines(300) == [PRINTED]
    (sent,) = listener.sent
    assert sent.wire == f"{PRINTED}\r\n".encode()
    assert sent.at == POWERED_AT.plus(60)
    assert sent.values == {
        "nibp_systolic": 120,
        "nibp_diastolic": 75,
        "nibp_mean": 90,
        "pulse_rate@nibp": 97,
    }


def test_a_reading_is_printed_once_with_the_time_of_its_own_clock() -> None:
    listener = cuff(CuffSettings(wall_offset_s=-3600.0), readings(3))
    lines = listener.lines(600)
    assert [line[14:30] for line in lines] == [
        "21:48:44 SYS=121",
        "21:49:44 SYS=122",
        "21:50:44 SYS=123",
    ]


def test_no_reading_is_missed_or_repeated_however_the_clock_steps() -> None:
    big, small = cuff(patient=readings(20)), cuff(patient=readings(20))
    assert big.wait(1200) == small.wait(1200, step_s=0.25)
    assert big.sent == small.sent
    assert [sent.values["nibp_systolic"] for sent in big.sent] == list(range(121, 141))


def test_a_reading_of_before_power_on_is_not_printed() -> None:
    old = replace(NORMAL, cuff=Cuff(120, 90, 75, -1.0))
    assert cuff(patient=Patient({0.0: old})).lines(60) == []


def test_a_failed_reading_shows_dashes_alone() -> None:
    listener = cuff(CuffSettings(serial=42, fail_every=2), readings(2))
    assert listener.lines(180)[1] == "BP SN=0000042 22:49:44 SYS=--- DIA=--- MAP=--- HR=--- E03"
    assert set(listener.sent[1].values.values()) == {None}
    assert listener.sent[0].values["nibp_systolic"] == 121


def test_a_weak_reading_shows_numbers_that_are_not_vouched_for() -> None:
    listener = cuff(CuffSettings(serial=42, weak_every=2), readings(2))
    assert listener.lines(180)[1] == "BP SN=0000042 22:49:44 SYS=122 DIA=077 MAP=092 HR=097 WEAK"
    assert set(listener.sent[1].values.values()) == {None}


@pytest.mark.parametrize(
    ("pulse", "heart", "shown"), [(None, 88, "088"), (90, 88, "090"), (None, None, "---")]
)
def test_the_rate_comes_from_the_pulse_then_from_the_heart(
    pulse: int | None, heart: int | None, shown: str
) -> None:
    vitals = replace(NORMAL, pulse_rate=pulse, heart_rate=heart)
    listener = cuff(patient=Patient({0.0: replace(vitals, cuff=None), 60.0: vitals}))
    assert f" HR={shown} OK" in listener.lines(60)[0]
    expected = None if shown == "---" else int(shown)
    assert listener.sent[0].values["pulse_rate@nibp"] == expected


def test_seeds_draw_different_serials() -> None:
    assert len({thermometer(seed=seed).lines(1800)[0] for seed in range(20)}) == 20
    assert len({cuff(patient=readings(1), seed=seed).lines(60)[0] for seed in range(20)}) == 20


def test_bytes_from_the_host_change_nothing() -> None:
    spot, band = thermometer(), cuff(patient=readings(1))
    for listener in (spot, band):
        listener.monitor.receive(b"?\r\n", listener.now.plus(30))
        assert listener.monitor.bytes_to_send() == b""
    assert len(spot.lines(1800)) == 1
    assert len(band.lines(60)) == 1
