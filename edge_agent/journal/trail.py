"""The audit trail of an agent: acts from any thread, written by one, with signed checkpoints.

Adding an act never waits and never fails: while the disk cannot be written, acts wait in memory.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from edge_agent.journal.trail_file import TrailFile, trail_path
from edge_agent.journal.trail_signer import TrailSigner
from edge_agent.model.audit import Act, AuditAct, Checkpoint
from edge_agent.model.clock import Instant
from edge_agent.model.errors import JournalRefusedError

ACTS_AT_MOST: Final = 10_000
"""Acts that may wait for a disk that fails: days of a ward's work, in some 10 MB."""
_CHECKPOINT_EVERY: Final = 100
"""Entries after which a checkpoint is signed."""
_BATCH: Final = 200
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrailHealth:
    """State of the audit trail."""

    fault: str = ""
    """Reason why acts are not written or not signed, or damage that was found; else empty."""
    waiting: int = 0
    """Acts in memory that are not on the disk."""
    lost: int = 0
    """Acts since the start that memory could not hold."""
    entries: int = 0
    """Number of the newest entry."""
    signed: int = 0
    """Number of the newest entry that a checkpoint covers."""


@dataclass(frozen=True, slots=True)
class TrailTimes:
    """Times of the writer, seconds of the wall clock."""

    retry_s: float = 5.0
    """Wait after a failure."""
    sign_after_s: float = 8 * 3600.0
    """Longest time for which entries stay unsigned: a shift, where no ward file names shifts."""
    stop_s: float = 10.0
    """Longest wait at the stop for a disk that hangs."""


