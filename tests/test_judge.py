"""The pipeline's thread: restores first, judges in order, survives its own mistakes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from edge_agent.bed_line import FromDevice
from edge_agent.judge import Judge
from edge_agent.model.bed_events import BedEvent, CommandRejected, ContextEntered
from edge_agent.model.clock import Instant, ScaledClock
from edge_agent.model.measurements import Readings
from edge_agent.model.patient import BedEntry
from tests.patient_entries import an_entry
from tests.test_pipeline import BED, PLACE, START, message, pipeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_agent.pipeline import Outcome

WAIT_S = 20.0


class Hands:
    """A clock that the test moves, and what the judge handed on."""

    def __init__(self) -> None:
        self.at = START
        self.outcomes: list[Outcome] = []
        self.has_news = threading.Condition()
        self.mistakes = 0
        self.is_finished = False

    def read(self) -> Instant:
        """Return where the hands stand."""
        return self.at

    def take(self, outcomes: Sequence[Outcome]) -> None:
        """Keep what follows; fail while a mistake is to be made."""
        if outcomes and self.mistakes:
            self.mistakes -= 1
            raise RuntimeError("a mistake of ours")
        with self.has_news:
            self.outcomes += outcomes
            self.has_news.notify_all()

    def finish(self) -> None:
        """Note that the last message was judged."""
        self.is_finished = True

    def wait_for(self, count: int) -> None:
        """Wait until so many outcomes were handed on."""
        with self.has_news:
            assert self.has_news.wait_for(lambda: len(self.outcomes) >= count, WAIT_S)


def judge_of(hands: Hands, restored: Sequence[Outcome] = ()) -> Judge:
    clock = ScaledClock(hands.read, START, 1000.0)
    return Judge(pipeline(since=START), clock, lambda: restored, hands.take, hands.finish)


def rejected(reason: str) -> BedEvent:
    return BedEvent(BED, BED, CommandRejected(reason), START)


def test_what_the_journal_knows_comes_before_the_first_message() -> None:
    hands = Hands()
    judge = judge_of(hands, [rejected("restored")])
    judge.put(rejected("first"))
    judge.start()
    judge.wait_until_idle()
    judge.stop()
    assert hands.outcomes == [rejected("restored"), rejected("first")]
    assert hands.is_finished
    assert not judge.is_alive()
    judge.stop()


def test_time_that_passes_without_a_message_is_judged_too() -> None:
    hands = Hands()
    judge = judge_of(hands)
    judge.start()
    hands.at = START.plus(0.045)  # forty-five seconds on the ward
    hands.wait_for(1)
    judge.stop()


def test_waiting_messages_are_judged_at_their_own_time() -> None:
    hands = Hands()
    judge = judge_of(hands)
    for second in range(40):
        event = message(second, hr=80, spo2=98)
        judge.put(FromDevice(PLACE, (event,), event.at))
    hands.at = START.plus(0.04)
    judge.start()
    judge.wait_until_idle()
    judge.stop()
    # Judged at the present moment the first would be 40 s old: a lost feed.
    assert all(isinstance(outcome, Readings) for outcome in hands.outcomes)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_after_a_mistake_it_can_be_started_again_on_what_it_knows() -> None:
    hands = Hands()
    hands.mistakes = 1
    judge = judge_of(hands)
    judge.start()
    judge.put(rejected("lost to the mistake"))
    judge.wait_until_idle()
    while judge.is_alive():
        threading.Event().wait(0.005)
    judge.start()
    judge.put(rejected("judged"))
    hands.wait_for(1)
    judge.stop()
    assert hands.outcomes == [rejected("judged")]


def test_an_entry_goes_to_the_pipeline_with_the_present_time() -> None:
    hands = Hands()
    judge = judge_of(hands)
    judge.put(BedEntry(BED, an_entry("1", "ice", amount=9, patient_id="")))
    judge.start()
    judge.wait_until_idle()
    judge.stop()
    (event,) = [o for o in hands.outcomes if isinstance(o, BedEvent)]
    assert isinstance(event.event, ContextEntered)
    assert event.event.entry.entered_utc_ns == START.utc_ns
