"""`crswatch audit`: the audit trail, its check against checkpoints, and the key that signs them."""

from __future__ import annotations

import argparse
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from edge_agent.commands.numbers import whole_within
from edge_agent.config.gateway_file import AgentConfig, load_config
from edge_agent.journal.trail_check import TrailRange, TrailReport, check_trail
from edge_agent.journal.trail_file import trail_path
from edge_agent.journal.trail_key import key_path, read_key
from edge_agent.journal.trail_signer import checkpoints_path
from edge_agent.model.audit import AuditEntry, Checkpoint
from edge_agent.model.errors import ConfigError, JournalRefusedError, Mistake
from edge_agent.model.texts import read_text
from edge_agent.payloads.audit import decode_line
from edge_agent.payloads.checkpoints import (
    PublicKey,
    is_signed_by,
    parse_public_key,
    public_key,
    read_checkpoints,
)
from edge_agent.payloads.common import rfc3339
from edge_agent.payloads.topics import trail_origin

_LARGEST_BYTES: Final = 64 * 1024 * 1024
"""Largest file of checkpoints; a gateway signs some hundred kilobytes a year."""
_PEM: Final = b"-----BEGIN"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "The trail of acts beside the journal. `verify` reads all of it and says which entries "
        "were changed, moved, cut off or written anew, and up to where checkpoints anchor it: "
        "--against names checkpoints that left the gateway, as received over MQTT (JSON lines) or "
        "as plain notes. Without them it can only compare with the copy on the gateway, which "
        "shows accidents and not intent. `show` prints the newest entries, unchecked; `key` "
        "prints the public key. Exit status 0: as it should be, 1: not, 2: wrong usage."
    )
    parser.add_argument("action", choices=("verify", "show", "key"))
    parser.add_argument("--config", type=Path, metavar="FILE")
    parser.add_argument("--trail", type=Path, metavar="FILE", help="a trail elsewhere")
    parser.add_argument("--key", type=Path, metavar="FILE", help="a public key, as `key` prints it")
    parser.add_argument("--against", type=Path, metavar="FILE", help="checkpoints from outside")
    parser.add_argument("--last", type=whole_within(1, 1_000_000), default=50, metavar="N")
    parser.add_argument("--by", metavar="WHO", help="for show: acts of this person only")
    parser.add_argument("--bed", metavar="BED", help="for show: acts about this bed only")


