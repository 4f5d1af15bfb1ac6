"""Steps of a call that nobody fills, each recorded once."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from edge_agent.gateway.call_acts import CallActs
from edge_agent.model.alerts import AlertPriority
from edge_agent.model.audit import Act
from edge_agent.model.calls import Call, CallState, PlannedStep
from edge_agent.model.duty import Duty
from tests.support.samples import AT

PLAN: Final = (
    PlannedStep(0.0, Duty.NURSE, "anna", ("phone",)),
    PlannedStep(60.0, Duty.BUDDY, "", ()),
    PlannedStep(120.0, Duty.CHARGE, "", ()),
)
CALL: Final = Call(
    call_id="c1",
    n=1,
    bed_id="bed-1",
    priority=AlertPriority.HIGH,
    alert_ids=("a1",),
    plan=PLAN,
    began_at=AT,
    steps_done=1,
    next_at=AT.plus(60),
    state=CallState.CALLING,
    changed_at=AT,
    shift="night",
)


def duties(acts: CallActs, call: Call) -> list[str]:
    found = list(acts.of(call))
    assert {(a.act, a.bed_id, a.subject, a.detail["shift"]) for a in found} <= {
        (Act.CALL_TO_NOBODY, "bed-1", call.call_id, "night")
    }
    return [act.detail["duty"] for act in found]


def test_a_step_that_nobody_fills_is_recorded_once() -> None:
    acts = CallActs()
    assert duties(acts, CALL) == []
    assert duties(acts, replace(CALL, n=2, steps_done=2)) == ["buddy"]
    assert duties(acts, replace(CALL, n=3, steps_done=2)) == []
    assert duties(acts, replace(CALL, n=4, steps_done=3)) == ["charge"]


def test_a_plan_that_begins_anew_is_recorded_anew() -> None:
    acts = CallActs()
    assert duties(acts, replace(CALL, steps_done=3)) == ["buddy", "charge"]
    again = replace(CALL, n=5, began_at=AT.plus(900), steps_done=2)
    assert duties(acts, again) == ["buddy"]


def test_after_a_restart_nothing_is_recorded_twice() -> None:
    acts = CallActs()
    acts.note_known([replace(CALL, steps_done=2)])
    assert duties(acts, replace(CALL, n=9, steps_done=3)) == ["charge"]


def test_without_a_ward_file_no_call_is_an_act() -> None:
    assert list(CallActs().of(replace(CALL, steps_done=3, shift=""))) == []
