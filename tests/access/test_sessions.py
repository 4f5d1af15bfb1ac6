"""Sessions: an old, revoked, ended or made-up token opens nothing, from the next check on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from edge_agent.access.accounts_file import Changed
from edge_agent.access.roles import Permission, Role
from edge_agent.access.session_rules import SessionKind, csrf_token
from edge_agent.model.audit import Act
from tests.support.brokers import WAIT_S
from tests.support.ward_accesses import NOW, PHONE, ROOT, opened

if TYPE_CHECKING:
    from pathlib import Path


def test_a_token_stands_for_its_person_until_it_is_over(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        ward.person("nurse 7")
        logged_in = ward.log_in("nurse 7")
        visitor = ward.access.sessions.check(logged_in.token, NOW)
        assert visitor is not None
        assert visitor == logged_in.visitor
        assert (visitor.person_id, visitor.role) == ("nurse 7", Role.NURSE)
        assert visitor.may(Permission.ANSWER)
        assert not visitor.may(Permission.MANAGE_ACCOUNTS)
        assert ward.access.sessions.check(logged_in.token, NOW.plus(1799)) is not None
        assert ward.access.sessions.check(logged_in.token, NOW.plus(1800)) is None


@pytest.mark.parametrize("token", ["", "x", "\ud800", "A" * 43])
def test_a_made_up_token_opens_nothing(tmp_path: Path, token: str) -> None:
    with opened(tmp_path / "accounts") as ward:
        ward.person("nurse 7")
        real = ward.log_in("nurse 7")
        for guess in (token, real.csrf, real.token[:-1], real.visitor.session.session_id):
            assert ward.access.sessions.check(guess, NOW) is None
        hashed = real.visitor.session.token_hash
        assert ward.access.sessions.check(hashed.hex(), NOW) is None


def test_only_an_act_keeps_a_session_from_being_idle(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        ward.person("nurse 7")
        token = ward.log_in("nurse 7").token
        for minute in range(30):
            assert ward.access.sessions.check(token, NOW.plus(60 * minute)) is not None
        assert ward.access.sessions.check(token, NOW.plus(1800)) is None
        token = ward.log_in("nurse 7").token
        for half_hour in range(24):
            ward.access.sessions.touch(token, NOW.plus(1799 * half_hour))
        assert ward.access.sessions.check(token, NOW.plus(1799 * 24)) is not None
        assert ward.access.sessions.check(token, NOW.plus(43_200)) is None
        ward.access.sessions.touch(token, NOW.plus(43_201))
        ward.access.sessions.touch("none", NOW)
        assert ward.access.sessions.check(token, NOW.plus(43_202)) is None


def test_a_session_survives_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        ward.person("nurse 7")
        kept, ended = ward.log_in("nurse 7").token, ward.log_in("nurse 7").token
        ward.access.sessions.touch(kept, NOW.plus(1000))
        ward.access.sessions.save()
        ward.access.log_ins.log_out(ended, PHONE, NOW)
    with opened(tmp_path / "accounts") as ward:
        assert ward.access.sessions.check(kept, NOW.plus(2500)) is not None
        assert ward.access.sessions.check(ended, NOW) is None


def test_a_session_that_was_logged_out_cannot_be_replayed(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        ward.person("nurse 7")
        token = ward.log_in("nurse 7").token
        ward.recorded()
        ward.access.log_ins.log_out(token, PHONE, NOW)
        assert ward.access.sessions.check(token, NOW) is None
        ward.access.sessions.touch(token, NOW)
        assert ward.access.sessions.check(token, NOW) is None
        ward.access.log_ins.log_out(token, PHONE, NOW)
        assert ward.recorded() == [(Act.LOG_OUT, "nurse 7", "")]


def test_a_session_that_another_program_revoked_is_over_at_the_next_check(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    with opened(path) as agent, opened(path) as command:
        agent.person("nurse 7")
        agent.person("nurse 8")
        tokens = [agent.log_in("nurse 7").token for _ in range(3)]
        other = agent.log_in("nurse 8").token
        for token in tokens:
            agent.access.sessions.touch(token, NOW.plus(1))
        assert command.access.sessions.revoke(ROOT, NOW, person="NURSE 7") == 3
        assert [agent.access.sessions.check(token, NOW.plus(1)) for token in tokens] == [None] * 3
        assert agent.access.sessions.check(other, NOW) is not None
        agent.access.sessions.save()
        assert command.access.sessions.check(tokens[0], NOW) is None
        assert command.recorded() == [(Act.SESSIONS_REVOKED, "root", "NURSE 7")]


def test_an_act_does_not_bring_back_a_session_that_was_revoked_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    with opened(path) as agent, opened(path) as command:
        agent.person("nurse 7")
        token = agent.log_in("nurse 7").token
        command.access.sessions.revoke(ROOT, NOW)
        agent.access.sessions.touch(token, NOW.plus(1))
        agent.access.sessions.save()
        assert command.access.sessions.check(token, NOW.plus(1)) is None
        assert agent.access.sessions.check(token, NOW.plus(1)) is None


def test_one_session_or_all_can_be_revoked(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        ward.person("nurse 7")
        ward.person("nurse 8")
        one, two = ward.log_in("nurse 7"), ward.log_in("nurse 7")
        three = ward.log_in("nurse 8")
        session_id = one.visitor.session.session_id
        assert ward.access.sessions.revoke(ROOT, NOW, session_id=session_id) == 1
        assert ward.access.sessions.check(one.token, NOW) is None
        assert ward.access.sessions.check(two.token, NOW) is not None
        assert [s.person_id for s in ward.access.sessions.open_ones(NOW)] == ["nurse 7", "nurse 8"]
        assert ward.access.sessions.revoke(ROOT, NOW) == 2
        assert ward.access.sessions.check(three.token, NOW) is None


def test_a_role_or_a_disabled_account_counts_at_the_next_check(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    with opened(path) as agent, opened(path) as command:
        agent.person("nurse 7")
        token = agent.log_in("nurse 7").token
        command.access.accounts.set_role("nurse 7", Role.VIEW, ROOT, NOW)
        visitor = agent.access.sessions.check(token, NOW)
        assert visitor is not None
        assert not visitor.may(Permission.ANSWER)
        command.access.accounts.set_enabled("nurse 7", ROOT, NOW, is_enabled=False)
        assert agent.access.sessions.check(token, NOW) is None


def test_a_person_has_a_limited_number_of_sessions(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        ward.person("nurse 7")
        tokens = [ward.log_in("nurse 7", NOW.plus(n)).token for n in range(12)]
        alive = [ward.access.sessions.check(token, NOW.plus(20)) is not None for token in tokens]
        assert alive == [False, False, *[True] * 10]


def test_a_shared_screen_shows_the_ward_and_stays_when_its_founder_leaves(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        ward.person("boss", Role.CHARGE)
        place = ward.station()
        visitor = ward.access.sessions.check(place.station_token, NOW.plus(29 * 86_400))
        assert visitor is not None
        assert (visitor.person_id, visitor.role) == ("", Role.VIEW)
        assert visitor.session.kind is SessionKind.STATION
        ward.access.accounts.set_enabled("boss", ROOT, NOW, is_enabled=False)
        assert ward.access.sessions.check(place.station_token, NOW) is not None
        assert ward.access.sessions.check(place.station_token, NOW.plus(30 * 86_400)) is None


def test_sessions_at_a_shared_screen_end_with_it(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        ward.person("boss", Role.CHARGE)
        ward.person("nurse 7")
        place = ward.station()
        tokens = [ward.log_in("nurse 7", place=place).token for _ in range(2)]
        assert ward.access.sessions.check(tokens[0], NOW) is not None
        assert ward.access.sessions.check(tokens[0], NOW.plus(120)) is None
        ward.access.sessions.end(place.station_token)
        assert [ward.access.sessions.check(token, NOW) for token in tokens] == [None, None]


def test_a_revoked_shared_screen_ends_what_is_at_it_also_from_another_program(
    tmp_path: Path,
) -> None:
    path = tmp_path / "accounts"
    with opened(path) as agent, opened(path) as command:
        agent.person("boss", Role.CHARGE)
        agent.person("nurse 7")
        place = agent.station()
        token = agent.log_in("nurse 7", place=place).token
        command.access.sessions.revoke(ROOT, NOW, person="boss")
        assert agent.access.sessions.check(token, NOW) is None


def test_a_session_that_the_file_lacks_is_written_as_soon_as_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    with opened(path) as agent, opened(path) as command:
        agent.person("nurse 7")
        gone = agent.log_in("nurse 7").token
        with command.access.file._used() as connection:
            connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("BEGIN IMMEDIATE")
            agent.access.file._connection.execute("PRAGMA busy_timeout = 1")
            kept = agent.log_in("nurse 7").token
            agent.access.sessions.end(gone)
            assert agent.access.sessions.check(kept, NOW) is not None
            assert agent.access.sessions.check(gone, NOW) is None
            connection.execute("COMMIT")
        assert command.access.sessions.check(kept, NOW) is None
        command.person("nurse 8")
        assert agent.access.sessions.check(kept, NOW) is not None
        assert agent.access.sessions.check(gone, NOW) is None
        agent.access.sessions.save()
        assert command.access.sessions.check(kept, NOW) is not None
        assert command.access.sessions.check(gone, NOW) is None


def test_checks_beside_log_ins_and_other_programs_never_lose_a_session(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    with opened(path) as agent, opened(path) as command:
        agent.person("nurse 7")
        token = agent.log_in("nurse 7").token
        is_over = threading.Event()
        missed: list[str] = []

        def look() -> None:
            while not is_over.is_set():
                if agent.access.sessions.check(token, NOW) is None:
                    missed.append("lost")

        watchers = [threading.Thread(target=look) for _ in range(2)]
        for watcher in watchers:
            watcher.start()
        for number in range(30):
            command.access.accounts.set_pin("nurse 7", "", ROOT, NOW.plus(number))
            found = agent.log_in("nurse 7")
            assert agent.access.sessions.check(found.token, NOW) is not None
            agent.access.sessions.end(found.token)
        is_over.set()
        for watcher in watchers:
            watcher.join(WAIT_S)
        assert missed == []


def test_what_changes_here_during_a_look_is_not_lost(tmp_path: Path) -> None:
    """A log-in between reading the file and using what was read."""
    path = tmp_path / "accounts"
    with opened(path) as agent, opened(path) as command:
        agent.person("nurse 7")
        sessions, read = agent.access.sessions, agent.access.file.changed_rows
        tokens: list[str] = []

        def read_and_log_in(query: str, version: object) -> Changed | None:
            found = read(query, version)
            if "FROM session" in query:
                agent.access.file.changed_rows = read  # type: ignore[method-assign]
                tokens.append(agent.log_in("nurse 7").token)
            return found

        command.person("nurse 8")
        agent.access.file.changed_rows = read_and_log_in  # type: ignore[method-assign]
        sessions.open_ones(NOW)
        assert sessions.check(tokens[0], NOW) is not None


def test_rows_of_a_newer_program_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    with opened(path) as ward:
        ward.person("nurse 7")
        token = ward.log_in("nurse 7").token
        ward.access.file.write([("UPDATE session SET kind = 'eternal'", ())])
    with opened(path) as ward:
        assert ward.access.sessions.check(token, NOW) is None


def test_the_csrf_token_of_a_log_in_is_that_of_its_token(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        ward.person("nurse 7")
        found = ward.log_in("nurse 7")
        assert found.csrf == csrf_token(found.token)
