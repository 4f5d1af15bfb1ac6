"""Shorthand for numerics and messages."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, GenerationMode, Numeric, Validity
from edge_agent.model.session_events import NumericsReceived

START = Instant(monotonic_ns=1_000_000_000_000, utc_ns=1_790_000_000_000_000_000)
NO_TIME = DeviceTime()
PERCENT, BPM, RPM, MMHG, CELSIUS = 262688, 264864, 264928, 266016, 268192
HR, PULSE, SPO2, PERFUSION, RR = 147842, 149530, 150456, 150448, 151562
NIBP_S, NIBP_D, NIBP_M = 150021, 150022, 150023
TEMPERATURE = 150344


def wall(seconds: float) -> DeviceTime:
    """Return a stamp on a device's wall clock."""
    return DeviceTime(wall_ns=round(seconds * 1e9))


def numeric(
    code: int,
    value: float | None,
    unit_code: int,
    validity: Validity | None = None,
    stamp: DeviceTime = NO_TIME,
) -> Numeric:
    """Return what a monitor sends; without a value and without a word it is NOT_AVAILABLE."""
    if validity is None:
        validity = Validity.NOT_AVAILABLE if value is None else Validity.VALID
    return Numeric(
        device_id="mp90",
        channel="1",
        code=code,
        label="",
        value=value,
        unit_code=unit_code,
        unit="",
        state=0,
        validity=validity,
        mode=GenerationMode.REAL,
        measured_at=stamp,
        received_at=START,
    )


def message(
    *numerics: Numeric, at_s: float = 0.0, device_now: DeviceTime = NO_TIME
) -> NumericsReceived:
    """Return one message, received `at_s` seconds after the start."""
    at = START.plus(at_s)
    return NumericsReceived(tuple(replace(n, received_at=at) for n in numerics), device_now, at)
