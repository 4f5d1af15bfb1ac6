"""Simulated beds: each one monitor with one patient on one pseudo-terminal."""

from __future__ import annotations

import os
import selectors
import threading
from random import Random
from typing import TYPE_CHECKING, Final, Self

from simulators.monitors.philips_intellivue import IntellivueMonitor, MonitorSettings
from simulators.pty_link import PtyLink

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from edge_agent.model.clock import Clock, Instant
    from simulators.faults import FaultyLine
    from simulators.patient import Course

_TICK_WARD_S: Final = 0.2  # a fifth of a measurement cycle
_TICK_WALL_S: Final = (0.02, 0.2)  # shortest and longest sleep, whatever the clock's factor


class SimulatedBed:
    """A monitor with a patient, waiting for a host at `path`.

    Parameters
    ----------
    name
        Shown by the monitor as its bed label.
    course
        The patient.
    clock
        The ward's time; the course begins now.
    seed
        Chooses how this monitor differs from the next one.
    faults
        Damage on the way to the host; None for a good cable.
    """

    def __init__(
        self,
        name: str,
        course: Course,
        clock: Clock,
        seed: int,
        faults: FaultyLine | None = None,
    ) -> None:
        self.name = name
        self.course = course
        self.link = PtyLink()
        self.path = self.link.path
        """Where a host finds the serial port."""
        offset_s = float(Random(seed).randint(-90, 90))  # nobody sets a monitor's clock exactly
        settings = MonitorSettings(bed_label=name, wall_offset_s=offset_s)
        self.monitor = IntellivueMonitor(course.vitals_at, settings, seed, clock.now())
        self._faults = faults
        self._waiting = bytearray()

    def serve(self, at: Instant) -> None:
        """Take what the host wrote, let the monitor work, and write what the cable takes."""
        received = self.link.read()
        if received:
            self.monitor.receive(received, at)
        else:
            self.monitor.tick(at)
        due = self.monitor.bytes_to_send()
        self._waiting += self._faults.pass_on(due, at) if self._faults else due
        del self._waiting[: self.link.write_some(bytes(self._waiting))]

    def close(self) -> None:
        """Unplug the cable."""
        self.link.close()


class SimulatedWard:
    """Runs beds in one thread, from `start` to `stop`."""

    def __init__(self, beds: Sequence[SimulatedBed], clock: Clock) -> None:
        self.beds = tuple(beds)
        self._clock = clock
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe()
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        for bed in self.beds:
            self._selector.register(bed.link, selectors.EVENT_READ, bed)
        self._thread = threading.Thread(target=self._run, name="simulated-ward", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Switch the monitors on."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread and unplug every bed."""
        os.write(self._wake_write, b"x")
        self._thread.join()
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)
        for bed in self.beds:
            bed.close()

    def _run(self) -> None:
        shortest_s, longest_s = _TICK_WALL_S
        pause_s = min(longest_s, max(shortest_s, _TICK_WARD_S / self._clock.factor))
        next_round = self._clock.now()
        while True:
            ready = [key.data for key, _ in self._selector.select(pause_s)]
            if None in ready:
                return
            at = self._clock.now()
            round_is_due = at >= next_round
            for bed in self.beds if round_is_due else ready:
                bed.serve(at)
            if round_is_due:
                next_round = at.plus(pause_s * self._clock.factor)
