"""Two devices that print one line per finished measurement: a thermometer and a cuff.

Their line formats are our own, made for this simulation in the manner of a Welch Allyn SureTemp and
a SunTech cuff; no real device prints exactly these lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from random import Random
from typing import Final, Literal

from edge_agent.model.clock import Instant
from simulators.monitors.device import PowerOn
from simulators.monitors.push_device import Outbox, wall_time
from simulators.patients.vitals import Cuff

_LINE_END: Final = "\r\n"
_SITES: Final = {"ORAL": "oral", "AXILLA": "axillary", "RECTAL": "rectal"}


@dataclass(frozen=True, slots=True)
class ThermometerSettings:
    """Use of one thermometer, and its peculiarities."""

    every_s: float = 1800.0
    """Seconds between two measurements; the first comes this long after patient second 0."""
    probe: Literal["ORAL", "AXILLA", "RECTAL"] = "ORAL"
    unit: Literal["C", "F"] = "C"
    serial: int | None = None
    """Serial number; None lets the seed choose."""
    low_battery: bool = False
    """True where each sound value comes with LOWBAT instead of OK; the value is valid."""
    fail_every: int = 0
    """Interval of failures with ERR07, in measurements; 0 for none."""


class ThermometerWriter:
    """Lines of one spot thermometer.

    Parameters
    ----------
    settings
        Use of the thermometer.
    seed
        Chooses its serial number.
    """

    def __init__(self, settings: ThermometerSettings, seed: int) -> None:
        self._settings = settings
        drawn = Random(seed).randrange(1, 10**7)
        self._serial = drawn if settings.serial is None else settings.serial
        self.period_s = settings.every_s
        self._measurements = 0

    def write(self, due: Instant, on: PowerOn, out: Outbox) -> None:
        """Print the measurement that has finished."""
        settings = self._settings
        self._measurements += 1
        celsius = on.vitals_at(due).temperature
        if settings.fail_every and self._measurements % settings.fail_every == 0:
            celsius = None
        site = f"temperature@{_SITES[settings.probe]}"
        reading, status, truth = "---.-", "ERR07", None
        if celsius is not None:
            shown = round(celsius if settings.unit == "C" else celsius * 9 / 5 + 32, 1)
            truth = shown if settings.unit == "C" else (shown - 32) * 5 / 9
            reading = f"{shown:5.1f}"
            status = "LOWBAT" if settings.low_battery else "OK"
        line = (
            f"ST690 SN={self._serial:07d} {settings.probe:<6} T={reading} {settings.unit} {status}"
        )
        out.report((line + _LINE_END).encode(), due, {site: truth})


@dataclass(frozen=True, slots=True)
class CuffSettings:
    """Settings of one cuff, and its peculiarities."""

    serial: int | None = None
    """Serial number; None lets the seed choose."""
    wall_offset_s: float = 0.0
    """Offset of its clock from the ward's UTC, seconds; positive where it is ahead."""
    weak_every: int = 0
    """Interval of readings marked WEAK, with doubtful numbers, in readings; 0 for none."""
    fail_every: int = 0
    """Interval of failures with E03, in readings; 0 for none."""


class CuffWriter:
    """Lines of one blood pressure cuff; readings from before the power-on are not printed.

    Parameters
    ----------
    settings
        Settings of the cuff.
    seed
        Chooses its serial number.
    """

    period_s: Final = 1.0
    """Interval at which it looks for a finished reading, seconds."""

    def __init__(self, settings: CuffSettings, seed: int) -> None:
        self._settings = settings
        drawn = Random(seed).randrange(1, 10**7)
        self._serial = drawn if settings.serial is None else settings.serial
        self._printed_s = -inf
        self._readings = 0

    def write(self, due: Instant, on: PowerOn, out: Outbox) -> None:
        """Print a finished reading, within a second of its end."""
        cuff = on.vitals_at(due).cuff
        if cuff is not None and self._is_new(cuff.measured_at_s):
            self._printed_s = cuff.measured_at_s
            self._print(cuff, due, on, out)

    def _is_new(self, measured_at_s: float) -> bool:
        return measured_at_s >= 0 and measured_at_s > self._printed_s

    def _print(self, cuff: Cuff, due: Instant, on: PowerOn, out: Outbox) -> None:
        settings = self._settings
        self._readings += 1
        has_failed = settings.fail_every and self._readings % settings.fail_every == 0
        is_weak = settings.weak_every and self._readings % settings.weak_every == 0
        vitals = on.view(cuff.measured_at_s)
        heart_rate = vitals.heart_rate if vitals.pulse_rate is None else vitals.pulse_rate
        status = "E03" if has_failed else "WEAK" if is_weak else "OK"
        numbers: dict[str, int | None] = {
            "nibp_systolic": cuff.systolic,
            "nibp_diastolic": cuff.diastolic,
            "nibp_mean": cuff.mean,
            "pulse_rate@nibp": heart_rate,
        }
        if has_failed:
            numbers = dict.fromkeys(numbers)
        sys, dia, mean, rate = ("---" if n is None else f"{n:03d}" for n in numbers.values())
        clock = wall_time(on.at.plus(cuff.measured_at_s), settings.wall_offset_s)
        line = (
            f"BP SN={self._serial:07d} {clock:%H:%M:%S} "
            f"SYS={sys} DIA={dia} MAP={mean} HR={rate} {status}{_LINE_END}"
        )
        values = {key: n if status == "OK" else None for key, n in numbers.items()}
        out.report(line.encode(), due, values)
