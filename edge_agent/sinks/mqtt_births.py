"""States that a broker must hold, published anew at each connection, and their results.

A broker may break the link at one of them. A message without an answer when the link broke is sent
last at the next connection, and alone; where the link breaks at it again and again, it is left
out for a while, so that everything else arrives.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from edge_agent.sinks.mqtt_publication import Publication

MOST_LOSSES: Final = 3
"""Breaks of the link at one message that are no longer chance, as for entries."""
_MOST_BREAKS: Final = 2
"""Broken connections in a row after which deliveries no longer wait for the states."""
FIRST_MUTE_S: Final = 60.0
LONGEST_MUTE_S: Final = 600.0
"""Longest time for which a message is left out, seconds; with the first, design start values,
unvalidated."""
_UNNUMBERED: Final = -1
"""Placeholder for the number of a message that is sent before its number is known."""


class Births:
    """States still to be published on this connection, and the results of earlier ones."""

    def __init__(self) -> None:
        self._waiting: deque[Publication] = deque()
        self._sent: dict[int, Publication] = {}
        self._losses: dict[str, int] = {}
        """Breaks of the link while a message had no answer, by topic."""
        self._mutes: dict[str, tuple[float, float]] = {}
        """End of the time for which a message is left out, and its length, by topic."""
        self._breaks = 0
        """Connections in a row that broke before the broker held all states."""

    @property
    def are_over(self) -> bool:
        """True where the broker holds all states."""
        return not (self._waiting or self._sent)

    @property
    def go_slowly(self) -> bool:
        """True where deliveries go first, as earlier connections broke at the states."""
        return self._breaks >= _MOST_BREAKS

    def begin(self, messages: Iterable[Publication], now_s: float) -> None:
        """Begin with the states that the broker must hold on this connection, the urgent first."""
        wanted = [m for m in messages if now_s >= self._mutes.get(m.topic, (0.0, 0.0))[0]]
        self._waiting = deque(sorted(wanted, key=lambda m: self._losses.get(m.topic, 0)))
        self._sent = {}

    def next_one(self, window: int) -> Publication | None:
        """Return the next message to send; None while answers are missing, or when none is left."""
        if not self._waiting or len(self._sent) >= window:
            return None
        is_doubtful = self._losses.get(self._waiting[0].topic, 0) > 0
        if (is_doubtful or self.go_slowly) and self._sent:
            return None
        return self._waiting.popleft()

    def next_slow(self) -> Publication | None:
        """Return the next message where deliveries go first; None otherwise, or if none is left."""
        message = self.next_one(1) if self.go_slowly else None
        if message is not None:
            self._sent[_UNNUMBERED] = message
        return message

    def note_held(self, message: Publication) -> None:
        """Record that the broker holds a message of `next_slow`."""
        if self._sent.get(_UNNUMBERED) is message:
            self.pop_answer(_UNNUMBERED)

    def note_sent(self, mid: int, message: Publication) -> None:
        """Record the number of a sent message."""
        self._sent[mid] = message

    def pop_answer(self, mid: int) -> Publication | None:
        """Settle the answer to a number; return its message, None where it is none of these."""
        message = self._sent.pop(mid, None)
        if message is not None:
            self._losses.pop(message.topic, None)
            self._mutes.pop(message.topic, None)
        if self.are_over:
            self._breaks = 0
        return message

    def break_off(self, now_s: float) -> list[str]:
        """Record that the link broke; return the topics that are left out from now on."""
        if self.are_over:
            return []
        self._breaks += 1
        muted = []
        for message in list(self._sent.values()):
            topic = message.topic
            self._losses[topic] = self._losses.get(topic, 0) + 1
            if self._losses[topic] >= MOST_LOSSES:
                _, for_s = self._mutes.get(topic, (0.0, FIRST_MUTE_S / 2))
                for_s = min(2 * for_s, LONGEST_MUTE_S)
                self._mutes[topic] = (now_s + for_s, for_s)
                self._losses[topic] = MOST_LOSSES - 1
                muted.append(topic)
        self._waiting.clear()
        self._sent = {}
        return muted
