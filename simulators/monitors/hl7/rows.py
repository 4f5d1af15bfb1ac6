"""OBX segments of a simulated HL7 device, and the values that they promise to a reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from simulators.monitors.hl7.alarms import LIMITS, present_alarms
from simulators.monitors.hl7.dialects import Missing, ObxRow
from simulators.monitors.hl7.er7 import TimeStyle, escape, segment, stamp
from simulators.monitors.hl7.settings import Hl7Settings
from simulators.patients.vitals import TrueVitals

_CUFF_SIGNS: Final = frozenset({"nibp_systolic", "nibp_mean", "nibp_diastolic"})
_KINDS: Final = {  # signs that a reader must find, and their canonical kinds
    "heart_rate": "heart_rate",
    "pulse_rate": "pulse_rate",
    "spo2": "spo2",
    "perfusion_index": "perfusion_index",
    "respiratory_rate": "respiratory_rate",
    "pleth_respiratory_rate": "respiratory_rate",
    "temperature": "temperature",
} | {sign: sign for sign in _CUFF_SIGNS}
_SENTINELS: Final = {  # value and status; an empty status means the status of a value
    Missing.EMPTY: ("", "X"),
    Missing.LARGE: ("8388607", "X"),
    Missing.NEGATIVE: ("-100", "F"),
    Missing.FULL_SCALE: ("32767", ""),
    Missing.NO_READING: ("", ""),
}
# as public code quotes a GE B1x5
_CO2: Final = ObxRow("co2", "150456^MDC_CO2_ET^MDC", "1.7.1.1", "266016^MDC_DIM_MMHG^MDC")
_CO2_SHOWN: Final = 35.0


@dataclass(frozen=True, slots=True)
class Shown:
    """State of the device's screen at one moment."""

    vitals: TrueVitals
    wall_ns: int
    """UTC on the device's clock, ns since 1970."""
    cuff_wall_ns: int | None
    """Time of the cuff reading on the device's clock, ns since 1970; None where there is none."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Segments of one report and the values that they promise."""

    lines: tuple[str, ...]
    values: Mapping[str, float | None]


