"""`crswatch broker`: the setup of a site's broker, and its certificates."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final

from edge_agent.broker.authority import Authority, found_authority
from edge_agent.broker.setup import certify, certify_new, ending, write_accepted, write_settings
from edge_agent.broker.site_file import SERVER, load_site
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.toml_table import number_from

_SOURCE: Final = "broker"
_EXAMPLE: Final = "example"
_WITHIN: Final = number_from(0, 3650)
_RESTART: Final = "copy them as README.md says, and restart the broker\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Write the setup of a site's broker: settings and access lists of mosquitto and "
        "nats-server, and a certificate for each account. `example` prints a commented site file. "
        "`init` writes everything into a folder and issues the certificates that are missing. "
        "`certify` issues new ones: that of NAME, or all that end soon. `revoke` makes those of "
        "NAME count no longer. Each certificate has a file of its own for its private key, which "
        "is never shown. Exit status 0: done, 1: nothing to do, 2: wrong usage or site file."
    )
    parser.add_argument("action", choices=[*_ACTIONS, _EXAMPLE])
    parser.add_argument("name", metavar="NAME", nargs="?", help=f"an account, or {SERVER}")
    parser.add_argument("--site", type=Path, metavar="FILE", help="the site file")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the setup")
    parser.add_argument(
        "--authority",
        type=Path,
        metavar="DIR",
        help="folder of the authority with its key (default: authority in the setup's folder)",
    )
    parser.add_argument(
        "--within",
        type=float,
        default=60.0,
        metavar="DAYS",
        help="for certify: all that end within so many days (default: 60)",
    )
    parser.add_argument(
        "--replace", action="store_true", help="for init: write over settings that differ"
    )


def run(arguments: argparse.Namespace) -> int:
    """Carry out one action."""
    if arguments.action == _EXAMPLE:
        example = files("edge_agent") / "broker_config" / "site.toml"
        sys.stdout.write(example.read_text(encoding="utf-8"))
        return 0
    _check(arguments)
    return _ACTIONS[arguments.action](arguments, datetime.now(UTC).replace(microsecond=0))


def _check(arguments: argparse.Namespace) -> None:
    """Raise ConfigError for arguments that do not go with the action."""
    mistakes: list[Mistake] = []
    is_revoking = arguments.action == "revoke"
    if arguments.site is None and not is_revoking:
        mistakes.append(Mistake(_SOURCE, "--site", "is missing; want the site file"))
    if arguments.out is None:
        mistakes.append(Mistake(_SOURCE, "--out", "is missing; want the folder of the setup"))
    if is_revoking and not arguments.name:
        mistakes.append(Mistake(_SOURCE, "NAME", "is missing; want whose certificates"))
    if arguments.action == "init" and arguments.name:
        message = f"{arguments.name!r}; want no name, as the site file has them all"
        mistakes.append(Mistake(_SOURCE, "NAME", message))
    if _WITHIN.read(arguments.within) is None:
        mistakes.append(Mistake(_SOURCE, "--within", _WITHIN.refusal(arguments.within)))
    if mistakes:
        raise ConfigError(tuple(mistakes))


def _init(arguments: argparse.Namespace, now: datetime) -> int:
    site = load_site(arguments.site)
    write_settings(site, arguments.out, replaces=arguments.replace)
    authority = found_authority(_folder(arguments), site.name, now)
    fresh = certify_new(site, authority, arguments.out)
    for name in fresh:
        _say_end(authority, name)
    for name in (SERVER, *site.accounts()):
        if authority.end_of(name) is None:
            sys.stdout.write(f"{name}: revoked; `crswatch broker certify {name}` issues another\n")
    for name in sorted(authority.names() - {SERVER, *site.accounts()}):
        if authority.end_of(name) is not None:
            sys.stdout.write(f"{name}: not in the site file; `crswatch broker revoke {name}`\n")
    sys.stdout.write(f"written to {arguments.out}; README.md there says what to copy where\n")
    return 0


def _certify(arguments: argparse.Namespace, now: datetime) -> int:
    site = load_site(arguments.site)
    authority = Authority(_folder(arguments), now)
    names = [arguments.name] if arguments.name else []
    known = (SERVER, *site.accounts())
    for name in names:
        if name not in known:
            message = f"{name!r} is not in the site file; want one of {', '.join(known)}"
            raise ConfigError((Mistake(_SOURCE, "NAME", message),))
    names = names or ending(site, authority, now, arguments.within)
    if not names:
        sys.stdout.write(f"no certificate ends within {arguments.within:g} days\n")
        return 1
    certify(site, authority, arguments.out, names)
    for name in names:
        _say_end(authority, name)
    sys.stdout.write(_RESTART)
    return 0


def _revoke(arguments: argparse.Namespace, now: datetime) -> int:
    authority = Authority(_folder(arguments), now)
    count = authority.revoke(arguments.name)
    if not count:
        sys.stderr.write(f"{arguments.name} has no certificate that counts\n")
        return 1
    write_accepted(authority, arguments.out)
    sys.stdout.write(f"{arguments.name}: {count} revoked\n{_RESTART}")
    return 0


_ACTIONS: Final[Mapping[str, Callable[[argparse.Namespace, datetime], int]]] = MappingProxyType(
    {"init": _init, "certify": _certify, "revoke": _revoke}
)


def _say_end(authority: Authority, name: str) -> None:
    sys.stdout.write(f"{name}: certificate until {authority.end_of(name):%Y-%m-%d}\n")


def _folder(arguments: argparse.Namespace) -> Path:
    folder: Path = arguments.authority or arguments.out / "authority"
    return folder
