"""Entries of every kind, and the age of a patient, count over restarts as without one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from edge_agent.batch.detector import BatchDetector, recorded_signals
from edge_agent.batch.recorded_stay import RecordedStay, RecordedVital
from edge_agent.model.bed_events import BedEvent, ContextEntered
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind
from edge_agent.patient.entry_check import SPOT_SITES
from edge_agent.ward.pipeline import Pipeline
from tests.batch.test_detector import START, START_NS, random_recording, shown
from tests.batch.test_metamorphic import feed
from tests.support.killed_gateways import (
    BED,
    KEPT_ENTRIES,
    ORIGIN,
    RULES,
    Disk,
    alerts_of,
    begun,
    watched,
)
from tests.support.patient_entries import an_entry
from tests.support.seeds import more_seeds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge_agent.model.alerts import Alert
    from edge_agent.model.patient import PatientEntry
    from edge_agent.ward.beds import Outcome


EVERY_KIND: Final[Mapping[str, tuple[tuple[str, float | None], ...]]] = {
    "infusion": (("axi-cel", None), ("unknown", None)),
    "age": (("", 64.0), ("", 9.0)),
    "weight": (("", 71.5),),
    "baseline": (("heart_rate", 70.0), ("nibp_systolic", 125.0), ("spo2", 95.0)),
    "oxygen": (("nasal cannula", 2.0), ("face mask", 8.0), ("bipap", None), ("air", None)),
    "vasopressor": (("norepinephrine", None), ("vasopressin", None), ("none", None)),
    "antipyretic": (("paracetamol", None), ("none", None)),
    "tocilizumab": (("", None), ("none", None)),
    "steroid": (("dexamethasone", None),),
    "fluids": (("", 0.5),),
    "transfusion": (("platelets", None), ("none", None)),
    "procedure": (("pain", None), ("mobilising", None)),
    "cooling": (("", None), ("none", None)),
    "spot": (
        ("temperature", 38.6),
        ("temperature", 37.4),
        ("respiratory_rate", 24.0),
        ("spo2", 88.0),
        ("pulse_rate", 118.0),
        ("nibp_systolic", 82.0),
        ("nibp_mean", 55.0),
        ("nibp_diastolic", 45.0),
        ("heart_rate", 120.0),
    ),
    "consciousness": (("A", None), ("V", None)),
    "ice": (("", 8.0),),
    "symptom": (("chills", None), ("confusion", None)),
    "flag": (("paced", None), ("hypercapnic", None), ("beta_blocker", None)),
    "lab": (("ldh", 300.0), ("crp", 90.0)),
    "crs": (("ruled_out", None), ("confirmed", None)),
    "away": (("ct", None), ("shower", None)),
}
"""Names and amounts of the entries that people make, by kind."""
MAY_END: Final = frozenset(
    {"oxygen", "vasopressor", "fluids", "transfusion", "procedure", "cooling", "symptom", "flag"}
)
UNITS: Final = {"ldh": "U/L", "crp": "mg/L"}
PRESSURES: Final = ("nibp_systolic", "nibp_mean")


def random_entries(draw: np.random.Generator, length_s: int) -> list[PatientEntry]:
    """Return entries of every kind in the order of their entry, some of them late.

    What may end is entered with an end and without one, and may be over when it is entered.
    """
    found = [an_entry("e0", "admitted", bed_id=BED)]
    facts = [
        (kind, name, amount, ends)
        for kind, named in EVERY_KIND.items()
        for name, amount in named
        for ends in (
            (True,)
            if kind == "away"
            else (False, True)
            if kind in MAY_END and name != "none"
            else (False,)
        )
    ]
    facts += [
        ("spot", name, float(draw.integers(55, 150)), False) for name in PRESSURES for _ in range(6)
    ]
    steps = draw.choice(np.arange(1, length_s // 10), len(facts), replace=False)
    for number, (kind, name, amount, ends) in enumerate(facts):
        entered_s = 10.0 * steps[number]  # a step ends at each entry
        # over a recording, a reading by hand counts from its time, however late it was entered
        at_s = entered_s - float(draw.choice([0.0, 0.0, 600.0, 7200.0]) if kind != "spot" else 0.0)
        sites = SPOT_SITES.get(VitalKind(name), ("",)) if kind == "spot" else ("",)
        found.append(
            an_entry(
                f"r{number}",
                kind,
                name,
                amount=amount,
                unit=UNITS.get(name, ""),
                site=str(draw.choice(sites)),
                at_h=at_s / 3600,
                until_h=draw.uniform(at_s, entered_s + 1200) / 3600 if ends else None,
                entered_utc_ns=START.plus(entered_s).utc_ns,
                by="N12",
            )
        )
    return sorted(found, key=lambda entry: entry.entered_utc_ns)


def entered_run(
    recording: RecordedStay, entries: Sequence[PatientEntry], cuts: Sequence[int], keep_every: int
) -> tuple[list[Alert], list[PatientEntry]]:
    """Return what is told while people enter facts and the gateway is killed, and those facts.

    Parameters
    ----------
    keep_every
        Messages from one snapshot of the bed to the next.
    """
    signals = recorded_signals(recording)
    disk, pipeline = Disk(), begun(START, (), signals)
    told: list[Alert] = []
    given: list[PatientEntry] = []
    due = list(entries)
    for number, message in enumerate(feed(recording)):
        killed_at = message.at.plus(0.5)
        outcomes = enter_due(pipeline, due, message.at)
        outcomes += pipeline.receive(message.place, message.events, message.at)
        outcomes += enter_due(pipeline, due, killed_at) if number in cuts else []
        disk.keep(outcomes)
        told += alerts_of(outcomes)
        events = [outcome.event for outcome in outcomes if isinstance(outcome, BedEvent)]
        given += [event.entry for event in events if isinstance(event, ContextEntered)]
        if number % keep_every == 0:
            disk.take(pipeline, message.at)
        if number in cuts:
            pipeline, untold = disk.restored(killed_at, ORIGIN, given, signals)
            disk.keep(untold)
            told += alerts_of(untold)
    told += alerts_of(pipeline.tick(START.plus((recording.length_s or 0.0) + 2.0)))
    return told, given


def enter_due(pipeline: Pipeline, due: list[PatientEntry], before: Instant) -> list[Outcome]:
    """Return what follows from the entries made before a moment, each removed from those due."""
    outcomes: list[Outcome] = []
    while due and due[0].entered_utc_ns < before.utc_ns:
        entry = due.pop(0)
        at_ns = max(entry.entered_utc_ns, START_NS)
        outcomes += pipeline.enter(entry, BED, Instant(at_ns, at_ns))
    return outcomes


@pytest.mark.untraced
@pytest.mark.parametrize("seed", [11, 73, *more_seeds(12, 73), *more_seeds(74, 112)])
def test_entries_of_every_kind_count_live_over_restarts_as_over_a_recording(seed: int) -> None:
    length_s = 2400
    recording = random_recording(seed, length_s / 3600)
    draw = np.random.default_rng(seed)
    entries = random_entries(draw, length_s - 60)
    assert {entry.kind for entry in entries} >= set(EntryKind) - {"transferred", "discharged"}
    cuts = draw.choice(np.arange(60, length_s - 60), 8, replace=False).tolist()
    told, given = entered_run(recording, entries, cuts, keep_every=int(draw.choice([1, 60, 180])))
    assert len(given) == len(entries)
    assert len(told) > 5
    detection = BatchDetector(RULES, reminds=True).run(recording, given)
    assert shown(told) == shown([transition.alert for transition in detection.transitions])


@pytest.mark.untraced
def test_limits_of_a_new_age_are_a_new_ground_live_as_over_a_recording() -> None:
    times_s = np.arange(1.0, 1801.0)
    low = RecordedVital(times_s, np.where(times_s % 20 < 10, 87.0, 87.4))
    stay = RecordedStay(START_NS, {(VitalKind.ART_SYSTOLIC, "art"): low}, 1800.0)
    age = an_entry("1", "age", amount=9, at_h=1200 / 3600, entered_utc_ns=START.plus(1200).utc_ns)
    told, given = entered_run(stay, [an_entry("e0", "admitted", bed_id=BED), age], [1300], 180)
    recorded = [
        each.alert for each in BatchDetector(RULES, reminds=True).run(stay, given).transitions
    ]
    assert shown(told) == shown(recorded)
    raised = [a for a in recorded if a.rule_id == "crs.hypotension"]
    assert [(a.n, a.evidence[0].threshold) for a in raised] == [(1, 90), (2, 88)]


def test_steps_before_the_entry_of_an_age_have_no_age_after_a_restart_either() -> None:
    times_s = np.arange(1.0, 1801.0)
    fast = RecordedVital(times_s, np.where(times_s % 20 < 10, 27.0, 28.0))
    stay = RecordedStay(START_NS, {(VitalKind.RESPIRATORY_RATE, ""): fast}, 1800.0)
    age = an_entry("1", "age", amount=9, at_h=1200 / 3600, entered_utc_ns=START.plus(1200).utc_ns)
    told, _ = entered_run(stay, [an_entry("e0", "admitted", bed_id=BED), age], [1300], 1000)
    course = [a for a in told if a.rule_id == "crs.tachypnoea"]
    assert [a.state.value for a in course] == ["raised", "resolved"]
    assert course[-1].changed_at == START.plus(1200 + 300)


def test_a_bed_has_the_age_of_the_moment_at_which_it_goes_on() -> None:
    disk = replace(watched(0, 0.2)[0], readings=[])
    age = an_entry("1", "age", amount=9, at_h=800 / 3600, entered_utc_ns=START.plus(800).utc_ns)
    entries = [*KEPT_ENTRIES, age]
    assert begun(START.plus(900), entries)._evaluation.engine._bed(BED).age_years == 9
    pipeline, _ = disk.restored(START.plus(900), entries=entries)
    assert pipeline._evaluation.engine._bed(BED).age_years is None
