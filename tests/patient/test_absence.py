"""An absence counts from its entry to its end, and no longer than the stay at the bed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.model.patient import PatientEntry
from edge_agent.patient.context import ContextLog
from edge_agent.patient.state import Absence
from tests.support.patient_entries import HOUR_NS, NOW_NS, an_entry

CT = an_entry("1", "away", "ct", at_h=0, until_h=1, by="N12")


def away(at_h: float, *entries: PatientEntry) -> Absence | None:
    return ContextLog(entries).at(NOW_NS + round(at_h * HOUR_NS)).away


def test_it_lasts_up_to_its_end() -> None:
    found = Absence("ct", NOW_NS, NOW_NS + HOUR_NS, "N12")
    assert away(-0.01, CT) is None
    assert away(0, CT) == away(0.99, CT) == found
    assert away(1, CT) is None


def test_it_does_not_count_before_it_was_entered() -> None:
    late = replace(CT, entered_utc_ns=NOW_NS + HOUR_NS // 2)
    assert away(0.4, late) is None
    assert away(0.6, late) is not None


def test_the_one_entered_last_counts_alone() -> None:
    shower = an_entry("2", "away", "shower", at_h=0.2, until_h=0.4)
    found = away(0.3, CT, shower)
    assert found is not None
    assert found.name == "shower"
    assert away(0.5, CT, shower) is None


def test_a_correction_ends_or_extends_it_and_a_withdrawal_takes_it_back() -> None:
    ended = replace(CT, entry_id="2", corrects="1", until_utc_ns=NOW_NS + HOUR_NS // 4)
    assert away(0.3, CT, ended) is None
    longer = replace(CT, entry_id="2", corrects="1", until_utc_ns=NOW_NS + 3 * HOUR_NS)
    assert away(2, CT, longer) is not None
    assert away(0.5, CT, replace(CT, entry_id="2", corrects="1", is_void=True)) is None


@pytest.mark.parametrize("kind", ["admitted", "transferred"])
def test_an_arrival_at_a_bed_ends_it(kind: str) -> None:
    arrival = an_entry("2", kind, bed_id="bed-02", at_h=0.5)
    assert away(0.4, CT, arrival) is not None
    assert away(0.6, CT, arrival) is None
    before = an_entry("2", kind, bed_id="bed-02", at_h=-0.5)
    assert away(0.6, CT, before) is not None
