"""Patients come, leave and are away: nothing of a former one is ever shown."""

from __future__ import annotations

import pytest

from edge_agent.model.assessment import PauseOfBed
from edge_agent.model.patient import EntryKind
from tests.support.board_bodies import (
    gateway_body,
    report,
    status_body,
    vitals_body,
)
from tests.support.shown_ward import (
    BED,
    NOW,
    OTHER,
    VALUES,
    Ward,
    context_body,
    patient,
    texts,
)

DAY_NS = 86_400 * 10**9


@pytest.fixture
def ward() -> Ward:
    return Ward()


def test_a_new_patient_in_the_bed_finds_nothing_of_the_former_one(ward: Ward) -> None:
    ward.take(
        vitals_body(BED, VALUES, NOW),
        status_body(report(BED, NOW, patient=patient(product="axi-cel"))),
    )
    assert texts(ward.bed()) > {"91", "122/74"}
    ward.wait(10)
    before = ward.bed().stay
    ward.take(context_body(EntryKind.ADMITTED, "p-2", BED, ward.now_ms))
    bed = ward.bed()
    assert bed.stay != before, "pages forget the former patient"
    assert texts(bed) == {""}
    assert (bed.product, bed.day, bed.crs, bed.occupied) == ("", None, None, True)
    assert bed.assessment.words.en == "not assessed yet"
    # what was on its way from before does not come back
    ward.take(
        vitals_body(BED, VALUES, NOW),
        status_body(report(BED, NOW, patient=patient(product="axi-cel"))),
    )
    assert texts(ward.bed()) == {""}
    assert ward.bed().product == ""
    ward.take(vitals_body(BED, VALUES, ward.now_ms))
    assert "91" in texts(ward.bed())


def test_a_discharge_empties_the_bed(ward: Ward) -> None:
    ward.take(vitals_body(BED, VALUES, NOW), status_body(report(BED, NOW, patient=patient())))
    ward.take(context_body(EntryKind.DISCHARGED, "p-1", BED, NOW))
    bed = ward.bed()
    assert (bed.occupied, texts(bed), bed.assessment.state) == (False, {""}, "not_assessing")
    assert bed.assessment.words.en == "not assessed: bed is empty"


def test_a_transfer_leaves_the_old_bed_empty(ward: Ward) -> None:
    ward.take(
        vitals_body(BED, VALUES, NOW),
        vitals_body(OTHER, VALUES, NOW),
        status_body(report(BED, NOW, patient=patient())),
        status_body(report(OTHER, NOW, patient=patient("", is_present=False))),
    )
    ward.take(context_body(EntryKind.TRANSFERRED, "p-1", OTHER, NOW + 1))
    assert (ward.bed(BED).occupied, texts(ward.bed(BED))) == (False, {""})
    assert (ward.bed(OTHER).occupied, texts(ward.bed(OTHER))) == (True, {""})


def test_a_second_admission_of_the_same_patient_forgets_nothing(ward: Ward) -> None:
    ward.take(vitals_body(BED, VALUES, NOW), status_body(report(BED, NOW, patient=patient())))
    ward.take(context_body(EntryKind.ADMITTED, "p-1", BED, NOW))
    assert "91" in texts(ward.bed())


def test_an_entry_that_moves_nobody_forgets_nothing(ward: Ward) -> None:
    ward.take(vitals_body(BED, VALUES, NOW), status_body(report(BED, NOW, patient=patient())))
    ward.take(context_body(EntryKind.OXYGEN, "p-1", BED, NOW))
    assert "91" in texts(ward.bed())


def test_a_board_that_missed_the_swap_learns_of_it_from_the_status(ward: Ward) -> None:
    ward.take(vitals_body(BED, VALUES, NOW), status_body(report(BED, NOW, patient=patient())))
    ward.wait(5)
    other = patient("p-2", since_utc_ns=ward.now_ms * 1_000_000)
    ward.take(status_body(report(BED, ward.now_ms, patient=other)))
    assert texts(ward.bed()) == {""}
    ward.take(vitals_body(BED, VALUES, NOW))
    assert texts(ward.bed()) == {""}


def test_a_board_that_starts_late_keeps_what_it_got_before_the_first_status(ward: Ward) -> None:
    ward.take(vitals_body(BED, VALUES, NOW), status_body(report(BED, NOW, patient=patient())))
    assert "91" in texts(ward.bed())


def test_a_patient_who_is_away_is_not_assessed_until_the_end(ward: Ward) -> None:
    away = PauseOfBed("ct", (NOW + 60_000) * 1_000_000, "nurse 7")
    ward.take(status_body(report(BED, NOW, patient=patient(away=away))))
    bed = ward.bed()
    assert bed.away is not None
    assert (bed.away.until_ms, bed.away.by, bed.away.reason.de) == (NOW + 60_000, "nurse 7", "CT")
    assert bed.assessment.words.en == "away: CT until 09:01"
    ward.wait(30)
    ward.take(gateway_body("online"))
    assert ward.bed().away is not None
    ward.wait(30)
    assert ward.bed().away is None
    other = PauseOfBed("music", (NOW + 120_000) * 1_000_000, "nurse 7")
    ward.take(status_body(report(BED, ward.now_ms, patient=patient(away=other))))
    bed = ward.bed()
    assert bed.away is not None
    assert bed.away.reason.en == "other reason"
