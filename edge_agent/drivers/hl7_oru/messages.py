"""Conversion of messages to events: each group of rows is assigned to its origin and read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import tzinfo
from itertools import islice
from typing import Final

from edge_agent.drivers.hl7_oru import alarms, marks, senders
from edge_agent.drivers.hl7_oru.alarms import AlarmList, SharedAlarmLists
from edge_agent.drivers.hl7_oru.codes import Dictionary
from edge_agent.drivers.hl7_oru.er7 import Er7Message, Segment
from edge_agent.drivers.hl7_oru.observations import Context, Observer, distinguished
from edge_agent.drivers.hl7_oru.profile import Profile
from edge_agent.drivers.hl7_oru.senders import OriginMemory, Origins
from edge_agent.drivers.hl7_oru.timestamps import time_in, zone_in
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, GenerationMode, Numeric
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

_REQUEST_TIME: Final = 7
_ALERTS: Final = ("ORU", "R40")
_NO_RESULTS: Final = {"W01", "R41", "R42", "R43"}
"""Events of ORU without values in rows: waveforms, and the handling of alerts (IHE PCD-05 to
PCD-07). Other names are senders' own for results."""
_MOST_REPORTS: Final = 64
"""Largest number of reports about one message that is not understood in part; nobody reads more,
and the status stores no more."""
_MORE: Final = f"more in one message than the {_MOST_REPORTS} that are named"
_TOO_MANY_ALARMS: Final = f"more than {alarms.MOST_ALARMS} alarms at once; not all are stored"
_REAL: Final = {"", "P"}
"""MSH-11 of messages about patients' treatment; others are training, debugging, trial (HL7 table
0103)."""


NOT_UNDERSTOOD: Final = "not understood: "
"""Beginning of the reason for complete content that has no known meaning; the sender's words
follow."""


def is_supported(message: Er7Message) -> bool:
    """Return whether the driver reads messages of this kind."""
    kind, event = kind_of(message)
    return (kind == "ORU" and event not in _NO_RESULTS) or (kind, event) == ("ORF", "R04")


def kind_of(message: Er7Message) -> tuple[str, str]:
    """Return type and event of a message in capitals, from the part of MSH-9 that holds them.

    ORU^R01, ORU_R01, ^^ORU_R01 and R01 are the same.
    """
    parts = [part.strip().upper() for part in message.header.components(9)]
    kind, event, structure, *_ = [*parts, "", "", ""]
    kind, _, rest = (kind or structure).partition("_")
    if kind == "R01":
        kind, rest = "ORU", kind
    return kind, event or rest


def expired(lists: SharedAlarmLists, at: Instant) -> list[SessionEvent]:
    """Return the lists of alarms that change because alarms as text were not repeated."""
    events: list[SessionEvent] = []
    for origin, listed in lists.items():
        if listed.expire(at) and (now := listed.changed()) is not None:
            events.append(DeviceAlarmsChanged(now, DeviceTime(), at, origin, is_by_time=True))
    return events


def _is_result(row: Segment) -> bool:
    return row.name == "OBX"


@dataclass(frozen=True, slots=True)
class _Group:
    """Origin, memory and context that the rows of one origin in one message share."""

    origin: str
    memory: OriginMemory
    listed: AlarmList
    context: Context

    @property
    def at(self) -> Instant:
        return self.context.received_at

    @property
    def is_real(self) -> bool:
        return self.context.mode is GenerationMode.REAL

    @property
    def device_now(self) -> DeviceTime:
        return DeviceTime(wall_ns=self.context.sent_ns)

    def numerics(self, numerics: tuple[Numeric, ...]) -> NumericsReceived:
        return NumericsReceived(numerics, self.device_now, self.at, self.origin)

    def alarms(self, *, is_whole: bool) -> list[SessionEvent]:
        """Return the list of alarms where it changed, and a report where there were too many."""
        listed = self.listed.changed()
        events: list[SessionEvent] = []
        if not is_whole:
            events.append(FrameRejected(_TOO_MANY_ALARMS, b"", self.origin))
        if listed is not None:
            events.append(DeviceAlarmsChanged(listed, self.device_now, self.at, self.origin))
        return events


