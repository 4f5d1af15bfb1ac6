"""The pipeline's thread: restores first, then evaluates in order, and refuses what is too much."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.gateway.pipeline_thread import QUEUE_MESSAGES, PipelineThread
from edge_agent.model.bed_events import BedEvent, ContextEntered, FromDevice
from edge_agent.model.clock import ScaledClock
from edge_agent.model.measurements import Readings
from edge_agent.model.patient import BedEntry
from tests.support.patient_entries import an_entry
from tests.support.pipeline_threads import Ward, rejected, thread_of
from tests.support.pipelines import BED, PLACE, START, message, pipeline


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


def test_a_clock_that_runs_ahead_of_waiting_messages_loses_no_feed() -> None:
    ward = Ward()

    def fall_behind() -> None:
        ward.at = START.plus(0.09)  # ninety seconds on the ward, while the messages wait

    clock = ScaledClock(ward.read, START, 1000.0)
    calls = replace(ward.calls(lambda: ()), update=fall_behind)
    thread = PipelineThread(pipeline(since=START), clock, calls)
    for second in range(88):
        event = message(second, hr=80, spo2=98)
        thread.put(FromDevice(PLACE, (event,), event.at))
    thread.start()
    thread.wait_until_idle()
    thread.stop()
    fed = [o.alert.rule_id for o in ward.outcomes if isinstance(o, AlertChange)]
    assert "system.feed" not in fed


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
