"""Every bed is judged once at the end of each step of ten seconds, whoever ends it."""

from __future__ import annotations

from edge_agent.detect.grid import SETTLE_S, StepGrid
from edge_agent.model.clock import Instant

BED = "bed-01"
AHEAD_NS = 7_000


def at(seconds: float) -> Instant:
    ns = round(seconds * 1e9)
    return Instant(ns, ns + AHEAD_NS)


def test_a_step_is_due_once_after_its_end() -> None:
    grid = StepGrid(at(4))
    assert grid.due_before(BED, at(9.9)) == []
    assert grid.due_before(BED, at(10)) == []
    assert grid.due_before(BED, at(10.1)) == [at(10)]
    assert grid.due_before(BED, at(12)) == []
    assert grid.due_by_clock(BED, at(15)) == []


def test_the_clock_leaves_a_bed_time_to_end_a_step_itself() -> None:
    grid = StepGrid(at(4))
    assert grid.due_by_clock(BED, at(10 + SETTLE_S - 0.1)) == []
    assert grid.due_by_clock(BED, at(10 + SETTLE_S)) == [at(10)]
    assert grid.due_before(BED, at(13)) == []


def test_no_step_is_left_out_and_none_is_due_that_ended_before_watching() -> None:
    grid = StepGrid(at(35))
    assert grid.due_before(BED, at(61)) == [at(40), at(50), at(60)]
    assert grid.due_before("bed-02", at(41)) == [at(40)]
    assert StepGrid(at(40)).due_before(BED, at(45)) == []


def test_after_hours_without_a_look_the_last_hour_is_caught_up() -> None:
    due = StepGrid(at(0)).due_before(BED, at(7201))
    assert (len(due), due[0], due[-1]) == (360, at(3610), at(7200))


def test_a_restart_goes_back_to_what_was_pending_and_comes_forward_again() -> None:
    grid = StepGrid(at(65))
    grid.reopen_from(BED, at(30))
    assert grid.due_before(BED, at(45)) == [at(30), at(40)]
    assert grid.due_with(BED, at(45)) == [at(50)]
    assert grid.due_with(BED, at(64)) == [at(60)]
    grid.skip_unmonitored()
    assert grid.due_before(BED, at(71)) == [at(70)]