class RowWriter:
    """Writes the rows of one device.

    Parameters
    ----------
    settings
        Settings of the device.
    device
        Identity of the device in OBX-18.
    """

    def __init__(self, settings: Hl7Settings, device: str) -> None:
        self._settings = settings
        self._dialect = settings.writing
        self._device = device

    def stamp(self, wall_ns: int) -> str:
        """Return a moment in the device's format."""
        style = TimeStyle.SECONDS if self._settings.zoneless_times else self._dialect.times
        return stamp(wall_ns, self._settings.zone_minutes, style)

    def rows(self, shown: Shown) -> Rows:
        """Return the rows of a report."""
        lines = list(self._dialect.fixed_rows)
        values: dict[str, float | None] = {}
        for row in self._table(shown.vitals):
            value = _reading(row.sign, shown.vitals)
            written = self._row(row, value, shown, len(lines) + 1)
            if written:
                lines.append(written)
            if row.sign in _KINDS:
                kind = _KINDS[row.sign]
                values[f"{kind}@{row.site}" if row.site else kind] = self._promised(row, value)
        if self._settings.co2_under_spo2_code:
            lines.append(self._row(_CO2, _CO2_SHOWN, shown, len(lines) + 1))
        return Rows(tuple(lines), values)

    def alarm_rows(self, vitals: TrueVitals) -> list[str]:
        """Return one row of text for each present alarm."""
        rows = []
        for alarm, words in present_alarms(vitals).items():
            kind = "2^Yellow Alarm" if alarm.priority == "PM" else "5^HardInop"
            shown = words if self._dialect.codec == "utf-8" else words.replace("₂", "2")
            fields = {2: "TX", 3: f"{kind}^MDIL-ALERT", 5: escape(shown), 11: self._dialect.status}
            rows.append(segment("OBX", fields))
        return rows

    def _table(self, vitals: TrueVitals) -> list[ObxRow]:
        table = []
        for row in self._dialect.rows:
            if row.sign == "temperature":
                table += self._temperatures(row, vitals.temperature_site)
            else:
                table.append(row)
        if self._settings.duplicated_spo2:
            table.append(self._dialect.second_spo2)
        return table

    def _temperatures(self, row: ObxRow, measured_at: str) -> list[ObxRow]:
        codes = self._dialect.temperature_codes
        code, site = codes.get(measured_at, (row.code, row.site))
        unit = self._dialect.fahrenheit if self._settings.fahrenheit else row.unit
        found = [replace(row, code=code, site=site, unit=unit)]
        if self._settings.scaled_temperature:
            found.append(replace(self._dialect.second_temperature, unit=unit))
        return found

    def _row(self, row: ObxRow, value: float | None, shown: Shown, count: int) -> str:
        """Return the segment; empty where the device omits it."""
        has_number = self._dialect.numbers_rows and not self._settings.no_set_ids
        fields = {
            1: (row.set_id or str(count)) if has_number else "",
            2: "NM" if row.sign else "",
            3: row.code,
            4: row.sub_id,
            6: row.unit,
            17: row.source,
        }
        if not row.sign:
            return segment("OBX", fields | {11: "X"})
        missing = self._missing(row.sign)
        if value is None and missing is Missing.OMITTED:
            return ""
        text, status = (self._text(row, value), "") if value is not None else _SENTINELS[missing]
        status = "X" if self._settings.x_on_everything else status or self._dialect.status
        fields |= {5: text, 11: status, 18: self._name(count)}
        fields |= self._context(row, value) | self._times(row, shown)
        return segment("OBX", fields, self._dialect.width)

    def _name(self, count: int) -> str:
        if self._dialect.names_device == "all":
            return f"{self._device}^B40_GE"
        if self._dialect.names_device == "first" and count == 1:
            return f"{self._device}^BIG_DIPPER^{self._device}^EUI-64"
        return ""

    def _context(self, row: ObxRow, value: float | None) -> dict[int, str]:
        limits = LIMITS.get(row.sign)
        if limits is None or not self._dialect.shows_limits:
            return {}
        side = limits.side(value) if value is not None else ""
        low, high = limits.low, limits.high
        if row.sign == "temperature" and self._settings.fahrenheit:
            low, high = _to_fahrenheit(low), _to_fahrenheit(high)
        return {7: f"{low:g}-{high:g}", 8: side}

    def _times(self, row: ObxRow, shown: Shown) -> dict[int, str]:
        if row.sign in _CUFF_SIGNS:
            when = shown.cuff_wall_ns
            return {13: self._dialect.cuff_mark, 14: "" if when is None else self.stamp(when)}
        return {14: self.stamp(shown.wall_ns)} if self._dialect.stamps_all else {}

    def _missing(self, sign: str) -> Missing:
        if self._settings.missing:
            return self._settings.missing
        return self._dialect.cuff_missing if sign in _CUFF_SIGNS else self._dialect.missing

    def _text(self, row: ObxRow, value: float) -> str:
        if row.sign == "perfusion_index":
            return f"{value:.1f}"
        if "temperature" not in row.sign:
            return f"{value:.0f}"
        shown = _to_fahrenheit(value) if self._settings.fahrenheit else value
        return f"{shown:.1f}" if row.sign == "temperature" else f"{shown * 10 - 0.5:.1f}"

    def _promised(self, row: ObxRow, value: float | None) -> float | None:
        if value is None or (self._settings.stale_nibp and row.sign in _CUFF_SIGNS):
            return None
        if self._settings.x_on_everything and self._dialect.status != "X":
            return None
        shown = float(self._text(row, value))
        if row.sign == "temperature" and self._settings.fahrenheit:
            return (shown - 32) * 5 / 9
        return shown


def _to_fahrenheit(celsius: float) -> float:
    return round(celsius * 9 / 5 + 32, 6)


def _reading(sign: str, vitals: TrueVitals) -> float | None:
    cuff = vitals.cuff
    if sign == "pleth_respiratory_rate":
        return None if vitals.spo2 is None else vitals.respiratory_rate
    if sign in _CUFF_SIGNS:
        reading: float | None = getattr(cuff, sign.removeprefix("nibp_")) if cuff else None
        return reading
    return {
        "heart_rate": vitals.heart_rate,
        "pulse_rate": vitals.pulse_rate,
        "spo2": vitals.spo2,
        "perfusion_index": vitals.perfusion_index,
        "respiratory_rate": vitals.respiratory_rate,
        "temperature": vitals.temperature,
        "scaled_temperature": vitals.temperature,
    }.get(sign)
