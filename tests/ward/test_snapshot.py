"""A bed goes on over a restart at any moment as if there had been none."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import pytest

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.batch.detector import BatchDetector, recorded_signals
from edge_agent.batch.recorded_stay import RecordedStay, RecordedVital
from edge_agent.detect.engine import Engine
from edge_agent.detect.minutes.formulas import INPUTS
from edge_agent.model.bed_events import BedEvent, ContextEntered
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import Readings, VitalKind
from edge_agent.model.patient import EntryKind
from edge_agent.patient.entry_check import SPOT_SITES
from edge_agent.payloads.alerts import decode_alert, encode_alert
from edge_agent.payloads.readings import decode_readings, encode_readings
from edge_agent.vitals.normalise import Normaliser
from edge_agent.ward.beds import Bed, WardIdentity
from edge_agent.ward.pipeline import Pipeline
from edge_agent.ward.snapshot import (
    BedCourse,
    BedSnapshot,
    SnapshotHeader,
    decode_snapshot,
    encode_snapshot,
)
from tests.batch.test_detector import PLACE, START, START_NS, random_recording, rules, shown
from tests.batch.test_metamorphic import ENTRIES, feed
from tests.support.detector_inputs import BED as BED_7
from tests.support.detector_inputs import START as WATCHED
from tests.support.detector_inputs import reading
from tests.support.patient_entries import an_entry
from tests.support.seeds import more_seeds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge_agent.model.alerts import Alert
    from edge_agent.model.bed_events import FromDevice
    from edge_agent.model.patient import PatientEntry
    from edge_agent.ward.beds import Outcome

RULES: Final = rules()
SIGNALS: Final = frozenset({"heart_rate", "spo2", "temperature", "blood_pressure"})
BED: Final = PLACE.bed_id
ORIGIN: Final = SnapshotHeader("maker", "boot")
KEPT_ENTRIES: Final = [
    replace(entry, entered_utc_ns=entry.at_utc_ns)
    for entry in (an_entry("e0", "admitted", bed_id=BED, at_h=-61.0), *ENTRIES)
]


@dataclass(slots=True)
class Disk:
    """A killed gateway's disk, as bytes."""

    readings: list[bytes] = field(default_factory=list)
    alerts: list[bytes] = field(default_factory=list)
    snapshot: bytes = b""

    def keep(self, outcomes: Sequence[Outcome]) -> None:
        """Journal what follows."""
        for outcome in outcomes:
            match outcome:
                case Readings():
                    self.readings.append(encode_readings(outcome))
                case AlertChange():
                    self.alerts.append(encode_alert(outcome.alert))

    def take(self, pipeline: Pipeline, at: Instant) -> None:
        """Keep the bed."""
        self.snapshot = encode_snapshot(pipeline.snapshot(BED, at), ORIGIN)

    def newest_alerts(self) -> list[Alert]:
        """Return the newest of each rule."""
        alerts = [decode_alert(body) for body in self.alerts]
        return list({alert.rule_id: alert for alert in alerts}.values())

    def restored(
        self,
        at: Instant,
        origin: SnapshotHeader = ORIGIN,
        entries: Sequence[PatientEntry] = KEPT_ENTRIES,
        signals: frozenset[str] = SIGNALS,
    ) -> tuple[Pipeline, list[Outcome]]:
        """Return the pipeline of a new run, and what it finds untold."""
        kept = decode_snapshot(self.snapshot, origin, at)
        pipeline = begun(at, entries, signals)
        readings = [decode_readings(body) for body in self.readings]
        if kept.course is not None:
            readings = [r for r in readings if kept.at.seconds_since(r.received_at) <= 60]
        return pipeline, pipeline.restore(readings, self.newest_alerts(), {BED: kept})


def watched(seed: int, hours: float) -> tuple[Disk, Pipeline, list[Outcome]]:
    """Return a gateway that has watched a random stay, its disk, and what followed."""
    disk, pipeline = Disk(), begun(START)
    outcomes: list[Outcome] = []
    for message in feed(random_recording(seed, hours)):
        outcomes += pipeline.receive(message.place, message.events, message.at)
    disk.keep(outcomes)
    disk.take(pipeline, START.plus(hours * 3600))
    return disk, pipeline, outcomes


def begun(
    since: Instant,
    entries: Sequence[PatientEntry] = KEPT_ENTRIES,
    signals: frozenset[str] = SIGNALS,
) -> Pipeline:
    pipeline = Pipeline([Bed(BED, signals)], RULES, WardIdentity("archive", "archive"), "", since)
    pipeline.restore_entries(entries)
    return pipeline


def alerts_of(outcomes: Sequence[Outcome]) -> list[Alert]:
    return [o.alert for o in outcomes if isinstance(o, AlertChange)]


