"""The detector over a recorded stay: readings and entries in, alert transitions out; no I/O.

It is the array form of `pipeline`: the same conditions, statistics and alert states, but it skips
all steps at which no alert can change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels, is_active
from edge_agent.alerting.presence import Presence
from edge_agent.alerting.settings import AlertSettings
from edge_agent.batch.absences import Absences
from edge_agent.batch.answers import StayAnswers
from edge_agent.batch.conditioning import TimedValues, believed
from edge_agent.batch.course import NO_STEP, RuleCourse
from edge_agent.batch.detection import Detection, Transition
from edge_agent.batch.grades import grades
from edge_agent.batch.known import ages_of, steady_spans
from edge_agent.batch.newest import newest_at
from edge_agent.batch.recorded_stay import BED, RecordedStay
from edge_agent.batch.simulated_person import AnswerDelay, SimulatedPerson, delay_of
from edge_agent.batch.stay import SiteReadings, Stay, stay_readings
from edge_agent.batch.view import StayView
from edge_agent.detect.arrays import FloatArray, IntArray
from edge_agent.detect.grid import STEP_NS
from edge_agent.detect.language.presence import needs_presence
from edge_agent.detect.language.rule import Rule, absorption_order
from edge_agent.detect.language.score_table import ScoreTable
from edge_agent.detect.language.scored_rules import score_of
from edge_agent.model.alerts import Alert, AlertPriority
from edge_agent.model.clock import Instant
from edge_agent.model.durations import MINUTE_NS
from edge_agent.model.duty import ResponseTimes
from edge_agent.model.findings import Evidence
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import PatientEntry
from edge_agent.patient.context import ContextLog

_SIGNAL_KINDS: Final[Mapping[str, frozenset[VitalKind]]] = {
    "heart_rate": frozenset({VitalKind.HEART_RATE}),
    "spo2": frozenset({VitalKind.SPO2}),
    "temperature": frozenset({VitalKind.TEMPERATURE}),
    "blood_pressure": frozenset({VitalKind.NIBP_SYSTOLIC, VitalKind.ART_SYSTOLIC}),
}
_NEVER_S: Final = 10 * 366 * 86_400.0
"""Longer than any stay, seconds."""
_UNREMINDED: Final = AlertSettings(
    times={each: ResponseTimes(_NEVER_S, _NEVER_S, _NEVER_S) for each in AlertPriority}
)


class BatchDetector:
    """Evaluates recorded stays with one rule set.

    Parameters
    ----------
    rules
        A rule set without mistakes, see `check_rules`.
    labels
        Site, ward and settings of every alert.
    acknowledged_after_s
        Seconds after which a simulated person acknowledges an alert, the same for all or by the
        alert's number within the stay; None: nobody does.
    reminds
        True if unanswered alerts signal again and answers expire, as on a ward; False where only
        raised alerts count: it leaves out nothing else.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        labels: AlertLabels | None = None,
        acknowledged_after_s: float | AnswerDelay | None = None,
        *,
        reminds: bool = False,
    ) -> None:
        away = frozenset(rule.rule_id for rule in rules if needs_presence(rule))
        self._settings = replace(AlertSettings() if reminds else _UNREMINDED, needing_presence=away)
        self._answer_delay = delay_of(acknowledged_after_s)
        self._rules = absorption_order(rules)
        self._score = score_of(rules)
        named = labels or AlertLabels("archive", "archive", "")
        self._labels = AlertLabels(named.site, named.ward, named.config_hash, np.inf)

    def run(self, recording: RecordedStay, entries: Sequence[PatientEntry] = ()) -> Detection:
        """Return every transition of every alert of a stay, and the signals behind them."""
        stay = recorded_stay(recording, entries, self._score)
        recorded = recorded_signals(recording)
        rules = [rule for rule in self._rules if rule.signal in recorded | {""}]
        answers = StayAnswers(stay, rules)
        offset_ns = recording.start_utc_ns
        return Detection(
            transitions=tuple(self._transitions(answers, rules, offset_ns)),
            steps_s=(stay.times_ns - offset_ns) / 1e9,
            minutes_s=(stay.minutes * MINUTE_NS - offset_ns) / 1e9,
            step_signals=stay.step_signals
            | {VitalKind.NIBP_SYSTOLIC.value: newest_at(stay, VitalKind.NIBP_SYSTOLIC)},
            minute_signals=stay.minute_signals | grades(answers),
            minute_of_step=stay.minute_counts - 1,
        )

    def _transitions(
        self, answers: StayAnswers, rules: Sequence[Rule], start_ns: int
    ) -> Iterator[Transition]:
        """Yield the transitions, going only to the steps at which an alert can change."""
        courses = {rule.rule_id: RuleCourse(answers, rule) for rule in rules}
        begun = [course for course in courses.values() if course.ever_begins]
        book = AlertBook(
            [rule.policy for rule in rules],
            self._labels,
            self._settings,
            completed=lambda found: courses[found.rule_id].completed(found),
        )
        person, presence = SimulatedPerson(BED, self._answer_delay), Presence(book)
        absences = Absences(answers.stay)
        step = -1
        while True:
            step = min(
                self._due(book, person, answers, step),
                absences.next_step(step),
                *(course.next_step(step) for course in begun),
            )
            if step >= answers.stay.steps.size:
                return
            view = StayView(answers, step)
            findings = [
                course.finding(view, _reported(book.current(BED, course.rule_id)))
                for course in begun
                if course.is_followed_at(step)
            ]
            at_s = (view.at.monotonic_ns - start_ns) / 1e9
            is_away = absences.holds(step)
            for change in presence.apply(BED, findings, view.at, is_away=is_away):
                person.note(change.alert)
                courses[change.alert.rule_id].note(change.alert)
                yield Transition(at_s, change.alert)
            for change in person.answers(book, view.at):
                courses[change.alert.rule_id].note(change.alert)
                yield Transition(at_s, change.alert)

    def _due(
        self, book: AlertBook, person: SimulatedPerson, answers: StayAnswers, step: int
    ) -> int:
        """Return the next step at which an alert changes by time or by an answer."""
        if step < 0:
            return NO_STEP
        times_ns = answers.stay.times_ns
        now_ns = int(times_ns[step])
        now = Instant(now_ns, now_ns + answers.stay.utc_offset_ns)
        due = [at for at in (book.due_at(BED, now), person.due_at(book)) if at is not None]
        if not due:
            return NO_STEP
        return max(step + 1, int(times_ns.searchsorted(min(due).monotonic_ns)))


