"""Changes of a recording that must change no alert, and the direction of those that may.

Every recording is random and seeded. A replay that equals the live run is shown in `test_detector`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from edge_agent.alerting.alert_book import AlertBook, AlertChange
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.batch.detector import BatchDetector, recorded_signals
from edge_agent.batch.recorded_stay import BED, RecordedStay, RecordedVital
from edge_agent.detect.engine import Engine
from edge_agent.model.alerts import AlertState
from edge_agent.model.bed_events import BedEvent, ContextEntered, DevicePlace
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import NumericsReceived
from edge_agent.recorded.moments import as_feed
from edge_agent.vitals.normalise import Normaliser
from edge_agent.ward.beds import Bed, WardIdentity
from edge_agent.ward.pipeline import Pipeline
from tests.batch.test_detector import PLACE, START, START_NS, moments, random_recording, rules
from tests.support.patient_entries import an_entry
from tests.support.said import TIMES, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from edge_agent.model.alerts import Alert
    from edge_agent.model.bed_events import FromDevice
    from edge_agent.model.measurements import Vital
    from edge_agent.model.patient import PatientEntry


RULES: Final = rules()
STEP_NS: Final = 10 * 10**9
ENTRIES: Final = (
    an_entry("e1", "infusion", "axi-cel", at_h=-60.0),
    an_entry("e2", "antipyretic", "paracetamol", at_h=1.0),
    an_entry("e3", "oxygen", "air", at_h=-60.0),
    an_entry("e4", "oxygen", "nasal cannula", amount=2.0, at_h=2.5),
    an_entry("e5", "vasopressor", "norepinephrine", at_h=3.0, until_h=4.0),
    an_entry("e6", "baseline", "heart_rate", amount=75.0, at_h=-60.0),
    an_entry("e7", "baseline", "nibp_systolic", amount=120.0, at_h=-60.0),
)


def feed(
    recording: RecordedStay, place: DevicePlace = PLACE, start: Instant = START
) -> list[FromDevice]:
    return list(as_feed(moments(recording), place, start))


def live(
    messages: Sequence[FromDevice],
    length_s: float,
    start: Instant = START,
    beds: Collection[str] = (BED,),
) -> list[Alert]:
    """Return every alert transition of the live form."""
    signals = frozenset({"heart_rate", "spo2", "temperature", "blood_pressure"})
    watched = [Bed(bed_id, signals) for bed_id in beds]
    pipeline = Pipeline(watched, RULES, WardIdentity("archive", "archive"), "", start)
    found = []
    for message in messages:
        found += pipeline.receive(message.place, message.events, message.at)
    found += pipeline.tick(start.plus(length_s + 2.0))
    return [outcome.alert for outcome in found if isinstance(outcome, AlertChange)]


def batch(recording: RecordedStay, entries: Sequence[PatientEntry] = ENTRIES) -> list[Alert]:
    """Return every alert transition of the array form."""
    detection = BatchDetector(RULES, reminds=True).run(recording, entries)
    return [transition.alert for transition in detection.transitions]


@cache
def alerted(seed: int, hours: float) -> list[Alert]:
    """Return every alert transition of the live form over an unchanged random recording."""
    return live(feed(random_recording(seed, hours)), hours * 3600)


def changed(
    recording: RecordedStay, change: Callable[[RecordedVital], RecordedVital]
) -> RecordedStay:
    columns = {place: change(column) for place, column in recording.columns.items()}
    return replace(recording, columns=columns)


def reordered(column: RecordedVital, draw: np.random.Generator) -> RecordedVital:
    """Return the readings in another order, each at most a minute later than it was taken."""
    order = np.argsort(column.times_s + draw.uniform(0, 60, column.times_s.size), kind="stable")
    return RecordedVital(column.times_s[order], column.values[order])


SPOTS: Final = (
    an_entry("s0", "admitted", bed_id=BED, at_h=0.0),
    *(replace(entry, at_utc_ns=START_NS) for entry in ENTRIES[:2] + ENTRIES[5:]),
    an_entry("s1", "spot", "temperature", amount=38.4, at_h=18 / 60),
    an_entry("s2", "spot", "nibp_systolic", amount=98.0, at_h=24 / 60),
    an_entry("s3", "spot", "nibp_mean", amount=66.0, at_h=24 / 60),
    an_entry("s4", "spot", "nibp_diastolic", amount=55.0, at_h=24 / 60),
    an_entry("s5", "spot", "nibp_systolic", amount=94.0, at_h=30 / 60),
    an_entry("s6", "spot", "spo2", amount=88.0, at_h=33 / 60),
    an_entry("s7", "spot", "heart_rate", amount=120.0, at_h=33 / 60),
    an_entry("s8", "oxygen", "nasal cannula", amount=2.0, at_h=33 / 60, until_h=36 / 60),
    an_entry("s9", "spot", "nibp_systolic", amount=72.0, at_h=42 / 60),
    an_entry("s10", "vasopressor", "norepinephrine", at_h=44 / 60),
    an_entry("s11", "vasopressor", "noradrenaline", at_h=46 / 60),
    an_entry("s12", "transfusion", "platelets", at_h=47 / 60),
    an_entry("s13", "oxygen", "nasal cannula", amount=2.0, at_h=49 / 60),
    an_entry("s14", "flag", "paced", at_h=51 / 60),
)


def spotted(recording: RecordedStay) -> tuple[list[Alert], list[Alert]]:
    """Return what is found live, where each entry is given at its time, and over the recording."""
    signals = recorded_signals(recording)
    pipeline = Pipeline([Bed(BED, signals)], RULES, WardIdentity("archive", "archive"), "", START)
    outcomes, given = [], []
    due = sorted(SPOTS, key=lambda entry: entry.at_utc_ns)
    for message in feed(recording):
        while due and due[0].at_utc_ns < message.at.utc_ns:
            at = Instant(due[0].at_utc_ns, due[0].at_utc_ns)
            outcomes += pipeline.enter(due.pop(0), BED, at)
        outcomes += pipeline.receive(message.place, message.events, message.at)
    outcomes += pipeline.tick(START.plus(3602.0))
    for outcome in outcomes:
        event = outcome.event if isinstance(outcome, BedEvent) else None
        given += [event.entry] if isinstance(event, ContextEntered) else []
    assert len(given) == len(SPOTS)
    live = [outcome.alert for outcome in outcomes if isinstance(outcome, AlertChange)]
    return live, batch(recording, given)


@pytest.mark.untraced
def test_what_is_taken_by_hand_counts_live_as_over_a_recording() -> None:
    live, recorded = spotted(random_recording(0, 1.0))
    shown = [(a.rule_id, a.state, a.changed_at.utc_ns - START_NS, a.evidence) for a in live]
    assert shown == [
        (a.rule_id, a.state, a.changed_at.utc_ns - START_NS, a.evidence) for a in recorded
    ]
    assert {"crs.hypotension", "vital.shock"} <= {alert.rule_id for alert in live}


@pytest.mark.untraced
@pytest.mark.parametrize("seed", range(2))
def test_readings_in_another_order_or_twice_change_nothing_in_an_archive(seed: int) -> None:
    recording = random_recording(seed, 3.0)
    found = batch(recording)
    assert len(found) > 10
    draw = np.random.default_rng(seed)
    assert batch(changed(recording, lambda column: reordered(column, draw))) == found
    twice = changed(
        recording, lambda c: RecordedVital(np.repeat(c.times_s, 2), np.repeat(c.values, 2))
    )
    assert batch(twice) == found


@pytest.mark.untraced
@pytest.mark.parametrize("seed", range(2))
def test_messages_that_come_twice_change_nothing(seed: int) -> None:
    found = alerted(seed, 1.5)
    assert found
    messages = feed(random_recording(seed, 1.5))
    assert live([m for message in messages for m in (message, message)], 1.5 * 3600) == found


@pytest.mark.untraced
def test_another_bed_changes_nothing() -> None:
    recording, other = random_recording(1, 1.5), random_recording(2, 1.5)
    messages = feed(recording)
    found = alerted(1, 1.5)
    others = feed(other, DevicePlace("other", "other"))
    together = sorted([*messages, *others], key=lambda message: message.at)
    both = live(together, 1.5 * 3600, beds=("other", BED))
    assert [alert for alert in both if alert.bed_id == BED] == found
    assert any(alert.bed_id == "other" for alert in both)


def moments_of(alerts: list[Alert], axis: str, shift_ns: int = 0) -> list[tuple[object, ...]]:
    """Return what happened when, on one of the two axes, less a shift."""
    return [
        (
            getattr(a.changed_at, axis) - shift_ns,
            (a.rule_id, a.state, a.priority, a.n),
            TIMES.sub("then", sentence(a)),
        )
        for a in alerts
    ]


@cache
def detected() -> list[Alert]:
    return batch(random_recording(3, 3.0))


@pytest.mark.untraced
@pytest.mark.parametrize("hours", [1, -2000, 24 * 365])
def test_all_clocks_shifted_by_hours_shift_every_alert(hours: int) -> None:
    """Baselines are worked out on the hour, so it is whole hours that nothing depends on."""
    shift_ns = hours * 3600 * 10**9
    recording = random_recording(3, 3.0)
    entries = [
        replace(
            entry,
            at_utc_ns=entry.at_utc_ns + shift_ns,
            until_utc_ns=None if entry.until_utc_ns is None else entry.until_utc_ns + shift_ns,
        )
        for entry in ENTRIES
    ]
    later = batch(replace(recording, start_utc_ns=START_NS + shift_ns), entries)
    assert moments_of(later, "utc_ns", shift_ns) == moments_of(detected(), "utc_ns")


@pytest.mark.untraced
@pytest.mark.parametrize("shift_ns", [1, -12_345_678_901, 10**17])
def test_a_wall_clock_that_is_off_dates_every_alert_so_and_changes_nothing_else(
    shift_ns: int,
) -> None:
    recording = random_recording(3, 1.0)
    found = alerted(3, 1.0)
    start = Instant(START_NS, START_NS + shift_ns)
    off = live(feed(recording, start=start), 3600, start)
    assert found
    assert moments_of(off, "utc_ns", shift_ns) == moments_of(found, "utc_ns")
    assert moments_of(off, "monotonic_ns") == moments_of(found, "monotonic_ns")


def vitals_of(recording: RecordedStay) -> list[Vital]:
    normaliser = Normaliser(BED)
    events = [e for m in feed(recording) for e in m.events if isinstance(e, NumericsReceived)]
    return [vital for event in events for vital in normaliser.normalise(event)]


def raised_by_engine(vitals: Sequence[Vital], delays_s: np.ndarray, length_s: float) -> list[Alert]:
    """Return the alerts raised where each reading comes so much later than it was taken."""
    engine = Engine(RULES, START)
    book = AlertBook([rule.policy for rule in RULES], AlertLabels("a", "a", ""))
    taken_ns = np.array([vital.measured_at.monotonic_ns for vital in vitals])
    comes_ns = taken_ns + np.round(delays_s * 1e9).astype(np.int64)
    order = np.argsort(comes_ns, kind="stable").tolist()
    found, place = [], 0
    for step in range(1, int(length_s) // 10 + 1):
        at = START.plus(10.0 * step)
        while place < len(order) and comes_ns[order[place]] <= at.monotonic_ns:
            engine.observe(vitals[order[place]])
            place += 1
        found += book.apply(
            engine.evaluate(BED, at, book.clearing(BED), book.reported_evidence(BED))
        )
    begun, raised = set[str](), []
    for alert in (change.alert for change in found):
        # What an open alert rests on besides, or returns with, is not compared: a median may just
        # miss a limit.
        if alert.state is AlertState.RAISED and alert.alert_id not in begun:
            raised.append(alert)
            begun.add(alert.alert_id)
    return raised


AS_MEASURED: Final = {"crs.hypoxia", "vital.severe_hypoxia", "crs.tachypnoea"}
"""Rules that rest on nothing but readings, whose alerts are named after the first of them."""


@pytest.mark.untraced
@pytest.mark.parametrize("seed", range(2))
def test_readings_up_to_a_minute_late_move_alerts_by_a_minute_at_most(seed: int) -> None:
    """A minute is worked out as it ends, so its alert may be a little early."""
    recording = random_recording(seed, 2.0)
    vitals = vitals_of(recording)
    draw = np.random.default_rng(seed)
    on_time = raised_by_engine(vitals, np.zeros(len(vitals)), 7200)
    late = raised_by_engine(vitals, draw.uniform(0, 60, len(vitals)), 7200)
    assert sorted(a.rule_id for a in late) == sorted(a.rule_id for a in on_time)
    assert len(on_time) > 5
    for rule_id in {alert.rule_id for alert in on_time}:
        pairs = zip(
            [a for a in on_time if a.rule_id == rule_id],
            [a for a in late if a.rule_id == rule_id],
            strict=True,
        )
        for was, came in pairs:
            assert abs(came.changed_at.seconds_since(was.changed_at)) <= 60
            if rule_id in AS_MEASURED:
                assert came.changed_at >= was.changed_at
                assert came.alert_id == was.alert_id
