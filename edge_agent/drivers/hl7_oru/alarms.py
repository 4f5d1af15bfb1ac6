"""The sender's own alarms: alert messages (ORU^R40) and alarms as text among the results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from edge_agent.drivers.hl7_oru import marks
from edge_agent.drivers.hl7_oru.codes import Dictionary
from edge_agent.drivers.hl7_oru.er7 import Segment
from edge_agent.drivers.hl7_oru.observations import SUB_ID, VALUE
from edge_agent.drivers.hl7_oru.profile import Profile
from edge_agent.drivers.hl7_oru.senders import MOST_ORIGINS
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import GenerationMode
from edge_agent.model.session_events import DeviceAlarm

_OBSERVATION: Final = 3
_EVENTS: Final = 3
_METRICS: Final = 2

_FACETS: Final = {
    68480: "source",
    68164: "source",
    68481: "phase",
    68165: "phase",
    68482: "state",
    68166: "state",
    68483: "inactivation",
    68167: "inactivation",
    68484: "priority",
    68168: "priority",
    68485: "type",
    68546: "text",
}
"""Facets of an alert by the code of their row: MDC_ATTR_ALERT_SOURCE, EVENT_PHASE, ALARM_STATE,
ALARM_INACTIVATION_STATE, ALARM_PRIORITY, ALERT_TYPE, ALERT_TEXT (IHE Patient Care Device Technical
Framework, volume 2, PCD-04); the numbers from 68164 on are those of earlier revisions."""

_PRIORITIES: Final = {"PH": "high", "PM": "medium", "PL": "low"}
_TECHNICAL: Final = {"ST": True, "SP": False}
_STATE_BITS: Final = {
    "active": 0x01,
    "latched": 0x02,
    "audio-paused": 0x04,
    "audio-off": 0x08,
    "alarm-paused": 0x10,
    "alarm-off": 0x20,
    "alert-acknowledged": 0x40,
}
"""Our bits for the words of MDC_ATTR_ALARM_STATE and MDC_ATTR_ALARM_INACTIVATION_STATE."""

MOST_ALARMS: Final = 64
"""Largest number of alarms of one origin: a monitor shows some ten, and alarms whose end was lost
must not pile up."""


@dataclass(frozen=True, slots=True)
class ReportedAlarm:
    """One alarm in an alert message."""

    alarm: DeviceAlarm
    has_ended: bool

    @property
    def key(self) -> tuple[str, int, int]:
        """Identity of the alarm: position in the device, source and event."""
        return self.alarm.channel, self.alarm.source_code, self.alarm.event_code


@dataclass(slots=True)
class _Draft:
    """An alert whose rows are being read."""

    event_code: int
    event_text: str
    channel: str
    source_code: int = 0
    flags: set[str] = field(default_factory=set)
    words: dict[str, str] = field(default_factory=dict)

    def finished(self, *, is_usable: bool) -> ReportedAlarm:
        words = self.words
        texts = self.flags | {words.get("priority", ""), words.get("type", "")}
        state = words.get("state", "")
        bits = _STATE_BITS.get(state, 0)
        for word in words.get("inactivation", "").split("~"):
            bits |= _STATE_BITS.get(word, 0)
        alarm = DeviceAlarm(
            source_code=self.source_code,
            event_code=self.event_code,
            priority=next((_PRIORITIES[mark] for mark in _PRIORITIES if mark in texts), ""),
            is_technical=next((_TECHNICAL[mark] for mark in _TECHNICAL if mark in texts), None),
            state=bits,
            channel=self.channel,
            text=words.get("text", self.event_text),
            is_usable=is_usable and marks.mode_of(self.flags) is GenerationMode.REAL,
        )
        return ReportedAlarm(
            alarm, has_ended=words.get("phase") == "end" or state in {"inactive", "off"}
        )


def alerts(
    rows: Iterable[Segment], dictionary: Dictionary, *, is_usable: bool
) -> list[ReportedAlarm]:
    """Return the alerts of one alert message; each begins with the row of its event."""
    drafts: list[_Draft] = []
    for row in rows:
        code = dictionary.coded(row.components(_OBSERVATION))
        name = row.component(_OBSERVATION, 2)
        if code >> 16 == _EVENTS or "_EVT_" in name:
            drafts.append(_draft(row, code, dictionary))
        elif drafts:
            _add(drafts[-1], row, code, dictionary)
    return [draft.finished(is_usable=is_usable) for draft in drafts]


def _draft(row: Segment, code: int, dictionary: Dictionary) -> _Draft:
    value = row.components(VALUE)
    event = dictionary.coded(value)
    text = (value[1] if len(value) > 1 else "") if event else row.text(VALUE)
    event = event if event >> 16 == _EVENTS else code
    channel = row.text(SUB_ID).rpartition(".")[0]
    return _Draft(event, text, channel, flags=set(marks.flags(row)))


def _add(draft: _Draft, row: Segment, code: int, dictionary: Dictionary) -> None:
    facet = _FACETS.get(code)
    if facet == "source":
        draft.source_code = dictionary.coded(row.components(VALUE))
    elif facet == "text":
        draft.words[facet] = row.text(VALUE)
    elif facet:
        draft.words[facet] = row.text(VALUE).strip()
    elif code >> 16 == _METRICS and not draft.source_code:
        draft.source_code = code
    draft.flags |= set(marks.flags(row))


def text_alarms(row: Segment, profile: Profile, *, is_usable: bool) -> list[DeviceAlarm]:
    """Return the alarm in a row of results; an empty list where the row is not an alarm."""
    code, name, system, *_ = [*row.components(_OBSERVATION), "", "", ""]
    if not profile.alarm_text_system or system != profile.alarm_text_system:
        return []
    priorities = profile.alarm_text_priorities
    alarm = DeviceAlarm(
        source_code=0,
        event_code=0,
        priority=priorities.get(name, priorities.get(code, "")),
        is_technical=None,
        state=0,
        channel=row.text(SUB_ID),
        text=row.text(VALUE),
        is_usable=is_usable and marks.marks(row).mode is GenerationMode.REAL,
    )
    return [alarm]


class AlarmList:
    """Alarms of one origin, as reported by its messages."""

    def __init__(self) -> None:
        self._alerts: dict[tuple[str, int, int], DeviceAlarm] = {}
        self._texts: tuple[DeviceAlarm, ...] = ()
        self._texts_until: Instant | None = None  # None while there are none
        self._returned: tuple[DeviceAlarm, ...] | None = None  # None until the first list

    def alert(self, alert: ReportedAlarm) -> bool:
        """Apply an alert message; return whether there is room for it beside all others.

        Without room, the oldest alarm is left out; a red one only where all are red.
        """
        self._alerts.pop(alert.key, None)
        if not alert.has_ended:
            self._alerts[alert.key] = alert.alarm
        if len(self._alerts) <= MOST_ALARMS:
            return True
        keys = [key for key, alarm in self._alerts.items() if alarm.priority != "high"]
        del self._alerts[keys[0] if keys else next(iter(self._alerts))]
        return False

    def texts(self, alarms: tuple[DeviceAlarm, ...], until: Instant) -> bool:
        """Replace the alarms as text by those of one message; return whether there is room for all.

        Without room, red alarms take precedence.
        """
        is_whole = len(alarms) <= MOST_ALARMS
        if not is_whole:
            alarms = tuple(sorted(alarms, key=lambda alarm: alarm.priority != "high"))
        self._texts, self._texts_until = alarms[:MOST_ALARMS], until
        return is_whole

    def expire(self, at: Instant) -> bool:
        """Drop the alarms as text when their time is over; return whether it is."""
        is_over = self._texts_until is not None and at >= self._texts_until
        if is_over:
            self._texts, self._texts_until = (), None
        return is_over

    def changed(self) -> tuple[DeviceAlarm, ...] | None:
        """Return the whole list where it differs from the last one returned; otherwise None."""
        now = (*self._alerts.values(), *self._texts)
        if now == self._returned:
            return None
        self._returned = now
        return now


@dataclass(slots=True)
class _PlaceAlarms:
    """The alarms of one origin, and the kinds of its messages."""

    alarms: AlarmList
    at: Instant
    """Time of its newest message."""
    has_results: bool = False
    """True where the origin has also sent values, so that it is never silent for long."""


class SharedAlarmLists:
    """The alarms of all origins behind one address or line, whichever connection reported them.

    Parameters
    ----------
    lost_after_s
        Seconds of silence after which the end of an alarm may have been missed. A silence of all
        origins clears all alarms; that of one origin that sends values clears its own.
    """

    def __init__(self, lost_after_s: float) -> None:
        self._lost_after_s = lost_after_s
        self._entries: dict[str, _PlaceAlarms] = {}
        self._newest_at: Instant | None = None  # None until the first message

    def at(self, origin: str, at: Instant, *, has_results: bool) -> AlarmList:
        """Return the alarms of an origin whose message has just arrived."""
        if self._newest_at is not None and at.seconds_since(self._newest_at) >= self._lost_after_s:
            self._entries.clear()
        self._newest_at = at
        entry = self._entries.pop(origin, None) or _PlaceAlarms(AlarmList(), at)
        if entry.has_results and at.seconds_since(entry.at) >= self._lost_after_s:
            entry = _PlaceAlarms(AlarmList(), at)
        entry.at, entry.has_results = at, entry.has_results or has_results
        self._entries[origin] = entry
        if len(self._entries) > MOST_ORIGINS:
            del self._entries[next(iter(self._entries))]
        return entry.alarms

    def items(self) -> list[tuple[str, AlarmList]]:
        """Return all lists, each with the name of its origin."""
        return [(origin, entry.alarms) for origin, entry in self._entries.items()]
