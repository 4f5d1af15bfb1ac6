"""Values that a monitor sent, compared with those that reached an MQTT subscriber.

Nothing may be invented, and nothing missing that the line carried whole.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge_agent.payloads.readings import VitalsWire
    from tests.support.witnessed import Watched

_CLOSE: Final = 0.011
"""Largest difference: half of the coarsest resolution after a change of unit."""


def values_of(message: VitalsWire) -> dict[str, list[float | None]]:
    """Return what a message gives for good, by kind or kind@site; None for what is doubted."""
    found: dict[str, list[float | None]] = {}
    for vital in message.vitals:
        key = f"{vital.kind}@{vital.site}" if vital.site else str(vital.kind)
        found.setdefault(key, []).append(vital.value)
    return found


def good_keys(message: VitalsWire) -> set[str]:
    """Return what a message gives that a rule may count on."""
    return {
        f"{vital.kind}@{vital.site}" if vital.site else str(vital.kind)
        for vital in message.vitals
        if vital.validity.value == "valid" and vital.mode.value == "real"
    }


def agrees(sent: Mapping[str, float | None], message: VitalsWire, *, is_whole: bool) -> bool:
    """Return whether a message has what was sent: of one that came whole no less, never more.

    A cuff reading that is only shown again may be left out; a doubt of the agent's own leaves the
    value.
    """
    found, good = values_of(message), good_keys(message)
    for key, value in sent.items():
        got = found.get(key, [])
        if value is None:
            if key in good:
                return False
        elif not got:
            if is_whole and not _is_occasional(key):
                return False
        elif not any(g is not None and math.isclose(g, value, abs_tol=_CLOSE) for g in got):
            return False
    return all(sent.get(key) is not None for key in good)


def _is_occasional(key: str) -> bool:
    return key.startswith("nibp_") or key == "pulse_rate@nibp"


def explained(watched: Watched) -> str:
    """Return what is wrong with what the subscriber has; empty where nothing is.

    It must have every message that came whole, in order, and nothing that was not sent. A message
    that was damaged may be missing; what arrived of it all the same must be true.
    """
    reached = {0}  # how many received messages can be accounted for by the sent ones so far
    for n, (sent, is_whole) in enumerate(zip(watched.sent, watched.whole, strict=True)):
        taken = {
            at + 1
            for at in reached
            if at < len(watched.received)
            and agrees(sent.values, watched.received[at], is_whole=is_whole)
        }
        after = taken if is_whole else taken | reached
        if not after:
            furthest = max(reached)
            got = (
                values_of(watched.received[furthest])
                if furthest < len(watched.received)
                else "nothing more"
            )
            return f"message {n} at {sent.at}: sent {dict(sent.values)}, got {got}"
        reached = after
    if len(watched.received) not in reached:
        return f"{len(watched.received) - max(reached)} messages more than were sent"
    return ""


def cuff_readings(values: Sequence[float | None]) -> list[float]:
    """Return the readings in a course of shown values: repeats left out."""
    readings: list[float] = []
    for value in values:
        if value is not None and (not readings or readings[-1] != value):
            readings.append(value)
    return readings


NIBP: Final = tuple(
    f"nibp_{part}{site}" for part in ("systolic", "mean", "diastolic") for site in ("", "@cuff")
)
