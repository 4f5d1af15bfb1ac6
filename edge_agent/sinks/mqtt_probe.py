"""Probe of the topics of commands: a broker may grant a subscription and yet deliver nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edge_agent.payloads.common import encode_json
from edge_agent.payloads.topics import is_context
from edge_agent.sinks.mqtt_publication import Publication

_EVERY_S: Final = 60.0
"""Seconds between probes, so that a change of the broker's access list shows soon."""
_WAIT_S: Final = 3.0
"""Seconds for a probe to come back after its PUBACK; a broker sends both at once."""
_EXPIRY_S: Final = 10


class CommandProbe:
    """Messages that the gateway sends to itself on the topics of its beds' commands.

    mosquitto grants every subscription and silently leaves out what its access list does not
    allow. Where the gateway may not write there, nothing is known, and nothing is reported.

    Parameters
    ----------
    topics
        Topics of commands of every bed.
    boot_id
        Id of this run, which tells our probes from those of another gateway.
    """

    def __init__(self, topics: Sequence[str], boot_id: str) -> None:
        self._payload = encode_json({"probe": boot_id})
        self._topics = topics
        self._open: dict[str, None] = {}
        """Topics whose probe has not come back; the network's thread removes them."""
        self._accepted_s: float | None = None
        """Time at which the broker had answered to all; None before."""
        self._silent: dict[str, None] = {}
        """Topics whose last probe was accepted and never came back."""
        self._next_s = 0.0

    def restart(self) -> None:
        """Forget earlier probes: the connection is a new one."""
        self._open, self._accepted_s = {}, None
        self._next_s = 0.0

    def due(self, now_s: float) -> list[Publication]:
        """Return the probes to send now; they count as sent."""
        if now_s < self._next_s:
            return []
        self._judge(now_s)
        self._next_s = now_s + _EVERY_S
        self._open, self._accepted_s = dict.fromkeys(self._topics), None
        return [Publication(topic, self._payload, expiry_s=_EXPIRY_S) for topic in self._topics]

    def note_answers(self, refused: Sequence[str], now_s: float) -> None:
        """Record that the broker has answered to all probes; on some topics we may not write."""
        for topic in refused:
            self._forget(topic)
        self._accepted_s = now_s

    def note_heard(self, topic: str, payload: bytes) -> bool:
        """Return True if a message is our own probe, and record that it came."""
        if payload != self._payload:
            return False
        self._forget(topic)
        return True

    def words(self, now_s: float) -> str:
        """Return what cannot arrive, and why; empty where nothing is known to be wrong."""
        self._judge(now_s)
        silent = list(self._silent)
        found = []
        for what, is_of_kind in (("answers to alerts", False), ("entries about patients", True)):
            topics = [topic for topic in silent if is_context(topic) is is_of_kind]
            if topics:
                more = f" and {len(topics) - 1} more" if len(topics) > 1 else ""
                found.append(
                    f"{what} cannot arrive: the broker delivers nothing on {topics[0]}{more}; "
                    "its access list must let this gateway read there"
                )
        return "; ".join(found)

    def _forget(self, topic: str) -> None:
        self._open.pop(topic, None)
        self._silent.pop(topic, None)

    def _judge(self, now_s: float) -> None:
        if self._accepted_s is not None and now_s - self._accepted_s > _WAIT_S:
            self._silent |= self._open
