"""Keys of the terminal's board: an answer is about what was shown when the bed was named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from edge_agent.model.answers import AnswerKind
from edge_agent.ward_client.top_prompt import GivenAnswer, TopPrompt
from tests.support.shown_snapshots import bed_of, every_state, reader_of

if TYPE_CHECKING:
    from edge_agent.board.shapes import Snapshot

WARD = every_state()
READER = reader_of(WARD)


def pressed(prompt: TopPrompt, keys: str, ward: Snapshot = WARD) -> GivenAnswer | None:
    """Press keys one by one; return the answer of the last."""
    answer = None
    for key in keys:
        assert answer is None
        answer = prompt.press(key, ward, READER)
    return answer


def test_a_bed_a_name_and_a_yes_make_an_answer() -> None:
    prompt = TopPrompt()
    assert prompt.footer(READER) == ""
    pressed(prompt, "a")
    assert prompt.footer(READER).rstrip() == "answer for which bed?"
    pressed(prompt, "2")
    assert prompt.footer(READER) == "answer for which bed? 2"
    pressed(prompt, "\r")
    assert prompt.footer(READER).startswith("BED 2: CRS or infection. Your name?")
    pressed(prompt, "N12\r")
    assert prompt.footer(READER).startswith("N12 takes over BED 2: CRS or infection")
    given = pressed(prompt, "y")
    assert given is not None
    answer = given.answer
    assert (answer.bed_id, answer.kind, answer.by) == ("bed-02", AnswerKind.ACKNOWLEDGE, "N12")
    problem = bed_of(WARD, "bed-02").problem
    assert problem is not None
    assert [(s.alert_id, s.n) for s in answer.seen] == [(s.alert_id, s.n) for s in problem.signs]
    assert answer.answer_id
    assert prompt.footer(READER) == ""


def test_an_answer_is_about_the_signs_that_were_shown_when_the_bed_was_named() -> None:
    prompt = TopPrompt()
    pressed(prompt, "a2\rN1")
    bed = bed_of(WARD, "bed-02")
    assert bed.problem is not None
    sign = bed.problem.signs[0]
    newer = msgspec.structs.replace(sign, n=sign.n + 5)
    problem = msgspec.structs.replace(bed.problem, signs=(newer,))
    changed = msgspec.structs.replace(WARD, beds=(msgspec.structs.replace(bed, problem=problem),))
    given = pressed(prompt, "2\ry", changed)
    assert given is not None
    assert [seen.n for seen in given.answer.seen] == [sign.n]


@pytest.mark.parametrize(
    "keys", ["a2\rN12\rn", "a2\rN12\r\r", "a2\r\x1b", "a\x1b", "a2\rN12\r\x1b"]
)
def test_anything_but_a_yes_gives_no_answer(keys: str) -> None:
    prompt = TopPrompt()
    assert pressed(prompt, keys) is None
    assert prompt.footer(READER) == ""
    assert pressed(prompt, "y") is None


@pytest.mark.parametrize("typed", ["1", "99", "", "bed", "8"])
def test_a_bed_without_an_open_alert_is_said(typed: str) -> None:
    prompt = TopPrompt()
    pressed(prompt, f"a{typed}\r")
    assert prompt.footer(READER) == f"no open alert at {typed}"
    pressed(prompt, "x")
    assert prompt.footer(READER) == ""


def test_a_name_that_was_typed_is_offered_again_and_can_be_rubbed_out() -> None:
    prompt = TopPrompt("N12")
    pressed(prompt, "a2\r")
    assert prompt.footer(READER).endswith("N12")
    pressed(prompt, "\x7f\x7f07\r")
    assert prompt.footer(READER).startswith("N07 takes over")
    given = pressed(prompt, "j")
    assert given is not None
    assert given.answer.by == "N07"
    pressed(prompt, "a3\r")
    assert prompt.footer(READER).endswith("N07")


def test_nobody_is_no_name_and_a_name_has_an_end() -> None:
    prompt = TopPrompt()
    pressed(prompt, "a2\r  \r")
    assert "takes over" not in prompt.footer(READER)
    pressed(prompt, "x" * 200)
    assert prompt.footer(READER).endswith(" " + "x" * 80)
    pressed(prompt, "\t\x1b")
    assert prompt.footer(READER) == ""


@pytest.mark.parametrize("key", ["q", "Q", "\x03", "\x04"])
def test_q_ends_the_board_except_in_a_question(key: str) -> None:
    prompt = TopPrompt()
    pressed(prompt, "a")
    pressed(prompt, key)
    assert not prompt.is_over
    prompt = TopPrompt()
    pressed(prompt, key)
    assert prompt.is_over


def test_a_note_stays_until_the_next_key() -> None:
    prompt = TopPrompt()
    prompt.note("answered: Shock")
    assert prompt.footer(READER) == "answered: Shock"
    pressed(prompt, "z")
    assert prompt.footer(READER) == ""
