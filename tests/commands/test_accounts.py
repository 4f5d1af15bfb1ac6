"""`crswatch accounts`: each change is in the audit trail, and no secret is shown."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from edge_agent.access.accounts_file import AccountsFile
from edge_agent.access.hashing import Hasher
from edge_agent.access.log_in_results import LoggedIn
from edge_agent.access.ward_access import WardAccess, open_access
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.journal.trail_check import check_trail
from edge_agent.journal.trail_file import trail_path
from tests.support.gateways import write_config
from tests.support.trails import entries_of, lines_of
from tests.support.ward_accesses import BADGE, OTHER_PASSWORD, PASSWORD, PHONE, PIN

if TYPE_CHECKING:
    from pathlib import Path

Said = pytest.CaptureFixture[str]
USER = pwd.getpwuid(os.getuid()).pw_name


class Desk:
    """The command line beside one gateway."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = write_config(folder, "/dev/ttyUSB9")
        self.accounts = folder / "journal.db.accounts"

    def do(self, *words: str, secret: str = "") -> int:
        """Run one action; a secret comes from a file."""
        more = ["--config", str(self.config)]
        if secret:
            (self.folder / "secret").write_text(f"{secret}\n")
            more += ["--password-file", str(self.folder / "secret")]
        return main(["accounts", *words, *more])

    def access(self) -> WardAccess:
        """Open the accounts, as the agent does."""
        return open_access(self.accounts, lambda _act: None)

    def acts(self) -> list[tuple[str, str, str]]:
        """Return act, subject and change of each entry of the trail."""
        entries = entries_of(trail_path(self.folder / "journal.db"))
        assert all(e.act.by in {"", USER} for e in entries)
        assert check_trail(lines_of(trail_path(self.folder / "journal.db")), []).faults == ()
        changes = [e.act.detail.get("change", "") for e in entries]
        return [
            (e.act.act, e.act.subject, change) for e, change in zip(entries, changes, strict=True)
        ][1:]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    return Desk(tmp_path)


def test_an_account_is_added_and_logs_in(desk: Desk, capsys: Said) -> None:
    assert desk.do("add", "nurse 7", "--role", "nurse", secret=PASSWORD) == 0
    said = capsys.readouterr()
    assert "added nurse 7 as nurse" in said.out
    assert "count only under the name of an account with the role" in said.err
    assert desk.accounts.stat().st_mode & 0o777 == 0o600
    assert desk.do("add", "boss", "--role", "charge", "--without-password") == 0
    assert capsys.readouterr().err == ""
    access = desk.access()
    now = read_system_clock()
    with closing(access.file):
        assert isinstance(access.log_ins.by_password("nurse 7", PASSWORD, PHONE, now), LoggedIn)
        assert not isinstance(access.log_ins.by_password("boss", "", PHONE, now), LoggedIn)
        assert access.may_answer("boss") == ""
    assert desk.acts() == [
        ("account_changed", "nurse 7", "added"),
        ("account_changed", "boss", "added"),
    ]