class MessageReader:
    """Reads results and alerts by the rules of one profile.

    Parameters
    ----------
    device_id
        Name of the device in every numeric.
    profile
        Format of the sender.
    zone
        Zone of the sender's clock where neither its times nor the profile name one. UTC means
        unknown; the zone in the message's own time then applies, if it names one.
    """

    def __init__(self, device_id: str, profile: Profile, zone: tzinfo) -> None:
        self._device_id = device_id
        self._profile = profile
        self._zone = profile.zone or zone
        self._dictionary = Dictionary(profile)
        self._observer = Observer(profile, self._dictionary)

    def read(
        self, message: Er7Message, known: Origins, lists: SharedAlarmLists, at: Instant
    ) -> list[SessionEvent]:
        """Return the events of a supported message; `known` and `lists` remember each origin."""
        header = message.header
        is_real = header.component(11, 1).strip()[:1].upper() in _REAL
        sent = time_in(header, _REQUEST_TIME)
        mode = GenerationMode.REAL if is_real else GenerationMode.TEST
        zone = self._zone
        if str(zone) == "UTC":
            # HL7 Version 2.6, 2.14.9.7: the zone in MSH-7 is that of all times without one.
            zone = zone_in(sent) or zone
        context = Context(self._device_id, zone, mode, sent, "", at)
        events: list[SessionEvent] = []
        for origin, rows in self._groups(message):
            is_alert = kind_of(message) == _ALERTS
            listed = lists.at(origin, at, has_results=not is_alert)
            group = _Group(origin, known.at(origin), listed, context)
            events += self._identified(header, rows, group)
            events += self._alerts(rows, group) if is_alert else self._results(rows, group)
        return events

    def _groups(self, message: Er7Message) -> Iterator[tuple[str, list[Segment]]]:
        """Yield origin and rows (OBR, OBX) of each patient in a message.

        Nothing about the patient is read; PID only ends the rows of the patient before.
        """
        sender = senders.sender(message.header)
        origin = sender
        rows: list[Segment] = []
        for segment in message.segments:
            name = segment.name
            if name in {"OBX", "OBR"}:
                rows.append(segment)
            elif name in {"PID", "PV1"}:
                if rows:
                    yield origin, rows
                    rows = []
                origin = (senders.location(segment) if name == "PV1" else "") or sender
        if rows:
            yield origin, rows

    def _identified(
        self, header: Segment, rows: list[Segment], group: _Group
    ) -> list[SessionEvent]:
        results = filter(_is_result, rows)
        named = next(filter(senders.names_equipment, results), None)
        who = senders.identity(header, named, self._profile.manufacturer)
        if not group.memory.identified(who, is_named_by_row=named is not None):
            return []
        return [DeviceIdentified(*who, group.at, group.origin)]

    def _results(self, rows: list[Segment], group: _Group) -> list[SessionEvent]:
        numerics: list[Numeric] = []
        limits: list[AlarmLimits] = []
        texts: list[DeviceAlarm] = []
        rejected = dict.fromkeys(self._observer.time_not_understood(group.context))
        context = replace(group.context, mode=self._mode(rows, group))
        for row in rows:
            if not _is_result(row):
                context = replace(context, observed=time_in(row, _REQUEST_TIME))
            elif numeric := self._observer.numeric(row, context):
                numerics.append(numeric)
                limits += self._observer.limits(row)
                rejected |= dict.fromkeys(self._observer.not_understood(row, numeric))
            else:
                texts += alarms.text_alarms(row, self._profile, is_usable=group.is_real)
                rejected |= dict.fromkeys(self._observer.passed_over(row))
        shown = [
            *islice(rejected, _MOST_REPORTS),
            *([_MORE] if len(rejected) > _MOST_REPORTS else []),
        ]
        events: list[SessionEvent] = [
            FrameRejected(NOT_UNDERSTOOD + words, b"", group.origin) for words in shown
        ]
        if numerics:
            events.append(group.numerics(distinguished(numerics)))
        if changed := group.memory.limited(limits):
            events.append(AlarmLimitsChanged(changed, group.at, group.origin))
        if texts:
            until = group.at.plus(self._profile.alarm_text_for_s)
            is_whole = group.listed.texts(tuple(texts), until)
            events += group.alarms(is_whole=is_whole)
        return events

    def _mode(self, rows: list[Segment], group: _Group) -> GenerationMode:
        """Return the mode of the values: a mark on the device applies to all its measurements."""
        marked = (row for row in rows if marks.marks(row).mode is not GenerationMode.REAL)
        words = [
            word for row in marked if self._observer.is_device(row) for word in marks.flags(row)
        ]
        mode = marks.mode_of(words)
        return group.context.mode if mode is GenerationMode.REAL else mode

    def _alerts(self, rows: list[Segment], group: _Group) -> list[SessionEvent]:
        results = (row for row in rows if _is_result(row))
        is_whole = True
        for alert in alarms.alerts(results, self._dictionary, is_usable=group.is_real):
            is_whole = group.listed.alert(alert) and is_whole
        return group.alarms(is_whole=is_whole)
