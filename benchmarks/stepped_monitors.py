"""Monitors whose heart rate steps up and down, and the thread that serves them."""

from __future__ import annotations

import selectors
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from edge_agent.detect.grid import STEP_NS
from simulators.links.pty_link import PtyLink
from simulators.links.system_clock import read_system_clock
from simulators.monitors.intellivue.monitor import IntellivueMonitor
from simulators.patients.patient import Patient
from simulators.patients.vitals import TrueVitals

STEP_EVERY_S: Final = 20.0
"""Seconds of a cycle, half of it up, so that the median of one step is high each time."""
_STEP_TO: Final = 130
_RATES_ON_THE_WIRE: Final = bytes.fromhex("0AA0")
"""Unit /min, which needs no escape on the wire; no message without readings has it."""
_STEP_ON_THE_WIRE: Final = _RATES_ON_THE_WIRE + _STEP_TO.to_bytes(4, "big")
"""Unit and FLOAT of the stepped heart rate."""
_STORED_WRITES: Final = 64
"""Write times stored for a bed: about a minute, and no alert is older."""


@dataclass(slots=True)
class SteppedMonitor:
    """A monitor whose patient's heart rate steps up on command."""

    name: str
    course: Patient
    link: PtyLink
    monitor: IntellivueMonitor = field(init=False)
    is_high: bool = False
    sent_ns: int | None = None
    """Time at which the last byte of the first message with the step was written; None before."""
    writes_ns: deque[int] = field(default_factory=lambda: deque(maxlen=_STORED_WRITES))
    """Times at which the last byte of each message with readings was written."""

    def view(self, patient_s: float) -> TrueVitals:
        """Return the patient's true vitals."""
        vitals = self.course.vitals_at(patient_s)
        if not self.is_high:
            return vitals
        # A step that the pulse confirms is believed at once.
        return replace(vitals, heart_rate=_STEP_TO, pulse_rate=_STEP_TO)

    def serve(self) -> None:
        """Run the monitor, and record the time at which the step is sent."""
        at = read_system_clock()
        received = self.link.read()
        if received:
            self.monitor.receive(received, at)
        self.monitor.tick(at)
        due = self.monitor.bytes_to_send()
        self.link.write(due)
        if _RATES_ON_THE_WIRE in due:
            self.writes_ns.append(time.monotonic_ns())
        if self.is_high and self.sent_ns is None and _STEP_ON_THE_WIRE in due:
            self.sent_ns = time.monotonic_ns()

    def step(self, *, up: bool) -> None:
        """Step up or back down; the time of the last step up is stored until the next one."""
        self.is_high = up
        if up:
            self.sent_ns = None

    def knowable_ns(self, alert_ns: int) -> int:
        """Return the earliest moment at which the gateway could know what an alert says."""
        end_ns = alert_ns // STEP_NS * STEP_NS
        after = [at for at in tuple(self.writes_ns) if end_ns <= at <= alert_ns]
        return min(after, default=end_ns)


class SteppedWard(threading.Thread):
    """Thread that serves every bed and steps each in turn."""

    def __init__(self, beds: Sequence[SteppedMonitor]) -> None:
        super().__init__(name="bench-ward", daemon=True)
        self._beds = beds
        self._random = Random(1)
        self._is_over = threading.Event()
        self._is_stepping = threading.Event()

    def begin_to_step(self) -> None:
        """Step each bed up and down from now on."""
        self._is_stepping.set()

    def stop(self) -> None:
        """Stop the thread and wait for its end."""
        self._is_over.set()
        self.join()

    def run(self) -> None:
        """Serve all beds until stopped."""
        selector = selectors.DefaultSelector()
        for bed in self._beds:
            selector.register(bed.link, selectors.EVENT_READ)
        due_s: dict[str, float] = {}
        while not self._is_over.is_set():
            selector.select(0.05)
            for bed in self._beds:
                bed.serve()
                if self._is_stepping.is_set():
                    self._step(bed, due_s)

    def _step(self, bed: SteppedMonitor, due_s: dict[str, float]) -> None:
        now_s = time.monotonic()
        if now_s >= due_s.setdefault(bed.name, now_s + self._random.uniform(0, STEP_EVERY_S)):
            bed.step(up=not bed.is_high)
            due_s[bed.name] = now_s + STEP_EVERY_S / 2