def test_every_change_is_made_and_recorded(desk: Desk, capsys: Said) -> None:
    desk.do("add", "nurse 7", "--role", "view", secret=PASSWORD)
    access = desk.access()
    with closing(access.file):
        found = access.log_ins.by_password("nurse 7", PASSWORD, PHONE, read_system_clock())
        assert isinstance(found, LoggedIn)
        assert desk.do("role", "nurse 7", "--role", "charge") == 0
        assert desk.do("pin", "nurse 7", secret=PIN) == 0
        assert desk.do("badge", "nurse 7", secret=BADGE) == 0
        capsys.readouterr()
        assert desk.do("list") == 0
        table = capsys.readouterr().out
        assert desk.do("password", "nurse 7", secret=OTHER_PASSWORD) == 0
        assert access.sessions.check(found.token, read_system_clock()) is None
        again = access.log_ins.by_password("nurse 7", OTHER_PASSWORD, PHONE, read_system_clock())
        assert isinstance(again, LoggedIn)
        assert desk.do("disable", "nurse 7") == 0
        assert access.may_answer("nurse 7") == "the account 'nurse 7' is disabled"
        assert access.sessions.check(again.token, read_system_clock()) is None
        assert desk.do("enable", "nurse 7") == 0
        assert access.sessions.check(again.token, read_system_clock()) is None
        assert desk.do("pin", "nurse 7", "--remove") == 0
        assert desk.do("badge", "nurse 7", "--remove") == 0
        assert desk.do("unlock", "nurse 7") == 0
        account = access.accounts.find("nurse 7")
    assert account is not None
    assert (account.pin, account.badge, account.role) == ("", "", "charge")
    cells = [cell.strip() for cell in table.splitlines()[3].strip("│").split("│")]
    assert cells == ["nurse 7", "charge", "", "yes", "yes", "yes", "1"]
    assert desk.acts() == [
        ("account_changed", "nurse 7", change) if change else (act, "nurse 7", "")
        for act, change in [
            ("", "added"),
            ("", "role"),
            ("", "PIN"),
            ("", "badge"),
            ("", "password"),
            ("sessions_revoked", ""),
            ("", "disabled"),
            ("sessions_revoked", ""),
            ("", "enabled"),
            ("", "no PIN"),
            ("", "no badge"),
            ("lock_lifted", ""),
        ]
    ]
    whole = b"".join(path.read_bytes() for path in desk.folder.iterdir() if path.name != "secret")
    assert not any(secret.encode() in whole for secret in (PASSWORD, OTHER_PASSWORD, BADGE))


def test_sessions_are_listed_and_ended(desk: Desk, capsys: Said) -> None:
    for name in ("nurse 7", "nurse 8"):
        desk.do("add", name, "--role", "nurse", secret=PASSWORD)
    access = desk.access()
    now = read_system_clock()
    with closing(access.file):
        found = [
            access.log_ins.by_password(name, PASSWORD, PHONE, now)
            for name in ("nurse 7", "nurse 7", "nurse 8")
        ]
        logged_in = [one for one in found if isinstance(one, LoggedIn)]
        capsys.readouterr()
        assert desk.do("sessions") == 0
        table = capsys.readouterr().out
        assert all(one.visitor.session.session_id in table for one in logged_in)
        assert not any(one.token in table for one in logged_in)
        assert desk.do("revoke", logged_in[0].visitor.session.session_id) == 0
        alive = [access.sessions.check(one.token, now) is not None for one in logged_in]
        assert alive == [False, True, True]
        assert desk.do("revoke", "nurse 8") == 0
        assert access.sessions.check(logged_in[2].token, now) is None
        assert desk.do("revoke") == 0
        assert access.sessions.check(logged_in[1].token, now) is None
    assert "1 sessions ended" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "secret", "said"),
    [
        (["add", "nurse 7", "--role", "nurse"], PASSWORD, "there is an account 'nurse 7' already"),
        (["add", "nurse 9", "--role", "nurse"], "short", "the password has 5 characters"),
        (["password", "nobody"], PASSWORD, "there is no account 'nobody'"),
        (["unlock", "nobody"], "", "there is no account 'nobody'"),
        (["pin", "nurse 7"], "1234", "the PIN is one that is tried first"),
        (["badge", "nurse 7"], "12", "the badge number want 6 to 64"),
    ],
)
def test_what_is_not_possible_is_said_and_changes_nothing(
    desk: Desk, capsys: Said, words: list[str], secret: str, said: str
) -> None:
    desk.do("add", "nurse 7", "--role", "nurse", secret=PASSWORD)
    before = desk.acts()
    assert desk.do(*words, secret=secret) == 1
    assert said in capsys.readouterr().err
    assert desk.acts() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [(["role", "nurse 7"], "--role: is missing"), (["pin"], "NAME: is missing; want whose")],
)
def test_wrong_usage_is_said(desk: Desk, capsys: Said, words: list[str], said: str) -> None:
    assert desk.do(*words) == 2
    assert said in capsys.readouterr().err
    assert not desk.accounts.exists()