def restarted_run(
    messages: Sequence[FromDevice], cuts: Sequence[int], kept_before: Sequence[int]
) -> list[Alert]:
    """Return what is told by a gateway that is killed after some of the messages.

    Parameters
    ----------
    cuts
        Numbers of messages after which the program is killed.
    kept_before
        How many messages before the end of each part the bed is kept.
    """
    disk, pipeline = Disk(), begun(START)
    told: list[Alert] = []
    keeps = {max(0, cut - before) for cut, before in zip(cuts, kept_before, strict=True)}
    for number, message in enumerate(messages):
        outcomes = pipeline.receive(message.place, message.events, message.at)
        disk.keep(outcomes)
        told += alerts_of(outcomes)
        if number in keeps:
            disk.take(pipeline, message.at)
        if number in cuts:
            pipeline, untold = disk.restored(message.at.plus(0.5))
            disk.keep(untold)
            told += alerts_of(untold)
    return told


@pytest.mark.untraced
@pytest.mark.parametrize("seed", [0, *more_seeds(1, 7)])
def test_restarts_at_any_moment_change_no_alert(seed: int) -> None:
    messages = feed(random_recording(seed, 1.5))
    draw = np.random.default_rng(seed)
    cuts = np.sort(draw.choice(np.arange(60, len(messages)), 12, replace=False)).tolist()
    kept_before = draw.integers(0, 50, len(cuts)).tolist()
    whole = restarted_run(messages, [], [])
    assert len(whole) > 10
    assert shown(restarted_run(messages, cuts, kept_before)) == shown(whole)


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
        for ends in ((False, True) if kind in MAY_END and name != "none" else (False,))
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
@pytest.mark.parametrize("seed", [11, *more_seeds(12, 112)])
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
    detection = BatchDetector(RULES).run(recording, given)
    assert shown(told) == shown([transition.alert for transition in detection.transitions])


def test_limits_of_a_new_age_are_a_new_ground_live_as_over_a_recording() -> None:
    times_s = np.arange(1.0, 1801.0)
    low = RecordedVital(times_s, np.where(times_s % 20 < 10, 87.0, 87.4))
    stay = RecordedStay(START_NS, {(VitalKind.ART_SYSTOLIC, "art"): low}, 1800.0)
    age = an_entry("1", "age", amount=9, at_h=1200 / 3600, entered_utc_ns=START.plus(1200).utc_ns)
    told, given = entered_run(stay, [an_entry("e0", "admitted", bed_id=BED), age], [1300], 180)
    recorded = [each.alert for each in BatchDetector(RULES).run(stay, given).transitions]
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
    disk, _, _ = watched(0, 0.2)
    disk.readings.clear()
    age = an_entry("1", "age", amount=9, at_h=800 / 3600, entered_utc_ns=START.plus(800).utc_ns)
    entries = [*KEPT_ENTRIES, age]
    assert begun(START.plus(900), entries)._evaluation.engine._bed(BED).age_years == 9
    pipeline, _ = disk.restored(START.plus(900), entries=entries)
    assert pipeline._evaluation.engine._bed(BED).age_years is None


def warm_engine(minutes: int = 20 * 60) -> Engine:
    """Return an engine that has watched a patient whose usual temperature is 37.4."""
    engine = Engine(RULES, WATCHED)
    for minute in range(minutes):
        engine.observe(reading(VitalKind.TEMPERATURE, minute * 60 + 5, 37.4, site="core"))
        engine._bed(BED_7).close_until(WATCHED.plus(minute * 60 + 60))
    for at_s in (600, 3600):
        engine.observe(reading(VitalKind.NIBP_SYSTOLIC, at_s, 118))
    return engine


def kept(engine: Engine, at: Instant, maker: str = "maker") -> bytes:
    """Return the bytes of a bed's snapshot."""
    course = BedCourse(
        evaluated_ns=at.monotonic_ns,
        received_until={},
        normaliser=Normaliser(BED_7),
        windows=engine.window_record(BED_7),
        assessment=engine.assessment(BED_7),
        alerts=(),
    )
    snapshot = BedSnapshot(at, engine.patient_record(BED_7), course)
    return encode_snapshot(snapshot, SnapshotHeader(maker, "boot"))


@pytest.mark.parametrize(
    ("axis", "maker", "off_h"),
    [("boot", "changed rules", 0.01), ("boot", "maker", 1.5), ("other boot", "maker", 0.5)],
    ids=["changed rules", "long off", "reboot"],
)
@pytest.mark.parametrize("boot_s", [0.0, 33.0, -500.0])
def test_what_is_usual_for_the_patient_outlives_all(
    axis: str, maker: str, off_h: float, boot_s: float
) -> None:
    ended = WATCHED.plus(20 * 3600)
    body = kept(warm_engine(), ended)
    began = ended.plus(off_h * 3600)
    if axis != "boot":
        began = Instant(began.monotonic_ns + round(boot_s * 1e9), began.utc_ns)
    found = decode_snapshot(body, SnapshotHeader(maker, axis), began)
    assert found.course is None
    engine = Engine(RULES, began)
    engine.restore_bed(BED_7, found.patient, None, None)
    bed = engine._bed(BED_7)
    bed.close_until(began.plus(90))
    inputs = dict(zip(INPUTS, bed.minute_inputs()[:, -1], strict=True))
    assert (inputs["base_temperature"], inputs["base_is_own"]) == (pytest.approx(37.4), 1)
    ages_s = [bed.at.seconds_since(bed.events("nibp_systolic").stamp(i).at) for i in (0, 1)]
    after_s = (20 + off_h) * 3600 + 90
    assert ages_s == pytest.approx([after_s - 600, after_s - 3600])
    minutes = bed.minutes.past.histories[VitalKind.TEMPERATURE].ordered()
    missing = int(np.isnan(minutes[-20 * 60 - round(off_h * 60) :]).sum())
    assert abs(missing - off_h * 60) <= 2  # the time off, and the minute since


