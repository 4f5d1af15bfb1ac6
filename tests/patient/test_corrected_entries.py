"""Entries in their order, also after the wall clock was set."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from typing import Any

import pytest

from edge_agent.model.clock import LATEST_UTC_NS
from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.patient.context import AHEAD_AT_MOST_NS, SET_BACK_AT_MOST_NS, ContextLog
from tests.support.patient_entries import HOUR_NS, NOW_NS, an_entry

MINUTE_NS = 60 * 10**9
CLOCK_NS = NOW_NS


def ice(entry_id: str, points: float, **more: Any) -> PatientEntry:  # noqa: ANN401 - any field
    return an_entry(entry_id, "ice", amount=points, **more)


def points(log: ContextLog, utc_ns: int) -> float | None:
    seen = log.at(utc_ns).ice
    return None if seen is None else seen.value


def slowly_standing(entries: list[PatientEntry]) -> list[PatientEntry]:
    """Return what stands by following each correction to its origin."""
    by_id = {entry.entry_id: entry for entry in entries}
    newest: dict[str, tuple[int, PatientEntry]] = {}
    for entry in by_id.values():
        passed, now = [entry.entry_id], entry
        while now.corrects and now.corrects not in passed:
            passed.append(now.corrects)
            if now.corrects not in by_id:
                break
            now = by_id[now.corrects]
        root, depth = passed[-1], len(passed)
        if root not in newest or newest[root][0] <= depth:
            newest[root] = depth, entry
    found = [entry for _, entry in newest.values() if not entry.is_void]
    return sorted(found, key=lambda e: (e.at_utc_ns, e.entered_utc_ns))


@pytest.mark.parametrize("seed", range(60))
def test_what_stands_agrees_with_a_slow_look(seed: int) -> None:
    draw = random.Random(seed)
    entries = []
    rank = draw.sample(range(16), 16)  # nothing corrects itself in the end
    for number in range(draw.randint(1, 14)):
        other = draw.randrange(16)
        corrects = str(other) if draw.random() < 0.5 and rank[other] < rank[number] else ""
        is_void = bool(corrects) and draw.random() < 0.3
        at_h = float(draw.randint(0, 3))
        entries.append(ice(str(number), number, at_h=at_h, corrects=corrects, is_void=is_void))
    log = ContextLog()
    for count, entry in enumerate(entries, 1):
        log.add(entry)
        assert list(log.current(EntryKind.ICE)) == slowly_standing(entries[:count])


def test_taking_an_entry_costs_the_same_however_many_there_are() -> None:
    log = ContextLog()
    calls = 0

    def count(_frame: object, event: str, _of: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    def cost(first: int) -> int:
        nonlocal calls
        calls = 0
        sys.setprofile(count)
        for number in range(first, first + 500):
            log.add(ice(str(number), 3, corrects=str(number - 1) if number % 2 else ""))
        sys.setprofile(None)
        return calls

    costs = [cost(500 * block) for block in range(10)]
    assert costs[-1] < 1.2 * costs[0]


def test_a_clock_that_is_set_back_moves_what_was_entered_before() -> None:
    log = ContextLog()
    log.run_on(CLOCK_NS)
    log.add(ice("1", 7, at_h=0, until_h=None, entered_utc_ns=NOW_NS), CLOCK_NS)
    back_ns = 7 * MINUTE_NS
    assert points(log, NOW_NS - back_ns) is None
    before = log.version
    log.run_on(CLOCK_NS + 10**9 - 1)
    assert log.version == before
    log.run_on(CLOCK_NS - back_ns)
    assert log.version > before
    assert points(log, NOW_NS - back_ns - 1) is None
    assert points(log, NOW_NS - back_ns) == 7
    log.add(ice("2", 4, at_h=-0.1, entered_utc_ns=NOW_NS - 6 * MINUTE_NS), CLOCK_NS - back_ns)
    assert points(log, NOW_NS - 6 * MINUTE_NS) == 4  # entered later, though dated before the other
    log.run_on(CLOCK_NS)
    assert points(log, NOW_NS) == 7
    assert points(log, NOW_NS + MINUTE_NS) == 4
    assert [entry.at_utc_ns for entry in log.history()] == [NOW_NS, NOW_NS - 6 * MINUTE_NS]


def test_what_is_dated_ahead_is_true_since_it_was_entered() -> None:
    ahead_ns = AHEAD_AT_MOST_NS + SET_BACK_AT_MOST_NS
    mask = an_entry("1", "oxygen", "face mask", at_h=0, until_h=1)
    entered_ns = mask.at_utc_ns - ahead_ns
    log = ContextLog([replace(mask, entered_utc_ns=entered_ns)])
    assert log.at(entered_ns).oxygen_device == "face mask"
    assert log.at(entered_ns + HOUR_NS).oxygen_device == "air"
    planned = ContextLog([replace(mask, entered_utc_ns=entered_ns - 1)])
    assert planned.at(entered_ns).oxygen_device is None


@pytest.mark.parametrize("until_ns", [2**63, 2**64, 10**30])
def test_a_time_that_no_number_holds_is_the_last_one(until_ns: int) -> None:
    entry = replace(an_entry("1", "procedure", "pain"), until_utc_ns=until_ns)
    (current,) = ContextLog([entry]).current(EntryKind.PROCEDURE)
    assert current.until_utc_ns == LATEST_UTC_NS
    early = replace(entry, entry_id="2", at_utc_ns=-(10**30))
    assert ContextLog([early]).current(EntryKind.PROCEDURE)[0].at_utc_ns == -LATEST_UTC_NS
