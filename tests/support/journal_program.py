"""A program that uses the journal, its deliveries and the audit trail, and says what is safe.

Run as `python -m tests.support.journal_program FOLDER SEED STEPS [MISTAKE]`. A mistake is one of
`journal_mistakes`. What it says goes to the standard output, each fact after the product's own
acknowledgement.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.journal import recorder
from edge_agent.journal.aside import AsidePolicy
from edge_agent.journal.lane_delivery import DeliveryPolicy
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.trail import AuditLog, TrailTimes
from edge_agent.journal.worker import DeliveryWorker
from edge_agent.journal.writer import Journal
from edge_agent.model.audit import Act, AuditAct
from edge_agent.model.errors import DeliveryError, JournalError
from tests.support.fake_sinks import FakeSink
from tests.support.journal_mistakes import make_mistake
from tests.support.power_words import (
    ORIGIN,
    RETAIN_S,
    SINKS,
    bed_of,
    body_of,
    lane_of,
    name_in,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_agent.journal.entries import JournalEntry
    from edge_agent.model.audit import Checkpoint

_WAIT_S: Final = 60.0
_POLICY: Final = DeliveryPolicy(
    first_wait_s=0.02, longest_wait_s=0.1, aside=AsidePolicy(first_alert_wait_s=0.5)
)
_TIMES: Final = TrailTimes(retry_s=0.05)
_KINDS: Final = "rrrrrRRaaacep"


def say(fact: str, **details: object) -> None:
    """Say a fact in one call, which the recorder puts among the writes."""
    os.write(sys.stdout.fileno(), json.dumps({"say": fact, **details}).encode() + b"\n")


class SayingSink(FakeSink):
    """Says what it accepts before the delivery returns."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def deliver(self, entries: Sequence[JournalEntry]) -> int:
        """Accept the entries and say so, or fail as told."""
        count = super().deliver(entries)
        say("accepted", sink=self.name, names=[name_in(entry.body) for entry in entries])
        return count


class Program:
    """The parts of a gateway that write to the disk."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._choice = random.Random(seed)
        self._start = seed * 1_000_000
        self._path = folder / "journal.db"
        self._sinks = [SayingSink(name) for name in SINKS]
        self._later_s = 0.0
        self._begin()

    def _begin(self) -> None:
        boot = uuid.uuid4().hex  # each start has clocks of its own, as after a loss of power
        recorder.boot_id = lambda: boot  # type: ignore[attr-defined]
        self._journal = Journal(JournalSettings(self._path, SINKS, RETAIN_S))
        self._journal.start()
        self._audit = AuditLog(self._path, ORIGIN, read_system_clock, _say_signed, _TIMES)
        self._audit.start()
        self._workers = [DeliveryWorker(self._journal, sink, _POLICY) for sink in self._sinks]
        for worker in self._workers:
            worker.start()

    def end(self) -> None:
        """Stop in good order."""
        for worker in self._workers:
            worker.stop()
        self._audit.stop()
        self._journal.stop()

    def run(self, steps: int) -> None:
        """Append, deliver, delete and restart."""
        for step in range(steps):
            self._append(step)
            self._do_one_of_the_rest(step)
            if step % 3 == 0:
                self._prune()
            if step == steps // 3:
                self._sinks[1].fails_with = DeliveryError("away", retryable=True)
            if step == 2 * steps // 3:
                self._sinks[1].recover()
                self.end()
                self._begin()
        for worker in self._workers:
            worker.wait_until_idle(1.0)
        self._prune()

    def _append(self, step: int) -> None:
        kinds = self._choice.choices(_KINDS, k=self._choice.randint(1, 4))
        names = [f"{kind}-{self._start + step}-{i}" for i, kind in enumerate(kinds)]
        say("try", names=names)
        for name in names:
            self._journal.append(lane_of(name), bed_of(name), time.time_ns(), body_of(name))
        self._until_flushed()
        say("kept", names=names)

    def _until_flushed(self) -> None:
        until_s = time.monotonic() + _WAIT_S
        while True:
            try:
                self._journal.flush()
            except JournalError:
                if time.monotonic() > until_s:
                    raise
                time.sleep(0.05)
            else:
                return

    def _do_one_of_the_rest(self, step: int) -> None:
        match self._choice.randrange(8):
            case 0 | 1 | 2:
                self._act(step)
            case 3:
                self._audit.anchor()
            case 4:
                self._journal.set_meta("newest", str(self._start + step))
                self._until_flushed()
                say("text", number=self._start + step)
            case 5:
                body = str(self._start + step).encode()
                write = self._journal.submit(lambda r: r.store.write_snapshot("bed-0", body))
                if write.exception(_WAIT_S) is None:
                    say("snapshot", number=self._start + step)

    def _act(self, step: int) -> None:
        name = f"act-{self._start + step}"
        say("act_tried", name=name)
        act = AuditAct(Act.ANSWER, "nurse 7", read_system_clock(), "nurse", "mqtt", "bed-0", name)
        self._audit.add(act)
        until_s = time.monotonic() + _WAIT_S
        while self._audit.health().waiting and time.monotonic() < until_s:
            time.sleep(0.002)
        say("act", name=name)

    def _prune(self) -> None:
        """Let time pass for the journal, and let it delete what is due."""
        self._later_s += RETAIN_S
        self._workers[0].wait_until_idle(0.05)
        self._until_flushed()
        done = self._journal.submit(lambda r: r.run_due(time.monotonic() + self._later_s))
        done.exception(_WAIT_S)


def _say_signed(checkpoint: Checkpoint) -> None:
    say("signed", text=checkpoint.text)


if __name__ == "__main__":
    if len(sys.argv) > 4:
        make_mistake(sys.argv[4])
    program = Program(Path(sys.argv[1]), int(sys.argv[2]))
    program.run(int(sys.argv[3]))
    program.end()