def run(arguments: argparse.Namespace) -> int:
    """Carry out one action."""
    if arguments.config is None and (arguments.trail is None or arguments.action == "key"):
        message = "is missing; want --config, or for a trail elsewhere --trail and --key"
        raise ConfigError((Mistake("audit", "--config", message),))
    config = None if arguments.config is None else load_config(arguments.config)
    try:
        if arguments.action == "key":
            sys.stdout.write(f"{_key(arguments, config)}\n")
            return 0
        path = arguments.trail or (trail_path(config.journal.path) if config else Path())
        if arguments.action == "show":
            return _show(path, arguments)
        return _verify(path, _key(arguments, config), arguments, config)
    except (JournalRefusedError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _key(arguments: argparse.Namespace, config: AgentConfig | None) -> PublicKey:
    """Return the key to check with.

    Raises
    ------
    ConfigError
        If the key's file holds none.
    JournalRefusedError
        If the gateway has no key, or others than its owner may read it.
    """
    given = arguments.key
    if given is not None and not given.read_bytes().startswith(_PEM):
        try:
            return parse_public_key(read_text(given))
        except ValueError as error:
            raise ConfigError((Mistake(str(given), "-", str(error)),)) from error
    if config is None:
        message = "is missing; want the public key, where the gateway's files are not here"
        raise ConfigError((Mistake("audit", "--key", message),))
    gateway = config.gateway
    origin = trail_origin(gateway.site, gateway.ward, gateway.id)
    path = given or key_path(config.journal.path)
    if not path.exists():
        raise JournalRefusedError(f"{path} does not exist; the agent makes it at its first start")
    return public_key(origin, read_key(path))


@dataclass(frozen=True, slots=True)
class _Anchors:
    """Checkpoints of one file."""

    usable: tuple[Checkpoint, ...] = ()
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def _verify(
    path: Path, key: PublicKey, arguments: argparse.Namespace, config: AgentConfig | None
) -> int:
    copy = None if config is None or arguments.trail else checkpoints_path(config.journal.path)
    own = _anchors(copy, key) if copy is not None and copy.exists() else _Anchors()
    outside = _Anchors()
    if arguments.against is not None:
        outside = _anchors(arguments.against, key)
    checked = outside if arguments.against is not None else own
    report = check_trail(_lines(path), checked.usable)
    faults = [*report.faults, *outside.faults]
    if arguments.against is not None and not outside.usable:
        faults.append(f"{arguments.against} holds no checkpoint of {key.origin}")
    if checked is not own:
        local = check_trail(_lines(path), own.usable).faults
        faults += [f"{fault} (the gateway's own copy)" for fault in local if fault not in faults]
    if not path.exists():
        faults.insert(0, f"there is no audit trail at {path}")
    source = "" if arguments.against is None else f" in {arguments.against}"
    _print(path, report, (*report.notes, *own.notes, *outside.notes), source)
    for fault in dict.fromkeys(faults):
        sys.stdout.write(f"WRONG: {_plain(fault)}\n")
    return 1 if faults else 0


def _print(path: Path, report: TrailReport, notes: Sequence[str], source: str) -> None:
    sys.stdout.write(f"{path}: {report.entries} entries\n")
    for part in report.ranges:
        for line in _range_lines(part, source):
            sys.stdout.write(f"{line}\n")
    for note in notes:
        sys.stdout.write(f"note: {_plain(note)}\n")


def _range_lines(part: TrailRange, source: str) -> Iterator[str]:
    until = part.anchored_until
    if until >= part.first:
        at = rfc3339(part.anchored_at_utc_ns)
        how = (
            f"anchored, by a checkpoint of {at}{source}"
            if source
            else f"as signed here at {at}; not compared with anything outside (--against)"
        )
        yield f"entries {part.first} to {until}: {how}"
    if until < part.last:
        yield f"entries {until + 1} to {part.last}: not anchored"


def _anchors(path: Path, key: PublicKey) -> _Anchors:
    """Return the checkpoints in a file that the key signed, and what is wrong with the others."""
    with path.open("rb") as file:
        text = file.read(_LARGEST_BYTES).decode("utf-8", "replace")
    found, rest = read_checkpoints(text)
    ours = [checkpoint for checkpoint in found if checkpoint.origin == key.origin]
    usable = tuple(checkpoint for checkpoint in ours if is_signed_by(checkpoint, key))
    faults, notes = [], []
    if len(usable) < len(ours):
        count = f"{len(ours) - len(usable)} of {len(ours)} checkpoints in {path}"
        faults.append(f"{count} were not signed by the key of {key.origin}")
    if len(ours) < len(found):
        count = f"{len(found) - len(ours)} of {len(found)} checkpoints in {path}"
        notes.append(f"{count} belong to other trails")
    if rest:
        notes.append(f"{path} holds text that is no checkpoint: {rest[:60]!r}")
    return _Anchors(usable, tuple(faults), tuple(notes))


def _lines(path: Path) -> Iterator[bytes]:
    if path.exists():
        with path.open("rb") as file:
            yield from file


def _show(path: Path, arguments: argparse.Namespace) -> int:
    entries: deque[AuditEntry] = deque(maxlen=arguments.last)
    with path.open("rb") as file:
        for line in file:
            entry = decode_line(line)
            if entry is not None and _is_wanted(entry, arguments):
                entries.append(entry)
    time = Column("time", no_wrap=True)
    table = Table("no.", time, "act", "by", "role", "via", "bed", "about", "")
    for entry in entries:
        act = entry.act
        details = "; ".join(f"{name}: {text}" for name, text in act.detail.items())
        who = (act.by, act.role, act.via, act.bed_id, act.subject, details)
        at = datetime.fromtimestamp(act.at.utc_ns // 1_000_000_000, UTC)
        cells = (str(entry.n), f"{at:%Y-%m-%d %H:%M:%S}Z", act.act.replace("_", " "), *who)
        table.add_row(*(escape(_plain(cell)) for cell in cells))
    Console().print(table)
    sys.stdout.write("unchecked; `crswatch audit verify` checks the trail\n")
    return 0


def _is_wanted(entry: AuditEntry, arguments: argparse.Namespace) -> bool:
    act = entry.act
    return arguments.by in {None, act.by} and arguments.bed in {None, act.bed_id}


def _time(utc_ns: int) -> str:
    return f"{datetime.fromtimestamp(utc_ns // 10**9, UTC):%Y-%m-%d %H:%M:%S}Z"


def _plain(text: str) -> str:
    """Return a text without characters that a terminal would obey."""
    return "".join(character if character.isprintable() else "?" for character in text)
