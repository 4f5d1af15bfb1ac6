"""A real record is decoded as its source publishes it."""

from __future__ import annotations

import pytest

from edge_agent.model.measurements import DeviceTime, Validity
from edge_agent.model.session_events import DeviceAlarmsChanged, DeviceIdentified, NumericsReceived
from tests.drivers.ge_dri.line import Line, heard
from tests.drivers.ge_dri.monitor import frame
from tests.support.shared_data import shared_data

WALL_NS = 1251973827 * 10**9
PRIVATE = 1024 * 65536


def capture(name: str) -> bytes:
    return shared_data(f"captures/ge_dri/lnhealth_s5parser-{name}.bin").read_bytes()


@pytest.fixture
def line() -> Line:
    return heard(frame(capture("trends")))


def test_the_monitor_and_its_clock_are_as_published(line: Line) -> None:
    (identity,) = line.of(DeviceIdentified)
    assert (identity.model, identity.serial) == ("DRI level 8", "35588")
    (event,) = line.of(NumericsReceived)
    assert event.device_now == DeviceTime(wall_ns=WALL_NS)
    assert {n.measured_at.wall_ns for n in event.numerics if n.channel != "NIBP"} == {WALL_NS}


@pytest.mark.parametrize(
    ("label", "code", "value", "validity"),
    [
        ("MDC_ECG_HEART_RATE", 147842, 0, Validity.QUESTIONABLE),
        ("ST1", PRIVATE + 12, None, Validity.INVALID),
        ("ART systolic", 150033, 9.0, Validity.VALID),
        ("ART diastolic", 150034, 0.9, Validity.VALID),
        ("ART mean", 150035, 4.86, Validity.VALID),
        ("MDC_PRESS_BLD_NONINV_SYS", 150021, None, Validity.INVALID),
        ("Temperature (rectal)", 188420, 27.07, Validity.VALID),
        ("Temperature (T4)", 192714, None, Validity.BELOW_RANGE),
        ("O2 inspired share", PRIVATE + 158, 29.43, Validity.VALID),
    ],
)
def test_values_are_as_published(
    line: Line, label: str, code: int, value: float | None, validity: Validity
) -> None:
    numeric = line.numerics()[label]
    assert (numeric.code, numeric.value, numeric.validity) == (code, value, validity)


def test_the_cuff_is_automatic_and_its_reading_older_than_60_s(line: Line) -> None:
    numeric = line.numerics()["MDC_PRESS_BLD_NONINV_SYS"]
    assert numeric.state >> 32 == 0x10B
    assert numeric.measured_at == DeviceTime()


def test_asystole_and_apnea_stand_in_its_status_bits(line: Line) -> None:
    (event,) = line.of(DeviceAlarmsChanged)
    assert [alarm.event_code for alarm in event.alarms] == [199684, 199680]


def test_the_record_of_waves_is_sound_and_yields_nothing_but_who_sent_it() -> None:
    (event,) = heard(frame(capture("waveforms"))).events
    assert isinstance(event, DeviceIdentified)
    assert event.serial == "35537"


def test_the_way_bytes_arrive_changes_nothing() -> None:
    wire = frame(capture("trends")) + frame(capture("waveforms"))
    whole, bytewise = heard(wire), Line(listen_only=True)
    for byte in wire:
        bytewise.hear(bytes([byte]))
    assert bytewise.events == whole.events
