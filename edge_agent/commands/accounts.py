"""`crswatch accounts`: accounts of the staff, their secrets, and their sessions."""

from __future__ import annotations

import argparse
import getpass
import os
import pwd
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edge_agent.access.accounts import Actor
from edge_agent.access.roles import Role
from edge_agent.access.ward_access import WardAccess, open_access
from edge_agent.config.gateway_file import AgentConfig, accounts_path, load_config
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.journal.trail_file import TrailFile, trail_path
from edge_agent.model.audit import Act, AuditAct
from edge_agent.model.clock import Instant
from edge_agent.model.errors import AccessError, ConfigError, JournalRefusedError, Mistake
from edge_agent.model.texts import read_secret
from edge_agent.payloads.topics import trail_origin

_SOURCE: Final = "accounts"
_FIRST: Final = (
    "from now on answers and entries over MQTT count only under the name of an account with the "
    "role\n"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Add and change accounts of the staff: a password to log in, a PIN and a badge for shared "
        "screens. Roles: view sees the ward, nurse answers and enters, charge leads a shift, "
        "engineer looks after accounts and never answers. Secrets are asked for, never given "
        "on the command line. `list` shows accounts, `sessions` who is logged in, `revoke` ends "
        "sessions of a name, or one by its id, or all; `unlock` forgets failed log-ins. Each "
        "change is in the audit trail under the name of the system's user. Exit status 0: done, "
        "1: not possible, 2: wrong usage."
    )
    parser.add_argument("action", choices=sorted((*_ACTIONS, *_LISTS)))
    parser.add_argument("name", metavar="NAME", nargs="?", help="name or staff id; never a patient")
    parser.add_argument("--role", choices=[role.value for role in Role], help="for add and role")
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help="take password, PIN or badge number from the first line of a file",
    )
    parser.add_argument(
        "--without-password",
        action="store_true",
        help="for add: no log-in, only a name that may answer over MQTT, such as an interface",
    )
    parser.add_argument("--remove", action="store_true", help="for pin and badge: take it away")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")


