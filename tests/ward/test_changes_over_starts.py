"""A change of patient before, during or after a restart of the program."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.model.alerts import AlertState
from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.measurements import Readings, Validity
from edge_agent.ward.beds import Bed, Outcome, WardIdentity
from edge_agent.ward.pipeline import Pipeline
from tests.support.pipelines import ALL, BED, PLACE, START, book, message, open_alerts
from tests.support.ward_alerts import GONE, changed, feverish, shown
from tests.ward.test_occupancy import (
    OTHER,
    admit,
    discharge,
    enter,
    entered,
    given,
    hear_warm,
    two_beds,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge_agent.model.patient import PatientEntry


def test_an_admission_of_a_clock_that_was_ahead_doubts_no_reading_after_a_start() -> None:
    line = two_beds()
    came = replace(given("admitted", 1), entered_utc_ns=START.plus(7200).utc_ns, bed_id=BED)
    line.restore_entries([came])
    event = message(10, hr=80, spo2=97)
    (readings,) = (o for o in line.receive(PLACE, [event], event.at) if isinstance(o, Readings))
    assert {v.validity for v in readings.vitals} == {Validity.VALID}


class Journal:
    """Facts that a killed gateway knows again."""

    def __init__(self, line: Pipeline, outcomes: Iterable[Outcome]) -> None:
        listed = list(outcomes)
        self.line = line
        self.entries: list[PatientEntry] = entered(listed)
        self.alerts = changed(listed)

    def restored(self, at_s: float, line: Pipeline | None = None) -> list[Outcome]:
        """Return what a new run finds untold."""
        self.line = line or Pipeline(
            [Bed(BED, ALL), Bed(OTHER, ALL)],
            book().rules,
            WardIdentity("site", "ward"),
            "hash",
            START.plus(at_s),
        )
        self.line.restore_entries(self.entries)
        newest = {(a.bed_id, a.rule_id): a for a in self.alerts}
        return self.line.restore([], newest.values())


def test_a_program_that_ended_as_the_patient_changed_closes_the_alerts_at_its_start() -> None:
    line = two_beds()
    fever = feverish(line, range(10, 1300, 10))
    journal = Journal(line, [*admit(line, 1400, "P2")])
    journal.alerts = [fever]  # the entry was journalled, what followed was not
    (over,) = changed(journal.restored(1500))
    assert (over.alert_id, over.n) == (fever.alert_id, fever.n + 1)
    assert shown([over]) == [(BED, "resolved", "another patient")]
    assert over.changed_at == START.plus(1500)
    assert open_alerts(journal.line) == []
    assert "crs.organ_sign" not in low_pressure(journal.line, 1510), "the fever was another's"


def test_a_program_that_ended_as_the_patient_moved_goes_on_with_the_alerts_there() -> None:
    line = two_beds()
    journal = Journal(line, admit(line, 1))
    fever = feverish(line, range(10, 1300, 10))
    moved = enter(line, given("transferred", 1301, patient_id="P1"), 1301, OTHER)
    journal.entries += entered(moved)
    pending = replace(fever, rule_id="crs.prefever", alert_id="x", state=AlertState.PENDING)
    journal.alerts = [fever, pending]
    found = changed(journal.restored(1500))
    assert shown(found) == [
        (BED, "resolved", f"patient moved to {OTHER}"),
        (OTHER, "raised", ""),
        (BED, "resolved", f"patient moved to {OTHER}"),
    ]
    assert [a.n for a in found] == [fever.n + 1, fever.n + 2, fever.n + 1]
    assert [(a.bed_id, a.alert_id) for a in open_alerts(journal.line)] == [(OTHER, fever.alert_id)]


def test_what_the_other_bed_told_since_the_move_is_not_overwritten_at_a_start() -> None:
    line = two_beds()
    journal = Journal(line, admit(line, 1))
    fever = feverish(line, range(10, 1300, 10))
    moved = enter(line, given("transferred", 1301, patient_id="P1"), 1301, OTHER)
    journal.entries += entered(moved)
    newer = replace(fever, bed_id=OTHER, alert_id="newer", changed_at=START.plus(1400))
    journal.alerts = [fever, newer]
    found = changed(journal.restored(1500))
    assert shown(found) == [(BED, "resolved", f"patient moved to {OTHER}")]
    assert [(a.bed_id, a.alert_id) for a in open_alerts(journal.line)] == [(OTHER, "newer")]


def test_a_patient_who_moved_on_since_is_not_followed_at_a_start() -> None:
    line = two_beds()
    journal = Journal(line, admit(line, 1))
    fever = feverish(line, range(10, 1300, 10))
    moved = enter(line, given("transferred", 1301, patient_id="P1"), 1301, OTHER)
    moved += enter(line, given("discharged", 1302, patient_id="P1"), 1302, OTHER)
    journal.entries += entered(moved)
    journal.alerts = [fever]
    found = changed(journal.restored(1500))
    assert shown(found) == [(BED, "resolved", f"patient moved to {OTHER}")]


def test_what_ended_properly_before_a_start_is_left_alone() -> None:
    line = two_beds()
    outcomes = list(admit(line, 1))
    for second in range(10, 1300, 10):
        event = message(second, hr=80, spo2=None, temp=38.9)
        outcomes += line.receive(PLACE, [event], event.at)
    outcomes += enter(line, given("transferred", 1301, patient_id="P1"), 1301, OTHER)
    journal = Journal(line, outcomes)
    before = {(a.bed_id, a.rule_id) for a in open_alerts(line)}
    assert (OTHER, "crs.fever") in before
    assert changed(journal.restored(1310)) == []
    assert {(a.bed_id, a.rule_id) for a in open_alerts(journal.line)} == before


@pytest.mark.untraced
@pytest.mark.parametrize("is_older", [False, True], ids=["now", "before reasons were kept"])
def test_a_former_patients_fever_is_not_remembered_of_the_next_after_a_start(
    is_older: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Low pressure alone is no pattern of CRS; it is within a day of a patient's own fever."""
    line = two_beds()
    outcomes = list(admit(line, 1))
    outcomes += hear_warm(line, range(10, 1300, 10), 38.9)
    outcomes += discharge(line, 1300, "P1")
    outcomes += admit(line, 1300, "P2")
    journal = Journal(line, outcomes)
    if is_older:
        journal.alerts = [replace(alert, closed_because="") for alert in journal.alerts]
    journal.restored(1400)
    told = low_pressure(journal.line, 1410)
    assert "crs.hypotension" in told
    assert "crs.organ_sign" not in told


