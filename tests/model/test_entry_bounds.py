"""Bounds of entries: facts of children only, and moments too long ago, are refused."""

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


LASTING = {EntryKind.FLAG, EntryKind.BASELINE, EntryKind.WEIGHT}
YEAR_1971_NS = 365 * 86_400 * 10**9


@pytest.mark.parametrize("kind", EntryKind)
@pytest.mark.parametrize("now_ns", [NOW_NS, YEARS_20_NS + 5])
def test_what_is_given_or_measured_is_of_the_last_twenty_years_and_a_state_may_last(
    kind: EntryKind, now_ns: int
) -> None:
    is_old = kind in LASTING and now_ns == NOW_NS
    earliest_ns = YEAR_1971_NS if is_old else now_ns - YEARS_20_NS
    since = {YEAR_1971_NS: "1971-01-01 on", 5: "1970-01-01 on (20 years back)"}
    until = since.get(earliest_ns, "2007-01-15 on (20 years back)")
    for at_ns in (0, earliest_ns - 1):
        entry = replace(an_entry("e-1", kind.value), at_utc_ns=at_ns)
        (wrong,) = too_early(entry, now_ns)
        assert wrong.startswith(f"at_utc_ns {at_ns} is ")
        assert wrong.endswith(f"; want nanoseconds since 1970, UTC, from {until}")
        assert too_early(replace(entry, at_utc_ns=earliest_ns), now_ns) == []
        assert too_early(replace(entry, corrects="e-0", is_void=True), now_ns) == []
