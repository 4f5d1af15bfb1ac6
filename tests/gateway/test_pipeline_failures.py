"""Failures of the pipeline's thread: each costs itself alone, and is an alert."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.detect.language.rule import ConditionGroup
from edge_agent.gateway.pipeline_thread import PipelineThread
from edge_agent.model.alerts import AlertState
from edge_agent.model.bed_events import BedEvent, ContextEntered, EvaluationFailed, FromDevice
from edge_agent.model.clock import ScaledClock
from edge_agent.model.measurements import Readings
from edge_agent.model.patient import BedEntry
from edge_agent.model.session_events import LinkChanged, LinkState
from edge_agent.ward.beds import Bed, WardIdentity
from edge_agent.ward.pipeline import Pipeline
from tests.support.answers import acknowledgement
from tests.support.patient_entries import an_entry
from tests.support.pipeline_threads import Ward, rejected, thread_of
from tests.support.pipelines import BED, PLACE, START, book, message, pipeline
from tests.support.said import words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_agent.ward.beds import Outcome


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
        ("system.agent", "BedEvent could not be stored or reported (RuntimeError)")
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


def alerts(ward: Ward) -> list[tuple[str, str]]:
    changes = [o.alert for o in ward.outcomes if isinstance(o, AlertChange)]
    return [(alert.rule_id, words_of(alert)) for alert in changes if alert.is_open]


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
        ("system.agent", "NumericsReceived could not be evaluated (AttributeError)")
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
        assert alerts(ward) == [("system.agent", "influx stopped and was restarted")] * expected
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
    assert alerts(ward) == [("system.agent", f"{what} (OSError)")]


def broken_bed(ward: Ward) -> PipelineThread:
    """Return the thread of a bed none of whose steps can be evaluated."""
    (fever,) = [rule for rule in book().rules if rule.rule_id == "crs.fever"]
    (agent,) = [rule for rule in book().rules if rule.rule_id == "system.agent"]
    nothing = ConditionGroup(is_any=True, conditions=(None,))  # type: ignore[arg-type]
    broken = replace(fever, when=nothing)
    line = Pipeline([Bed(BED, frozenset())], [agent, broken], WardIdentity("s", "w"), "hash", START)
    return PipelineThread(line, ScaledClock(ward.read, START, 1000.0), ward.calls(lambda: ()))


def test_a_bed_that_cannot_be_evaluated_takes_entries_and_acknowledgements() -> None:
    ward = Ward()
    thread = broken_bed(ward)
    ward.at = START.plus(0.13)
    thread.put(BedEntry(BED, an_entry("1", "cooling", patient_id="")))
    thread.start()
    assert thread.wait_until_idle()
    assert ContextEntered in [type(event.event) for event in ward.events()]
    thread.put(rejected("later"))
    assert thread.wait_until_idle()
    raised = [o.alert for o in ward.outcomes if isinstance(o, AlertChange)][-1]
    ward.at = START.plus(0.26)
    thread.put(acknowledgement(BED, raised.alert_id, "nurse 7"))
    assert thread.wait_until_idle()
    thread.stop()
    changes = [o.alert for o in ward.outcomes if isinstance(o, AlertChange)]
    assert "nurse 7" in [alert.acknowledged_by for alert in changes]


def test_a_failure_is_told_where_the_bed_itself_cannot_be_judged() -> None:
    ward = Ward()
    thread = broken_bed(ward)
    thread.put(FromDevice(PLACE, (message(1, hr=80),), START.plus(130)))
    thread.start()
    assert thread.wait_until_idle()
    thread.put(rejected("later"))
    assert thread.wait_until_idle()
    thread.stop()
    assert alerts(ward) == [("system.agent", "a step could not be evaluated (AttributeError)")]
