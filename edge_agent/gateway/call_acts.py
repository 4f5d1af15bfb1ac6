"""Acts for the audit trail, made from calls: steps that called nobody; no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edge_agent.model.audit import Act, AuditAct
from edge_agent.model.calls import Call, PlannedStep


class CallActs:
    """Knows the newest state of each bed's call, so that each step is recorded once."""

    def __init__(self) -> None:
        self._newest: dict[str, Call] = {}

    def note_known(self, calls: Iterable[Call]) -> None:
        """Take calls of an earlier run as recorded."""
        self._newest |= {call.bed_id: call for call in calls}

    def of(self, call: Call) -> Iterator[AuditAct]:
        """Yield an act for each step that a changed call has skipped, as nobody fills its duty.

        Without a ward file nobody is called at all, and that is no act.
        """
        before = self._newest.get(call.bed_id)
        self._newest[call.bed_id] = call
        for step in _new_steps(before, call):
            if call.shift and not step.person_id:
                detail = {"duty": step.duty.value, "shift": call.shift}
                yield AuditAct(
                    Act.CALL_TO_NOBODY,
                    "",
                    call.changed_at,
                    via="gateway",
                    bed_id=call.bed_id,
                    subject=call.call_id,
                    detail=detail,
                )


def _new_steps(before: Call | None, call: Call) -> tuple[PlannedStep, ...]:
    is_same_plan = before is not None and (before.call_id, before.began_at) == (
        call.call_id,
        call.began_at,
    )
    done = before.steps_done if before is not None and is_same_plan else 0
    return call.plan[done : call.steps_done]