def test_nothing_is_changed_that_cannot_be_recorded(desk: Desk, capsys: Said) -> None:
    trail_path(desk.folder / "journal.db").write_text("my notes\n")
    assert desk.do("add", "nurse 7", "--role", "nurse", secret=PASSWORD) == 1
    assert "is not an audit trail of crswatch" in capsys.readouterr().err
    with closing(AccountsFile(desk.accounts)) as file:
        assert file.rows("SELECT * FROM account") == []


def test_an_accounts_file_that_is_another_file_is_refused(desk: Desk, capsys: Said) -> None:
    desk.accounts.write_text("my notes\n")
    assert desk.do("list") == 1
    assert "is not an accounts file of crswatch" in capsys.readouterr().err


def test_behind_sudo_both_users_are_recorded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "alice")
    desk.do("add", "nurse 7", "--role", "nurse", secret=PASSWORD)
    entry = entries_of(trail_path(desk.folder / "journal.db"))[-1]
    assert entry.act.by == f"{USER} (sudo: alice)"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_makes_belongs_to_the_user_of_the_agent(desk: Desk) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(desk.folder, nobody.pw_uid, nobody.pw_gid)
    desk.do("add", "nurse 7", "--role", "nurse", secret=PASSWORD)
    for path in (desk.accounts, trail_path(desk.folder / "journal.db")):
        assert (path.stat().st_uid, path.stat().st_mode & 0o777) == (nobody.pw_uid, 0o600)


def typed(desk: Desk, words: list[str], lines: list[str]) -> str:
    """Return what a terminal shows while a person types lines into it."""
    manager, terminal = os.openpty()
    command = [sys.executable, "-m", "edge_agent", "accounts", *words, "--config", str(desk.config)]
    with subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True
    ):
        os.close(terminal)
        shown = b""
        waiting = list(lines)
        while True:
            try:
                piece = os.read(manager, 1024)
            except OSError:
                break  # the program has ended
            shown += piece
            if waiting and piece.endswith(b": "):
                os.write(manager, f"{waiting.pop(0)}\n".encode())
    os.close(manager)
    return shown.decode()


@pytest.mark.pty
def test_secrets_are_asked_for_and_not_shown(desk: Desk) -> None:
    shown = typed(desk, ["add", "nurse 7", "--role", "nurse"], [PASSWORD, PASSWORD])
    assert "password of nurse 7: " in shown
    assert "added nurse 7 as nurse" in shown
    assert PASSWORD not in shown
    shown += typed(desk, ["badge", "nurse 7"], [BADGE])
    assert BADGE not in shown
    shown = typed(desk, ["password", "nurse 7"], [OTHER_PASSWORD, PASSWORD])
    assert "the two differ; the password stays as it was" in shown
    with closing(AccountsFile(desk.accounts)) as file:
        ((password, badge),) = file.rows("SELECT password, badge FROM account")
    assert Hasher().matches(PASSWORD, str(password))
    assert len(str(badge)) == 64


@pytest.mark.parametrize("what", ["password", "pin", "badge"])
def test_without_a_terminal_a_secret_comes_from_a_file(desk: Desk, what: str) -> None:
    desk.do("add", "nurse 7", "--role", "nurse", secret=PASSWORD)
    command = [sys.executable, "-m", "edge_agent", "accounts", what, "nurse 7"]
    done = subprocess.run(
        [*command, "--config", str(desk.config)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert done.returncode == 1
    assert "was entered; want a terminal, or --password-file" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_option_takes_a_secret(capsys: Said) -> None:
    with pytest.raises(SystemExit):
        main(["accounts", "--help"])
    said = capsys.readouterr().out
    assert "--password-file" in said
    assert "--password " not in said
    assert "--pin" not in said
