"""What the program under a power cut and its judge say to each other: one line for each fact."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

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


@dataclass(slots=True)
class Said:
    """Everything the program had said until a moment."""

    tried: set[str] = field(default_factory=set)
    """Entries that it began to append."""
    kept: list[str] = field(default_factory=list)
    """Entries that the journal acknowledged."""
    accepted: set[tuple[str, str]] = field(default_factory=set)
    """Sink and entry."""
    acts_tried: set[str] = field(default_factory=set)
    acts: set[str] = field(default_factory=set)
    """Acts that the audit trail acknowledged."""
    text: int = 0
    """Newest text for the next run that the journal acknowledged."""
    snapshot: int = 0
    signed: list[tuple[int, str]] = field(default_factory=list)
    """Number and text of the checkpoints that went out."""


def heard(lines: Sequence[str]) -> Said:
    """Return what lines say."""
    all_said = Said()
    for line in lines:
        fact = json.loads(line)
        match fact["say"]:
            case "try":
                all_said.tried |= set(fact["names"])
            case "kept":
                all_said.kept += fact["names"]
            case "accepted":
                all_said.accepted |= {(fact["sink"], name) for name in fact["names"]}
            case "act_tried":
                all_said.acts_tried.add(fact["name"])
            case "act":
                all_said.acts.add(fact["name"])
            case "text":
                all_said.text = fact["number"]
            case "snapshot":
                all_said.snapshot = fact["number"]
            case "signed":
                all_said.signed.append((fact["count"], fact["text"]))
    return all_said
