"""A guesser of passwords: delayed, told nothing, and unable to lock a ward out."""

from __future__ import annotations

import threading
import time
from statistics import median
from typing import TYPE_CHECKING

import pytest

from edge_agent.access.accounts import Account
from edge_agent.access.attempts import Attempts, address_counter
from edge_agent.access.hashing import HashCost
from edge_agent.access.lockout import FOREVER_S
from edge_agent.access.log_in_results import LoggedIn, Place, Refusal, Refused
from edge_agent.access.roles import Role
from edge_agent.access.session_rules import SessionKind
from edge_agent.access.ward_access import open_access
from edge_agent.model.audit import Act
from tests.support.brokers import WAIT_S
from tests.support.ward_accesses import (
    NOW,
    PASSWORD,
    PHONE,
    PIN,
    ROOT,
    Ward,
    badge_of,
    opened,
)

if TYPE_CHECKING:
    from pathlib import Path

WRONG = "gravel soup lantern nineteen"
NOWHERE = Place("203.0.113.9")


def guess(
    ward: Ward, times: int, place: Place = NOWHERE, after_s: float = 0.0, person: str = "nurse 7"
) -> list[Refused]:
    """Return what becomes of wrong passwords."""
    found = [
        ward.access.log_ins.by_password(person, WRONG, place, NOW.plus(after_s))
        for _ in range(times)
    ]
    assert all(isinstance(one, Refused) for one in found)
    return [one for one in found if isinstance(one, Refused)]


def test_guessing_is_delayed_more_and_more_and_the_person_is_told(ward: Ward) -> None:
    found = guess(ward, 7)
    assert [one.why for one in found] == [Refusal.WRONG] * 5 + [Refusal.WAIT] * 2
    assert [one.wait_s for one in found] == [0, 0, 0, 0, 5, 5, 5]
    assert guess(ward, 2, after_s=5) == [Refused(Refusal.WRONG, 10), Refused(Refusal.WAIT, 10)]
    acts = [act.act for act in ward.acts]
    assert acts == [Act.LOG_IN_FAILED] * 5 + [Act.LOCKED_OUT, Act.LOG_IN_FAILED, Act.LOCKED_OUT]
    assert ward.acts[5].subject == "account nurse 7"
    assert dict(ward.acts[5].detail) == {"seconds": "5"}


def test_while_an_account_is_delayed_the_right_password_waits_too(ward: Ward) -> None:
    guess(ward, 5)
    found = ward.access.log_ins.by_password("nurse 7", PASSWORD, PHONE, NOW.plus(4))
    assert found == Refused(Refusal.WAIT, 1)
    assert isinstance(
        ward.access.log_ins.by_password("nurse 7", PASSWORD, PHONE, NOW.plus(5)), LoggedIn
    )
    assert [one.wait_s for one in guess(ward, 4, after_s=6)] == [0, 0, 0, 0]


def test_names_that_are_none_are_delayed_like_others(ward: Ward) -> None:
    """Otherwise the delay would tell which names are accounts."""
    known = guess(ward, 8, Place("203.0.113.1"), person="nurse 7")
    unknown = guess(ward, 8, Place("203.0.113.2"), person="nurse 99")
    assert known == unknown


def test_many_attempts_at_once_do_not_slip_through(ward: Ward) -> None:
    found: list[object] = []
    start = threading.Barrier(16)

    def attempt() -> None:
        start.wait(WAIT_S)
        found.append(ward.access.log_ins.by_password("nurse 7", WRONG, NOWHERE, NOW))

    guessers = [threading.Thread(target=attempt) for _ in range(16)]
    for guesser in guessers:
        guesser.start()
    for guesser in guessers:
        guesser.join(WAIT_S)
    reasons = [one.why for one in found if isinstance(one, Refused)]
    assert len(reasons) == 16
    assert reasons.count(Refusal.WRONG) == 5


def test_an_address_that_tries_many_names_is_delayed(ward: Ward) -> None:
    reasons = [guess(ward, 1, person=f"nurse {n}")[0].why for n in range(30)]
    assert reasons == [Refusal.WRONG] * 21 + [Refusal.WAIT] * 9
    assert isinstance(ward.access.log_ins.by_password("nurse 7", PASSWORD, PHONE, NOW), LoggedIn)


def test_a_household_of_ipv6_addresses_is_one_address(ward: Ward) -> None:
    reasons = [
        guess(ward, 1, Place(f"2001:db8:1:2::{n:x}"), person=f"nurse {n}")[0].why for n in range(30)
    ]
    assert reasons.count(Refusal.WAIT) == 9
    assert guess(ward, 1, Place("2001:db8:1:3::1"), person="x")[0].why is Refusal.WRONG
    assert guess(ward, 1, Place("no address"), person="x")[0].why is Refusal.WRONG


def test_a_right_password_does_not_wash_an_address_clean(ward: Ward) -> None:
    """Else a guesser with an account of his own would log in between two guesses."""
    for n in range(21):
        guess(ward, 1, person=f"nobody {n}")
        ward.access.log_ins.by_password("nurse 8", PASSWORD, NOWHERE, NOW)
    assert guess(ward, 1, person="nobody")[0].why is Refusal.WAIT


