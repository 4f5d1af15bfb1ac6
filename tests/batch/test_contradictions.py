"""No two alerts that stand open beside one another say what cannot both be true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from edge_agent.batch.detector import BatchDetector
from edge_agent.batch.recorded_stay import RecordedStay, RecordedVital
from edge_agent.evaluate.stays.recording import read_patient
from edge_agent.model.alerts import AlertState
from edge_agent.model.measurements import VitalKind
from edge_agent.rulebook.rule_set import read_rulebook
from simulators.cohorts.cohort_file import load_cohort
from simulators.patients.context import patient_entries
from tests.batch.test_detector import START_NS, random_recording

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edge_agent.batch.detection import Transition
    from edge_agent.model.alerts import Alert

RULES: Final = read_rulebook(None).rules
FEVER: Final = {"crs.fever", "signal.hidden.temperature"}
PAIRS: Final = [
    *(
        (watch, fever)
        for watch in ("crs.prefever", "crs.prefever.heart")
        for fever in sorted(FEVER)
    ),
    ("crs.tachycardia", "vital.heart_rate_extreme"),
    ("crs.hypoxia", "vital.severe_hypoxia"),
    ("crs.hypotension", "vital.shock"),
    ("vital.recheck_pressure", "crs.hypotension"),
    ("vital.recheck_pressure", "vital.shock"),
    ("vital.recheck_pressure", "vital.very_low_pressure"),
    ("vital.very_low_pressure", "vital.shock"),
    ("signal.doubted.blood_pressure", "vital.very_low_pressure"),
    ("signal.lost.temperature", "signal.slipped.temperature"),
    ("crs.suspected", "crs.organ_sign"),
    *(
        (f"signal.lost.{name}", other)
        for name in ("heart_rate", "spo2", "temperature")
        for other in (f"signal.hidden.{name}", "system.feed")
    ),
]
"""The first says less than the second, or the opposite: nobody is told it once the other stands."""


def contradictions(transitions: Iterable[Transition]) -> Iterator[tuple[float, str, str]]:
    """Yield when an alert was raised beside a standing one that nobody has acknowledged."""
    standing: dict[str, Alert] = {}
    for transition in transitions:
        alert = transition.alert
        is_new = alert.raised_at == alert.changed_at and alert.state is AlertState.RAISED
        standing[alert.rule_id] = alert
        for less, more in PAIRS:
            other = standing.get(more)
            is_beside = less == alert.rule_id and alert.is_signalled and not alert.absorbed_by
            if is_new and is_beside and other is not None and _stands(other):
                yield transition.at_s, less, more


def _stands(alert: Alert) -> bool:
    return alert.state is AlertState.RAISED and alert.is_signalled and not alert.absorbed_by


def fever_course() -> RecordedStay:
    """Return two days of a temperature that rises, falls and rises again, with a fast heart."""
    times_s = np.arange(30, 48 * 3600, 30, dtype=np.float64)
    knots_h = [0, 10, 13, 17, 19, 22, 25, 27, 33, 36, 40, 48]
    levels = [36.7, 36.8, 37.6, 37.8, 39.2, 38.1, 37.4, 37.7, 36.9, 37.7, 38.4, 39.0]
    temperature = np.round(np.interp(times_s / 3600, knots_h, levels), 2)
    heart = np.round(72 + 14 * (temperature - 36.7) + 2 * np.sin(times_s / 400))
    columns = {
        (VitalKind.TEMPERATURE, "rectal"): RecordedVital(times_s, temperature),
        (VitalKind.HEART_RATE, ""): RecordedVital(times_s, heart),
    }
    return RecordedStay(START_NS, columns, 48 * 3600.0)


def found_in(
    recording: RecordedStay, acknowledged_after_s: float | None
) -> tuple[set[str], list[object]]:
    transitions = BatchDetector(RULES, None, acknowledged_after_s).run(recording).transitions
    told = {t.alert.rule_id for t in transitions if t.alert.is_signalled}
    return told, list(contradictions(transitions))


@pytest.mark.parametrize("acknowledged_after_s", [None, 600.0])
def test_a_watch_is_never_told_beside_a_fever(acknowledged_after_s: float | None) -> None:
    told, found = found_in(fever_course(), acknowledged_after_s)
    assert told >= {"crs.prefever", "crs.fever"}
    assert found == []


@pytest.mark.untraced
@pytest.mark.parametrize("seed", range(4))
def test_no_two_open_alerts_of_a_stay_contradict_one_another(seed: int) -> None:
    told, found = found_in(random_recording(seed, 6.0), None)
    assert len(told) > 4
    assert found == []


@pytest.mark.proof
@pytest.mark.parametrize("number", range(12))
def test_no_two_open_alerts_of_a_simulated_patient_contradict_one_another(number: int) -> None:
    patient = load_cohort("tune").patient(number).patient
    _, recording = read_patient(patient)
    entries = patient_entries(patient, recording.start_utc_ns)
    transitions = BatchDetector(RULES).run(recording, entries).transitions
    assert list(contradictions(transitions)) == []
