"""Messages of a simulated HL7 device on their way out: ordered, bounded and acknowledged.

Source of the retries: Philips, Efficia CM Series Data Export Guide, LAN/WLAN data export, flow of
events: three retries, then nothing until the next interval of one minute.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from edge_agent.model.clock import Instant
from simulators.monitors.device import Witness
from simulators.monitors.push_device import OUT_LIMIT, Outbox

_RETRIES: Final = 3
_PAUSE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Letter:
    """One outgoing message."""

    at: Instant
    wire: bytes
    control_id: str = ""
    """Control id; empty where no answer is expected."""
    values: Mapping[str, float | None] | None = None
    """Values that a reader must find; None where nothing is promised."""


class Queue:
    """Letters in order; above the bound, the oldest are discarded whole."""

    def __init__(self) -> None:
        self._letters: deque[Letter] = deque()
        self._size = 0

    def put(self, letter: Letter) -> None:
        """Add a letter; discard the oldest where the bound requires it."""
        self._letters.append(letter)
        self._size += len(letter.wire)
        while self._size > OUT_LIMIT and len(self._letters) > 1:
            self.pop()

    def pop(self) -> Letter | None:
        """Return and forget the oldest letter; None where there is none."""
        if not self._letters:
            return None
        letter = self._letters.popleft()
        self._size -= len(letter.wire)
        return letter


class Pieces:
    """Passes bytes to the line at once or, with `chance`, one piece at a time."""

    def __init__(self, chance: Random | None) -> None:
        self._chance = chance
        self._begun = bytearray()

    def next_bytes(self, fresh: bytes) -> bytes:
        """Return the bytes for the line now, from those left over and these."""
        self._begun += fresh
        count = len(self._begun)
        if self._chance and count:
            count = max(1, round(count * self._chance.uniform(0.3, 0.9)))
        piece = bytes(self._begun[:count])
        del self._begun[:count]
        return piece


@dataclass(slots=True)
class _Unanswered:
    letter: Letter
    again_at: Instant
    tries: int = 1


class Courier:
    """Sends letters; those that need an acknowledgement one at a time.

    Parameters
    ----------
    timeout_s
        Seconds before an unacknowledged letter is sent again; after three repeats the letter is
        discarded and nothing is sent for a minute.
    witness
        Called with every letter with values when it is first sent.
    """

    def __init__(self, timeout_s: float, witness: Witness | None) -> None:
        self._timeout_s = timeout_s
        self._waiting = Queue()
        self._out = Outbox(witness)
        self._unanswered: _Unanswered | None = None
        self._paused_until: Instant | None = None  # None while not paused
        self.accepted = 0
        """Number of answers AA or CA."""
        self.refused = 0
        """Number of other answers."""
        self.given_up = 0

    def post(self, letter: Letter, now: Instant) -> None:
        """Send a letter; one that needs an answer waits for those before it."""
        if letter.control_id:
            self._waiting.put(letter)
            self._send_next(now)
        else:
            self._send(letter)

    def awaits(self, control_id: str) -> bool:
        """Return whether an answer to this message is due."""
        return self._unanswered is not None and self._unanswered.letter.control_id == control_id

    def answer(self, code: str, now: Instant) -> None:
        """Act on the host's answer to the letter that waits for one."""
        if code in {"AA", "CA"}:
            self.accepted += 1
        else:
            self.refused += 1
        self._unanswered = None
        self._send_next(now)

    def tick(self, now: Instant) -> None:
        """Repeat or discard the letter that was not answered in time."""
        open_letter = self._unanswered
        if open_letter and now >= open_letter.again_at:
            if open_letter.tries > _RETRIES:
                self.given_up += 1
                self._unanswered = None
                self._paused_until = now.plus(_PAUSE_S)
            else:
                open_letter.tries += 1
                open_letter.again_at = now.plus(self._timeout_s)
                self._out.put(open_letter.letter.wire)
        self._send_next(now)

    def fetch(self) -> bytes:
        """Return and forget the bytes of the letters that leave now."""
        return self._out.fetch()

    def _send_next(self, now: Instant) -> None:
        if self._paused_until and now < self._paused_until:
            return
        self._paused_until = None
        letter = None if self._unanswered else self._waiting.pop()
        if letter:
            letter = replace(letter, at=now)
            self._unanswered = _Unanswered(letter, now.plus(self._timeout_s))
            self._send(letter)

    def _send(self, letter: Letter) -> None:
        self._out.put(letter.wire)
        if letter.values is not None:
            self._out.attest(letter.wire, letter.at, letter.values)
