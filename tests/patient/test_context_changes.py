"""Corrections of entries, and the moments at which a context changes."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from edge_agent.model.patient import EntryKind
from edge_agent.patient.context import ContextLog
from edge_agent.patient.fold import RECENT_NS
from edge_agent.patient.state import UNKNOWN_PATIENT, Measured, NamedObservation, PatientContext
from tests.patient.test_context import context, ns
from tests.support.patient_entries import DAY_NS, NOW_NS, an_entry


def test_a_correction_stands_in_place_and_history_is_kept() -> None:
    first = an_entry("1", "oxygen", "nasal cannula", amount=2, at_h=1)
    second = an_entry("2", "oxygen", "face mask", amount=8, at_h=0.5, corrects="1")
    third = an_entry("3", "oxygen", "face mask", amount=6, at_h=0.5, corrects="2")
    log = ContextLog([first, second, third])
    assert log.at(ns(2)).oxygen_flow_l_min == 6
    assert log.history() == (first, second, third)
    assert log.current(EntryKind.OXYGEN) == (third,)
    assert log.current(EntryKind.ICE) == ()
    assert (log.corrected_by("1"), log.corrected_by("3")) == (second, None)
    assert (log.get("1"), log.get("9")) == (first, None)
    assert log.changes() == (ns(0.5),)


def test_a_void_takes_back_and_can_itself_be_corrected() -> None:
    given = an_entry("1", "tocilizumab", at_h=1)
    void = an_entry("2", "tocilizumab", at_h=1, corrects="1", is_void=True)
    log = ContextLog([given, void])
    assert log.at(ns(2)) == UNKNOWN_PATIENT
    log.add(an_entry("3", "tocilizumab", at_h=1.5, corrects="2"))
    assert log.at(ns(2)).tocilizumab_utc_ns == ns(1.5)


def test_an_entry_counts_once_however_often_it_comes() -> None:
    entry = an_entry("1", "ice", amount=9)
    log = ContextLog([entry, replace(entry, amount=3)])
    assert log.history() == (entry,)


def test_a_correction_counts_even_if_it_comes_first() -> None:
    first = an_entry("1", "ice", amount=9)
    second = an_entry("2", "ice", amount=8, corrects="1")
    third = an_entry("3", "ice", amount=7, corrects="2")
    for order in ((third, second, first), (second, third, first), (first, third, second)):
        assert ContextLog(order).at(NOW_NS).ice == Measured(7, "", NOW_NS)


def test_of_two_corrections_of_one_entry_the_later_counts() -> None:
    first = an_entry("1", "ice", amount=9)
    others = [an_entry(f"{n}", "ice", amount=n, corrects="1") for n in (2, 3)]
    assert ContextLog([first, *others]).at(NOW_NS).ice == Measured(3, "", NOW_NS)


def test_a_correction_of_what_is_not_there_stands_for_itself() -> None:
    assert context(an_entry("2", "ice", amount=8, corrects="1")).ice == Measured(8, "", NOW_NS)


def test_entries_that_correct_each_other_do_not_hang() -> None:
    log = ContextLog(
        [
            an_entry("1", "ice", amount=9, corrects="2"),
            an_entry("2", "ice", amount=8, corrects="1"),
        ]
    )
    assert log.at(NOW_NS).ice is not None


def test_of_two_entries_about_one_moment_the_later_entered_counts() -> None:
    late = an_entry("1", "consciousness", "V", entered_utc_ns=2)
    early = an_entry("2", "consciousness", "A", entered_utc_ns=1)
    assert context(late, early).consciousness == NamedObservation("V", NOW_NS)


MADE = [
    ("oxygen", "nasal cannula"),
    ("oxygen", "air"),
    ("vasopressor", "noradrenaline"),
    ("vasopressor", "vasopressin"),
    ("vasopressor", "none"),
    ("transfusion", "platelets"),
    ("cooling", ""),
    ("procedure", "pain"),
    ("flag", "culture"),
    ("symptom", "chills"),
    ("symptom", "headache"),
    ("antipyretic", "paracetamol"),
    ("consciousness", "C"),
    ("infusion", "axi-cel"),
    ("fluids", ""),
    ("age", ""),
    ("ice", ""),
    ("flag", "paced"),
]
LASTING = {
    "fluids",
    "oxygen",
    "vasopressor",
    "transfusion",
    "cooling",
    "procedure",
    "flag",
    "symptom",
}


def a_random_log(seed: int) -> ContextLog:
    draw = random.Random(seed)
    log = ContextLog()
    for number in range(draw.randint(1, 12)):
        kind, name = draw.choice(MADE)
        at_h = draw.randint(0, 40)
        is_run = kind in LASTING and name != "none" and draw.random() < 0.6
        corrects = str(draw.randrange(number)) if number and draw.random() < 0.3 else ""
        log.add(
            an_entry(
                str(number),
                kind,
                name,
                at_h=at_h,
                amount=float(draw.randint(1, 9)) if kind in {"age", "fluids", "ice"} else None,
                entered_utc_ns=ns(at_h + draw.choice((-3, 0, 5))) if draw.random() < 0.5 else 0,
                until_h=at_h + draw.randint(0, 20) if is_run else None,
                corrects=corrects,
                is_void=bool(corrects) and draw.random() < 0.4,
            )
        )
    return log


def folded_at(log: ContextLog, utc_ns: int) -> PatientContext:
    """Return the state derived for one moment alone, from what had begun by then."""
    begun = [
        entry
        for kind in EntryKind
        for entry in log.current(kind)
        if (entry.entered_utc_ns if kind is EntryKind.INFUSION else entry.at_utc_ns) <= utc_ns
    ]
    return ContextLog(replace(entry, corrects="") for entry in begun).at(utc_ns)


@pytest.mark.parametrize("seed", range(150))
def test_nothing_changes_between_two_changes(seed: int) -> None:
    log = a_random_log(seed)
    changes = log.changes()
    assert sorted(set(changes)) == list(changes)
    for begin, end in (
        zip((0, *changes), (*changes, changes[-1] + DAY_NS), strict=True) if changes else ()
    ):
        known = log.at(begin)
        assert log.at((begin + end) // 2) == known
        assert end == begin or log.at(end - 1) == known
        assert folded_at(log, begin) == known


def test_the_day_of_a_symptom_ends_with_a_change() -> None:
    log = ContextLog([an_entry("1", "symptom", "chills")])
    assert log.changes() == (NOW_NS, NOW_NS + RECENT_NS[EntryKind.SYMPTOM])


def test_the_end_of_the_newest_dose_of_a_drug_ends_the_drug_whatever_it_is_called() -> None:
    entries = (
        an_entry("1", "vasopressor", "norepinephrine", at_h=0),
        an_entry("2", "vasopressor", "Noradrenaline", at_h=1, until_h=2),
    )
    found = [context(*entries, at_h=at_h).vasopressors for at_h in (0.5, 1.5, 2)]
    assert found == [("norepinephrine",), ("norepinephrine",), ()]
