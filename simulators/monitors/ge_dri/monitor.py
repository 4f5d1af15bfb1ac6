"""A GE Datex-Ohmeda S/5 or CARESCAPE monitor at its serial port: the device's side of DRI.

Source: Datex-Ohmeda, S/5 Computer Interface, M1017617; S/5 DRI specification, 8005313. Where the
documents are silent: the first displayed values follow their request at once; a request with an
interval below the shortest is ignored; an alarm message requested too early waits until it may
leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from random import Random
from typing import Final

from edge_agent.model.clock import Instant
from simulators.monitors.device import PowerOn
from simulators.monitors.ge_dri import alarms, requests
from simulators.monitors.ge_dri.groups import ScreenState, display_at, measured, subrecords
from simulators.monitors.ge_dri.layout import auxiliary
from simulators.monitors.ge_dri.requests import HostAlarmCommand, RecordKind
from simulators.monitors.ge_dri.settings import GeDriSettings
from simulators.monitors.ge_dri.waves import ECG1, EVERY_S, Electrocardiogram
from simulators.monitors.ge_dri.wire import (
    ALARM,
    PHYSIOLOGICAL,
    WAVEFORM,
    BuiltSubrecord,
    Head,
    HostRecord,
    HostRecords,
    frame,
    record,
)
from simulators.monitors.push_device import Outbox, dated

_SINGLE_PAUSE_S: Final = 5.0  # value requests this soon after a single one are ignored
_ALARM_CHECK_S: Final = 1.0
_OLDEST_WAVE_S: Final = 30.0  # older ECG is skipped
_TRENDS: Final = frozenset({RecordKind.TREND_10_S, RecordKind.TREND_60_S})


class _Push(Enum):
    """Repeated records besides the physiological ones."""

    WAVES = auto()
    ALARMS = auto()


@dataclass(slots=True)
class _Stream:
    """A record that is due repeatedly."""

    due: Instant
    every_s: float
    classes: frozenset[int] = frozenset()


class GeDriMonitor:
    """One monitor; pure: bytes and moments in, bytes out.

    The witness receives displayed values with the basic class; trends, waveforms, alarms and the
    auxiliary part promise nothing to a reader. If no host reads the bytes, the oldest messages are
    discarded whole, although the witness has received them.

    Parameters
    ----------
    on
        Power-on, with the patient.
    settings
        Settings of the monitor.
    seed
        Chooses its plug identifier.
    """

    def __init__(self, on: PowerOn, settings: GeDriSettings, seed: int) -> None:
        self._on = on
        self._settings = settings
        self._plug_id = Random(seed).randrange(1, 2**16)
        self._stops = sorted(settings.silent_stop_at_s)
        self._stall_at_s = settings.stall_at_s
        self._out = Outbox(on.witness)
        self._forget()

    def reboot(self, at: Instant) -> None:
        """Restart: count records anew and send nothing until a host asks."""
        self.tick(at)
        self._forget()

    def receive(self, data: bytes, at: Instant) -> None:
        """Read bytes from the host; discard damaged records silently."""
        self.tick(at)
        for asked in self._host.feed(data):
            self._answer(asked, at)
            self.tick(at)

    def tick(self, at: Instant) -> None:
        """Send due records, each with the patient's signs at its own moment."""
        self._skip_old_waves(at)
        while self._streams:
            key, stream = min(self._streams.items(), key=lambda entry: entry[1].due)
            if stream.due > at:
                break
            if not self._is_stopped_by(stream.due):
                moment, stream.due = stream.due, stream.due.plus(stream.every_s)
                self._send_due(key, stream.classes, dated(moment, at))
        self._is_stopped_by(at)

    def bytes_to_send(self) -> bytes:
        """Return and forget the bytes due to the host."""
        return self._out.fetch()

    def _forget(self) -> None:
        self._host = HostRecords()
        self._ecg = Electrocardiogram()
        self._number = 0
        self._single_at: Instant | None = None  # None before the first single request
        self._end_transmission()

    def _end_transmission(self) -> None:
        self._streams: dict[RecordKind | _Push, _Stream] = {}
        self._alarms = alarms.AlarmReports()

    def _is_stopped_by(self, moment: Instant) -> bool:
        """End all transmission at a silent stop up to `moment`; return whether there was one."""
        coming = [stop_s for stop_s in self._stops if stop_s > self._on.patient_s(moment)]
        is_stopped = len(coming) < len(self._stops)
        self._stops = coming
        if is_stopped:
            self._end_transmission()
        return is_stopped

    def _skip_old_waves(self, at: Instant) -> None:
        waves = self._streams.get(_Push.WAVES)
        if waves:
            waves.due = max(waves.due, at.plus(-_OLDEST_WAVE_S))

    def _answer(self, asked: HostRecord, at: Instant) -> None:
        self._take_values_requests(requests.physiological(asked), at)
        waves = requests.waves(asked)
        if waves and not waves.is_start:
            self._streams.pop(_Push.WAVES, None)
        elif waves and ECG1 in waves.types and self._settings.answers_waves:
            self._streams[_Push.WAVES] = _Stream(at.plus(EVERY_S), EVERY_S)
        command = requests.alarms(asked)
        if command is not None and self._settings.dri_level >= alarms.LEAST_LEVEL:
            self._take_alarm_command(command, at)

    def _take_values_requests(
        self, asked: list[requests.PhysiologicalRequest], at: Instant
    ) -> None:
        single_at = self._single_at
        is_early = single_at is not None and at.seconds_since(single_at) < _SINGLE_PAUSE_S
        for request in asked:
            if request.interval_s == requests.STOP:
                self._streams.pop(request.kind, None)
            elif is_early:
                continue
            elif request.interval_s == requests.SINGLE:
                self._single_at = at
                self._send_due(request.kind, request.classes, at)
            else:
                every_s = float(request.interval_s)
                first = at.plus(every_s) if request.kind in _TRENDS else at
                self._streams[request.kind] = _Stream(first, every_s, request.classes)

    def _take_alarm_command(self, command: HostAlarmCommand, at: Instant) -> None:
        if command is HostAlarmCommand.STATUS:
            self._alarms.is_requested = True
        else:
            self._alarms.is_differential = command is HostAlarmCommand.ENTER_DIFFERENTIAL
            self._alarms.newest = None
        if self._alarms.are_wanted:
            self._streams[_Push.ALARMS] = _Stream(self._alarms.earliest(at), _ALARM_CHECK_S)
        else:
            self._streams.pop(_Push.ALARMS, None)

    def _send_due(self, key: RecordKind | _Push, classes: frozenset[int], moment: Instant) -> None:
        if key is _Push.WAVES:
            display = self._display(moment)
            heart_rate = 0 if display.is_asystole else display.vitals.heart_rate
            self._send(WAVEFORM, (self._ecg.next_record(heart_rate),), moment)
        elif key is _Push.ALARMS:
            self._report_alarms(moment)
        elif key is RecordKind.AUXILIARY:
            self._send(PHYSIOLOGICAL, (self._auxiliary(moment),), moment)
        elif key is RecordKind.DISPLAYED:
            self._send_displayed(classes, moment)
        elif self._settings.case_started and RecordKind.DISPLAYED in self._streams:
            self._send(PHYSIOLOGICAL, self._values(key, classes, moment), moment)

    def _send_displayed(self, classes: frozenset[int], moment: Instant) -> None:
        parts = self._values(RecordKind.DISPLAYED, classes, moment)
        if self._settings.aux_with_displayed:
            parts += (self._auxiliary(moment),)
        wire = self._send(PHYSIOLOGICAL, parts, moment)
        if wire and self._on.witness and 0 in classes:
            groups = measured(self._display(moment))
            values = {name: value for group in groups for name, value in group.values.items()}
            self._out.attest(wire, moment, values)

    def _values(
        self, kind: RecordKind, classes: frozenset[int], moment: Instant
    ) -> tuple[BuiltSubrecord, ...]:
        bodies = subrecords(self._display(moment), self._wall_s(moment), classes)
        return tuple(BuiltSubrecord(kind, body) for body in bodies)

    def _auxiliary(self, moment: Instant) -> BuiltSubrecord:
        reading = self._display(moment).vitals.cuff
        read_at = self._on.at.plus(reading.measured_at_s) if reading else None
        return BuiltSubrecord(
            RecordKind.AUXILIARY, auxiliary(self._wall_s(read_at) if read_at else 0)
        )

    def _report_alarms(self, moment: Instant) -> None:
        display = self._display(moment)
        patient_s = display.patient_s
        silences = [s.info for s in self._settings.silences if s.span.holds(patient_s)]
        field = alarms.alarm_field(
            display.vitals,
            self._settings.language,
            max(silences, default=0),
            is_asystole=display.is_asystole,
        )
        reports = self._alarms
        if reports.is_due(field, moment):
            body = alarms.alarm_message(field, reports.newest)
            reports.newest, reports.newest_at, reports.is_requested = field, moment, False
            self._send(ALARM, (BuiltSubrecord(alarms.MESSAGE, body),), moment)
        if not reports.are_wanted:
            self._streams.pop(_Push.ALARMS, None)

    def _send(
        self, main_type: int, parts: tuple[BuiltSubrecord, ...], moment: Instant
    ) -> bytes | None:
        """Queue a record and return its bytes; None where it breaks off as transmission ends."""
        head = Head(self._number, self._settings.dri_level, self._plug_id, self._wall_s(moment))
        self._number = (self._number + 1) & 0xFF
        wire = frame(record(head, main_type, parts))
        if self._stall_at_s is not None and self._on.patient_s(moment) >= self._stall_at_s:
            self._stall_at_s = None
            self._out.put(wire[: len(wire) // 2])
            self._end_transmission()
            return None
        self._out.put(wire)
        return wire

    def _display(self, moment: Instant) -> ScreenState:
        return display_at(self._on.view, self._settings, self._on.patient_s(moment))

    def _wall_s(self, moment: Instant) -> int:
        return (moment.utc_ns + round(self._settings.wall_offset_s * 1e9)) // 10**9
