"""Session with one monitor that speaks the Datex-Ohmeda Record Interface."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.device_session import DeviceSession
from edge_agent.drivers.framing import Intake
from edge_agent.drivers.ge_dri import alarms, cuff, records
from edge_agent.drivers.ge_dri.codes import ASYSTOLE_BIT
from edge_agent.drivers.ge_dri.dialogue import RequestDialogue
from edge_agent.drivers.ge_dri.frames import Frame, FrameFinder
from edge_agent.drivers.ge_dri.numerics import RecordFacts, Sheet
from edge_agent.drivers.ge_dri.records import BASIC, EXTENDED_1, MalformedRecordError, Record
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import (
    DeviceAlarm,
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    NumericsReceived,
    SessionEvent,
)

SILENCE_S: Final = 2.0
"""Seconds of silence that settle a half-received frame: longer than the longest frame takes at
19,200 baud with parity (1.7 s), shorter than the shortest interval of values (5 s)."""


@dataclass(frozen=True, slots=True)
class _Known:
    """State of the monitor as known after a record."""

    reading: cuff.CuffReading | None = None
    """Newest cuff reading; None before the first."""
    arrhythmias: int = 0
    statuses: int = 0
    texts: tuple[DeviceAlarm, ...] = ()

    @property
    def alarms(self) -> tuple[DeviceAlarm, ...]:
        """The alarms with texts, gravest first, then those signalled without text."""
        return self.texts + alarms.signalled(self.arrhythmias | self.statuses)


def open_session(options: SessionOptions) -> DeviceSession[Frame]:
    """Return a session with a Datex-Ohmeda S/5 or GE CARESCAPE monitor."""
    dialogue = RequestDialogue(listen_only=options.listen_only)
    reader = DriReader(options.device_id, dialogue)
    return DeviceSession(Intake(FrameFinder(), SILENCE_S, reader.read), dialogue)


class DriReader:
    """Reads the records of one monitor."""

    def __init__(self, device_id: str, dialogue: RequestDialogue) -> None:
        self._device_id = device_id
        self._dialogue = dialogue
        self._losses = 0  # of the link, before the last frame
        self._identity: tuple[int, int] | None = None  # level and plug id, None until known
        self._known = _Known()
        self._reported: tuple[DeviceAlarm, ...] | None = None  # None until the link's first list
        self._odd = frozenset[str]()  # fields of the last record with an impossible value
        self._reported_odd: set[str] = set()  # those already reported; at most one for each field

    def read(self, frame: Frame, at: Instant) -> list[SessionEvent]:
        """Return the events of one frame."""
        if self._losses != self._dialogue.losses:
            self._losses = self._dialogue.losses
            # Alarms that ended while the link was lost must not persist when values come again.
            self._known, self._reported = _Known(self._known.reading), None
        try:
            record = records.parse(frame.record)
            values = records.displayed(record)
            known = self._updated(record, values)
            sheet = self._sheet(record, values, known, at)
            if values:
                self._check(sheet)
        except MalformedRecordError as error:
            return [FrameRejected(f"malformed record: {error}", frame.raw)]
        has_alarms = bool({BASIC, EXTENDED_1} & values.keys() or records.alarm_statuses(record))
        self._known = known
        if values:
            self._dialogue.heard(at)
        events: list[SessionEvent] = [*self._dialogue.changes(), *self._identified(record, at)]
        events += self._newly_odd(sheet.odd)
        if sheet.numerics:
            events.append(NumericsReceived(tuple(sheet.numerics), record.device_now, at))
        if has_alarms and known.alarms != self._reported:
            self._reported = known.alarms
            events.append(DeviceAlarmsChanged(known.alarms, record.device_now, at))
        return events

    def _identified(self, record: Record, at: Instant) -> list[SessionEvent]:
        """Return the monitor's identity where it is new; a host's request has no level."""
        identity = (record.level, record.plug_id)
        if not record.level or identity == self._identity:
            return []
        self._identity = identity
        self._dialogue.levelled(record.level)
        model, serial = f"DRI level {record.level}", str(record.plug_id)
        return [DeviceIdentified("GE Healthcare", model, serial, at)]

    def _updated(self, record: Record, values: dict[int, bytes]) -> _Known:
        """Return the state after a record; whatever the record leaves out is unchanged."""
        known = self._known
        if EXTENDED_1 in values:
            known = replace(known, arrhythmias=alarms.arrhythmia_bits(values[EXTENDED_1]))
        if BASIC in values:
            clocks = cuff.Clocks(record.time_s, records.nibp_time_s(record))
            reading = cuff.newest(known.reading, values[BASIC], clocks)
            statuses = alarms.status_bits(values[BASIC])
            known = replace(known, reading=reading, statuses=statuses)
        for status in records.alarm_statuses(record):
            known = replace(known, texts=alarms.shown(status))
        return known

    def _check(self, sheet: Sheet) -> None:
        """Reject a record with an impossible field, unless the last record had the same.

        Raises
        ------
        MalformedRecordError
            With the label of the field.
        """
        before, self._odd = self._odd, frozenset(sheet.odd)
        if new := sorted(self._odd - before):
            raise MalformedRecordError(f"{new[0]} is out of its range")

    def _newly_odd(self, odd: dict[str, None]) -> list[FrameRejected]:
        """Return one report for each field that repeats an impossible value."""
        new = [label for label in odd if label not in self._reported_odd]
        self._reported_odd.update(new)
        return [FrameRejected(f"{label} is ignored: out of its range", b"") for label in new]

    def _sheet(self, record: Record, values: dict[int, bytes], known: _Known, at: Instant) -> Sheet:
        taken_s = 0 if known.reading is None else known.reading.taken_s
        sheet = Sheet(
            RecordFacts(
                device_id=self._device_id,
                measured_at=records.measured_at(values, record),
                cuff_taken_at=records.wall(taken_s),
                is_asystole=EXTENDED_1 in values and bool(known.arrhythmias & ASYSTOLE_BIT),
                level=record.level,
                at=at,
            )
        )
        if BASIC in values:
            sheet.basic(values[BASIC])
        if EXTENDED_1 in values:
            sheet.arrhythmia(values[EXTENDED_1])
        return sheet
