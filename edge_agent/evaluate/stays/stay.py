"""One simulated patient, from the signals to the figures; no signals stay in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge_agent.batch.detection import Detection
from edge_agent.batch.recorded_stay import RecordedStay
from edge_agent.detect.grid import STEP_S
from edge_agent.evaluate.stays.comparators import PLAUSIBLE, Signals, compared
from edge_agent.evaluate.stays.faults import FaultCheck, check_faults, from_faults
from edge_agent.evaluate.stays.fever_delay import fever_delays_min
from edge_agent.evaluate.stays.grades import (
    GradeCheck,
    SuggestedGrade,
    check_grades,
    suggested_grades,
)
from edge_agent.evaluate.stays.peer_alerts import Peer
from edge_agent.evaluate.stays.recording import read_patient
from edge_agent.evaluate.stays.reported_alerts import (
    About,
    ReportedAlert,
    ReportedAlerts,
    reported_alerts,
)
from edge_agent.evaluate.stays.scoring import MethodScore, is_owed, is_right, score
from edge_agent.evaluate.stays.spans import Spans
from edge_agent.evaluate.stays.sweeps import SweepPoint, sweep
from edge_agent.evaluate.stays.truth import CrsEpisode, Ground, ground_of
from edge_agent.model.durations import DAY_S, HOUR_S
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import PatientEntry
from simulators.cohorts.cohort import CohortPatient, PhysiologyName
from simulators.patients.context import TimedEntry, patient_entries
from simulators.patients.person import CHILD_UNTIL_YEARS

Detect = Callable[[RecordedStay, Sequence[PatientEntry]], Detection]

OURS: Final = "rules"
"""Name of the evaluated method, beside the names of the comparators."""
_LIMB_GRACE_S: Final = 600.0
"""Time from grade 2 to an alert that still counts as in time (design start value, unvalidated)."""
_LIMB: Final = (About.PRESSURE, About.OXYGEN)
_ORGAN_SIGN: Final = "crs.organ_sign"
_OLD_YEARS: Final = 65.0
_BLUNTED: Final = 0.5
"""Response of the heart rate that separates beta-blocked patients, below, from all others."""


@dataclass(frozen=True, slots=True)
class Place:
    """Ward and physiology of a stay."""

    ward: str
    """Name of the ward; empty without one."""
    physiology: PhysiologyName

    def __str__(self) -> str:
        return f"{self.ward or 'no ward'}, {self.physiology}"


@dataclass(frozen=True, slots=True)
class EpisodeOutcome:
    """One episode of CRS, and its result."""

    truth: CrsEpisode
    coverage: float
    """Share of the window in which a plausible temperature was known."""
    is_limb_in_time: bool | None
    """True where an owed alert came before grade 2 or within 10 minutes; None without grade 2."""
    limb_delay_h: float | None
    """Hours from grade 2 to the first alert about pressure, oxygen or organ signs; None without an
    alert or grade 2."""


@dataclass(frozen=True, slots=True)
class StayOutcome:
    """One patient, in figures."""

    patient_id: str
    number: int
    place: Place
    product: str
    age_group: str
    is_beta_blocked: bool
    grade: int
    days: float
    episodes: tuple[EpisodeOutcome, ...]
    has_probe: bool
    """True where a continuous probe measured the temperature, False where people alone did."""
    fever_delays_min: tuple[float, ...]
    """Minutes from each fever that the probe shows to its report."""
    methods: Mapping[str, MethodScore]
    """Scores by method, ours first."""
    points: tuple[SweepPoint, ...]
    grades: GradeCheck
    suggested: tuple[SuggestedGrade, ...]
    """Suggested range of the grade, at each of its changes."""
    faults: tuple[FaultCheck, ...]
    false_from_faults: tuple[ReportedAlert, ...]
    reported: tuple[ReportedAlert, ...]
    """Alerts of our rules that were reported, in order of time."""
    is_right: tuple[bool, ...]
    """True for each reported alert that was about something real."""


def evaluate_stay(
    member: CohortPatient, number: int, detect: Detect, peer: Peer | None = None
) -> StayOutcome:
    """Return the results of the rules and all comparators on one patient.

    Parameters
    ----------
    peer
        Another detector, which is scored beside the comparators; None for none.
    """
    patient = member.patient
    person, plan, seed = patient.person, patient.plan, patient.seed
    ground = ground_of(patient, seed)
    events = member.events()
    signals, recording = read_patient(patient, events)
    probe = recording.columns[VitalKind.TEMPERATURE, person.temperature_site].values
    entries = patient_entries(patient, recording.start_utc_ns, events)
    detection = detect(recording, entries)
    channels = detection.channels
    reported = reported_alerts(detection.transitions, plan.length_s)
    draw = np.random.Generator(np.random.Philox(key=seed))
    news2 = channels["news2_low"]
    ours = ReportedAlerts.of(reported)
    methods = {OURS: score(ours, ground)}
    for name, theirs in compared(signals, news2, STEP_S, draw).items():
        methods[name] = score(theirs, ground)
    if peer is not None:
        start_ns = recording.start_utc_ns
        told = peer.reports(member.patient_id, start_ns, plan.length_s)
        methods[peer.method] = score(told, ground)
    return StayOutcome(
        patient_id=member.patient_id,
        number=number,
        place=_place_of(member),
        product=person.product,
        age_group=age_group(person.age_years),
        is_beta_blocked=person.heart_rate_response < _BLUNTED,
        grade=member.grade,
        days=plan.length_s / DAY_S,
        episodes=tuple(_episode(e, reported, ours, ground, signals) for e in ground.episodes),
        has_probe=bool(np.isfinite(probe).any()),
        fever_delays_min=fever_delays_min(probe, ground.fever, reported),
        methods=methods,
        points=sweep(signals, channels, STEP_S, ground, seed),
        grades=check_grades(channels, detection.steps_s, ground.grade_if_crs, ground.grade),
        suggested=suggested_grades(channels, detection.steps_s),
        faults=check_faults(plan, reported, signals, _absences(events, plan.length_s)),
        false_from_faults=from_faults(plan, reported, ground),
        reported=tuple(reported),
        is_right=tuple(is_right(ours, ground).tolist()),
    )


def _place_of(member: CohortPatient) -> Place:
    is_curves = member.patient.physiology is None
    return Place(
        "" if member.stay is None else member.stay.ward.name,
        PhysiologyName.CURVES if is_curves else PhysiologyName.SETPOINT,
    )


def age_group(years: float) -> str:
    """Return the group of an age."""
    if years < CHILD_UNTIL_YEARS:
        return "child"
    return "adult under 65" if years < _OLD_YEARS else "65 and older"


def _absences(events: Iterable[TimedEntry], length_s: float) -> Spans:
    """Return the absences that somebody entered."""
    return Spans.of(
        (event.at_s, length_s if event.until_s is None else event.until_s)
        for event in events
        if event.kind == "away"
    )


def _episode(
    truth: CrsEpisode,
    reported: Sequence[ReportedAlert],
    ours: ReportedAlerts,
    ground: Ground,
    signals: Signals,
) -> EpisodeOutcome:
    window = truth.window
    seen = signals.temperature[int(window.drift_s) : int(window.end_s)]
    plausible = (seen >= PLAUSIBLE[0]) & (seen <= PLAUSIBLE[1])
    in_time, delay_h = None, None
    if truth.limb_s is not None:
        owed_at_s = ours.at_s[is_owed(ours, ground)]
        early = (owed_at_s >= window.drift_s) & (owed_at_s <= truth.limb_s + _LIMB_GRACE_S)
        in_time = bool(early.any())
        limb_at_s = [
            one.at_s
            for one in reported
            if (one.about in _LIMB or one.rule_id == _ORGAN_SIGN)
            and truth.limb_s - HOUR_S <= one.at_s < truth.end_s
        ]
        delay_h = (min(limb_at_s) - truth.limb_s) / HOUR_S if limb_at_s else None
    return EpisodeOutcome(truth, float(plausible.mean()) if seen.size else 0.0, in_time, delay_h)
