"""Monitoring states of each bed besides missing readings, and the notes that explain them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from edge_agent.detect.language.rule import AgeCondition, Rule, StateCondition
from edge_agent.model.alerts import Alert
from edge_agent.model.bed_events import BedState
from edge_agent.model.clock import Instant
from edge_agent.model.facts import Fact, FactKind, Facts, Note, NoteKind
from edge_agent.model.findings import Finding, Presence
from edge_agent.model.measurements import Vital
from edge_agent.ward.bed_words import LOST_MONITOR, UnusedReadings, lost_notes, silent_notes
from edge_agent.ward.monitor import Monitor
from edge_agent.ward.monitor_alarms import MOST_WORDS, limited, names_alarm

_EVENT_STATE_S: Final = 60.0
"""Seconds for which a single event counts as a state; its alert lasts longer, by `latch_s`."""
_TEST_S: Final = 300.0
"""Seconds for which a test lasts if nobody answers it."""
_MOST_NAMED: Final = 8
"""Most different events of one kind that are named; further ones are only counted."""
_MOST_AT_ONCE: Final = 256
"""Most events of one kind; limits memory, and parts and kinds of messages are fewer."""
_NOTES: Final = {
    BedState.LINK_LOST: NoteKind.LINK,
    BedState.MONITOR_ALARM: NoteKind.ALARMS,
    BedState.MONITOR_FAULT: NoteKind.ALARMS,
    BedState.AGENT_FAILED: NoteKind.FAILURES,
    BedState.ESCALATION_FAILED: NoteKind.FAILURES,
    BedState.WAY_LOST: NoteKind.FAILURES,
    BedState.CLOCK_STEPPED: NoteKind.CLOCK,
    BedState.TEST_ALERT: NoteKind.TEST,
}
_ANOTHER: Final = "another monitor than before, not confirmed"
_RED: Final = frozenset({BedState.MONITOR_ALARM, BedState.MONITOR_FAULT})
ALWAYS_REPORTED: Final = _RED | {
    BedState.AGENT_FAILED,
    BedState.ESCALATION_FAILED,
    BedState.WAY_LOST,
    BedState.CLOCK_STEPPED,
}
"""States of which every new cause is reported, whatever was reported and acknowledged before."""


class Monitoring:
    """State of all monitors and of the monitoring of every bed."""

    def __init__(self, bed_ids: Iterable[str], rules: Sequence[Rule]) -> None:
        self.monitors: dict[str, dict[str, Monitor]] = {bed_id: {} for bed_id in bed_ids}
        """Monitors by bed and device; addresses to which many devices connect have an empty bed."""
        self._beds = tuple(self.monitors)
        self._unused: dict[str, UnusedReadings] = defaultdict(UnusedReadings)
        self._events: dict[str, dict[BedState, dict[str, Instant]]] = {b: {} for b in self._beds}
        """Time of the last event, by bed, state and words."""
        self._states = {rule.rule_id: states for rule in rules if (states := _states_of(rule))}
        self._versions = {r.rule_id: r.policy.rule_version for r in rules if _states_of(r)}
        self._signals = {
            r.rule_id: r.signal for r in rules if r.signal or r.rule_id in LOST_MONITOR
        }
        self._feeds = {rule.rule_id for rule in rules if _is_of_any_reading(rule)}

    def monitor(self, bed_id: str, device_id: str) -> Monitor:
        """Return the state of a device, a new one if it is not known."""
        return self.monitors.setdefault(bed_id, {}).setdefault(device_id, Monitor())

    def note(self, bed_id: str, vitals: Iterable[Vital]) -> None:
        """Note the vitals of a bed, used or not."""
        self._unused[bed_id].note(vitals)

    def forget_patient(self, bed_id: str) -> None:
        """Forget the words about an earlier patient."""
        self._unused[bed_id].forget()
        for monitor in self.monitors[bed_id].values():
            monitor.forget_patient()

    def note_event(self, bed_id: str, state: BedState, words: str, at: Instant) -> bool:
        """Note an event, a state for `_EVENT_STATE_S`; return True if its words are shown."""
        known = self._events[bed_id].setdefault(state, {})
        is_new = words not in known
        if is_new and len(known) >= _MOST_AT_ONCE:
            return False
        known[words] = at
        return is_new and len(known) <= _MOST_NAMED + 1  # then only the count grows

    def end_event(self, bed_id: str, state: BedState) -> None:
        """End a state that began with a single event."""
        self._events[bed_id].pop(state, None)

    def findings(self, bed_id: str, state: BedState, at: Instant) -> Iterator[Finding]:
        """Yield the findings of the rules about one state alone: ABSENT first, then PRESENT.

        They need no reading of the bed, so they also work where its rules cannot be evaluated.
        """
        notes = _state_notes(self.held_states(bed_id), frozenset({state}))
        since = Fact(FactKind.MONITORING, measured_utc_ns=at.utc_ns)
        facts = Facts(at.utc_ns, (since,), notes=tuple(notes))
        for rule_id, version in self._versions.items():
            if self._states[rule_id] == {state}:
                ended = Finding(
                    bed_id=bed_id,
                    rule_id=rule_id,
                    rule_version=version,
                    presence=Presence.ABSENT,
                    recovered=Presence.PRESENT,
                    evidence=(),
                    feed_time=f"{state}:{at.utc_ns}",
                    at=at,
                )
                yield ended
                unknown = Presence.INDETERMINATE
                yield replace(ended, presence=Presence.PRESENT, recovered=unknown, facts=facts)

    def changed_by_time(self, at: Instant) -> list[str]:
        """Return the beds at which a state starts or ends by the passing of time."""
        stay_away = [
            bed_id
            for bed_id in self._beds
            if [m for m in self.monitors[bed_id].values() if m.becomes_lost(at)]
        ]
        return list(dict.fromkeys([*stay_away, *self._forget_ended(at)]))

    def held_states(self, bed_id: str) -> dict[BedState, tuple[str, ...]]:
        """Return the monitoring states that hold at a bed, each with its words."""
        monitors = self.monitors[bed_id].values()
        found: dict[BedState, tuple[str, ...]] = {}
        lost = tuple(dict.fromkeys(m.lost_reason for m in monitors if m.is_lost))
        if lost:
            found[BedState.LINK_LOST] = lost
        if not all(monitor.is_confirmed for monitor in monitors):
            found[BedState.MONITOR_CHANGED] = ()
        for state in _RED:
            if red := _red(monitors, state):
                found[state] = limited(red, MOST_WORDS)
        events = self._events[bed_id]
        return found | {
            state: limited(tuple(words), _MOST_NAMED) for state, words in events.items()
        }

    def is_news(self, bed_id: str, alert: Alert) -> bool:
        """Return True if an open alert's states have a cause that was not reported yet.

        The alert does not name the cause, or the cause came back after somebody had acknowledged
        the alert.
        """
        states = self._states.get(alert.rule_id, frozenset()) & ALWAYS_REPORTED
        held_states = self.held_states(bed_id) if states and alert.is_open else {}
        words = [cause for state in states for cause in held_states.get(state, ())]
        said = words_of(alert)
        if not all(names_alarm(cause, said) for cause in words):
            return True
        if not words or alert.acknowledged_at is None:
            return False
        monitors = self.monitors[bed_id].values()
        return any(m.is_red_since(states, alert.acknowledged_at) for m in monitors)

    def explained(self, finding: Finding, at: Instant) -> Finding:
        """Return a finding with the notes that explain it; INDETERMINATE while alarms are unknown.

        After a start, a monitor's own alarms are unknown until it has sent them.
        """
        states = self._states.get(finding.rule_id, frozenset())
        if finding.presence is not Presence.PRESENT:
            is_known = not states & _RED or self._alarms_are_known(finding.bed_id)
            unknown = Presence.INDETERMINATE
            return finding if is_known else replace(finding, presence=unknown, recovered=unknown)
        notes = self._notes(finding, states, at)
        if not notes:
            return finding
        facts = finding.facts or Facts(at.utc_ns)
        return replace(finding, facts=replace(facts, notes=(*facts.notes, *notes)))

    def _notes(self, finding: Finding, states: frozenset[BedState], at: Instant) -> list[Note]:
        """Return the notes that explain a PRESENT finding."""
        bed_id, rule_id = finding.bed_id, finding.rule_id
        monitors = list(self.monitors[bed_id].values())
        if states:
            return _state_notes(self.held_states(bed_id), states)
        if rule_id in self._signals:
            return lost_notes(self._signals[rule_id], self._unused[bed_id], monitors, at)
        if rule_id in self._feeds:
            return silent_notes(monitors, self.monitors.get("", {}).values(), at)
        return []

    def _alarms_are_known(self, bed_id: str) -> bool:
        return any(monitor.red is not None for monitor in self.monitors[bed_id].values())

    def _forget_ended(self, at: Instant) -> list[str]:
        """Forget events that are over; return the beds at which any ended."""
        ended = []
        for bed_id, held_states in self._events.items():
            for state, words in list(held_states.items()):
                lasts_s = _TEST_S if state is BedState.TEST_ALERT else _EVENT_STATE_S
                if all(at.seconds_since(then) > lasts_s for then in words.values()):
                    del held_states[state]
                    ended.append(bed_id)
        return ended


def _red(monitors: Iterable[Monitor], state: BedState) -> list[str]:
    """Return the red alarms of a bed's monitors, newest first if not all of them are named."""
    listed = [
        dict.fromkeys(
            words if m.is_confirmed else f"{words} ({_ANOTHER})"
            for m in monitors
            for words in (m.newest_red(state) if by_age else (m.red or {}).get(state, ()))
        )
        for by_age in (False, True)
    ]
    return list(listed[len(listed[0]) > MOST_WORDS])


def _state_notes(
    held_states: Mapping[BedState, tuple[str, ...]], states: frozenset[BedState]
) -> list[Note]:
    return [
        Note(_NOTES[state], words)
        for state, words in held_states.items()
        if state in states and state in _NOTES and words
    ]


def words_of(alert: Alert) -> str:
    """Return the words of devices and programs that an alert names."""
    if alert.facts is None:
        return alert.explanation
    return "; ".join(words for note in alert.facts.notes for words in note.words)


def _states_of(rule: Rule) -> frozenset[BedState]:
    return frozenset(leaf.state for leaf in rule.leaves() if isinstance(leaf, StateCondition))


def _is_of_any_reading(rule: Rule) -> bool:
    leaves = list(rule.leaves())
    return all(isinstance(leaf, AgeCondition) and leaf.kind is None for leaf in leaves)