class AuditLog:
    """Bounded writer of the audit trail; a part that the supervisor keeps running.

    Parameters
    ----------
    journal
        The journal beside which trail, key and checkpoints are.
    origin
        Name of the trail: site, ward and gateway.
    now
        The ward's time.
    publish
        Sends each checkpoint away from the gateway; called on the writer's thread, must not raise.
    """

    name: Final = "audit trail"

    def __init__(
        self,
        journal: Path,
        origin: str,
        now: Callable[[], Instant],
        publish: Callable[[Checkpoint], None],
        times: TrailTimes = TrailTimes(),
    ) -> None:
        self._now = now
        self._publish = publish
        self._times = times
        self._signer = TrailSigner(journal, origin)
        self._file = TrailFile(trail_path(journal), origin)
        self._thread = threading.Thread()
        # Shared by the callers and the writer's thread, under this lock:
        self._change = threading.Condition()
        self._acts: deque[AuditAct] = deque()
        self._lost = 0
        self._lost_unsaid = 0
        """Lost acts that no entry mentions yet."""
        self._checkpoints_asked = 1
        self._checkpoints_given = 0
        """Number of requests that a checkpoint has answered."""
        self._is_over = False
        self._health = TrailHealth()
        # The writer's own:
        self._faults: dict[str, str] = {}
        """Newest failure of each step that has not succeeded since."""
        self._is_known = False
        """True once the newest checkpoint of an earlier run was looked for."""
        self._signed = 0
        self._unsigned_since_s = time.monotonic()

    def start(self) -> None:
        """Start writing, or start again after the thread died."""
        self._is_over = False
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write and sign what waits, and stop; do nothing when stopped already."""
        with self._change:
            self._is_over = True
            self._checkpoints_asked += 1
            self._change.notify_all()
        if self._thread.is_alive():
            self._thread.join(self._times.stop_s)
            waiting = self.health().waiting
            if waiting:
                _LOG.error("the audit trail lacks %d acts: %s", waiting, self.health().fault)

    def is_alive(self) -> bool:
        """Return True if the thread runs."""
        return self._thread.is_alive()

    def add(self, act: AuditAct) -> bool:
        """Queue an act; return False where memory is full, and the act is lost and counted."""
        with self._change:
            if len(self._acts) >= ACTS_AT_MOST:
                self._lost += 1
                self._lost_unsaid += 1
                return False
            self._acts.append(act)
            self._change.notify_all()
            return True

    def anchor(self) -> None:
        """Sign a checkpoint now, as at each change of shift; it never waits."""
        with self._change:
            self._checkpoints_asked += 1
            self._change.notify_all()

    def wait_until_idle(self, wait_s: float) -> bool:
        """Return True when everything so far is written, and signed if that was wanted."""
        with self._change:
            return self._change.wait_for(lambda: not self._has_work(), wait_s)

    def health(self) -> TrailHealth:
        """Return the trail's state."""
        with self._change:
            health = self._health
            waiting, lost = len(self._acts), self._lost
        return TrailHealth(health.fault, waiting, lost, health.entries, health.signed)

    def _has_work(self) -> bool:
        return bool(self._acts) or self._checkpoints_given < self._checkpoints_asked

    def _run(self) -> None:
        is_over = False
        while not is_over:
            with self._change:
                is_over = self._is_over
                asked = self._checkpoints_asked  # one asked for later waits for acts added later
            is_written = self._step("written", self._write)
            is_signed = is_written and self._step("signed", partial(self._sign, asked))
            with self._change:
                fault = "; ".join(self._faults.values()) or self._file.damage
                self._health = TrailHealth(fault, entries=self._file.count, signed=self._signed)
                self._change.notify_all()
                if is_signed:
                    self._change.wait_for(lambda: self._has_work() or self._is_over, self._wait_s())
                elif is_written:
                    retry_s = self._times.retry_s
                    self._change.wait_for(lambda: bool(self._acts) or self._is_over, retry_s)
                else:
                    self._change.wait_for(lambda: self._is_over, self._times.retry_s)
        self._file.close()

    def _step(self, name: str, act: Callable[[], None]) -> bool:
        """Return True where a step succeeded; say its failure once."""
        try:
            act()
        except (OSError, JournalRefusedError) as error:
            words = f"the audit trail is not {name}: {error}"
            if self._faults.get(name) != words:
                _LOG.error("%s", words)
            self._faults[name] = words
            return False
        self._faults.pop(name, None)
        return True

    def _write(self) -> None:
        """Write everything that waits; begin the trail where there is none."""
        if not self._is_known:
            self._recall()
        is_first = True
        while is_first or self._acts:
            is_first = False
            with self._change:
                batch = list(islice(self._acts, _BATCH))
                is_last = len(batch) == len(self._acts)
                lost = self._lost_unsaid if is_last else 0  # they came after those that wait
                self._lost_unsaid -= lost
            now = self._now()
            detail = {"acts": str(lost)}
            extra = [AuditAct(Act.ACTS_LOST, "", now, via="gateway", detail=detail)] if lost else []
            try:
                self._file.append([*batch, *extra], now)
            except (OSError, JournalRefusedError):
                with self._change:
                    self._lost_unsaid += lost
                raise
            with self._change:
                for _ in batch:
                    self._acts.popleft()

    def _recall(self) -> None:
        """Find out how far the trail was signed; without a key, nothing is known of it."""
        try:
            known = self._signer.newest()
        except (OSError, JournalRefusedError) as error:
            _LOG.error("the end of the audit trail cannot be compared: %s", error)
        else:
            if known is not None:
                self._file.expect(known)
                self._signed = known.count
        self._is_known = True

    def _sign(self, asked: int) -> None:
        """Sign a checkpoint where one is due; it answers the requests up to `asked`."""
        if self._file.count < self._signed:
            self._signed = 0  # the trail was cut off, and counts anew
        unsigned = self._file.count - self._signed
        if unsigned <= 0:
            self._unsigned_since_s = time.monotonic()
        is_asked = asked > self._checkpoints_given
        if not (is_asked or unsigned >= _CHECKPOINT_EVERY or self._is_late()):
            return
        checkpoint = self._signer.sign(self._file.count, self._file.head, self._now().utc_ns)
        self._signed = checkpoint.count
        self._unsigned_since_s = time.monotonic()
        self._publish(checkpoint)
        with self._change:
            self._checkpoints_given = asked

    def _is_late(self) -> bool:
        return self._wait_s() <= 0 and self._file.count > self._signed

    def _wait_s(self) -> float:
        """Return the seconds until unsigned entries have to be signed."""
        left_s = self._unsigned_since_s + self._times.sign_after_s - time.monotonic()
        return max(left_s, 0.0) if self._file.count > self._signed else self._times.sign_after_s
