"""Delays after failed log-ins: they grow, they pass, and a clock cannot be used against them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.access.lockout import (
    FOREVER_S,
    OF_ACCOUNT,
    OF_ACCOUNT_AT_STATION,
    OF_ADDRESS,
    OF_PIN,
    OF_STATION,
    Failures,
    LockPolicy,
    counted,
    forgiven,
    taken_back,
    wait_s,
)

S = 1_000_000_000
T0 = 1_769_868_300 * S
POLICIES = st.sampled_from([OF_ACCOUNT, OF_ACCOUNT_AT_STATION, OF_ADDRESS, OF_STATION, OF_PIN])


def failed(times: int, policy: LockPolicy, now_ns: int = T0) -> Failures:
    found = Failures()
    for _ in range(times):
        found = counted(found, policy, now_ns)
    return found


def test_the_delays_of_an_account_double_up_to_a_quarter_of_an_hour() -> None:
    waits = [wait_s(failed(n, OF_ACCOUNT), OF_ACCOUNT, T0) for n in range(16)]
    assert waits == [0, 0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]


def test_a_hundred_failures_in_a_row_lock_an_account_until_a_person_opens_it() -> None:
    assert wait_s(failed(99, OF_ACCOUNT), OF_ACCOUNT, T0) == 900
    locked = failed(100, OF_ACCOUNT)
    assert wait_s(locked, OF_ACCOUNT, T0) == FOREVER_S
    assert wait_s(locked, OF_ACCOUNT, T0 + 10**6 * 86_400 * S) == FOREVER_S


def test_at_a_shared_screen_nobody_waits_for_more_than_a_minute() -> None:
    for policy in (OF_ACCOUNT_AT_STATION, OF_STATION):
        assert wait_s(failed(10_000, policy), policy, T0) == 60


def test_a_pin_counts_five_times() -> None:
    waits = [wait_s(failed(n, OF_PIN), OF_PIN, T0 + n * 86_400 * S) for n in range(7)]
    assert waits == [0, 0, 0, 0, 0, FOREVER_S, FOREVER_S]


def test_failures_are_forgiven_one_by_one() -> None:
    many = failed(25, OF_ADDRESS)
    assert wait_s(many, OF_ADDRESS, T0) == 80
    assert forgiven(many, OF_ADDRESS, T0 + 59 * S).count == 25
    assert forgiven(many, OF_ADDRESS, T0 + 61 * S) == Failures(24, T0 + 60 * S)
    assert forgiven(many, OF_ADDRESS, T0 + 10_000 * S).count == 0
    assert forgiven(Failures(), OF_ADDRESS, T0) == Failures()


def test_one_that_was_none_is_taken_back() -> None:
    assert taken_back(failed(3, OF_ADDRESS)).count == 2
    assert taken_back(Failures()).count == 0


def test_a_clock_that_was_set_back_lengthens_no_delay() -> None:
    ahead = failed(6, OF_ACCOUNT, T0 + 86_400 * S)
    again = forgiven(ahead, OF_ACCOUNT, T0)
    assert again == Failures(6, T0)
    assert wait_s(again, OF_ACCOUNT, T0 + 11 * S) == 0


@given(POLICIES, st.lists(st.integers(0, 2000), max_size=60))
def test_who_tries_again_and_again_gets_few_attempts(policy: LockPolicy, gaps: list[int]) -> None:
    """However the attempts are spread, their number in a time is limited by the longest delay."""
    now, failures, allowed = T0, Failures(), 0
    for gap in gaps:
        now += gap * S
        failures = forgiven(failures, policy, now)
        if wait_s(failures, policy, now) == 0:
            failures = counted(failures, policy, now)
            allowed += 1
        assert 0 <= failures.count <= allowed
    span_s = (now - T0) / S
    assert (
        allowed <= policy.free + 1 + span_s / policy.first_s + span_s / policy.forgiven_s
        if (policy.first_s)
        else allowed <= policy.most
    )


@pytest.mark.parametrize("hours", [24, 24 * 365])
def test_an_account_withstands_a_patient_guesser(hours: int) -> None:
    """A guesser who waits for each delay gets 100 attempts at most, then none for ever."""
    now, failures, allowed = T0, Failures(), 0
    end = T0 + hours * 3600 * S
    while now < end and (delay_s := wait_s(failures, OF_ACCOUNT, now)) != FOREVER_S:
        now += round(delay_s * S)
        failures = counted(failures, OF_ACCOUNT, now)
        allowed += 1
    assert allowed <= 101
