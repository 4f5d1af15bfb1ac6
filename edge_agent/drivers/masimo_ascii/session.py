"""Session with one Masimo oximeter; it only listens and sends nothing."""

from __future__ import annotations

from typing import Final

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.device_session import DeviceSession
from edge_agent.drivers.framing import Intake, LineScanner, read_from_last_beginning
from edge_agent.drivers.link_watch import LinkWatch
from edge_agent.drivers.masimo_ascii.alarms import alarms_of
from edge_agent.drivers.masimo_ascii.lines import BEGINNING, MAX_TEXT, SoundLine, parse
from edge_agent.drivers.masimo_ascii.values import numeric
from edge_agent.drivers.message_facts import MessageFacts
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime
from edge_agent.model.session_events import (
    DeviceAlarm,
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    NumericsReceived,
    SessionEvent,
)

SILENCE_S: Final = 1.5
"""Seconds of silence that settle a half-received line: longer than the second between two lines. A
line cut short by the next one is recognised without it."""

_LOST_AFTER_S: Final = 6.0
"""Seconds without a line after which the oximeter is lost: six lines; a restart takes longer."""

_KNOWN_WIDTHS: Final = frozenset({(2, 3), (4, 6), (6, 7)})
"""Digits of ALARM and EXC seen together; the loss of one digit never turns one pair into
another."""

_NEAR_NS: Final = 86_400 * 10**9
"""Largest difference between a correct clock and the gateway's, which is due to the time zone;
design start value."""
_MOST_REPORTS: Final = 16
"""Largest number of reports about fields that are not read; more come from damaged lines."""


def open_session(options: SessionOptions) -> DeviceSession[bytes]:
    """Return a session with one oximeter, which sends unasked."""
    link = LinkWatch(_LOST_AFTER_S)
    reader = MasimoReader(options, link)
    return DeviceSession(Intake(LineScanner(MAX_TEXT), SILENCE_S, reader.read), link)


class MasimoReader:
    """Reads the lines of one oximeter."""

    def __init__(self, options: SessionOptions, link: LinkWatch) -> None:
        self._options = options
        self._link = link
        self._identity: str | None = None  # serial number last reported, None before the first
        self._last_serial: str | None = None  # None where the last line had none
        self._widths = self._last_widths = (4, 6)  # of the newest accepted line, of the newest line
        self._alarms: tuple[DeviceAlarm, ...] | None = None  # None until a line had ALARM
        self._is_day_first: bool | None = None  # None until a date fits only one order
        self._last_order: bool | None = None  # order of the last line; None where both fit
        self._shows_day_first = False
        self._last_odd = frozenset[str]()  # keys, see `SoundLine.odd`
        self._reported: set[str] = set()  # reports about fields that are not read

    def read(self, raw: bytes, at: Instant) -> list[SessionEvent]:
        """Return the events of one line."""
        line = parse(raw, self._options.zone, at.utc_ns)
        if isinstance(line, SoundLine):
            return self._line(line, raw, at)
        return read_from_last_beginning(line, raw, BEGINNING, self.read, at)

    def _line(self, line: SoundLine, raw: bytes, at: Instant) -> list[SessionEvent]:
        if doubt := self._doubt(line):
            return [FrameRejected(doubt, raw)]
        self._widths = line.status_widths
        reasons = [*self._ordered(line, at), *self._unread(line)]
        wall_ns = line.day_first_ns if self._shows_day_first else line.month_first_ns
        now = DeviceTime(wall_ns=wall_ns)
        facts = MessageFacts(self._options.device_id, line.exceptions, at, now)
        numerics = tuple(numeric(key, value, facts) for key, value in line.values.items())
        return [
            *self._link.heard(at),
            *reasons,
            *self._identified(line.serial, at),
            NumericsReceived(numerics, now, at),
            *self._alarms_changed(line, now, at),
        ]

    def _doubt(self, line: SoundLine) -> str:
        """Return the difference from earlier lines; empty where there is none, or it repeats."""
        widths, self._last_widths = self._last_widths, line.status_widths
        order, self._last_order = self._last_order, line.is_day_first
        odd, self._last_odd = self._last_odd, line.odd
        may_change = {line.status_widths, self._widths} <= _KNOWN_WIDTHS
        if line.status_widths not in {widths, self._widths} and not may_change:
            return "ALARM and EXC differ in width from the line before"
        if not self._is_same_oximeter(line.serial):
            return "the serial number differs from the line before"
        if new := sorted(line.odd - odd):
            return f"the value of {new[0]} is malformed"
        if self._is_day_first is not None and line.is_day_first not in {
            None,
            order,
            self._is_day_first,
        }:
            return "the order of the date differs from the line before"
        return ""

    def _ordered(self, line: SoundLine, at: Instant) -> list[FrameRejected]:
        """Note whether day or month stands first; return a report where the day does.

        Where both orders give a date, the known order applies; without one, the order whose date is
        near the gateway's.
        """
        if line.is_day_first is not None:
            self._is_day_first = self._shows_day_first = line.is_day_first
        elif self._is_day_first is None:
            self._shows_day_first = not _is_near(line.month_first_ns, at) and _is_near(
                line.day_first_ns, at
            )
        if not self._shows_day_first:
            return []
        return self._reported_once("the date is read with its day before its month")

    def _unread(self, line: SoundLine) -> list[FrameRejected]:
        """Return one report for each field that is not read."""
        unknown = [f"{key} is ignored: unknown field" for key in sorted(line.unknown)]
        odd = sorted(line.odd - {"SN"})  # a serial number of another length has repeated by now
        other = [f"{key} is ignored: unknown format" for key in odd]
        return [event for words in unknown + other for event in self._reported_once(words)]

    def _reported_once(self, words: str) -> list[FrameRejected]:
        if words in self._reported or len(self._reported) == _MOST_REPORTS:
            return []
        self._reported.add(words)
        return [FrameRejected(words, b"")]

    def _is_same_oximeter(self, serial: str | None) -> bool:
        """Return whether a line is from the known oximeter, or from another for the second time.

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
        self, line: SoundLine, now: DeviceTime, at: Instant
    ) -> list[DeviceAlarmsChanged]:
        if line.alarms is None:
            return []
        alarms = alarms_of(line.alarms, line.exceptions)
        if alarms == self._alarms:
            return []
        self._alarms = alarms
        return [DeviceAlarmsChanged(alarms, now, at)]


def _is_near(wall_ns: int | None, at: Instant) -> bool:
    return wall_ns is not None and abs(wall_ns - at.utc_ns) <= _NEAR_NS
