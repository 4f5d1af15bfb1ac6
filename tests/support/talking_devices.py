"""A device at the far end of a cable, in its own thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from simulators.links.pty_link import PtyLink

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROUND_S = 0.02


class TalkingDevice:
    """Sends messages in turn, whoever listens, until closed; notes what it is told.

    Parameters
    ----------
    messages
        Sent one after the other, again and again.
    pause_s
        Wall seconds between two of them.
    """

    def __init__(self, messages: Sequence[bytes], pause_s: float = 0.1) -> None:
        self._messages = messages
        self._pause_s = pause_s
        self._link = PtyLink()
        self.path = self._link.path
        self.told = bytearray()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="device", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()
        self._link.close()

    def _run(self) -> None:
        sent = 0
        left_s = 0.0
        while not self._is_over.wait(_ROUND_S):
            self.told += self._link.read()
            left_s -= _ROUND_S
            if self._messages and left_s <= 0:
                self._link.write_some(self._messages[sent % len(self._messages)])
                sent += 1
                left_s = self._pause_s
