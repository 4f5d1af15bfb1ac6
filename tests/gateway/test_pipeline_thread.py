"""The pipeline's thread: restores first, judges in order, survives its own mistakes."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.detect.language.rule import ConditionGroup
from edge_agent.gateway.pipeline_thread import QUEUE_MESSAGES, PipelineCallbacks, PipelineThread
from edge_agent.model.alerts import AlertState
from edge_agent.model.bed_events import (
    BedEvent,
    CommandRejected,
    ContextEntered,
    EvaluationFailed,
    FromDevice,
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
    """A clock that the test moves, and what the pipeline thread passed on."""

    def __init__(self) -> None:
        self.at = START
        self.outcomes: list[Outcome] = []
        self.has_news = threading.Condition()
        self.mistakes = 0
        self.looks = 0
        self.looks_fail = False
        self.is_finished = False

    def read(self) -> Instant:
        """Return where the ward stand."""
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

    def calls(self, restore: Callable[[], Sequence[Outcome]]) -> PipelineCallbacks:
        """Return the callbacks of the thread."""
        return PipelineCallbacks(restore, self.take, self.look, self.finish)

    def wait_for(self, count: int) -> None:
        """Wait until so many outcomes were handed on."""
        with self.has_news:
            assert self.has_news.wait_for(lambda: len(self.outcomes) >= count, WAIT_S)


def thread_of(ward: Ward, restored: Sequence[Outcome] = ()) -> PipelineThread:
    clock = ScaledClock(ward.read, START, 1000.0)
    return PipelineThread(pipeline(since=START), clock, ward.calls(lambda: restored))


def rejected(reason: str) -> BedEvent:
    return BedEvent(BED, BED, CommandRejected(reason), START)


def test_what_the_journal_knows_comes_before_the_first_message() -> None:
    ward = Ward()
    thread = thread_of(ward, [rejected("restored")])
    thread.put(rejected("first"))
    thread.start()
    thread.wait_until_idle()
    thread.stop()
    assert ward.outcomes == [rejected("restored"), rejected("first")]
    assert ward.is_finished
    assert not thread.is_alive()
    thread.stop()


def test_time_that_passes_without_a_message_is_judged_too() -> None:
    ward = Ward()
    thread = thread_of(ward)
    thread.start()
    ward.at = START.plus(0.045)  # forty-five seconds on the ward
    ward.wait_for(1)
    thread.stop()


def test_waiting_messages_are_judged_at_their_own_time() -> None:
    ward = Ward()
    thread = thread_of(ward)
    for second in range(40):
        event = message(second, hr=80, spo2=98)
        thread.put(FromDevice(PLACE, (event,), event.at))
    ward.at = START.plus(0.04)
    thread.start()
    thread.wait_until_idle()
    thread.stop()
    # Judged at the present moment the first would be 40 s old: a lost feed.
    assert all(isinstance(outcome, Readings) for outcome in ward.outcomes)


def test_an_outcome_that_cannot_be_handed_on_costs_no_other_and_is_reported() -> None:
    ward = Ward()
    ward.mistakes = 1
    thread = thread_of(ward)
    thread.start()
    thread.put(rejected("lost to the mistake"))
    thread.put(rejected("judged"))
    assert thread.wait_until_idle()
    thread.stop()
    failed = EvaluationFailed("BedEvent", "RuntimeError", 1)
    assert ward.events() == [BedEvent(BED, BED, failed, START), rejected("judged")]
    assert alerts(ward) == [
        ("system.agent", "BedEvent could not be stored or reported (RuntimeError).")
    ]
    assert thread.failures.total == 1


def test_where_even_the_report_cannot_be_handed_on_judging_goes_on() -> None:
    ward = Ward()
    ward.mistakes = 2
    ward.looks_fail = True
    thread = thread_of(ward)
    thread.start()
    thread.put(rejected("lost to the mistake"))
    thread.put(rejected("judged"))
    assert thread.wait_until_idle()
    thread.stop()
    assert ward.events() == [rejected("judged")]
    assert thread.failures.newest == "gateway: the status of the beds set aside: ValueError"
    assert thread.failures.total == 3


def test_one_event_that_cannot_be_judged_costs_no_other_event_of_its_message() -> None:
    ward = Ward()
    thread = thread_of(ward)
    fine = message(1, hr=80, spo2=98)
    poison = replace(fine, numerics=(None,))  # type: ignore[arg-type]
    thread.put(FromDevice(PLACE, (poison, fine), START.plus(1)))
    for second in range(2, 13):
        thread.put(FromDevice(PLACE, (replace(poison, at=START.plus(second)),), START.plus(second)))
    thread.start()
    assert thread.wait_until_idle()
    thread.stop()
    kept = [o.numerics for o in ward.outcomes if isinstance(o, Readings)]
    assert kept == [fine.numerics]
    failures = [o.event for o in ward.outcomes if isinstance(o, BedEvent)]
    assert [f.times for f in failures if isinstance(f, EvaluationFailed)] == [1, 10]
    assert thread.failures.total == 12


def test_what_followed_before_a_mistake_is_handed_on() -> None:
    ward = Ward()
    line = pipeline(since=START)
    lost = LinkChanged(LinkState.LOST, "no answer", START)

    def restore() -> Sequence[Outcome]:
        line.receive(PLACE, [lost], START)
        raise OverflowError("int too big to convert")

    thread = PipelineThread(line, ScaledClock(ward.read, START, 1000.0), ward.calls(restore))
    thread.start()
    thread.stop()
    assert BedEvent(BED, BED, lost, START) in ward.outcomes
    assert thread.failures.total == 1


def test_what_cannot_be_restored_is_set_aside_and_judging_begins() -> None:
    ward = Ward()
    clock = ScaledClock(ward.read, START, 1000.0)

    def restore() -> Sequence[Outcome]:
        raise OverflowError("int too big to convert")

    thread = PipelineThread(pipeline(since=START), clock, ward.calls(restore))
    thread.put(rejected("first"))
    thread.start()
    assert thread.wait_until_idle()
    thread.stop()
    told, *outcomes = ward.outcomes
    assert isinstance(told, AlertChange)
    assert (told.alert.rule_id, told.alert.state) == ("system.agent", AlertState.RAISED)
    assert outcomes == [rejected("first")]
    assert thread.failures.newest.endswith("the state in the journal set aside: OverflowError")


def test_an_entry_goes_to_the_pipeline_with_the_present_time() -> None:
    ward = Ward()
    thread = thread_of(ward)
    thread.put(BedEntry(BED, an_entry("1", "ice", amount=9, patient_id="")))
    thread.start()
    thread.wait_until_idle()
    thread.stop()
    (event,) = [o for o in ward.outcomes if isinstance(o, BedEvent)]
    assert isinstance(event.event, ContextEntered)
    assert event.event.entry.entered_utc_ns == START.utc_ns


def alerts(ward: Ward) -> list[tuple[str, str]]:
    changes = [o.alert for o in ward.outcomes if isinstance(o, AlertChange)]
    return [(alert.rule_id, alert.explanation) for alert in changes if alert.is_open]


def test_what_is_set_aside_is_an_alert_once_until_something_else_is() -> None:
    ward = Ward()
    thread = thread_of(ward)
    poison = replace(message(1, hr=80), numerics=(None,))  # type: ignore[arg-type]
    thread.start()
    for _ in range(3):
        thread.put(FromDevice(PLACE, (poison,), START))
        assert thread.wait_until_idle()
    thread.put(rejected("later"))
    assert thread.wait_until_idle()
    thread.stop()
    assert alerts(ward) == [
        ("system.agent", "NumericsReceived could not be evaluated (AttributeError).")
    ]


def test_a_part_that_died_is_an_alert_of_all_beds_or_of_its_own() -> None:
    for bed_id, expected in (("", 1), (BED, 1), ("bed-02", 0)):
        ward = Ward()
        thread = thread_of(ward)
        thread.report_failure("influx stopped and was restarted", bed_id)
        thread.put(rejected("after"))
        thread.start()
        assert thread.wait_until_idle()
        thread.stop()
        assert alerts(ward) == [("system.agent", "influx stopped and was restarted.")] * expected
        assert ward.outcomes[-1] == rejected("after")


def test_a_failure_at_the_very_end_is_an_alert_too() -> None:
    ward = Ward()

    def fail() -> None:
        raise OSError

    clock = ScaledClock(ward.read, START, 1000.0)
    thread = PipelineThread(
        pipeline(since=START), clock, replace(ward.calls(lambda: ()), finish=fail)
    )
    thread.start()
    thread.stop()
    what = "the snapshots for a restart could not be stored or reported"
    assert alerts(ward) == [("system.agent", f"{what} (OSError).")]


def test_a_failure_is_told_where_the_bed_itself_cannot_be_judged() -> None:
    ward = Ward()
    (fever,) = [rule for rule in book().rules if rule.rule_id == "crs.fever"]
    (agent,) = [rule for rule in book().rules if rule.rule_id == "system.agent"]
    nothing = ConditionGroup(is_any=True, conditions=(None,))  # type: ignore[arg-type]
    broken = replace(fever, when=nothing)
    line = Pipeline([Bed(BED, frozenset())], [agent, broken], Place("s", "w"), "hash", START)
    thread = PipelineThread(line, ScaledClock(ward.read, START, 1000.0), ward.calls(lambda: ()))
    thread.put(FromDevice(PLACE, (message(1, hr=80),), START.plus(130)))
    thread.start()
    assert thread.wait_until_idle()
    thread.put(rejected("later"))
    assert thread.wait_until_idle()
    thread.stop()
    assert alerts(ward) == [("system.agent", "a step could not be evaluated (AttributeError).")]


def test_a_message_is_refused_where_too_many_wait() -> None:
    thread = thread_of(Ward())
    half = QUEUE_MESSAGES // 2
    for _ in range(half - 1):
        thread.put(rejected("waits"))
    assert thread.offer(rejected("still half empty"), 0.5)
    assert not thread.offer(rejected("half full"), 0.5)
    for _ in range(QUEUE_MESSAGES - half):
        assert thread.offer(rejected("urgent"))
    assert not thread.offer(rejected("full"))