def _reported(alert: Alert | None) -> Sequence[Evidence] | None:
    """Return the evidence already reported by an alert whose condition has not ended."""
    is_known = alert is not None and is_active(alert) and alert.gone_since is None
    return alert.evidence if alert is not None and is_known else None


def recorded_signals(recording: RecordedStay) -> frozenset[str]:
    """Return the signals whose loss is reported: those that were recorded at all."""
    kinds = {kind for kind, _ in recording.columns}
    return frozenset(name for name, of in _SIGNAL_KINDS.items() if kinds & of)


def recorded_stay(
    recording: RecordedStay, entries: Sequence[PatientEntry], score: ScoreTable | None = None
) -> Stay:
    """Return a recording as the detector reads it: filtered, on the axis of its start.

    Parameters
    ----------
    score
        The table of the CRS suspicion score; None for the shipped one.
    """
    start_ns = recording.start_utc_ns
    times_ns: dict[int, IntArray] = {}  # columns of one device share their times
    columns = {}
    for series, column in recording.columns.items():
        key = id(column.times_s)
        if key not in times_ns:
            times_ns[key] = start_ns + np.round(column.times_s * 1e9).astype(np.int64)
        columns[series] = stay_readings(times_ns[key], column.values)
    log = ContextLog(entries) if entries else None
    timed = {p: TimedValues(r.times_ns, r.values) for p, r in columns.items()}
    readings = {
        p: SiteReadings(columns[p].times_ns, values, _doubted(columns[p].values, values))
        for p, values in believed(timed, steady_spans(log), ages_of(log)).items()
    }
    if recording.length_s is not None:
        until_ns = start_ns + round(recording.length_s * 1e9)
    else:
        ends_ns = [int(r.times_ns[-1]) for r in readings.values() if r.times_ns.size]
        until_ns = max(ends_ns, default=start_ns)
    from_ns = start_ns + round(recording.begins_s * 1e9)
    # At least one step: a reading at the very start lies in the first one.
    end_ns = -(-max(until_ns, from_ns + 1) // STEP_NS) * STEP_NS
    return Stay(readings, log, (from_ns, end_ns), 0, score)


def _doubted(shown: FloatArray, usable: FloatArray) -> FloatArray | None:
    """Return the doubted values, NaN elsewhere; None where there are none."""
    if usable is shown:
        return None
    lacking = np.flatnonzero(np.isnan(usable))
    doubted = lacking[~np.isnan(shown[lacking]) & (shown[lacking] != 0)]
    if not doubted.size:
        return None
    found = np.full_like(shown, np.nan)
    found[doubted] = shown[doubted]
    return found