def test_minutes_that_are_known_count_once_as_the_journal_is_read_back() -> None:
    ended = WATCHED.plus(600)
    found = decode_snapshot(
        kept(warm_engine(10), ended), SnapshotHeader("changed rules", "boot"), ended
    )
    engine = Engine(RULES, ended)
    engine.restore_bed(BED_7, found.patient, None, None)
    for minute in range(5, 12):
        value = 37.4 if minute < 10 else 37.0
        engine.observe(reading(VitalKind.TEMPERATURE, minute * 60 + 5, value, site="core"))
    engine._bed(BED_7).close_until(WATCHED.plus(12 * 60))
    minutes = engine._bed(BED_7).minutes.past.histories[VitalKind.TEMPERATURE].ordered()
    known = minutes[~np.isnan(minutes)].tolist()
    assert sorted(known, reverse=True) == known
    assert len(known) == 12
    assert known[9:] == pytest.approx([37.4, 37.0, 37.0]) or known[9:] == pytest.approx(
        [37.4, 37.4, 37.0]
    )


def test_a_snapshot_of_the_patient_before_is_left_out() -> None:
    disk, _, _ = watched(0, 0.2)
    ended = START.plus(720)
    after = begun(ended.plus(60))
    gone = an_entry("gone", "discharged", entered_utc_ns=ended.plus(30).utc_ns)
    after.restore_entries([gone])
    snapshot = decode_snapshot(disk.snapshot, ORIGIN, ended.plus(60))
    assert after.restore([], [], {BED: snapshot, "bed-99": snapshot}) == []
    assert after.assessments() == {}
    bed = after._evaluation.engine._bed(BED)
    assert bed.newest is None
    assert not bed._singles.tracks


def test_a_change_that_the_journal_never_got_is_told_after_the_restart() -> None:
    disk, _, untold = watched(1, 0.5)
    assert alerts_of(untold)
    disk.readings.clear()
    disk.alerts.clear()
    pipeline, again = disk.restored(START.plus(1800))
    newest = {a.rule_id: (a.alert_id, a.n, a.state) for a in alerts_of(untold)}
    assert {a.rule_id: (a.alert_id, a.n, a.state) for a in alerts_of(again)} == newest
    assert pipeline.assessments() == {}, "nothing is said of a bed before it is judged"


def test_under_changed_rules_windows_are_read_back_and_the_patient_goes_on() -> None:
    disk, before, _ = watched(1, 0.5)
    pipeline, again = disk.restored(START.plus(1800), SnapshotHeader("changed rules", "boot"))
    assert alerts_of(again) == []
    found, whole = (p._evaluation.engine._bed(BED) for p in (pipeline, before))
    assert found._singles.tracks.keys() == whole._singles.tracks.keys()
    assert found.newest == whole.newest
    assert found.minutes.past.newest == whole.minutes.past.newest


@pytest.mark.parametrize("body", [b"", b"\x81", kept(warm_engine(1), WATCHED)[:-40]])
def test_what_cannot_be_read_is_an_error(body: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode_snapshot(body, ORIGIN, START)


def test_another_format_and_strange_numbers_are_refused_in_words() -> None:
    plain = msgspec.msgpack.decode(kept(warm_engine(1), WATCHED))
    with pytest.raises(msgspec.ValidationError, match="format 7, not 1"):
        decode_snapshot(msgspec.msgpack.encode({**plain, "format": 7}), ORIGIN, START)
    plain["patient"]["past"]["histories"]["temperature"]["minutes"][0] = "O"
    with pytest.raises(msgspec.ValidationError, match="numbers of type 'O'"):
        decode_snapshot(msgspec.msgpack.encode(plain), ORIGIN, START)


def test_a_snapshot_of_a_moment_to_come_is_refused_in_words() -> None:
    body = kept(Engine(RULES, WATCHED), WATCHED.plus(3))
    assert decode_snapshot(body, ORIGIN, WATCHED.plus(3)).at == WATCHED.plus(3)
    with pytest.raises(msgspec.ValidationError, match="dated 3 s ahead"):
        decode_snapshot(body, ORIGIN, WATCHED)


def test_a_number_of_numpy_is_kept_as_a_number() -> None:
    at = Instant(np.int64(WATCHED.monotonic_ns), WATCHED.utc_ns)  # type: ignore[arg-type]
    assert decode_snapshot(kept(Engine(RULES, WATCHED), at), ORIGIN, WATCHED).at == WATCHED
