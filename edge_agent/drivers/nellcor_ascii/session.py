"""Session with one Nellcor oximeter; it only listens and sends nothing."""

from __future__ import annotations

from typing import Final

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.device_session import DeviceSession
from edge_agent.drivers.framing import Intake, LineScanner, read_from_last_beginning
from edge_agent.drivers.link_watch import LinkWatch
from edge_agent.drivers.message_facts import MessageFacts
from edge_agent.drivers.nellcor_ascii.alarms import alarms_of
from edge_agent.drivers.nellcor_ascii.lines import (
    BEGINNING,
    FULL_TEXT,
    MAX_TEXT,
    Data,
    Heading,
    WordLine,
    parse,
)
from edge_agent.drivers.nellcor_ascii.values import PULSE, SPO2, numerics_of
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime
from edge_agent.model.session_events import (
    AlarmLimits,
    AlarmLimitsChanged,
    DeviceAlarm,
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    NumericsReceived,
    SessionEvent,
)

SILENCE_S: Final = 1.0
"""Seconds of silence that settle a half-received line: longer than a line takes (0.1 s), shorter
than the 2 s between two lines."""

_LOST_AFTER_S: Final = 7.0
"""Seconds without a line after which the oximeter is lost: three lines and a half."""

_MOST_REPORTED_CODES: Final = 16
"""Largest number of reports about unknown status codes; more come from damaged lines."""

_IS_TREND_AFTER: Final = {WordLine.LIVE: False, WordLine.TREND: True, WordLine.TREND_END: False}


def open_session(options: SessionOptions) -> DeviceSession[bytes]:
    """Return a session with one oximeter, which sends unasked."""
    link = LinkWatch(_LOST_AFTER_S)
    reader = NellcorReader(options, link)
    return DeviceSession(Intake(LineScanner(MAX_TEXT), SILENCE_S, reader.read), link)


class NellcorReader:
    """Reads the lines of one oximeter."""

    def __init__(self, options: SessionOptions, link: LinkWatch) -> None:
        self._options = options
        self._link = link
        self._model: str | None = None  # last reported, None before the first
        self._last_model = ""
        self._limits: tuple[AlarmLimits, ...] = ()  # empty until the first header
        self._alarms: tuple[DeviceAlarm, ...] | None = None  # None until the first data line
        self._is_trend = False
        self._pads_lines = False
        self._reported_codes: set[str] = set()  # unknown status codes already reported

    def read(self, raw: bytes, at: Instant) -> list[SessionEvent]:
        """Return the events of one line."""
        if not self._link.is_connected:
            self._pads_lines = False  # another model may replace one that was lost
        match parse(raw, self._options.zone, at.utc_ns):
            case Data() as data:
                return self._data(data, raw, at)
            case Heading() as header:
                return self._header(header, at)
            case WordLine() as mark:
                self._is_trend = _IS_TREND_AFTER.get(mark, self._is_trend)
                return []
            case reason:
                return read_from_last_beginning(reason, raw, BEGINNING, self.read, at)

    def _data(self, data: Data, raw: bytes, at: Instant) -> list[SessionEvent]:
        if self._is_trend:
            return [FrameRejected("a line of the trend printout: past values", raw)]
        if self._pads_lines and data.size < FULL_TEXT:
            return [FrameRejected("a data line shorter than earlier ones", raw)]
        self._pads_lines |= data.is_padded
        now = DeviceTime(wall_ns=data.wall_ns)
        facts = MessageFacts(self._options.device_id, data.state, at, now)
        events: list[SessionEvent] = [
            *self._link.heard(at),
            *self._newly_unknown(data.unknown_codes),
            NumericsReceived(numerics_of(data.values, facts), now, at),
        ]
        alarms = alarms_of(data.state)
        if alarms != self._alarms:
            self._alarms = alarms
            events.append(DeviceAlarmsChanged(alarms, now, at))
        return events

    def _newly_unknown(self, codes: tuple[str, ...]) -> list[FrameRejected]:
        """Return one report for each unknown status code."""
        room = _MOST_REPORTED_CODES - len(self._reported_codes)
        new = [code for code in codes if code not in self._reported_codes][:room]
        self._reported_codes |= set(new)
        return [
            FrameRejected(f"the status code {code} is unknown: values are questionable", b"")
            for code in new
        ]

    def _header(self, header: Heading, at: Instant) -> list[SessionEvent]:
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
        """Return the identity where it is new; report a changed one only when it repeats."""
        last, self._last_model = self._last_model, model
        is_sure = self._model is None or model == last
        if model == self._model or not is_sure:
            return []
        self._model = model
        return [DeviceIdentified("Nellcor", model, "", at)]
