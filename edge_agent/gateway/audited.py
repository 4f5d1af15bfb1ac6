"""Acts for the audit trail, made from people's commands and what became of them; no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edge_agent.access.roles import Permission
from edge_agent.alerting.alert_book import AlertChange
from edge_agent.model.alerts import Alert
from edge_agent.model.answers import AlertTest, Answer
from edge_agent.model.audit import Act, AuditAct
from edge_agent.model.bed_events import BedEvent, CommandRejected, ContextEntered, EvaluationFailed
from edge_agent.model.clock import Instant
from edge_agent.model.patient import BedEntry
from edge_agent.ward.beds import Outcome

Command = Answer | AlertTest | BedEntry
"""Commands of people to the ward's pipeline."""
_AWAY: Final = "away"
_NOTHING: Final = "no effect"


def person_of(command: Command) -> str:
    """Return the name under which a command came."""
    return command.entry.by if isinstance(command, BedEntry) else command.by


def permission_for(command: Command) -> Permission:
    """Return the permission that a command needs."""
    match command:
        case Answer():
            return Permission.ANSWER
        case AlertTest():
            return Permission.TEST_CHAIN
        case BedEntry():
            return Permission.ENTER


def refusal_words(command: Command, reason: str) -> str:
    """Return a refusal in words by which the sender of an entry recognises its own."""
    if isinstance(command, BedEntry):
        return f"entry {command.entry.entry_id[:80]!r}: {reason}"
    return reason


def refused_act(command: Command, reason: str, role: str, via: str, at: Instant) -> AuditAct:
    """Return the act of a command that was refused before it was evaluated."""
    return _act(Act.COMMAND_REFUSED, command, {"reason": reason}, (role, via), at)


def carried_out_act(
    command: Command, outcomes: Sequence[Outcome], role: str, via: str, at: Instant
) -> AuditAct:
    """Return the act of a command that was evaluated, with what became of it."""
    words = (_outcome_words(command, outcome) for outcome in outcomes)
    outcome = "; ".join(filter(None, words)) or _NOTHING
    kind = Act.ANSWER
    if isinstance(command, AlertTest):
        kind = Act.TEST_ALERT
    elif isinstance(command, BedEntry):
        kind = Act.AWAY if command.entry.kind.value == _AWAY else Act.ENTRY
    return _act(kind, command, {"outcome": outcome}, (role, via), at)


def _act(
    kind: Act, command: Command, more: dict[str, str], origin: tuple[str, str], at: Instant
) -> AuditAct:
    role, via = origin
    detail = {name: text for name, text in (_detail(command) | more).items() if text}
    by, subject = person_of(command), _subject(command)
    return AuditAct(kind, by, at, role, via, command.bed_id, subject, detail)


def _subject(command: Command) -> str:
    match command:
        case Answer():
            return " ".join(seen.alert_id for seen in command.seen) or "all that was open"
        case AlertTest():
            return ""
        case BedEntry():
            return command.entry.entry_id


def _detail(command: Command) -> dict[str, str]:
    match command:
        case Answer():
            return {
                "kind": command.kind.value,
                "seen": " ".join(str(seen.n) for seen in command.seen),
                "reason": command.reason,
                "seconds": "" if command.for_s is None else f"{command.for_s:g}",
                "answer_id": command.answer_id,
            }
        case AlertTest():
            return {}
        case BedEntry():
            entry = command.entry
            what = f"{entry.kind.value} {entry.name}".strip()
            return {"kind": what, "corrects": entry.corrects}


def _outcome_words(command: Command, outcome: Outcome) -> str:
    """Return one outcome in words; empty for one that is not about the command."""
    match outcome:
        case AlertChange(alert=alert):
            state = f"{alert.rule_id} {alert.state.value} ({alert.alert_id} {alert.n})"
            return state if _is_about(command, alert) else ""
        case BedEvent(event=CommandRejected(reason=reason)):
            return f"refused: {reason}"
        case BedEvent(event=ContextEntered()):
            return "entered"
        case BedEvent(event=EvaluationFailed(what=what, error=error)):
            return f"failed: {what} ({error})"
        case _:
            return ""


def _is_about(command: Command, alert: Alert) -> bool:
    """Return True where a change of an alert is the effect of the command.

    Time passes before a command is evaluated, so that other alerts may change with it.
    """
    if isinstance(command, Answer):
        answered_by = {alert.answered_first_by, alert.acknowledged_by}
        return command.by in answered_by | {alert.rejected_by, alert.silenced_by}
    return isinstance(command, AlertTest) and alert.is_test