def test_a_patients_own_fever_is_remembered_after_a_start_and_a_move() -> None:
    line = two_beds()
    outcomes = list(admit(line, 1, bed_id=OTHER))
    place = DevicePlace(OTHER, OTHER)
    for second in range(10, 1300, 10):
        event = message(second, hr=80, spo2=97, temp=38.9)
        outcomes += line.receive(place, [event], event.at)
    outcomes += enter(line, given("transferred", 1301, patient_id="P1"), 1301)
    journal = Journal(line, outcomes)
    journal.restored(1400)
    assert "crs.organ_sign" in low_pressure(journal.line, 1410)


def low_pressure(line: Pipeline, from_s: int) -> set[str]:
    outcomes: list[Outcome] = []
    for second in range(from_s, from_s + 700, 10):
        cuff = {"cuff": 82.0} if second % 100 == 0 else {}
        event = message(second, hr=80, spo2=97, temp=36.9, **cuff)
        outcomes += line.receive(PLACE, [event], event.at)
    return {a.rule_id for a in changed(outcomes)}


@pytest.mark.parametrize(
    ("bed_id", "rule_id", "because"),
    [
        (GONE, "crs.fever", f"{GONE} is no longer configured"),
        (BED, "crs.former", "rule crs.former no longer exists"),
        (BED, "signal.lost.spo2", f"{BED} no longer requires the signal"),
    ],
)
def test_an_alert_that_nothing_would_ever_end_is_over_at_the_start(
    bed_id: str, rule_id: str, because: str
) -> None:
    fever = feverish(two_beds(), range(10, 1300, 10))
    orphan = replace(fever, bed_id=bed_id, rule_id=rule_id)
    beds = [Bed(BED, ALL - {"spo2"})]
    line = Pipeline(beds, book().rules, WardIdentity("site", "ward"), "hash", START.plus(2000))
    (over,) = changed(line.restore([], [orphan]))
    assert shown([over]) == [(bed_id, "resolved", because)]
    assert (over.n, over.is_signalled, over.resolved_at) == (orphan.n + 1, True, START.plus(2000))
    assert open_alerts(line) == []
    assert changed(line.restore([], [over])) == []
