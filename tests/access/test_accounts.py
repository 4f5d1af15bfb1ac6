"""Accounts: what is stored of a secret, who changed what, and other programs' changes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from edge_agent.access.hashing import DEFAULT_COST, HashCost, Hasher
from edge_agent.access.roles import Role
from edge_agent.model.audit import Act
from edge_agent.model.errors import AccessError
from tests.support.ward_accesses import BADGE, CHEAP, NOW, PASSWORD, PIN, ROOT, badge_of, opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_an_account_comes_back_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    with opened(path) as ward:
        ward.person("Nurse 7")
        before = ward.access.accounts.find("nurse 7")
    with opened(path) as ward:
        assert ward.access.accounts.find("NURSE 7 ") == before
        assert before is not None
        assert (before.person_id, before.role, before.is_enabled) == ("Nurse 7", Role.NURSE, True)
        assert ward.access.accounts.find("nurse 8") is None


def test_no_secret_is_in_the_file(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        ward.person("nurse 7")
        session = ward.log_in("nurse 7")
        whole = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (PASSWORD, badge_of("nurse 7"), PIN + "$", session.token, session.csrf):
        assert secret.encode() not in whole
    with closing(sqlite3.connect(tmp_path / "accounts")) as file:
        ((password, pin, badge),) = file.execute("SELECT password, pin, badge FROM account")
    assert password.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert pin.startswith("$argon2id$")
    assert len(badge) == 64


def test_the_cost_is_that_of_the_standard() -> None:
    assert (DEFAULT_COST.memory_kib, DEFAULT_COST.passes, DEFAULT_COST.lanes) == (65_536, 3, 4)
    hasher = Hasher()
    hashed = hasher.hashed(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert hasher.matches(PASSWORD, hashed)
    assert not hasher.matches(PASSWORD + " ", hashed)
    assert not hasher.matches("a hash that no account has", "")
    assert not hasher.matches(PASSWORD, "damaged")


def test_a_password_hashed_at_another_cost_is_hashed_anew_at_the_log_in(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    with opened(path) as ward:
        ward.person("nurse 7")
        dear = Hasher(HashCost(16, 2, 1)).hashed(PASSWORD)
        ward.access.file.write([("UPDATE account SET password = ?", (dear,))])
    with opened(path) as ward:
        ward.log_in("nurse 7")
        account = ward.access.accounts.find("nurse 7")
        assert account is not None
        assert "m=8,t=1,p=1" in account.password
        ward.log_in("nurse 7")
        again = ward.access.accounts.find("nurse 7")
        assert again == account


def test_while_the_file_cannot_be_written_a_password_stays_hashed_as_before(
    tmp_path: Path,
) -> None:
    path = tmp_path / "accounts"
    with opened(path) as ward:
        ward.person("nurse 7")
        dear = Hasher(HashCost(16, 2, 1)).hashed(PASSWORD)
        ward.access.file.write([("UPDATE account SET password = ?", (dear,))])
    with opened(path) as ward:
        before = ward.access.accounts.find("nurse 7")
        ward.access.file.close()
        ward.log_in("nurse 7")
        assert ward.access.accounts.find("nurse 7") == before


def test_a_badge_that_no_reader_types_is_nobodys(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        ward.person("nurse 7")
        assert ward.access.accounts.by_badge("") is None


def test_each_change_is_recorded_without_a_secret(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        accounts = ward.access.accounts
        accounts.add("nurse 7", Role.NURSE, ROOT, NOW)
        accounts.set_role("nurse 7", Role.CHARGE, ROOT, NOW)
        accounts.set_password("nurse 7", PASSWORD, ROOT, NOW)
        accounts.set_pin("nurse 7", PIN, ROOT, NOW)
        accounts.set_pin("nurse 7", "", ROOT, NOW)
        accounts.set_badge("nurse 7", BADGE, ROOT, NOW)
        accounts.set_badge("nurse 7", "", ROOT, NOW)
        accounts.set_enabled("nurse 7", ROOT, NOW, is_enabled=False)
        accounts.set_enabled("nurse 7", ROOT, NOW, is_enabled=True)
        assert [dict(act.detail) for act in ward.acts] == [
            {"change": "added", "role": "nurse"},
            {"change": "role", "role": "charge"},
            {"change": "password"},
            {"change": "PIN"},
            {"change": "no PIN"},
            {"change": "badge"},
            {"change": "no badge"},
            {"change": "disabled"},
            {"change": "enabled"},
        ]
        assert {(a.act, a.by, a.via, a.subject, a.at) for a in ward.acts} == {
            (Act.ACCOUNT_CHANGED, "root", "command", "nurse 7", NOW)
        }


def test_what_is_not_allowed_changes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        ward.person("nurse 7")
        ward.person("nurse 8")
        accounts = ward.access.accounts
        before = accounts.all()
        refused: list[tuple[str, Callable[[], object]]] = [
            ("there is an account", lambda: accounts.add("NURSE 7", Role.VIEW, ROOT, NOW)),
            ("want a name", lambda: accounts.add(" ", Role.VIEW, ROOT, NOW)),
            ("the password has 5", lambda: accounts.set_password("nurse 7", "short", ROOT, NOW)),
            ("the PIN is one", lambda: accounts.set_pin("nurse 7", "1234", ROOT, NOW)),
            ("the badge number want", lambda: accounts.set_badge("nurse 7", "1", ROOT, NOW)),
            (
                "belongs to another account",
                lambda: accounts.set_badge("nurse 7", badge_of("nurse 8"), ROOT, NOW),
            ),
            ("there is no account", lambda: accounts.set_role("nurse 9", Role.VIEW, ROOT, NOW)),
        ]
        for words, change in refused:
            with pytest.raises(AccessError, match=words):
                change()
        accounts.set_badge("nurse 7", badge_of("nurse 7"), ROOT, NOW)
        assert accounts.all() == before
        assert len(ward.acts) == 1


def test_changes_by_another_program_count_from_the_next_look_on(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    with opened(path) as agent, opened(path) as command:
        assert agent.access.accounts.find("nurse 7") is None
        command.person("nurse 7")
        assert agent.access.accounts.find("nurse 7") is not None
        assert agent.access.accounts.by_badge(badge_of("nurse 7")) is not None
        assert agent.access.accounts.by_badge(badge_of("nurse 8")) is None
        command.access.accounts.set_role("nurse 7", Role.VIEW, ROOT, NOW)
        found = agent.access.accounts.find("nurse 7")
        assert found is not None
        assert found.role is Role.VIEW


def test_own_and_other_changes_do_not_undo_each_other(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    with opened(path) as agent, opened(path) as command:
        command.person("nurse 7")
        agent.person("nurse 8")
        command.access.accounts.set_role("nurse 7", Role.CHARGE, ROOT, NOW)
        agent.access.accounts.set_role("nurse 8", Role.VIEW, ROOT, NOW)
        for ward in (agent, command):
            roles = {a.person_id: a.role.value for a in ward.access.accounts.all()}
            assert roles == {"nurse 7": "charge", "nurse 8": "view"}


def test_while_the_file_cannot_be_read_the_accounts_in_memory_hold(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        ward.person("nurse 7")
        token = ward.log_in("nurse 7").token
        ward.access.file.close()
        assert ward.access.accounts.find("nurse 7") is not None
        assert "closed" in ward.access.accounts.fault
        assert ward.access.may_answer("nurse 7") == ""
        assert ward.access.sessions.check(token, NOW) is not None
        again = ward.log_in("nurse 7")
        assert ward.access.sessions.check(again.token, NOW) is not None
        with pytest.raises(AccessError):
            ward.access.accounts.set_role("nurse 7", Role.VIEW, ROOT, NOW)


def test_an_account_with_a_role_of_a_newer_program_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    with opened(path) as ward:
        ward.person("nurse 7")
        ward.person("nurse 8")
        ward.access.file.write(
            [("UPDATE account SET role = 'doctor' WHERE folded = 'nurse 8'", ())]
        )
    with opened(path) as ward:
        assert [a.person_id for a in ward.access.accounts.all()] == ["nurse 7"]


def test_the_least_cost_is_for_tests_only() -> None:
    assert CHEAP.memory_kib < DEFAULT_COST.memory_kib
