"""The pipeline's thread: restores first, judges in order, survives its own mistakes."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.detect.language.rule import ConditionGroup
from edge_agent.gateway.pipeline_thread import QUEUE_MESSAGES, Hands, Judge
from edge_agent.model.alerts import AlertState
from edge_agent.model.bed_events import (
    BedEvent,
    CommandRejected,
    ContextEntered,
    FromDevice,
    JudgingFailed,
)
from edge_agent.model.clock import Instant, ScaledClock
from edge_agent.model.measurements import Readings
from edge_agent.model.patient import BedEntry
from edge_agent.model.session_events import LinkChanged, LinkState
from edge_agent.ward.beds import Bed, Place
from edge_agent.ward.pipeline import Pipeline
from tests.support.patient_entries import an_entry
from tests.ward.test_pipeline import BED, PLACE, START, book, message, pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge_agent.ward.beds import Outcome

WAIT_S = 20.0


class Ward:
    """A clock that the test moves, and what the judge handed on."""

    def __init__(self) -> None:
        self.at = START
        self.outcomes: list[Outcome] = []
        self.has_news = threading.Condition()
        self.mistakes = 0
        self.looks = 0
        self.looks_fail = False
        self.is_finished = False

    def read(self) -> Instant:
        """Return where the hands stand."""
        return self.at

    def take(self, outcome: Outcome) -> None:
        """Keep what follows; fail while a mistake is to be made."""
        if self.mistakes:
            self.mistakes -= 1
            raise RuntimeError("a mistake of ours")
        with self.has_news:
            self.outcomes.append(outcome)
            self.has_news.notify_all()

    def look(self) -> None:
        """Count a look, or fail as told."""
        self.looks += 1
        if self.looks_fail:
            raise ValueError("a mistake in a report")

    def finish(self) -> None:
        """Note that the last message was judged."""
        self.is_finished = True

    def events(self) -> list[BedEvent]:
        """Return the events that were handed on."""
        return [outcome for outcome in self.outcomes if isinstance(outcome, BedEvent)]

    def calls(self, restore: Callable[[], Sequence[Outcome]]) -> Hands:
        """Return what the judge calls."""
        return Hands(restore, self.take, self.look, self.finish)

    def wait_for(self, count: int) -> None:
        """Wait until so many outcomes were handed on."""
        with self.has_news:
            assert self.has_news.wait_for(lambda: len(self.outcomes) >= count, WAIT_S)


def judge_of(hands: Ward, restored: Sequence[Outcome] = ()) -> Judge:
    clock = ScaledClock(hands.read, START, 1000.0)
    return Judge(pipeline(since=START), clock, hands.calls(lambda: restored))


def rejected(reason: str) -> BedEvent:
    return BedEvent(BED, BED, CommandRejected(reason), START)


def test_what_the_journal_knows_comes_before_the_first_message() -> None:
    hands = Ward()
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
    hands = Ward()
    judge = judge_of(hands)
    judge.start()
    hands.at = START.plus(0.045)  # forty-five seconds on the ward
    hands.wait_for(1)
    judge.stop()


def test_waiting_messages_are_judged_at_their_own_time() -> None:
    hands = Ward()
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


def test_an_outcome_that_cannot_be_handed_on_costs_no_other_and_is_reported() -> None:
    hands = Ward()
    hands.mistakes = 1
    judge = judge_of(hands)
    judge.start()
    judge.put(rejected("lost to the mistake"))
    judge.put(rejected("judged"))
    assert judge.wait_until_idle()
    judge.stop()
    failed = JudgingFailed("BedEvent", "RuntimeError", 1)
    assert hands.events() == [BedEvent(BED, BED, failed, START), rejected("judged")]
    assert alerts(hands) == [
        ("system.agent", "BedEvent could not be stored or reported (RuntimeError).")
    ]
    assert judge.mishaps.total == 1


def test_where_even_the_report_cannot_be_handed_on_judging_goes_on() -> None:
    hands = Ward()
    hands.mistakes = 2
    hands.looks_fail = True
    judge = judge_of(hands)
    judge.start()
    judge.put(rejected("lost to the mistake"))
    judge.put(rejected("judged"))
    assert judge.wait_until_idle()
    judge.stop()
    assert hands.events() == [rejected("judged")]
    assert judge.mishaps.newest == "gateway: what is reported of the beds set aside: ValueError"
    assert judge.mishaps.total == 3


def test_one_event_that_cannot_be_judged_costs_no_other_event_of_its_message() -> None:
    hands = Ward()
    judge = judge_of(hands)
    fine = message(1, hr=80, spo2=98)
    poison = replace(fine, numerics=(None,))  # type: ignore[arg-type]
    judge.put(FromDevice(PLACE, (poison, fine), START.plus(1)))
    for second in range(2, 13):
        judge.put(FromDevice(PLACE, (replace(poison, at=START.plus(second)),), START.plus(second)))
    judge.start()
    assert judge.wait_until_idle()
    judge.stop()
    kept = [o.numerics for o in hands.outcomes if isinstance(o, Readings)]
    assert kept == [fine.numerics]
    failures = [o.event for o in hands.outcomes if isinstance(o, BedEvent)]
    assert [f.times for f in failures if isinstance(f, JudgingFailed)] == [1, 10]
    assert judge.mishaps.total == 12


def test_what_followed_before_a_mistake_is_handed_on() -> None:
    hands = Ward()
    line = pipeline(since=START)
    lost = LinkChanged(LinkState.LOST, "no answer", START)

    def restore() -> Sequence[Outcome]:
        line.receive(PLACE, [lost], START)
        raise OverflowError("int too big to convert")

    judge = Judge(line, ScaledClock(hands.read, START, 1000.0), hands.calls(restore))
    judge.start()
    judge.stop()
    assert BedEvent(BED, BED, lost, START) in hands.outcomes
    assert judge.mishaps.total == 1


def test_what_cannot_be_restored_is_set_aside_and_judging_begins() -> None:
    hands = Ward()
    clock = ScaledClock(hands.read, START, 1000.0)

    def restore() -> Sequence[Outcome]:
        raise OverflowError("int too big to convert")

    judge = Judge(pipeline(since=START), clock, hands.calls(restore))
    judge.put(rejected("first"))
    judge.start()
    assert judge.wait_until_idle()
    judge.stop()
    told, *outcomes = hands.outcomes
    assert isinstance(told, AlertChange)
    assert (told.alert.rule_id, told.alert.state) == ("system.agent", AlertState.RAISED)
    assert outcomes == [rejected("first")]
    assert judge.mishaps.newest.endswith("what the journal remembers set aside: OverflowError")


def test_an_entry_goes_to_the_pipeline_with_the_present_time() -> None:
    hands = Ward()
    judge = judge_of(hands)
    judge.put(BedEntry(BED, an_entry("1", "ice", amount=9, patient_id="")))
    judge.start()
    judge.wait_until_idle()
    judge.stop()
    (event,) = [o for o in hands.outcomes if isinstance(o, BedEvent)]
    assert isinstance(event.event, ContextEntered)
    assert event.event.entry.entered_utc_ns == START.utc_ns


def alerts(hands: Ward) -> list[tuple[str, str]]:
    changes = [o.alert for o in hands.outcomes if isinstance(o, AlertChange)]
    return [(alert.rule_id, alert.explanation) for alert in changes if alert.is_open]


def test_what_is_set_aside_is_an_alert_once_until_something_else_is() -> None:
    hands = Ward()
    judge = judge_of(hands)
    poison = replace(message(1, hr=80), numerics=(None,))  # type: ignore[arg-type]
    judge.start()
    for _ in range(3):
        judge.put(FromDevice(PLACE, (poison,), START))
        assert judge.wait_until_idle()
    judge.put(rejected("later"))
    assert judge.wait_until_idle()
    judge.stop()
    assert alerts(hands) == [
        ("system.agent", "NumericsReceived could not be evaluated (AttributeError).")
    ]


def test_a_part_that_died_is_an_alert_of_all_beds_or_of_its_own() -> None:
    for bed_id, expected in (("", 1), (BED, 1), ("bed-02", 0)):
        hands = Ward()
        judge = judge_of(hands)
        judge.report_failure("influx stopped and was restarted", bed_id)
        judge.put(rejected("after"))
        judge.start()
        assert judge.wait_until_idle()
        judge.stop()
        assert alerts(hands) == [("system.agent", "influx stopped and was restarted.")] * expected
        assert hands.outcomes[-1] == rejected("after")


def test_a_failure_at_the_very_end_is_an_alert_too() -> None:
    hands = Ward()

    def fail() -> None:
        raise OSError

    clock = ScaledClock(hands.read, START, 1000.0)
    judge = Judge(pipeline(since=START), clock, replace(hands.calls(lambda: ()), finish=fail))
    judge.start()
    judge.stop()
    what = "what is kept over a restart could not be stored or reported"
    assert alerts(hands) == [("system.agent", f"{what} (OSError).")]


def test_a_failure_is_told_where_the_bed_itself_cannot_be_judged() -> None:
    hands = Ward()
    (fever,) = [rule for rule in book().rules if rule.rule_id == "crs.fever"]
    (agent,) = [rule for rule in book().rules if rule.rule_id == "system.agent"]
    nothing = ConditionGroup(is_any=True, conditions=(None,))  # type: ignore[arg-type]
    broken = replace(fever, when=nothing)
    line = Pipeline([Bed(BED, frozenset())], [agent, broken], Place("s", "w"), "hash", START)
    judge = Judge(line, ScaledClock(hands.read, START, 1000.0), hands.calls(lambda: ()))
    judge.put(FromDevice(PLACE, (message(1, hr=80),), START.plus(130)))
    judge.start()
    assert judge.wait_until_idle()
    judge.put(rejected("later"))
    assert judge.wait_until_idle()
    judge.stop()
    assert alerts(hands) == [("system.agent", "a step could not be evaluated (AttributeError).")]


def test_a_message_is_refused_where_too_many_wait() -> None:
    judge = judge_of(Ward())
    half = QUEUE_MESSAGES // 2
    for _ in range(half - 1):
        judge.put(rejected("waits"))
    assert judge.offer(rejected("still half empty"), 0.5)
    assert not judge.offer(rejected("half full"), 0.5)
    for _ in range(QUEUE_MESSAGES - half):
        assert judge.offer(rejected("urgent"))
    assert not judge.offer(rejected("full"))
