"""Seeded damage to a byte stream, as a bad cable does it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from random import Random

from edge_agent.model.clock import Instant


@dataclass(frozen=True, slots=True)
class FaultRates:
    """Probability of each fault, from 0 to 1, and length of a stall."""

    drop_per_byte: float = 0.0
    flip_per_byte: float = 0.0
    """Probability that one bit of a byte is inverted."""
    truncate_per_chunk: float = 0.0
    """Probability that a chunk ends early."""
    repeat_per_chunk: float = 0.0
    """Probability that a chunk comes twice."""
    stall_per_chunk: float = 0.0
    """Probability that nothing passes for `stall_s`, and then everything at once."""
    stall_s: float = 5.0

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if value < 0 or (item.name != "stall_s" and value > 1):
                raise ValueError(f"{item.name} is {value}; want 0 to 1, for stall_s >= 0")


class FaultyLine:
    """A line that damages bytes; the same seed and chunks give the same damage.

    Parameters
    ----------
    rates
        Probability of each fault.
    seed
        Chooses the places of the damage.
    truth
        Receives one byte for each byte given: 1 where that byte passed unchanged, else 0.
    """

    def __init__(self, rates: FaultRates, seed: int, truth: bytearray | None = None) -> None:
        self._rates = rates
        self._truth = truth
        self._random = Random(seed)
        self._held = bytearray()
        self._stalled_until: Instant | None = None  # None while bytes pass

    def pass_on(self, data: bytes, at: Instant) -> bytes:
        """Return the bytes that arrive at the far end now; call it without data to end a stall."""
        if data:
            self._held += self._damaged(data)
            if self._strikes(self._rates.stall_per_chunk) and self._stalled_until is None:
                self._stalled_until = at.plus(self._rates.stall_s)
        if self._stalled_until is not None and at < self._stalled_until:
            return b""
        self._stalled_until = None
        passed = bytes(self._held)
        self._held.clear()
        return passed

    def _damaged(self, data: bytes) -> bytes:
        kept = bytearray()
        passed = bytearray()
        for byte in data:
            is_dropped = self._strikes(self._rates.drop_per_byte)
            is_flipped = not is_dropped and self._strikes(self._rates.flip_per_byte)
            if not is_dropped:
                kept.append(byte ^ (1 << self._random.randrange(8)) if is_flipped else byte)
            passed.append(not is_dropped and not is_flipped)
        if self._strikes(self._rates.truncate_per_chunk):
            lost = len(kept) - self._random.randrange(len(kept) + 1)
            del kept[len(kept) - lost :]
            passed[len(passed) - lost :] = bytes(lost)
        if self._truth is not None:
            self._truth += passed
        return bytes(kept) * (2 if self._strikes(self._rates.repeat_per_chunk) else 1)

    def _strikes(self, probability: float) -> bool:
        return self._random.random() < probability
