"""The effect of an answer, told to the person who gave it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.model.alerts import AlertState
from edge_agent.model.answers import Answer, AnswerKind
from edge_agent.model.language import Language
from edge_agent.payloads.events import RejectedCommandEvent
from edge_agent.ward_client.answer_words import AnsweredBed, AnswerEffect, answer_words
from tests.support.samples import AT, an_alert
from tests.support.shown_snapshots import bed_of, every_state, later, reader_of

if TYPE_CHECKING:
    from edge_agent.model.alerts import Alert

WARD = every_state()
READER = later(reader_of(WARD), AT.utc_ns // 1_000_000 - WARD.now_ms)
BED = bed_of(WARD, "bed-06")
TITLE = "CRS or infection"


def told(
    kind: AnswerKind, *changed: Alert, refused: tuple[str, ...] = (), by: str = "N12"
) -> list[str]:
    answer = Answer("bed-06", kind, by, answer_id="x")
    refusals = tuple(RejectedCommandEvent("bed-06", reason, "") for reason in refused)
    effect = AnswerEffect(changed, refusals)
    return list(answer_words(answer, effect, AnsweredBed(BED, "BED 6"), READER))


TAKEN = replace(an_alert("N12"), state=AlertState.ACKNOWLEDGED, acknowledged_at=AT)


@pytest.mark.parametrize(
    ("kind", "changed", "words"),
    [
        (AnswerKind.ACKNOWLEDGE, TAKEN, f"answered: {TITLE} on BED 6 by N12"),
        (
            AnswerKind.ACKNOWLEDGE,
            replace(TAKEN, answer_expires_at=AT.plus(1800)),
            f"answered: {TITLE} on BED 6 by N12, until 23:43",
        ),
        (
            AnswerKind.ACKNOWLEDGE,
            replace(an_alert(), answered_first_by="N12"),
            f"noted: {TITLE} on BED 6, N12; a second person must answer, too",
        ),
        (
            AnswerKind.ACKNOWLEDGE,
            replace(TAKEN, state=AlertState.RESOLVED),
            f"seen: {TITLE} on BED 6 by N12; it has ended",
        ),
        (AnswerKind.REJECT, an_alert(), f"passed on: {TITLE} on BED 6; N12 cannot come"),
        (
            AnswerKind.SILENCE,
            replace(an_alert(), silenced_until=AT.plus(120)),
            f"no sound until 23:15: {TITLE} on BED 6; nobody has taken it over",
        ),
    ],
)
def test_each_kind_of_effect_has_its_sentence(kind: AnswerKind, changed: Alert, words: str) -> None:
    assert told(kind, changed) == [words]


def test_an_answer_that_changes_nothing_is_told_as_that() -> None:
    assert told(AnswerKind.ACKNOWLEDGE) == ["nothing changed: N12 had answered BED 6 before"]


def test_a_refused_part_is_told_beside_what_was_answered() -> None:
    news = "it has signalled again since it was seen (a new sign) and waits for an answer"
    lines = told(AnswerKind.ACKNOWLEDGE, TAKEN, refused=(news,))
    assert lines[0].startswith("answered: ")
    assert lines[1] == f"NOT answered: {TITLE} on BED 6: {news}"


def test_the_time_of_the_first_answer_is_told_where_it_is_that_persons() -> None:
    problem = BED.problem
    assert problem is not None
    assert problem.answered_ms is not None
    time = READER.clock(problem.answered_ms)
    (line,) = told(AnswerKind.ACKNOWLEDGE, refused=("already answered by nurse.okafor",))
    assert line.endswith(f": already answered by nurse.okafor at {time}")
    (line,) = told(AnswerKind.ACKNOWLEDGE, refused=("already answered by another",))
    assert line.endswith(": already answered by another")


def test_the_reason_of_a_refusal_is_told_in_the_readers_language() -> None:
    answer = Answer("bed-06", AnswerKind.ACKNOWLEDGE, "N12")
    refusal = RejectedCommandEvent("bed-06", "another person must acknowledge it, too", "")
    reader = replace(READER, language=Language.DE)
    bed = AnsweredBed(BED, "BETT 6")
    (line,) = answer_words(answer, AnswerEffect((), (refusal,)), bed, reader)
    assert line.startswith("NICHT angenommen: ")
    assert line.endswith(", BETT 6: eine zweite Person muss auch annehmen")


def test_a_name_cannot_command_the_terminal() -> None:
    (line,) = told(AnswerKind.REJECT, an_alert(), by="N\x1b{by}")
    assert line.endswith("N\N{REPLACEMENT CHARACTER}{by} cannot come")
