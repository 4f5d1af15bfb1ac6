"""One Masimo oximeter on one line: bytes and time in, events out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge_agent.drivers.framing import Intake, LineScanner
from edge_agent.drivers.link_watch import LinkWatch
from edge_agent.drivers.masimo_ascii.alarms import alarms_of
from edge_agent.drivers.masimo_ascii.lines import MAX_TEXT, Line, begin_of_last, parse
from edge_agent.drivers.masimo_ascii.values import Origin, numeric
from edge_agent.model.measurements import DeviceTime
from edge_agent.model.session_events import (
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    NumericsReceived,
)

if TYPE_CHECKING:
    from datetime import tzinfo

    from edge_agent.model.clock import Instant
    from edge_agent.model.session_events import DeviceAlarm, SessionEvent

SILENCE_S: Final = 1.5
"""Longer than the second between two lines; a line that the next one cuts short is told apart
without it."""

_LOST_AFTER_S: Final = 6.0
"""Six lines; an oximeter that restarts is silent for longer."""

_KNOWN_WIDTHS: Final = frozenset({(2, 3), (4, 6), (6, 7)})
"""Digits of ALARM and EXC seen together; one lost digit never makes one pair of another."""


class MasimoSession:
    """Session with one oximeter, which talks unasked; nothing is ever sent.

    Parameters
    ----------
    device_id
        Name of the oximeter in every numeric.
    zone
        Zone in which the oximeter's clock is kept.
    """

    def __init__(self, device_id: str, zone: tzinfo) -> None:
        self._device_id = device_id
        self._zone = zone
        self._intake = Intake(LineScanner(MAX_TEXT), SILENCE_S, self._found)
        self._link = LinkWatch(_LOST_AFTER_S)
        self._identity: str | None = None  # serial number told last, None before the first
        self._last_serial: str | None = None  # None where the line before had none
        self._widths = self._last_widths = (4, 6)  # of the newest line believed, of the newest
        self._alarms: tuple[DeviceAlarm, ...] | None = None  # None until a line told them

    def receive(self, data: bytes, at: Instant) -> list[SessionEvent]:
        """Return what became certain with `data`, received at `at`."""
        return self._intake.receive(data, at)

    def tick(self, at: Instant) -> list[SessionEvent]:
        """After `SILENCE_S` settle a half-received line; tell when the oximeter is lost."""
        return [*self._intake.tick(at), *self._link.tick(at)]

    def bytes_to_send(self) -> bytes:
        """Return nothing: the oximeter needs no word."""
        return b""

    def release(self) -> None:
        """Do nothing: the oximeter knows no farewell."""

    def _found(self, raw: bytes, at: Instant) -> list[SessionEvent]:
        line = parse(raw, self._zone)
        if isinstance(line, Line):
            return self._line(line, raw, at)
        begin = begin_of_last(raw)
        if not raw[:begin].strip(b"\r\n"):
            return [FrameRejected(line, raw)]
        # noise, or a line that was cut short, stands before a line
        before = FrameRejected("bytes before the beginning of a line", raw[:begin])
        return [before, *self._found(raw[begin:], at)]

    def _line(self, line: Line, raw: bytes, at: Instant) -> list[SessionEvent]:
        last, self._last_widths = self._last_widths, line.status_widths
        may_change = {line.status_widths, self._widths} <= _KNOWN_WIDTHS
        if line.status_widths not in {last, self._widths} and not may_change:
            return [FrameRejected("ALARM and EXC have other widths than in the line before", raw)]
        self._widths = line.status_widths
        if not self._is_same_oximeter(line.serial):
            return [FrameRejected("another serial number than in the line before", raw)]
        now = DeviceTime(wall_ns=line.wall_ns)
        origin = Origin(self._device_id, line.exceptions, now, at)
        numerics = tuple(numeric(key, value, origin) for key, value in line.values.items())
        return [
            *self._link.heard(at),
            *self._identified(line.serial, at),
            NumericsReceived(numerics, now, at),
            *self._alarms_changed(line, now, at),
        ]

    def _is_same_oximeter(self, serial: str | None) -> bool:
        """Return whether a line is of the known oximeter, or of another one that goes on talking.

        Two oximeters on one line, or a damaged serial number, must not pass for the known one.
        """
        last, self._last_serial = self._last_serial, serial
        return serial is None or self._identity is None or serial in {self._identity, last}

    def _identified(self, serial: str | None, at: Instant) -> list[DeviceIdentified]:
        if serial is None or serial == self._identity:
            return []
        self._identity = serial
        return [DeviceIdentified("Masimo", "", serial, at)]

    def _alarms_changed(
        self, line: Line, now: DeviceTime, at: Instant
    ) -> list[DeviceAlarmsChanged]:
        if line.alarms is None:
            return []
        alarms = alarms_of(line.alarms, line.exceptions)
        if alarms == self._alarms:
            return []
        self._alarms = alarms
        return [DeviceAlarmsChanged(alarms, now, at)]