def run(arguments: argparse.Namespace) -> int:
    """Carry out one action."""
    _check(arguments)
    config = load_config(arguments.config)
    path = accounts_path(config)
    acts: list[AuditAct] = []
    now = read_system_clock()
    try:
        access = open_access(path, acts.append)
    except AccessError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    try:
        with closing(access.file), closing(_trail(config)) as trail:
            _give_to_owner(path, config.journal.path)
            if arguments.action in _LISTS:
                _LISTS[arguments.action](access, now)
                return 0
            trail.append([], now)  # nothing is changed where it could not be recorded
            _give_to_owner(trail_path(config.journal.path), config.journal.path)
            was_empty = not access.has_accounts()
            _ACTIONS[arguments.action](
                access, arguments, _Act(Actor(_user(), "", "command"), now, acts)
            )
            trail.append(acts, now)
            if was_empty and access.has_accounts():
                sys.stderr.write(_FIRST)
    except (AccessError, JournalRefusedError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


@dataclass(frozen=True, slots=True)
class _Act:
    """Person and moment of the command, and what it records."""

    actor: Actor
    now: Instant
    acts: list[AuditAct]


def _check(arguments: argparse.Namespace) -> None:
    """Raise ConfigError for arguments that do not go with the action."""
    action = arguments.action
    mistakes: list[Mistake] = []
    if action in {*_ACTIONS} - {"revoke"} and not arguments.name:
        mistakes.append(Mistake(_SOURCE, "NAME", "is missing; want whose account"))
    if action in {"add", "role"} and arguments.role is None:
        roles = ", ".join(role.value for role in Role)
        mistakes.append(Mistake(_SOURCE, "--role", f"is missing; want one of {roles}"))
    if mistakes:
        raise ConfigError(tuple(mistakes))


def _add(access: WardAccess, arguments: argparse.Namespace, act: _Act) -> None:
    password = "" if arguments.without_password else _secret(arguments, "password")
    access.accounts.add(arguments.name, Role(arguments.role), act.actor, act.now, password)
    sys.stdout.write(f"added {arguments.name} as {arguments.role}\n")


def _role(access: WardAccess, arguments: argparse.Namespace, act: _Act) -> None:
    access.accounts.set_role(arguments.name, Role(arguments.role), act.actor, act.now)
    sys.stdout.write(f"{arguments.name} is {arguments.role} now\n")


def _password(access: WardAccess, arguments: argparse.Namespace, act: _Act) -> None:
    access.accounts.set_password(arguments.name, _secret(arguments, "password"), act.actor, act.now)
    count = access.sessions.revoke(act.actor, act.now, person=arguments.name)
    sys.stdout.write(f"{arguments.name} has a new password; {count} sessions ended\n")


def _pin(access: WardAccess, arguments: argparse.Namespace, act: _Act) -> None:
    pin = "" if arguments.remove else _secret(arguments, "PIN")
    access.accounts.set_pin(arguments.name, pin, act.actor, act.now)
    sys.stdout.write(f"{arguments.name} has {'a new' if pin else 'no'} PIN\n")


def _badge(access: WardAccess, arguments: argparse.Namespace, act: _Act) -> None:
    badge = "" if arguments.remove else _secret(arguments, "badge")
    access.accounts.set_badge(arguments.name, badge, act.actor, act.now)
    sys.stdout.write(f"{arguments.name} has {'a new' if badge else 'no'} badge\n")


def _disable(access: WardAccess, arguments: argparse.Namespace, act: _Act) -> None:
    access.accounts.set_enabled(arguments.name, act.actor, act.now, is_enabled=False)
    count = access.sessions.revoke(act.actor, act.now, person=arguments.name)
    sys.stdout.write(f"{arguments.name} is disabled; {count} sessions ended\n")


def _enable(access: WardAccess, arguments: argparse.Namespace, act: _Act) -> None:
    access.accounts.set_enabled(arguments.name, act.actor, act.now, is_enabled=True)
    sys.stdout.write(f"{arguments.name} is enabled\n")


def _revoke(access: WardAccess, arguments: argparse.Namespace, act: _Act) -> None:
    name = arguments.name or ""
    ids = {session.session_id for session in access.sessions.open_ones(act.now)}
    chosen = {"session_id": name} if name in ids else {"person": name}
    count = access.sessions.revoke(act.actor, act.now, **chosen)
    sys.stdout.write(f"{count} sessions ended\n")


def _unlock(access: WardAccess, arguments: argparse.Namespace, act: _Act) -> None:
    if access.accounts.find(arguments.name) is None:
        raise AccessError(f"there is no account {arguments.name!r}")
    access.log_ins.forget_failures(arguments.name)
    lifted = AuditAct(Act.LOCK_LIFTED, act.actor.by, act.now, via="command", subject=arguments.name)
    act.acts.append(lifted)
    sys.stdout.write(f"failed log-ins of {arguments.name} are forgotten\n")


_ACTIONS: Final[Mapping[str, Callable[[WardAccess, argparse.Namespace, _Act], None]]] = (
    MappingProxyType(
        {
            "add": _add,
            "badge": _badge,
            "disable": _disable,
            "enable": _enable,
            "password": _password,
            "pin": _pin,
            "revoke": _revoke,
            "role": _role,
            "unlock": _unlock,
        }
    )
)


def _list(access: WardAccess, now: Instant) -> None:
    table = Table("name", "role", "state", "password", "PIN", "badge", "sessions")
    names = [session.person_id for session in access.sessions.open_ones(now)]
    for account in access.accounts.all():
        secrets = (account.password, account.pin, account.badge)
        cells = (account.person_id, account.role.value)
        state = "" if account.is_enabled else "disabled"
        held = ("yes" if secret else "no" for secret in secrets)
        count = str(names.count(account.person_id))
        table.add_row(*(escape(cell) for cell in cells), state, *held, count)
    Console().print(table)


def _sessions(access: WardAccess, now: Instant) -> None:
    table = Table("id", "name", "kind", "screen", "address", "idle for")
    for session in access.sessions.open_ones(now):
        idle_min = (now.utc_ns - session.used_utc_ns) / 60e9
        cells = (session.session_id, session.person_id, session.kind.value, session.name)
        row = (*cells, session.address, f"{idle_min:.0f} min")
        table.add_row(*(escape(cell) for cell in row))
    Console().print(table)


_LISTS: Final[Mapping[str, Callable[[WardAccess, Instant], None]]] = MappingProxyType(
    {"list": _list, "sessions": _sessions}
)


def _secret(arguments: argparse.Namespace, what: str) -> str:
    """Return a secret from a file, or from the keyboard without showing it."""
    if arguments.password_file is not None:
        return read_secret(arguments.password_file)
    try:
        if what == "badge":
            return getpass.getpass("hold the badge before the reader: ").strip()
        secret = getpass.getpass(f"{what} of {arguments.name}: ")
        repeated = getpass.getpass("once more: ")
    except EOFError as error:
        message = f"no {what} was entered; want a terminal, or --password-file"
        raise AccessError(message) from error
    if repeated != secret:
        raise AccessError(f"the two differ; the {what} stays as it was")
    return secret


def _trail(config: AgentConfig) -> TrailFile:
    gateway = config.gateway
    origin = trail_origin(gateway.site, gateway.ward, gateway.id)
    return TrailFile(trail_path(config.journal.path), origin)


def _user() -> str:
    """Return the user of the system, also behind sudo."""
    name = pwd.getpwuid(os.getuid()).pw_name
    behind = os.environ.get("SUDO_USER", "")
    return f"{name} (sudo: {behind})" if behind and behind != name else name


def _give_to_owner(path: Path, journal: Path) -> None:
    """Give a file that root made to the user who runs the agent: the owner of the journal."""
    owner = journal if journal.exists() else journal.parent
    if os.geteuid() == 0 and path.exists():
        found = owner.stat()
        os.chown(path, found.st_uid, found.st_gid)
