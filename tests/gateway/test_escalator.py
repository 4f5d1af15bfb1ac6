"""The escalator over restarts, full queues, failures and receipts."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from edge_agent.gateway import escalator as module
from edge_agent.gateway.escalator import Escalator, EscalatorPorts
from edge_agent.journal.entries import Lane
from edge_agent.model.calls import CallState, Receipt, ReceiptFact
from edge_agent.model.clock import ScaledClock
from edge_agent.model.oversight import AuditFault, FaultKind
from edge_agent.model.shifts import OnDuty
from edge_agent.payloads.calls import decode_call_entry
from tests.support.call_scripts import BED, DAY, NIGHT, PLAN, START, Course, said
from tests.support.call_ward import CallWard, call_ward
from tests.support.fake_sinks import WAIT_S

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.model.calls import Notice

HIGH: Final = ["4 nurse first", "64 buddy first", "124 charge first", "184 rapid first"]
REMINDED: Final = [f"304 {name} reminder" for name in ("nurse", "buddy", "charge", "rapid")]


def deliver(ward: CallWard) -> None:
    """Confirm every notice so far."""
    for notice in ward.sent:
        ward.escalator.note(
            Receipt(notice.notice_id, BED, notice.way, ReceiptFact.DELIVERED, ward.course.now)
        )


def raised(ward: CallWard) -> None:
    ward.wait_until(3)
    ward.do("raise sign high")


@pytest.mark.parametrize("restart_s", [5, 63, 64, 65, 100, 124, 183, 185, 303, 304, 310])
def test_after_a_restart_no_step_is_lost_and_none_comes_twice(
    tmp_path: Path, restart_s: int
) -> None:
    with call_ward(tmp_path) as ward:
        raised(ward)
        ward.wait_until(restart_s - 1)
        deliver(ward)
        ward.wait_until(restart_s)
        ward.restart()
        ward.wait_until(320)
        lost = [n.split()[1] for n in HIGH + REMINDED if n.startswith(f"{restart_s} ")]
        again = [f"{restart_s + 1} {name} first" for name in lost]
        assert sorted(ward.rung) == sorted(HIGH + REMINDED + again)
        assert len({notice.notice_id for notice in ward.sent}) == len(HIGH + REMINDED)
        assert ward.faults == []


def test_steps_that_fell_due_while_the_gateway_was_down_are_done_at_once(tmp_path: Path) -> None:
    with call_ward(tmp_path) as ward:
        raised(ward)
        ward.wait_until(10)
        deliver(ward)
        ward.wait_until(11)
        ward.course.second = 150
        ward.restart()
        ward.look()
        assert ward.rung == ["4 nurse first", "150 buddy first", "150 charge first"]
        ward.wait_until(190)
        assert ward.rung[3:] == ["184 rapid first"]


def test_a_notice_without_news_is_sent_again_under_its_id_after_a_restart(tmp_path: Path) -> None:
    with call_ward(tmp_path) as ward:
        raised(ward)
        ward.wait_until(70)
        ward.restart()
        ward.wait_until(71)
        nurse, buddy, *again = ward.sent
        assert [notice.notice_id for notice in again] == [nurse.notice_id, buddy.notice_id]
        assert ward.call.n == 3


def test_an_answer_over_a_restart_ends_the_call(tmp_path: Path) -> None:
    with call_ward(tmp_path) as ward:
        raised(ward)
        ward.wait_until(70)
        deliver(ward)
        ward.wait_until(71)
        ward.do("answer sign nurse")
        ward.restart()
        ward.wait_until(200)
        assert ward.rung[2:] == ["72 nurse answered nurse", "72 buddy answered nurse"]
        assert ward.call.state is CallState.ANSWERED


def test_a_call_that_had_ended_is_not_taken_up(tmp_path: Path) -> None:
    with call_ward(tmp_path) as ward:
        raised(ward)
        ward.wait_until(10)
        ward.do("answer sign nurse", "resolve sign")
        ward.wait_until(11)
        over = ward.call
        assert over.state is CallState.OVER
        ward.restart()
        ward.wait_until(100)
        assert ward.call == over


def test_alerts_that_found_no_room_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_NEWS", 1)
    with call_ward(tmp_path) as ward:
        ward.look()
        ward.do("raise one medium", "raise two high")
        assert not ward.escalator.note(ward.newest()[0])
        ward.look()
        assert set(ward.call.alert_ids) == {"id-one", "id-two"}
        receipt = Receipt("", BED, "screen:wall", ReceiptFact.DELIVERED, START)
        assert ward.escalator.note(receipt)
        assert not ward.escalator.note(receipt)
        ward.look()
        assert not ward.escalator._has_missed


def test_an_older_state_of_an_alert_changes_nothing(tmp_path: Path) -> None:
    with call_ward(tmp_path) as ward:
        raised(ward)
        older = ward.newest()[0]
        ward.do("answer sign nurse")
        ward.wait_until(5)
        ward.escalator.note(older)
        ward.wait_until(10)
        assert ward.escalator.calls == {}


def test_receipts_are_journalled_and_recorded_in_the_call(tmp_path: Path) -> None:
    with call_ward(tmp_path) as ward:
        raised(ward)
        ward.wait_until(5)
        deliver(ward)
        ward.escalator.note(Receipt("", BED, "screen:wall", ReceiptFact.SEEN, START, "nurse"))
        ward.escalator.note(Receipt("", "bed-01", "screen:wall", ReceiptFact.DELIVERED, START))
        ward.wait_until(6)
        (nurse,) = ward.call.called
        assert (nurse.delivered_at, nurse.seen_at) == (START.plus(5), START)
        ward.journal.flush()
        entries = ward.journal.read(Lane.CALLS, 0, 99)
        stored = [decode_call_entry(entry.body) for entry in entries]
        facts = [found.fact for found in stored if isinstance(found, Receipt)]
        assert facts == [ReceiptFact.DELIVERED, ReceiptFact.SEEN, ReceiptFact.DELIVERED]


def test_a_way_that_fails_brings_the_next_person_at_once(tmp_path: Path) -> None:
    with call_ward(tmp_path) as ward:
        raised(ward)
        ward.wait_until(5)
        (notice,) = ward.sent
        ward.escalator.note(
            Receipt(notice.notice_id, BED, notice.way, ReceiptFact.FAILED, ward.course.now)
        )
        ward.wait_until(6)
        assert ward.rung == ["4 nurse first", "6 buddy first"]
        assert ward.faults == []


def test_a_call_passes_to_the_next_shift_without_any_news(tmp_path: Path) -> None:
    with call_ward(tmp_path) as ward:
        raised(ward)
        ward.wait_until(30)
        ward.on_duty = OnDuty(PLAN, NIGHT)
        ward.wait_until(31)
        assert ward.rung[1:] == ["31 owl handover", "31 nurse over"]
        assert ward.faults == []


def test_a_bed_that_fails_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with call_ward(tmp_path) as ward:
        raised(ward)
        ward.wait_until(5)
        ward.corrupt(plan="none")
        other = replace(ward.newest()[0], bed_id="bed-01", alert_id="other")
        ward.escalator.note(other)
        ward.wait_until(70)
        failed = AuditFault(FaultKind.CALL_FAILED, BED, "AttributeError")
        assert failed in [fault for _, fault in ward.faults]
        assert ward.escalator.calls["bed-01"].state is CallState.CALLING
        monkeypatch.undo()
        ward.corrupt(plan=())
        ward.wait_until(71)
        assert ward.escalator._failing == set()


def test_a_notice_of_before_the_start_is_recalled_by_its_id(tmp_path: Path) -> None:
    with call_ward(tmp_path) as ward:
        raised(ward)
        ward.wait_until(70)
        nurse, buddy = ward.sent
        ward.restart()
        recalled = ward.escalator.recall(buddy.notice_id)
        assert recalled is not None
        assert replace(recalled, at=buddy.at) == buddy
        assert ward.escalator.recall("x") is None
        assert ward.escalator.recall(nurse.notice_id.replace(nurse.call_id, "0" * 36)) is None
        assert ward.escalator.recall(f"{nurse.call_id}.1.9.pager") is None


class Running:
    """An escalator with its thread, whose notices can be waited for."""

    def __init__(self) -> None:
        self.course = Course()
        self.notices: list[Notice] = []
        self.changed = threading.Condition()
        self.escalator = Escalator(
            ScaledClock(lambda: self.course.now, START),
            EscalatorPorts(
                store=lambda _found: None,
                send=self._send,
                alerts=lambda: list(self.course.alerts.values()),
                on_duty=lambda now: OnDuty(PLAN, DAY, now.plus(3600).utc_ns),
                say=said,
                report=lambda _fault: None,
            ),
        )

    def _send(self, notice: Notice) -> None:
        with self.changed:
            self.notices.append(notice)
            self.changed.notify_all()

    def wait_for(self, count: int) -> None:
        """Wait for a number of notices."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.notices) >= count, WAIT_S)


def test_the_thread_calls_at_news_and_by_the_clock() -> None:
    running = Running()
    running.escalator.start()
    running.course.second = 0
    running.course.do("raise sign high")
    for alert in running.course.alerts.values():
        assert running.escalator.note(alert)
    running.wait_for(1)
    running.course.second = 60
    running.wait_for(2)
    running.escalator.stop()
    assert [notice.person_id for notice in running.notices] == ["nurse", "buddy"]


def test_news_from_before_the_stop_is_acted_on() -> None:
    running = Running()
    running.course.second = 0
    running.course.do("raise sign high")
    running.escalator.start()
    running.escalator.stop()
    assert [notice.person_id for notice in running.notices] == ["nurse"]
    running.course.do("raise other high")
    running.escalator.start()
    for alert in running.course.alerts.values():
        running.escalator.note(alert)
    running.escalator.stop()
    assert [notice.alert_id for notice in running.notices] == ["id-sign", "id-other"]
