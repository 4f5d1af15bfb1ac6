"""Numbers and phases of the messages about an alert, as scripts of notices."""

from __future__ import annotations

import pytest

from edge_agent.model.alerts import AlertPriority, SignalReason
from edge_agent.model.calls import Notice
from edge_agent.notifiers.acm import numbers
from edge_agent.notifiers.acm.numbers import AlertNumbers
from tests.support.notices import AT, UUID, a_notice

START_NS = AT.utc_ns - 10**9
OTHER = "7c1f2f4e-0000-4000-8000-000000000001"
LOW, MEDIUM, HIGH = AlertPriority


def told(book: AlertNumbers, notice: Notice) -> list[str]:
    """Return the messages for a notice in short: alert, number, phase, state, inactivation."""
    names = {UUID: "a", OTHER: "b"}
    return [
        f"{names[m.alert_id]}{m.n} {m.phase} {m.state} {m.inactivation}"
        for m in book.messages(notice)
    ]


@pytest.fixture
def book() -> AlertNumbers:
    return AlertNumbers(START_NS)


def test_an_alert_starts_goes_on_and_ends(book: AlertNumbers) -> None:
    assert told(book, a_notice(1)) == ["a0 start active enabled"]
    buddy = a_notice(2, person_id="nurse-8")
    assert told(book, buddy) == ["a1 continue active enabled"]
    reminder = a_notice(3, reason=SignalReason.REMINDER)
    assert told(book, reminder) == ["a2 continue active enabled"]
    assert told(book, a_notice(4, is_over=True)) == ["a3 end inactive enabled"]


def test_an_answer_is_no_end(book: AlertNumbers) -> None:
    told(book, a_notice(1))
    answered = a_notice(2, is_over=True, answered_by="nurse-7")
    assert told(book, answered) == ["a1 continue active alert-acknowledged"]
    assert told(book, a_notice(3, is_over=True)) == ["a2 end inactive enabled"]


def test_a_higher_urgency_escalates_and_a_lower_one_does_not(book: AlertNumbers) -> None:
    told(book, a_notice(1, priority=MEDIUM))
    assert told(book, a_notice(2, priority=HIGH)) == ["a1 escalate active enabled"]
    assert told(book, a_notice(3, priority=MEDIUM)) == ["a2 de-escalate active enabled"]
    worse = a_notice(4, priority=MEDIUM, reason=SignalReason.WORSE)
    assert told(book, worse) == ["a3 escalate active enabled"]
    sign = a_notice(5, priority=MEDIUM, reason=SignalReason.NEW_SIGN)
    assert told(book, sign) == ["a4 update active enabled"]


def test_the_same_notice_is_the_same_message_however_often_it_is_tried(book: AlertNumbers) -> None:
    first = book.messages(a_notice(1))
    told(book, a_notice(2))
    assert book.messages(a_notice(1)) == first
    assert told(book, a_notice(3)) == ["a2 continue active enabled"]


def test_the_control_id_fits_old_receivers_and_differs_for_each_message(book: AlertNumbers) -> None:
    made = [book.messages(a_notice(number))[0].control_id for number in range(50)]
    assert len(set(made)) == 50
    assert all(len(one) == 20 and one.isalnum() for one in made)
    again = AlertNumbers(START_NS).messages(a_notice(7))[0].control_id
    assert again == made[7]


def test_when_all_is_over_every_alert_of_the_bed_ends(book: AlertNumbers) -> None:
    """The problem had another leading alert before, which the receiver holds as active."""
    told(book, a_notice(1))
    told(book, a_notice(2, alert_id=OTHER))
    book.messages(a_notice(3, alert_id="elsewhere", bed_id="bed-2"))
    over = a_notice(4, alert_id=OTHER, is_over=True)
    assert told(book, over) == ["a1 end inactive enabled", "b1 end inactive enabled"]
    for_another = a_notice(5, alert_id=OTHER, is_over=True, person_id="nurse-8")
    assert told(book, for_another) == ["b2 end inactive enabled"]


def test_after_a_restart_no_number_is_used_twice(book: AlertNumbers) -> None:
    before = AT.plus(-3600)
    going_on = a_notice(1, since=before, reason=SignalReason.REMINDER)
    seconds = going_on.at.utc_ns // 10**9
    assert told(book, going_on) == [f"a{seconds} continue active enabled"]
    assert told(book, a_notice(2, since=before)) == [f"a{seconds + 1} continue active enabled"]
    unknown = AlertNumbers(START_NS)
    assert told(unknown, a_notice(3, is_over=True)) == [f"a{seconds + 2} end inactive enabled"]


def test_a_notice_of_unknown_age_starts_its_alert(book: AlertNumbers) -> None:
    assert told(book, a_notice(1, since=None)) == ["a0 start active enabled"]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "_MOST_ALERTS", 3)
    book = AlertNumbers(START_NS)
    for number in range(10):
        book.messages(a_notice(number, alert_id=f"a-{number}"))
    assert (len(book._known), len(book._made)) == (3, 3)
    assert book.messages(a_notice(20, alert_id="a-9"))[0].n == 1
    assert book.messages(a_notice(21, alert_id="a-0"))[0].n == 0
