"""The effect of an answer in words, for the person who gave it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from edge_agent.board.shapes import ShownBed
from edge_agent.model.alerts import Alert, AlertState
from edge_agent.model.answers import Answer, AnswerKind
from edge_agent.payloads.events import RejectedCommandEvent
from edge_agent.ward_client.bed_names import plain
from edge_agent.ward_client.reader import Reader
from edge_agent.wording.catalogue import translated


@dataclass(frozen=True, slots=True)
class AnswerEffect:
    """Changes of alerts by an answer, and its refused parts."""

    changed: tuple[Alert, ...]
    refused: tuple[RejectedCommandEvent, ...]


@dataclass(frozen=True, slots=True)
class AnsweredBed:
    """A bed as the person saw it when answering."""

    bed: ShownBed
    label: str
    """Name of the bed for people."""

    def titles(self, alert_ids: Collection[str], reader: Reader) -> str:
        """Return the findings of some signs in the problem's order; all of them where none fits."""
        signs = self.bed.problem.signs if self.bed.problem is not None else ()
        chosen = [sign for sign in signs if sign.alert_id in alert_ids] or signs
        titles = dict.fromkeys(reader.words(sign.title).rstrip(".") for sign in chosen)
        return ", ".join(titles)


def answer_words(
    answer: Answer, effect: AnswerEffect, seen: AnsweredBed, reader: Reader
) -> Iterator[str]:
    """Yield the sentences that say what an answer did, and what it did not."""
    if effect.changed:
        yield _did(answer, effect.changed, seen, reader)
    elif not effect.refused:
        yield reader.say("answered_before", by=plain(answer.by), bed=seen.label)
    for refusal in effect.refused:
        titles = seen.titles(refusal.alert_ids, reader)
        reason = plain(translated("refusal", refusal.reason, reader.language))
        reason = " ".join(filter(None, (reason, _answered_at(refusal, seen, reader))))
        yield reader.say("not_answered", titles=titles, bed=seen.label, reason=reason)


def _did(answer: Answer, changed: Collection[Alert], seen: AnsweredBed, reader: Reader) -> str:
    """Return the sentence about the changes."""
    titles = seen.titles({alert.alert_id for alert in changed}, reader)
    words = {"by": plain(answer.by), "titles": titles, "bed": seen.label}
    if answer.kind is AnswerKind.REJECT:
        return reader.say("did_reject", **words)
    if answer.kind is AnswerKind.SILENCE:
        until_ns = max((a.silenced_until.utc_ns for a in changed if a.silenced_until), default=0)
        return reader.say("did_silence", time=reader.clock(until_ns // 1_000_000), **words)
    if all(alert.state is AlertState.RESOLVED for alert in changed):
        return reader.say("did_see", **words)
    if not any(alert.acknowledged_by for alert in changed):
        return reader.say("did_first", **words)
    expires = [a.answer_expires_at.utc_ns for a in changed if a.answer_expires_at is not None]
    if not expires:
        return reader.say("did_answer", **words)
    return reader.say("did_answer_until", time=reader.clock(min(expires) // 1_000_000), **words)


def _answered_at(refusal: RejectedCommandEvent, seen: AnsweredBed, reader: Reader) -> str:
    """Return the time of the answer that another person gave before; empty where it is unknown."""
    problem = seen.bed.problem
    if problem is None or problem.answered_ms is None or not problem.answered_by:
        return ""
    if not refusal.reason.endswith(f" by {problem.answered_by}"):
        return ""
    return reader.say("answered_at", time=reader.clock(problem.answered_ms))
