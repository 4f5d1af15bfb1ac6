"""Entries say who is in which bed; what does not fit is refused with its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.patient.entry_check import PATIENT_ID
from edge_agent.patient.stays import Move, Stays, anonymous_at
from tests.support.patient_entries import HOUR_NS, NOW_NS, an_entry

A, B = "bed-01", "bed-02"


def admitted(entry_id: str, bed_id: str, patient_id: str = "P1", at_h: float = 0) -> PatientEntry:
    return an_entry(entry_id, "admitted", bed_id=bed_id, patient_id=patient_id, at_h=at_h)


def transferred(entry_id: str, bed_id: str, at_h: float, patient_id: str = "P1") -> PatientEntry:
    return an_entry(entry_id, "transferred", bed_id=bed_id, patient_id=patient_id, at_h=at_h)


def discharged(entry_id: str, at_h: float, patient_id: str = "P1") -> PatientEntry:
    return an_entry(entry_id, "discharged", patient_id=patient_id, at_h=at_h)


def give(stays: Stays, entry: PatientEntry, bed_id: str, now_h: float = 100) -> Move | None:
    """Apply an entry as one that was given at a bed; nothing may be wrong with it."""
    whole = stays.completed(entry, bed_id)
    assert stays.objections(whole, bed_id, NOW_NS + round(now_h * HOUR_NS)) == []
    return stays.apply(whole)


def refusal(stays: Stays, entry: PatientEntry, bed_id: str, now_h: float = 100) -> str:
    """Return the one thing that is wrong with an entry given at a bed."""
    whole = stays.completed(entry, bed_id)
    (wrong,) = stays.objections(whole, bed_id, NOW_NS + round(now_h * HOUR_NS))
    return wrong


def test_a_stay_begins_goes_on_in_another_bed_and_ends() -> None:
    stays = Stays()
    moves = [
        give(stays, admitted("1", A), A),
        give(stays, an_entry("2", "oxygen", "cpap", patient_id="", at_h=1), A),
        give(stays, transferred("3", B, 2), B),
        give(stays, discharged("4", 3), B),
    ]
    assert moves == [Move("P1", "", A), None, Move("P1", A, B), Move("P1", B, "")]
    assert (stays.patient_at(A), stays.patient_at(B), stays.bed_of("P1")) == (None, None, None)
    assert stays.is_vacated(A)
    assert stays.is_vacated(B)


def test_the_context_goes_with_the_patient() -> None:
    stays = Stays()
    give(stays, admitted("1", A), A)
    give(stays, an_entry("2", "age", amount=60, patient_id=""), A)
    give(stays, transferred("3", B, 2), B)
    assert stays.log_at(B).at(NOW_NS).age_years == 60
    assert stays.log_at(A).history() == ()
    assert stays.bed_of("P1") == B
    give(stays, admitted("4", A, "P2", 3), A)
    assert stays.log_at(A).at(NOW_NS + 4 * HOUR_NS).age_years is None
    give(stays, discharged("5", 5), B)
    give(stays, admitted("6", B, "P1", 9), B)
    assert stays.log_at(B).at(NOW_NS + 9 * HOUR_NS).age_years == 60


def test_a_bed_of_nobody_is_that_of_an_anonymous_patient() -> None:
    stays = Stays()
    give(stays, an_entry("1", "age", amount=60, patient_id=""), A)
    assert stays.patient_at(A) == "at-bed-01"
    assert stays.log("at-bed-01").at(NOW_NS).age_years == 60
    assert not stays.is_vacated(A)
    give(stays, admitted("2", A), A)
    assert stays.log_at(A).at(NOW_NS).age_years is None
    give(stays, an_entry("3", "age", amount=61, patient_id="", corrects="1"), A)
    assert stays.log("at-bed-01").at(NOW_NS).age_years == 61


@pytest.mark.parametrize("bed_id", ["bed-01", "bed.01", "bed_01", "b" * 64, "b" * 63 + "c"])
def test_an_anonymous_patient_has_an_id_of_its_own(bed_id: str) -> None:
    beds = {"bed-01", "bed.01", "bed_01", "b" * 64, "b" * 63 + "c"}
    assert PATIENT_ID.fullmatch(anonymous_at(bed_id))
    assert len({anonymous_at(bed) for bed in beds}) == len(beds)


def test_what_was_given_twice_is_known() -> None:
    stays = Stays()
    give(stays, admitted("1", A), A)
    entry = an_entry("2", "ice", amount=9, patient_id="")
    give(stays, replace(entry, entered_utc_ns=1), A)
    give(stays, transferred("3", B, 2), B)
    give(stays, admitted("4", A, "P2", 3), A)
    assert stays.has(stays.completed(replace(entry, entered_utc_ns=2), A))
    other = replace(entry, amount=3.0)
    assert not stays.has(stays.completed(other, B))
    assert refusal(stays, other, B) == "entry_id '2' is that of another entry"


def test_entries_that_are_wrong_in_themselves_are_refused() -> None:
    stays = Stays()
    assert refusal(stays, an_entry("1", "ice", amount=12, patient_id=""), A).startswith("amount 12")
    named = an_entry("1", "ice", amount=9, patient_id="Eva Maier", corrects="0")
    wrong = stays.objections(named, A, NOW_NS)
    assert [w.partition(" ")[0] for w in wrong] == ["patient_id", "corrects"]
    assert "Eva" not in "".join(wrong)


def test_the_future_is_not_entered() -> None:
    entry = an_entry("1", "ice", amount=9, at_h=0, patient_id="")
    assert refusal(Stays(), entry, A, now_h=-1).startswith("its time is 3600 s in the future; want")
    give(Stays(), entry, A, now_h=-0.05)


def test_another_patient_than_the_one_in_the_bed_is_refused() -> None:
    stays = Stays()
    give(stays, admitted("1", A), A)
    give(stays, admitted("2", B, "P2"), B)
    ice = an_entry("3", "ice", amount=9, patient_id="P2", at_h=1)
    assert refusal(stays, ice, A) == "patient_id 'P2' was never in bed-01; P1 is there"
    give(stays, discharged("4", 2, "P2"), B)
    assert refusal(stays, an_entry("5", "ice", amount=9, patient_id="P7"), B) == (
        "patient_id 'P7' was never in bed-02; nobody is there"
    )
    assert refusal(stays, an_entry("5", "ice", amount=9, patient_id=""), B) == (
        "nobody is in bed-02; admit a patient first, or name one who was there"
    )
    give(stays, ice, B)  # late, about one who was there
    assert stays.log("P2").current(EntryKind.ICE) == (ice,)


def test_nobody_is_in_two_beds_and_no_bed_has_two_patients() -> None:
    stays = Stays()
    give(stays, admitted("1", A), A)
    give(stays, admitted("2", B, "P2"), B)
    assert refusal(stays, admitted("3", B, "P1", 1), B) == (
        "P1 is in bed-01 already; want a transfer or a discharge"
    )
    assert refusal(stays, transferred("3", B, 1), B) == (
        "P2 is in bed-02; discharge or transfer that patient first"
    )
    assert refusal(stays, transferred("3", "bed-03", 1, "P3"), "bed-03") == (
        "P3 is in no bed here; want an admission"
    )
    assert refusal(stays, discharged("3", 1, "P3"), A) == (
        "patient_id 'P3' was never in bed-01; P1 is there"
    )
    assert refusal(stays, admitted("3", B, "P3", 1), A) == "bed_id 'bed-02'; it was given at bed-01"
    assert refusal(stays, admitted("3", "", "", 1), "bed-03") == (
        "patient_id 'at-bed-03'; want the patient's own, not one of a bed"
    )


def test_an_earlier_discharge_does_not_undo_a_later_transfer() -> None:
    stays = Stays()
    give(stays, admitted("1", A), A)
    give(stays, transferred("2", B, 4), B)
    assert refusal(stays, discharged("3", 2), B) == (
        "P1 moved again at a later time; correct that entry"
    )


def test_a_discharge_taken_back_returns_the_patient_unless_the_bed_is_taken() -> None:
    stays = Stays()
    give(stays, admitted("1", A), A)
    give(stays, discharged("2", 1), A)
    void = replace(discharged("3", 1), corrects="2", is_void=True, patient_id="")
    free, taken = Stays(stays.log("P1").history()), Stays(stays.log("P1").history())
    assert give(free, void, A) == Move("P1", "", A)
    give(taken, admitted("4", A, "P2", 2), A)
    assert refusal(taken, void, A) == "P2 is in bed-01; discharge or transfer that patient first"


def test_an_admission_taken_back_leaves_the_bed_as_it_was() -> None:
    stays = Stays()
    give(stays, admitted("1", A), A)
    void = an_entry("2", "admitted", patient_id="", corrects="1", is_void=True)
    assert give(stays, void, A) == Move("P1", A, "")
    assert not stays.is_vacated(A)
    assert stays.patient_at(A) == "at-bed-01"


def test_a_corrected_time_of_admission_moves_nobody() -> None:
    stays = Stays()
    give(stays, admitted("1", A, at_h=1), A)
    assert give(stays, replace(admitted("2", A, at_h=0.5), corrects="1"), A) is None
    assert stays.patient_at(A) == "P1"


def test_a_correction_is_of_the_newest_entry_of_the_same_patient_and_kind() -> None:
    stays = Stays()
    give(stays, admitted("1", A), A)
    give(stays, an_entry("2", "ice", amount=9), A)
    give(stays, an_entry("3", "ice", amount=8, corrects="2"), A)
    assert refusal(stays, an_entry("4", "ice", amount=7, corrects="2"), A) == (
        "corrects '2', corrected by '3'; correct that one"
    )
    assert refusal(stays, an_entry("4", "ice", amount=7, corrects="9"), A) == (
        "corrects '9'; want an entry of the same patient"
    )
    assert refusal(stays, an_entry("4", "age", amount=7, corrects="3"), A) == (
        "kind 'age'; what it corrects is 'ice'"
    )
    give(stays, an_entry("4", "ice", amount=7, corrects="3"), A)


def test_what_was_applied_is_restored_by_applying_it_again() -> None:
    stays = Stays()
    for entry, bed_id in (
        (admitted("1", A), A),
        (transferred("2", B, 1), B),
        (admitted("3", A, "P2", 2), A),
        (discharged("4", 3, "P2"), A),
    ):
        give(stays, entry, bed_id)
    history = [*stays.log("P1").history(), *stays.log("P2").history()]
    again = Stays(history)
    assert (again.patient_at(A), again.patient_at(B)) == (None, "P1")
    assert again.is_vacated(A)