def test_failures_of_before_a_restart_count(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        ward.person("nurse 7")
        guess(ward, 5)
    with opened(tmp_path / "accounts") as ward:
        assert guess(ward, 1) == [Refused(Refusal.WAIT, 5)]


def test_a_guesser_elsewhere_locks_nobody_out_of_a_shared_screen(ward: Ward) -> None:
    """A whole ward is attacked at once; each nurse still gets in at the station, in every way."""
    place = ward.station()
    for n in range(120):
        for person in ("nurse 7", "nurse 8", "boss"):
            guess(ward, 1, Place(f"203.0.113.{n}"), 901.0 * n, person)
    now = NOW.plus(901.0 * 120)
    locked = ward.access.log_ins.by_password("nurse 7", PASSWORD, PHONE, now)
    assert locked == Refused(Refusal.LOCKED, FOREVER_S)
    for person in ("nurse 7", "nurse 8", "boss"):
        by_password = ward.access.log_ins.by_password(person, PASSWORD, place, now)
        assert isinstance(by_password, LoggedIn)
        assert by_password.visitor.session.kind is SessionKind.AT_STATION
        assert isinstance(ward.access.log_ins.by_pin(person, PIN, place, now), LoggedIn)
        assert isinstance(ward.access.log_ins.by_badge(badge_of(person), place, now), LoggedIn)


def test_a_locked_account_is_opened_by_a_charge_nurse_and_the_badge(ward: Ward) -> None:
    for n in range(101):
        guess(ward, 1, Place(f"203.0.113.{n}"), 901.0 * n)
    now = NOW.plus(901.0 * 101)
    assert ward.access.log_ins.by_password("nurse 7", PASSWORD, PHONE, now) == Refused(
        Refusal.LOCKED, FOREVER_S
    )
    assert dict(ward.acts[-1].detail) == {"seconds": "until it is lifted"}
    nurse, charge = ward.log_in("nurse 8", now).token, ward.log_in("boss", now).token
    lift = ward.access.log_ins.lift_lock
    assert lift(nurse, badge_of("nurse 7"), PHONE, now) == Refused(Refusal.NOT_ALLOWED)
    assert lift("", badge_of("nurse 7"), PHONE, now) == Refused(Refusal.NOT_ALLOWED)
    assert lift(charge, "0000000000", PHONE, now) == Refused(Refusal.WRONG)
    ward.acts.clear()
    found = lift(charge, badge_of("nurse 7"), PHONE, now)
    assert isinstance(found, Account)
    assert ward.recorded() == [(Act.LOCK_LIFTED, "boss", "nurse 7")]
    assert isinstance(ward.access.log_ins.by_password("nurse 7", PASSWORD, PHONE, now), LoggedIn)


def test_counts_of_strangers_are_limited_and_push_out_no_account(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_agent.access.attempts._MOST_STRANGERS", 20)
    guess(ward, 5)
    for n in range(60):
        guess(ward, 1, Place(f"203.0.113.{n}"), 2.0, person=f"nobody {n}")
    attempts = ward.access.log_ins._attempts
    assert len(attempts._counts) <= 22
    ((rows,),) = ward.access.file.rows("SELECT count(*) FROM failure")
    assert rows == len(attempts._counts)
    assert guess(ward, 1, Place("198.51.100.1"), 3.0)[0] == Refused(Refusal.WAIT, 2)


def test_counts_that_cannot_be_read_at_the_start_begin_anew(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        ward.person("nurse 7")
        guess(ward, 5)
        ward.access.file.write([("UPDATE failure SET newest_utc_ns = -1", ())])
        ward.access.file.close()
        assert Attempts(ward.access.file).count(address_counter("203.0.113.9")) == 0


def test_while_the_file_cannot_be_written_failures_count_in_memory(ward: Ward) -> None:
    ward.access.file.close()
    assert [one.why for one in guess(ward, 6)][-1] is Refusal.WAIT


def test_a_name_that_is_none_takes_as_long_as_a_wrong_password(tmp_path: Path) -> None:
    """Processor time of this thread, so that nothing else on the machine counts."""
    access = open_access(tmp_path / "accounts", lambda _act: None, HashCost(8192, 3, 1))
    access.accounts.add("nurse 7", Role.NURSE, ROOT, NOW)
    access.accounts.set_password("nurse 7", PASSWORD, ROOT, NOW)
    spent: dict[str, list[float]] = {"nurse 7": [], "nurse 99": []}
    for n in range(8):
        for person, times in spent.items():
            began = time.thread_time()
            found = access.log_ins.by_password(person, WRONG, Place(f"203.0.113.{n}"), NOW.plus(n))
            if isinstance(found, Refused) and found.why is Refusal.WRONG:
                times.append(time.thread_time() - began)
        access.log_ins.forget_failures("nurse 7")
    access.file.close()
    known, unknown = median(spent["nurse 7"]), median(spent["nurse 99"])
    assert len(spent["nurse 99"]) >= 5
    assert 0.5 < unknown / known < 2.0
