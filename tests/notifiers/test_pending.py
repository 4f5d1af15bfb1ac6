"""The order of notices that wait for one way, and their replacement."""

from __future__ import annotations

import pytest

from edge_agent.model.alerts import AlertPriority
from edge_agent.notifiers import pending
from edge_agent.notifiers.pending import PendingNotices, RetryTimes, Waiting
from tests.support.notices import a_notice


@pytest.fixture
def waiting() -> PendingNotices:
    return PendingNotices(RetryTimes(1.0, 5.0))


def taken(waiting: PendingNotices, now_s: float = 0.0, *, is_new: bool = False) -> Waiting:
    found = waiting.take(now_s, is_new=is_new)
    assert found is not None
    return found


def names(waiting: PendingNotices, now_s: float = 0.0) -> list[str]:
    found = []
    while (next_one := waiting.take(now_s, is_new=False)) is not None:
        found.append(next_one.notice.notice_id)
    return found


def test_the_urgent_leave_first_then_news_that_are_no_relief_then_the_older(
    waiting: PendingNotices,
) -> None:
    low, medium, high = AlertPriority.LOW, AlertPriority.MEDIUM, AlertPriority.HIGH
    for number, (priority, is_over) in enumerate(
        [(low, False), (high, True), (high, False), (medium, False), (high, False)]
    ):
        notice = a_notice(number, bed_id=f"bed-{number}", priority=priority, is_over=is_over)
        assert waiting.add(notice) == []
    assert names(waiting) == ["n-2", "n-4", "n-1", "n-3", "n-0"]


def test_the_newest_notice_of_a_person_about_a_bed_replaces_the_one_before(
    waiting: PendingNotices,
) -> None:
    first, second, over = a_notice(1), a_notice(2), a_notice(3, is_over=True)
    assert waiting.add(first) == []
    assert waiting.add(second) == [first]
    assert waiting.add(over) == [second]
    assert names(waiting) == ["n-3"]


def test_other_people_other_beds_and_tests_replace_nothing(waiting: PendingNotices) -> None:
    waiting.add(a_notice(1))
    assert waiting.add(a_notice(2, person_id="nurse-8")) == []
    assert waiting.add(a_notice(3, bed_id="bed-2")) == []
    assert waiting.add(a_notice(4, is_test=True)) == []
    assert len(waiting) == 4


def test_the_same_notice_twice_is_one_and_not_a_replacement(waiting: PendingNotices) -> None:
    waiting.add(a_notice(1))
    assert waiting.add(a_notice(1)) == []
    assert len(waiting) == 1


def test_a_failed_notice_waits_longer_each_time_up_to_a_limit(waiting: PendingNotices) -> None:
    waiting.add(a_notice(1))
    now_s, waits = 10.0, []
    for _ in range(5):
        again = taken(waiting, now_s)
        assert waiting.put_back(again, now_s)
        due_s = waiting.due_s()
        assert due_s is not None
        assert waiting.take(due_s - 0.01, is_new=False) is None
        waits.append(due_s - now_s)
        now_s = due_s
    assert waits == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_new_notices_come_before_those_that_failed_however_urgent(waiting: PendingNotices) -> None:
    waiting.add(a_notice(1))
    waiting.put_back(taken(waiting), 0.0)
    waiting.add(a_notice(2, bed_id="bed-2", priority=AlertPriority.LOW))
    assert names(waiting, 100.0) == ["n-2", "n-1"]


def test_new_ones_alone_can_be_asked_for(waiting: PendingNotices) -> None:
    waiting.add(a_notice(1))
    waiting.put_back(taken(waiting), 0.0)
    assert waiting.take(100.0, is_new=True) is None
    assert len(waiting) == 1


def test_a_failed_notice_does_not_come_back_beside_a_newer_one(waiting: PendingNotices) -> None:
    waiting.add(a_notice(1))
    failed = taken(waiting)
    waiting.add(a_notice(2))
    assert not waiting.put_back(failed, 0.0)
    assert names(waiting, 100.0) == ["n-2"]


def test_when_the_way_works_again_nothing_waits_for_its_next_time(waiting: PendingNotices) -> None:
    waiting.add(a_notice(1))
    waiting.put_back(taken(waiting), 10.0)
    assert waiting.take(10.0, is_new=False) is None
    waiting.hurry(10.0)
    assert names(waiting, 10.0) == ["n-1"]
    assert waiting.due_s() is None


def test_without_room_the_least_urgent_goes_and_is_named(
    waiting: PendingNotices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "_MOST_WAITING", 3)
    low = a_notice(1, bed_id="bed-1", priority=AlertPriority.LOW)
    over = a_notice(2, bed_id="bed-2", is_over=True)
    old, new = a_notice(3, bed_id="bed-3"), a_notice(4, bed_id="bed-4")
    for notice in (low, over, old):
        assert waiting.add(notice) == []
    assert waiting.add(new) == [over]
    assert waiting.add(a_notice(5, bed_id="bed-5")) == [low]
    # among equals the oldest goes, which was tried for the longest
    assert [n.notice_id for n in waiting.add(a_notice(0, bed_id="bed-0"))] == ["n-0"]


def test_everything_can_be_taken_back(waiting: PendingNotices) -> None:
    waiting.add(a_notice(1))
    waiting.add(a_notice(2, bed_id="bed-2"))
    assert [notice.notice_id for notice in waiting.clear()] == ["n-1", "n-2"]
    assert len(waiting) == 0
