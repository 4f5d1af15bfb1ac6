"""One Nellcor oximeter on one line: bytes and time in, events out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge_agent.drivers.framing import AROUND_LINES, Intake, LineScanner
from edge_agent.drivers.link_watch import LinkWatch
from edge_agent.drivers.nellcor_ascii.alarms import alarms_of
from edge_agent.drivers.nellcor_ascii.lines import (
    FULL_TEXT,
    MAX_TEXT,
    Data,
    Header,
    Mark,
    begin_of_last,
    parse,
)
from edge_agent.drivers.nellcor_ascii.values import PULSE, SPO2, Origin, numerics_of
from edge_agent.model.measurements import DeviceTime
from edge_agent.model.session_events import (
    AlarmLimits,
    AlarmLimitsChanged,
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    NumericsReceived,
)

if TYPE_CHECKING:
    from datetime import tzinfo

    from edge_agent.model.clock import Instant
    from edge_agent.model.session_events import DeviceAlarm, SessionEvent

SILENCE_S: Final = 1.0
"""Longer than a line takes (0.1 s), shorter than the 2 s between two lines."""

_LOST_AFTER_S: Final = 7.0
"""Three lines and a half."""

_CODES_TOLD_AT_MOST: Final = 16
"""More come from damaged lines."""

_IS_TREND_AFTER: Final = {Mark.LIVE: False, Mark.TREND: True, Mark.TREND_END: False}


class NellcorSession:
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
        self._model: str | None = None  # told last, None before the first
        self._last_model = ""
        self._limits: tuple[AlarmLimits, ...] = ()  # empty until a header told them
        self._alarms: tuple[DeviceAlarm, ...] | None = None  # None until a line told them
        self._is_trend = False
        self._pads_lines = False
        self._told_codes: set[str] = set()  # status codes told as not known

    def receive(self, data: bytes, at: Instant) -> list[SessionEvent]:
        """Return what became certain with `data`, received at `at`."""
        return self._intake.receive(data, at)

    def tick(self, at: Instant) -> list[SessionEvent]:
        """After `SILENCE_S` settle a half-received line; tell when the oximeter is lost."""
        events = self._intake.tick(at)
        lost = self._link.tick(at)
        if lost:
            self._pads_lines = False  # it may have been replaced by another model
        return [*events, *lost]

    def bytes_to_send(self) -> bytes:
        """Return nothing: the oximeter needs no word."""
        return b""

    def release(self) -> None:
        """Do nothing: the oximeter knows no farewell."""

    def _found(self, raw: bytes, at: Instant) -> list[SessionEvent]:
        match parse(raw, self._zone, at.utc_ns):
            case Data() as data:
                return self._data(data, raw, at)
            case Header() as header:
                return self._header(header, at)
            case Mark() as mark:
                self._is_trend = _IS_TREND_AFTER.get(mark, self._is_trend)
                return []
            case reason:
                return self._unsound(reason, raw, at)

    def _unsound(self, reason: str, raw: bytes, at: Instant) -> list[SessionEvent]:
        begin = begin_of_last(raw)
        if not raw[:begin].strip(AROUND_LINES):
            return [FrameRejected(reason, raw)]
        # noise, or a line that was cut short, stands before a line
        before = FrameRejected("bytes before the beginning of a line", raw[:begin])
        return [before, *self._found(raw[begin:], at)]

    def _data(self, data: Data, raw: bytes, at: Instant) -> list[SessionEvent]:
        if self._is_trend:
            return [FrameRejected("a line of the trend printout: not the present", raw)]
        if self._pads_lines and data.size < FULL_TEXT:
            return [FrameRejected("a data line that is shorter than those before", raw)]
        self._pads_lines |= data.is_padded
        now = DeviceTime(wall_ns=data.wall_ns)
        origin = Origin(self._device_id, data.state, now, at)
        events: list[SessionEvent] = [
            *self._link.heard(at),
            *self._not_known(data.unknown_codes),
            NumericsReceived(numerics_of(data.values, origin), now, at),
        ]
        alarms = alarms_of(data.state)
        if alarms != self._alarms:
            self._alarms = alarms
            events.append(DeviceAlarmsChanged(alarms, now, at))
        return events

    def _not_known(self, codes: tuple[str, ...]) -> list[FrameRejected]:
        """Return word of each code that is not known, once."""
        room = _CODES_TOLD_AT_MOST - len(self._told_codes)
        new = [code for code in codes if code not in self._told_codes][:room]
        self._told_codes |= set(new)
        return [
            FrameRejected(f"the status code {code} is not known: in doubt", b"") for code in new
        ]

    def _header(self, header: Header, at: Instant) -> list[SessionEvent]:
        self._is_trend = header.is_trend
        if header.is_trend:
            return []
        events: list[SessionEvent] = [*self._link.heard(at), *self._identified(header.model, at)]
        limits = (
            AlarmLimits(SPO2, "%", *header.spo2_limits),
            AlarmLimits(PULSE, "/min", *header.pulse_limits),
        )
        if limits != self._limits:
            self._limits = limits
            events.append(AlarmLimitsChanged(limits, at))
        return events

    def _identified(self, model: str, at: Instant) -> list[DeviceIdentified]:
        """Return the identity where it is new; another one than before is told when it repeats."""
        last, self._last_model = self._last_model, model
        is_sure = self._model is None or model == last
        if model == self._model or not is_sure:
            return []
        self._model = model
        return [DeviceIdentified("Nellcor", model, "", at)]
