"""An answer carries a name; errors say what a caller can do."""

from __future__ import annotations

import math

import pytest

from edge_agent.model.answers import AlertTest, Answer, AnswerKind
from edge_agent.model.errors import ConfigError, DeliveryError, LinkError, Mistake
from tests.support.answers import acknowledgement


@pytest.mark.parametrize("name", ["", "  "])
def test_an_answer_without_a_name_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="carries a name"):
        acknowledgement("bed-01", "a-1", name)
    with pytest.raises(ValueError, match="carries a name"):
        AlertTest("bed-01", name)


@pytest.mark.parametrize("for_s", [0.0, -1.0, math.nan, math.inf])
def test_a_silence_lasts_for_a_time(for_s: float) -> None:
    with pytest.raises(ValueError, match="more than 0 s"):
        Answer("bed-01", AnswerKind.SILENCE, "nurse 7", for_s=for_s)


def test_a_file_error_holds_every_mistake_and_reads_as_lines() -> None:
    error = ConfigError((Mistake("f", "a.b", "is 3; want 4"), Mistake("f", "c", "is missing")))
    assert str(error) == "f: a.b: is 3; want 4\nf: c: is missing"
    assert len(error.mistakes) == 2


def test_transport_errors_say_whether_to_try_again() -> None:
    assert LinkError("gone", retryable=True).retryable
    assert not DeliveryError("bad line", retryable=False).retryable
