"""Answers and alerts with less data, or with worse vitals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from edge_agent.batch.answers import StayAnswers
from edge_agent.batch.detector import BatchDetector, recorded_stay
from edge_agent.batch.recorded_stay import BED, RecordedStay
from edge_agent.batch.stay import SiteReadings, Stay
from edge_agent.batch.view import StayView
from edge_agent.detect.conditions.kleene import ABSENT, INDETERMINATE, PRESENT
from edge_agent.detect.engine import Engine
from edge_agent.detect.report.assessment import assessment_of, report_of
from edge_agent.detect.scores.grade_course import current_grade
from edge_agent.model.alerts import AlertKind
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import VitalKind
from tests.batch.test_detector import START, random_recording
from tests.batch.test_metamorphic import ENTRIES, RULES, vitals_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from edge_agent.model.assessment import BedReport
MINUTE_NS: Final = 60 * 10**9


REMOVED: Final = (
    (VitalKind.HEART_RATE,),
    (VitalKind.PULSE_RATE,),
    (VitalKind.SPO2,),
    (VitalKind.RESPIRATORY_RATE,),
    (VitalKind.TEMPERATURE,),
    (VitalKind.ART_SYSTOLIC, VitalKind.ART_MEAN, VitalKind.ART_DIASTOLIC),
)
OF_SHARES: Final = (
    "crs.fever",
    "crs.hypotension",
    "crs.hypoxia",
    "crs.tachycardia",
    "crs.tachypnoea",
    "vital.heart_rate_extreme",
    "vital.severe_hypoxia",
    "vital.shock",
    "score.news2",
)
"""Rules about shares of windows of what is measured or worked out minute by minute.

