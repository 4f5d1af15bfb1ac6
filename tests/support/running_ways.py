"""The worker of a way with quick times, running while a test uses it."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from edge_agent.notifiers.pending import RetryTimes
from edge_agent.notifiers.worker import WayTimes, WayWorker
from tests.support.brokers import WAIT_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_agent.notifiers.notifier import Notifier
    from tests.support.notices import Heard

NO_BEAT: Final = 3600.0


def times(beat_s: float = NO_BEAT, lost_s: float = 3600.0, wait_s: float = 0.01) -> WayTimes:
    """Return the times of a way that retries quickly."""
    return WayTimes(beat_s, lost_s, 3600.0, 2.0, RetryTimes(wait_s, 4 * wait_s))


@contextmanager
def running(
    way: Notifier, heard: Heard, quick: WayTimes | None = None, *, has_beat: bool = True
) -> Iterator[WayWorker]:
    """Give a running worker and stop it."""
    worker = WayWorker(way, heard.events(), quick or times(), has_beat=has_beat)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def turns(worker: WayWorker, *, wanted: bool | None) -> bool:
    """Wait until a way works, does not, or is not known to; return whether it came to that."""
    until_s = time.monotonic() + WAIT_S
    while worker.health().is_working is not wanted and time.monotonic() < until_s:
        threading.Event().wait(0.005)
    return worker.health().is_working is wanted
