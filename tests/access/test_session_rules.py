"""Lifetimes of sessions, and tokens that nobody guesses or derives from one another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.access.session_rules import (
    LIFETIMES,
    Session,
    SessionKind,
    csrf_token,
    is_csrf_token,
    is_over,
    new_token,
    token_hash,
)

S = 1_000_000_000
T0 = 1_769_868_300 * S


def a_session(kind: SessionKind) -> Session:
    return Session(token_hash("x"), "nurse 7", kind, T0, T0, "192.0.2.7")


@pytest.mark.parametrize("kind", SessionKind)
def test_a_session_ends_when_idle_and_at_its_longest_time(kind: SessionKind) -> None:
    session, lifetime = a_session(kind), LIFETIMES[kind]
    assert not is_over(session, T0)
    assert not is_over(session, T0 + round((lifetime.idle_s - 1) * S))
    assert is_over(session, T0 + round(lifetime.idle_s * S))
    late = T0 + round(lifetime.most_s * S)
    assert is_over(replace(session, used_utc_ns=late), late)
    if lifetime.idle_s < lifetime.most_s:
        assert not is_over(replace(session, used_utc_ns=late - S), late - S)


def test_a_clock_that_was_set_far_back_ends_a_session() -> None:
    session = a_session(SessionKind.PERSONAL)
    assert not is_over(session, T0 - 5 * S)
    assert is_over(session, T0 - 86_400 * S)


def test_times_are_a_shift_a_month_and_minutes() -> None:
    found = {kind.value: (t.idle_s, t.most_s) for kind, t in LIFETIMES.items()}
    assert found == {
        "personal": (1800, 43_200),
        "station": (2_592_000, 2_592_000),
        "at_station": (120, 900),
    }


def test_tokens_have_256_random_bits() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert {len(token) for token in tokens} == {43}


def test_a_csrf_token_is_of_its_session_and_opens_nothing() -> None:
    token, other = new_token(), new_token()
    csrf = csrf_token(token)
    assert is_csrf_token(csrf, token)
    assert not is_csrf_token(csrf, other)
    assert not is_csrf_token("", token)
    assert not is_csrf_token(token, token)
    assert not is_csrf_token("\ud800", token)
    assert token not in csrf
    assert token_hash(csrf) != token_hash(token)


def test_the_name_of_a_session_is_not_its_token() -> None:
    token = new_token()
    session = replace(a_session(SessionKind.PERSONAL), token_hash=token_hash(token))
    assert len(session.session_id) == 12
    assert session.session_id not in token
