"""Facts that the program under a power cut says, one on each line, and the entries they name."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from edge_agent.journal.entries import Lane

if TYPE_CHECKING:
    from collections.abc import Sequence

SINKS: Final = ("north", "south")
ORIGIN: Final = "crswatch/hospital/cart-1/gw-01"
RETAIN_S: Final = 3600.0
_LANES: Final = {"a": Lane.ALERTS, "p": Lane.ALERTS, "c": Lane.CALLS, "e": Lane.EVENTS}
"""Lane of an entry by the first letter of its name; all others are readings."""
_EVENTS: Final = {"c": "call", "e": "context_entered"}


def lane_of(name: str) -> Lane:
    """Return the lane of an entry."""
    return _LANES.get(name[0], Lane.READINGS)


def bed_of(name: str) -> str:
    """Return the bed of an entry."""
    return f"bed-{sum(name.encode()) % 3}"


@cache
def body_of(name: str) -> bytes:
    """Return the body of an entry, which is told by its name; a sink refuses those with p."""
    fill = random.Random(name).randbytes(150 if name[0] != "R" else 3000).hex()
    if lane_of(name) is Lane.ALERTS:
        record = {"alert_id": name, "n": 1, "rule_id": f"rule-{sum(name.encode()) % 4}"}
    else:
        record = {"id": name, "event": _EVENTS.get(name[0], "")}
    return json.dumps(record | {"poison" if name[0] == "p" else "fill": fill}).encode()


def name_in(body: bytes) -> str:
    """Return the name of an entry by its body; empty where it has none."""
    try:
        record = json.loads(body)
    except ValueError:
        return ""
    return str(record.get("alert_id") or record.get("id") or "")


@dataclass(frozen=True, slots=True)
class Said:
    """Everything the program had said until a moment."""

    tried: frozenset[str]
    """Entries that it began to append."""
    kept: frozenset[str]
    """Entries that the journal acknowledged."""
    accepted: frozenset[tuple[str, str]]
    """Sink and entry."""
    acts_tried: frozenset[str]
    acts: frozenset[str]
    """Acts that the audit trail acknowledged."""
    text: int
    """Newest text for the next run that the journal acknowledged; 0 before the first."""
    snapshot: int
    """Newest snapshot that the journal acknowledged; 0 before the first."""
    signed: frozenset[str]
    """Texts of the checkpoints that went out."""


def heard(lines: Sequence[str]) -> Said:
    """Return what lines say."""
    facts = [json.loads(line) for line in lines]

    def said(kind: str, key: str) -> list[Any]:
        return [fact[key] for fact in facts if fact["say"] == kind]

    def all_said(kind: str) -> frozenset[str]:
        return frozenset(name for names in said(kind, "names") for name in names)

    return Said(
        tried=all_said("try"),
        kept=all_said("kept"),
        accepted=frozenset(
            (fact["sink"], name)
            for fact in facts
            if fact["say"] == "accepted"
            for name in fact["names"]
        ),
        acts_tried=frozenset(said("act_tried", "name")),
        acts=frozenset(said("act", "name")),
        text=max(said("text", "number"), default=0),
        snapshot=max(said("snapshot", "number"), default=0),
        signed=frozenset(said("signed", "text")),
    )
