"""Alerts over a restart between whose runs the wall clock was set back."""

from __future__ import annotations

import pytest

from tests.alerting.test_alert_book import answer, book, step, told
from tests.support.findings import BED, at, finding


def test_of_two_occurrences_the_one_journalled_last_is_newer_whatever_the_clock_said() -> None:
    first, second = (book(), book())
    (was,) = first.apply([finding("P", 9000, "crs.oxygen")])
    (back,) = second.apply([finding("P", 5400, "crs.oxygen")])  # the clock was set back an hour
    after = book()
    after.restore([was.alert, back.alert], at(5500))
    assert [a.alert_id for a in after.alerts(BED)] == [back.alert.alert_id]


@pytest.mark.parametrize("is_answered", [False, True])
def test_a_clock_set_back_since_lets_no_problem_take_up_later_signs(*, is_answered: bool) -> None:
    before = book()
    step(before, 9000, suspected="P")
    if is_answered:
        answer(before, "crs.suspected", 9010)
    after = book()
    after.restore(before.alerts(BED), at(5400))
    assert after.due_at(BED, at(5400)) == at(5400 + (7200 if is_answered else 1800))
    assert told(step(after, 5400 + 610, suspected="P", fever="P")) == {"fever": "raised"}
    (reminded,) = [a for a in after.alerts(BED) if a.rule_id == "crs.suspected"]
    step(after, 5400 + 7200, suspected="P", fever="P")
    (after_2_h,) = [a for a in after.alerts(BED) if a.rule_id == "crs.suspected"]
    assert after_2_h.n > reminded.n
