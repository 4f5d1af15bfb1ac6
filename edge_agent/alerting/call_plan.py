"""The plan of a call: who is called for a bed, in which order and when."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from edge_agent.model.alerts import AlertPriority
from edge_agent.model.calls import PlannedStep
from edge_agent.model.duty import CallStep
from edge_agent.model.shifts import OnDuty


def planned(priority: AlertPriority, bed_id: str, on_duty: OnDuty) -> tuple[PlannedStep, ...]:
    """Return the plan of a call that begins now.

    Nobody waits for a step that nobody fills: the wait after it is left out. A bed without a nurse
    has no buddy either, so that its first call goes straight to the nurse in charge.
    """
    return _assigned(on_duty.plan.steps.get(priority, ()), bed_id, on_duty)


def reassigned(
    plan: Sequence[PlannedStep], steps_done: int, bed_id: str, on_duty: OnDuty
) -> tuple[PlannedStep, ...]:
    """Return a plan whose remaining steps go to the people on duty now, at the planned times."""
    done, rest = plan[:steps_done], plan[steps_done:]
    steps = [CallStep(step.after_s, step.duty) for step in rest]
    return (*done, *_assigned(steps, bed_id, on_duty))


def _assigned(steps: Sequence[CallStep], bed_id: str, on_duty: OnDuty) -> tuple[PlannedStep, ...]:
    plan, left_out_s = [], 0.0
    for step, following in zip_longest(steps, steps[1:]):
        person = on_duty.person(step.duty, bed_id)
        after_s = step.after_s - left_out_s
        if person is not None:
            plan.append(PlannedStep(after_s, step.duty, person.person_id, person.ways))
            continue
        plan.append(PlannedStep(after_s, step.duty, "", ()))
        if following is not None:
            left_out_s += following.after_s - step.after_s
    return tuple(plan)
