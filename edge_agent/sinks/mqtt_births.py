"""The states that a broker is to hold, published anew at each connection, each with its fate.

One of them may be what the broker stumbles over. A message that had no answer when the link broke
is sent last at the next connection, and alone; where the link breaks at it again and again, it is
left out for a while, so that everything else arrives.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge_agent.sinks.mqtt_messages import Message

MOST_LOSSES: Final = 3
"""As for entries: the link breaks by chance, too."""
MOST_BREAKS: Final = 2
"""After so many connections that broke before all was held, deliveries no longer wait for it."""
FIRST_MUTE_S: Final = 60.0
LONGEST_MUTE_S: Final = 600.0
"""Design start values, unvalidated."""
_UNNUMBERED: Final = -1
"""Stands for the number of a message that goes before it is known."""


class Births:
    """What is still to be published on this connection, and what was found out on earlier ones."""

    def __init__(self) -> None:
        self._waiting: deque[Message] = deque()
        self._sent: dict[int, Message] = {}
        self._losses: dict[str, int] = {}
        """By topic: how often the link broke while a message there had no answer."""
        self._mutes: dict[str, tuple[float, float]] = {}
        """By topic: until when it is left out, and for how long this time."""
        self._breaks = 0
        """Connections in a row that broke before all was held."""

    @property
    def are_over(self) -> bool:
        """Whether the broker holds all of them."""
        return not (self._waiting or self._sent)

    @property
    def go_slowly(self) -> bool:
        """Whether deliveries go first, as the broker did not let this end before."""
        return self._breaks >= MOST_BREAKS

    def begin(self, messages: Iterable[Message], now_s: float) -> None:
        """Take what is to be held from this connection on, the urgent first."""
        wanted = [m for m in messages if now_s >= self._mutes.get(m.topic, (0.0, 0.0))[0]]
        self._waiting = deque(sorted(wanted, key=lambda m: self._losses.get(m.topic, 0)))
        self._sent = {}

    def next_one(self, window: int) -> Message | None:
        """Return what to send now; None while answers are missing, or when nothing is left."""
        if not self._waiting or len(self._sent) >= window:
            return None
        is_doubtful = self._losses.get(self._waiting[0].topic, 0) > 0
        if (is_doubtful or self.go_slowly) and self._sent:
            return None
        return self._waiting.popleft()

    def next_slow(self) -> Message | None:
        """Return the next one where deliveries go first; None otherwise, or when all are held."""
        message = self.next_one(1) if self.go_slowly else None
        if message is not None:
            self._sent[_UNNUMBERED] = message
        return message

    def note_held(self, message: Message) -> None:
        """Note that one of `next_slow` is held."""
        if self._sent.get(_UNNUMBERED) is message:
            self.take_answer(_UNNUMBERED)

    def note_sent(self, mid: int, message: Message) -> None:
        """Note under which number a message went."""
        self._sent[mid] = message

    def take_answer(self, mid: int) -> Message | None:
        """Return the message that a number belongs to; None where it is none of these."""
        message = self._sent.pop(mid, None)
        if message is not None:
            self._losses.pop(message.topic, None)
            self._mutes.pop(message.topic, None)
        if self.are_over:
            self._breaks = 0
        return message

    def break_off(self, now_s: float) -> list[str]:
        """Note that the link broke; return the topics that are left out from now on."""
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
