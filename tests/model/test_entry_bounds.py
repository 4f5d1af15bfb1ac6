"""What only a child has, and what is too long ago, is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.model.entry_bounds import not_of_adult, too_early
from edge_agent.model.patient import EntryKind
from edge_agent.patient.entry_check import check_entry
from tests.support.patient_entries import NOW_NS, an_entry


@pytest.mark.parametrize(
    ("name", "amount", "wrong"),
    [
        ("nibp_systolic", 49, ["amount 49; want 50 to 250, or the age of a child entered"]),
        ("nibp_systolic", 50, []),
        ("nibp_systolic", 250, []),
        ("heart_rate", 251, ["amount 251; want 20 to 250, or the age of a child entered"]),
        ("spo2", 40, []),
    ],
)
def test_what_only_a_child_has_is_wrong_of_an_adult(
    name: str, amount: float, wrong: list[str]
) -> None:
    for kind in ("spot", "baseline"):
        entry = an_entry("e-1", kind, name, amount=amount)
        assert check_entry(entry) == []
        assert not_of_adult(entry) == wrong
        assert not_of_adult(replace(entry, corrects="e-0", is_void=True)) == []
    assert not_of_adult(an_entry("e-1", "age", amount=0.1)) == []
    assert not_of_adult(an_entry("e-1", "discharged")) == []


YEARS_20_NS = 20 * 31_557_600 * 10**9


@pytest.mark.parametrize("kind", EntryKind)
@pytest.mark.parametrize("at_ns", [0, 1_764_500_000, NOW_NS - YEARS_20_NS - 1])
def test_an_entry_is_about_the_last_twenty_years(kind: EntryKind, at_ns: int) -> None:
    entry = replace(an_entry("e-1", kind.value), at_utc_ns=at_ns)
    (wrong,) = too_early(entry, NOW_NS)
    assert wrong.startswith(f"at_utc_ns {at_ns} is ")
    assert wrong.endswith("; want nanoseconds since 1970, UTC, from 2007-01-15 on (20 years back)")
    assert too_early(replace(entry, at_utc_ns=NOW_NS - YEARS_20_NS), NOW_NS) == []
    assert too_early(replace(entry, corrects="e-0", is_void=True), NOW_NS) == []