The others ask for more than values. `signal.*` tell of loss: with less data they hold more. The
slope and the shift of a temperature (crs.fever, crs.prefever) are worked out of what is left.
crs.suspected asks for the lowest score, which falls as inputs go: what it is without them is in
the highest, and the alert ends by that one alone. crs.organ_sign asks whether there was a fever
within a day, which a day with a gap denies.
"""


def stay_of(recording: RecordedStay) -> Stay:
    """Return a stay with one probe for each vital: of two, the other stands for one that is off."""
    columns = {
        place: column
        for place, column in recording.columns.items()
        if place != (VitalKind.TEMPERATURE, "rectal")
    }
    return recorded_stay(replace(recording, columns=columns), ENTRIES)


def with_readings(stay: Stay, change: Callable[[VitalKind, SiteReadings], np.ndarray]) -> Stay:
    readings = {
        (kind, site): SiteReadings(r.times_ns, change(kind, r))
        for (kind, site), r in stay.readings.items()
    }
    span_ns = (stay.monitored_from_ns, int(stay.times_ns[-1]))
    return Stay(readings, stay.log, span_ns, stay.utc_offset_ns)


def without(stay: Stay, kinds: Collection[VitalKind], draw: np.random.Generator) -> Stay:
    """Return a stay in which whole minutes of a vital, at every place, are without a value."""
    count = stay.minutes.size
    begins = draw.integers(0, count, 4)
    spans = [(begin, begin + draw.integers(1, 60)) for begin in begins]

    def change(kind: VitalKind, readings: SiteReadings) -> np.ndarray:
        minute = -(-(readings.times_ns - stay.monitored_from_ns) // MINUTE_NS) - 1
        gone = np.zeros(minute.size, bool)
        for begin, end in spans:
            gone |= (minute >= begin) & (minute < end)
        return np.where(gone & (kind in kinds), np.nan, readings.values)

    return with_readings(stay, change)


@pytest.mark.parametrize("seed", range(2))
def test_an_answer_that_is_certain_with_less_data_is_the_answer_with_all(seed: int) -> None:
    """Less data moves certain answers to uncertain ones and never to the opposite.

    What was uncertain may become certain: without a pulse the heart rate stands unchecked.
    """
    stay = stay_of(random_recording(seed, 4.0))
    with_all = StayAnswers(stay, RULES)
    draw = np.random.default_rng(seed)
    lost = 0
    for kinds in REMOVED:
        less = without(stay, kinds, draw)
        with_less = StayAnswers(less, RULES)
        for rule_id in OF_SHARES:
            before, after = with_all.presence[rule_id], with_less.presence[rule_id]
            opposite = (before != INDETERMINATE) & (after == -before)
            assert not opposite.any(), (rule_id, kinds)
            lost += int(((before != INDETERMINATE) & (after == INDETERMINATE)).sum())
            if VitalKind.PULSE_RATE not in kinds and VitalKind.HEART_RATE not in kinds:
                gained = (before == INDETERMINATE) & (after != INDETERMINATE)
                assert not gained.any(), (rule_id, kinds)
    assert lost > 100


CUFF: Final = (VitalKind.NIBP_SYSTOLIC, VitalKind.NIBP_MEAN, VitalKind.NIBP_DIASTOLIC)


@pytest.mark.parametrize("seed", range(2))
def test_a_cuff_that_fails_never_hides_a_low_pressure(seed: int) -> None:
    """It may show one: of two low readings with an error between, who knows."""
    stay = stay_of(random_recording(seed, 4.0))
    with_all = StayAnswers(stay, RULES)
    draw = np.random.default_rng(seed)
    with_less = StayAnswers(without(stay, CUFF, draw), RULES)
    for rule_id in ("crs.hypotension", "vital.shock"):
        before, after = with_all.presence[rule_id], with_less.presence[rule_id]
        assert not ((before == PRESENT) & (after == ABSENT)).any(), rule_id


@pytest.mark.parametrize("seed", range(2))
def test_scores_with_less_data_span_those_with_all(seed: int) -> None:
    stay = stay_of(random_recording(seed, 4.0))
    draw = np.random.default_rng(seed)
    for kinds in REMOVED:
        if VitalKind.TEMPERATURE in kinds:
            continue  # its slope and shift are worked out of what is left
        less = without(stay, kinds, draw).minute_signals
        for name in ("crs_score", "news2"):
            low, high = (stay.minute_signals[f"{name}_{end}"] for end in ("low", "high"))
            assert (less[f"{name}_low"] <= low).all(), (name, kinds)
            assert (less[f"{name}_high"] >= high).all(), (name, kinds)


def highest(answers: StayAnswers) -> np.ndarray:
    """Return at each step the highest priority of what people were told of the patient, 0: none."""
    detector = BatchDetector(RULES)
    told = np.zeros((len(RULES), answers.stay.steps.size), np.int64)
    rows = {rule.rule_id: row for row, rule in enumerate(RULES)}
    for transition in detector._transitions(answers, detector._rules, 0):
        alert = transition.alert
        first = int(answers.stay.times_ns.searchsorted(round(transition.at_s * 1e9)))
        is_reported = (
            alert.kind is AlertKind.PHYSIOLOGICAL and alert.is_open and not alert.absorbed_by
        )
        told[rows[alert.rule_id], first:] = alert.priority if is_reported else 0
    return np.asarray(told.max(axis=0))


def hotter(kind: VitalKind, values: np.ndarray) -> np.ndarray:
    is_fever = (kind is VitalKind.TEMPERATURE) & (values >= 38.0)
    return np.where(is_fever, np.minimum(values + 0.7, 42.0), values)


def bluer(kind: VitalKind, values: np.ndarray) -> np.ndarray:
    return values - 3 if kind is VitalKind.SPO2 else values


def lower(kind: VitalKind, values: np.ndarray) -> np.ndarray:
    is_pressure = kind.value.startswith(("nibp", "art"))
    return values - 8 if is_pressure else values


@pytest.mark.untraced
@pytest.mark.parametrize("worsen", [hotter, bluer, lower], ids=["hotter", "bluer", "lower"])
@pytest.mark.parametrize("seed", range(2))
def test_a_worse_vital_never_lowers_the_highest_priority(
    worsen: Callable[[VitalKind, np.ndarray], np.ndarray], seed: int
) -> None:
    stay = recorded_stay(random_recording(seed, 4.0), ENTRIES)
    worse = with_readings(stay, lambda kind, readings: worsen(kind, readings.values))
    before, after = highest(StayAnswers(stay, RULES)), highest(StayAnswers(worse, RULES))
    assert before.any()
    assert (after >= before).all(), np.flatnonzero(after < before)


TWO_HOURS: Final = [pytest.param(seed, 2.0, marks=pytest.mark.untraced) for seed in range(2)]


@pytest.mark.parametrize(("seed", "hours"), [(1, 0.1), *TWO_HOURS])
def test_grade_and_report_are_the_same_live_and_in_an_archive(seed: int, hours: float) -> None:
    recording = random_recording(seed, hours)
    grades: dict[int, tuple[int, int]] = {}
    reports: dict[int, BedReport] = {}
    engine = Engine(RULES, START)
    answers = StayAnswers(recorded_stay(recording, ()), RULES)
    vitals = iter(vitals_of(recording))
    waiting = next(vitals, None)
    for step, end_ns in enumerate(answers.stay.times_ns.tolist()):
        while waiting is not None and waiting.measured_at.monotonic_ns <= end_ns:
            engine.observe(waiting)
            waiting = next(vitals, None)
        engine.evaluate(BED, Instant(end_ns, end_ns), set())
        if end_ns % MINUTE_NS == 0:
            bed = engine._bed(BED)
            grade = current_grade(bed, bed.answers)
            grades[end_ns] = grade.low, grade.high
        if step % 17 == 0:
            report = engine.report(BED)
            assert report is not None
            reports[step] = report
    detection = BatchDetector(RULES).run(recording)
    low, high = (detection.minute_signals[f"grade_{end}"].tolist() for end in ("low", "high"))
    assert list(grades.values()) == list(zip(low, high, strict=True))
    for step, report in reports.items():
        view = StayView(answers, step)
        assessment = replace(assessment_of(view, None), since=report.assessment.since)
        assert report == report_of(BED, view, assessment, answers.presence)
