"""Late entries, drawn at random: they count from their entry, live and over a recording."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.batch.answers import StayAnswers
from edge_agent.batch.detector import BatchDetector, recorded_signals, recorded_stay
from edge_agent.batch.known import KnownSpan, known_spans
from edge_agent.batch.newest import newest_at
from edge_agent.batch.recorded_stay import BED, RecordedStay, RecordedVital
from edge_agent.detect.conditions.kleene import PRESENT
from edge_agent.model.bed_events import BedEvent, CommandRejected, ContextEntered
from edge_agent.model.clock import LATEST_UTC_NS, Instant
from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog
from edge_agent.ward.beds import Bed, WardIdentity
from edge_agent.ward.pipeline import Pipeline
from tests.batch.test_detector import START, START_NS, random_recording, rules
from tests.batch.test_metamorphic import feed
from tests.support.patient_entries import NOW_NS, an_entry
from tests.support.seeds import more_seeds

if TYPE_CHECKING:
    from edge_agent.model.alerts import Alert
    from edge_agent.model.patient import PatientEntry

HOURS = 2.5
SYSTOLIC = VitalKind.NIBP_SYSTOLIC
SPOTS = {
    "temperature": (36.4, 39.4),
    "nibp_systolic": (70.0, 130.0),
    "nibp_mean": (48.0, 90.0),
    "spo2": (86.0, 98.0),
}
DRUGS = {
    "antipyretic": "paracetamol",
    "tocilizumab": "tocilizumab",
    "steroid": "dexamethasone",
    "vasopressor": "norepinephrine",
    "transfusion": "platelets",
    "infusion": "axi-cel",
    "procedure": "pain",
    "flag": "paced",
}


def drawn(seed: int) -> list[PatientEntry]:
    """Return entries about moments of a stay, of which most are entered late, by their entry."""
    draw = np.random.default_rng(seed)
    found = [replace(an_entry("admitted", "admitted", bed_id=BED), at_utc_ns=START_NS)]
    for number in range(24):
        at_ns = START_NS + int(draw.integers(1, int(HOURS * 360))) * 10 * 10**9
        late_ns = int(draw.choice([0, 1, 2, 6, 30, 180, 400])) * 10 * 10**9
        name = str(draw.choice(list(SPOTS)))
        entry = an_entry(f"e{number}", "spot", name, amount=round(draw.uniform(*SPOTS[name]), 1))
        if draw.uniform() < 0.2:
            kind = str(draw.choice(list(DRUGS)))
            entry = an_entry(f"e{number}", kind, DRUGS[kind])
        elif draw.uniform() < 0.15:
            entry = an_entry(f"e{number}", "oxygen", "nasal cannula", amount=2.0 + number % 3)
        entered_ns = at_ns + late_ns
        found.append(replace(entry, at_utc_ns=at_ns, entered_utc_ns=entered_ns))
    found[0] = replace(found[0], entered_utc_ns=START_NS)
    inside = [e for e in found if e.entered_utc_ns < START_NS + HOURS * 3600 * 10**9]
    return sorted(inside, key=lambda entry: entry.entered_utc_ns)


def live(
    recording: RecordedStay, due: list[PatientEntry]
) -> tuple[list[Alert], list[PatientEntry]]:
    """Return the alerts live, and the entries as they were accepted."""
    beds = [Bed(BED, recorded_signals(recording))]
    pipeline = Pipeline(beds, rules(), WardIdentity("archive", "archive"), "", START)
    # A reading at the moment of the admission is of the new patient, as over a recording.
    outcomes, given = pipeline.enter(due.pop(0), BED, START), []
    for message in feed(recording):
        while due and due[0].entered_utc_ns < message.at.utc_ns:
            at = Instant(due[0].entered_utc_ns, due[0].entered_utc_ns)
            outcomes += pipeline.enter(due.pop(0), BED, at)
        outcomes += pipeline.receive(message.place, message.events, message.at)
    outcomes += pipeline.tick(START.plus(HOURS * 3600 + 2.0))
    for outcome in outcomes:
        event = outcome.event if isinstance(outcome, BedEvent) else None
        assert not isinstance(event, CommandRejected), event
        given += [event.entry] if isinstance(event, ContextEntered) else []
    return [each.alert for each in outcomes if isinstance(each, AlertChange)], given


@pytest.mark.untraced
@pytest.mark.parametrize("seed", [0, 1, *more_seeds(2, 40)])
def test_what_is_entered_late_counts_live_as_over_a_recording(seed: int) -> None:
    recording = random_recording(seed, HOURS)
    alerts, given = live(recording, drawn(seed))
    assert sum(e.entered_utc_ns > e.at_utc_ns for e in given) > 5
    found = BatchDetector(rules(), reminds=True).run(recording, given).transitions
    assert [shown(alert) for alert in alerts] == [shown(each.alert) for each in found]


def shown(alert: Alert) -> tuple[object, ...]:
    at_s = (alert.changed_at.utc_ns - START_NS) / 1e9
    values = tuple((e.kind, e.value, e.coverage) for e in alert.evidence)
    return at_s, alert.rule_id, alert.state.value, alert.n, alert.absorbed_by, values


def test_a_late_temperature_counts_from_its_entry_and_ages_from_its_measurement() -> None:
    times_s = np.arange(0.0, 8 * 3600.0, 60.0)
    columns = {(VitalKind.HEART_RATE, ""): RecordedVital(times_s, 80 + times_s % 3)}
    recording = RecordedStay(NOW_NS, columns, 8 * 3600.0)
    entry = an_entry("t", "spot", "temperature", amount=38.6, at_h=1.0)
    late = replace(entry, entered_utc_ns=NOW_NS + 2 * 3600 * 10**9)
    fever = [rule for rule in rules() if rule.rule_id == "crs.fever"]
    for entered, from_h in ((entry, 1), (late, 2)):
        answers = StayAnswers(recorded_stay(recording, [entered]), fever)
        held = answers.stay.times_ns[answers.presence["crs.fever"] == PRESENT]
        hours = (held - NOW_NS) / 3600e9
        assert (hours[0], round(float(hours[-1]), 2)) == (from_h, 5.0)


def test_the_newest_pressure_is_shown_from_its_entry() -> None:
    times_s = np.arange(0.0, 3600.0, 10.0)
    columns = {(VitalKind.HEART_RATE, ""): RecordedVital(times_s, 80 + times_s % 3)}
    entry = an_entry("p", "spot", "nibp_systolic", amount=98.0, at_h=0.25)
    late = replace(entry, entered_utc_ns=NOW_NS + 1800 * 10**9)
    stay = recorded_stay(RecordedStay(NOW_NS, columns, 3600.0), [late])
    values = newest_at(stay, SYSTOLIC)
    assert np.isnan(values[:179]).all()
    assert (values[179:] == 98.0).all()


def test_two_pressures_that_are_entered_within_a_minute_each_count_from_their_entry() -> None:
    times_s = np.arange(0.0, 3600.0, 10.0)
    columns = {(VitalKind.HEART_RATE, ""): RecordedVital(times_s, 80 + times_s % 3)}
    late = [
        replace(
            an_entry(name, "spot", "nibp_systolic", amount=amount, at_h=at_h),
            entered_utc_ns=NOW_NS + entered_s * 10**9,
        )
        for name, amount, at_h, entered_s in (("p", 98.0, 0.25, 1810), ("q", 96.0, 0.26, 1820))
    ]
    stay = recorded_stay(RecordedStay(NOW_NS, columns, 3600.0), late)
    values = newest_at(stay, SYSTOLIC)
    assert np.isnan(values[:180]).all()
    assert values[180] == 98.0
    assert (values[181:] == 96.0).all()


def test_spans_end_where_something_is_entered_late() -> None:
    ends_ns = np.arange(1, 7) * 10
    assert known_spans(None, ends_ns) == [KnownSpan(0, 6, LATEST_UTC_NS)]
    late = [
        an_entry(f"e{at}", "spot", "temperature", amount=38.0, entered_utc_ns=at)
        for at in (5, 30, 31, 32, 70)
    ]
    log = ContextLog([replace(entry, at_utc_ns=1) for entry in late])
    assert known_spans(log, ends_ns) == [
        KnownSpan(0, 2, 29),
        KnownSpan(2, 3, 30),
        KnownSpan(3, 6, 69),
    ]
