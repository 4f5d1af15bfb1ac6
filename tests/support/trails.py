"""Audit trails for tests, made by the product's own file."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent.journal.trail_file import TrailFile
from edge_agent.model.audit import Act, AuditAct, Checkpoint
from edge_agent.model.clock import Instant
from edge_agent.payloads.audit import decode_line
from edge_agent.payloads.checkpoints import signed_checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from edge_agent.model.audit import AuditEntry

ORIGIN: Final = "crswatch/hospital/cart-1/gw-01"
START: Final = Instant(5_000_000_000, 1_769_868_300_123_456_789)
KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def an_act(number: int, by: str = "nurse 7") -> AuditAct:
    """Return one act of a person."""
    detail = {"kind": "acknowledge", "outcome": "acknowledged"}
    at = START.plus(number)
    return AuditAct(Act.ANSWER, by, at, "nurse", "mqtt", "bed-01", f"alert-{number}", detail)


def write_trail(path: Path, acts: int, by: str = "nurse 7") -> None:
    """Append that many acts to a trail."""
    with closing(TrailFile(path, ORIGIN)) as file:
        file.append([an_act(number, by) for number in range(acts)], START)


def entries_of(path: Path) -> list[AuditEntry]:
    """Return the sound entries of a trail."""
    found = map(decode_line, path.read_bytes().splitlines(keepends=True))
    return [entry for entry in found if entry is not None]


def lines_of(path: Path) -> list[bytes]:
    """Return the lines of a trail with their ends."""
    return path.read_bytes().splitlines(keepends=True)


def checkpoints_at(path: Path, counts: Iterable[int]) -> list[Checkpoint]:
    """Return checkpoints of a sound trail, as the gateway signed them at these numbers."""
    entries = entries_of(path)
    return [
        signed_checkpoint(KEY, ORIGIN, n, entries[n - 1].head, START.utc_ns + n) for n in counts
    ]
