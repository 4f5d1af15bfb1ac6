"""Simulated beds: one monitor with one patient at the end of one line."""

from __future__ import annotations

import os
import selectors
import threading
from collections.abc import Sequence
from typing import Final, Generic, Protocol, Self, TypeVar

from edge_agent.model.clock import Clock, Instant
from simulators.monitors.device import MonitorDevice

_TICK_WARD_S: Final = 0.2  # a fifth of a measurement cycle
_TICK_WALL_S: Final = (0.02, 0.2)  # shortest and longest sleep, whatever the clock's factor
WAITING_LIMIT: Final = 65_536
"""Largest number of bytes that wait for a host that does not read, the newest; a minute of a
9600-baud line is 57,600 bytes."""


class DeviceLink(Protocol):
    """The device's end of a cable or of a network connection."""

    path: str
    """Address at which a host finds the device, or at which the device finds the host."""

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when the host has written."""

    def read(self) -> bytes:
        """Return the bytes that the host wrote; empty where it wrote none."""

    def write_some(self, data: bytes) -> int:
        """Return the number of bytes accepted without waiting, possibly 0."""

    def close(self) -> None:
        """Unplug the line for good."""


class PlugLink(DeviceLink, Protocol):
    """A line that can be unplugged and plugged in again."""

    def unplug(self) -> None:
        """Unplug the line; bytes written while it is unplugged are lost."""

    def plug_in(self) -> None:
        """Plug the line in again, under the same path."""


class Served(Protocol):
    """A bed as the ward sees it."""

    @property
    def link(self) -> DeviceLink:
        """The device's end of its line."""

    def serve(self, at: Instant) -> None:
        """Do everything that is due by `at`."""

    def close(self) -> None:
        """Unplug the bed for good."""


class Damage(Protocol):
    """Damage to bytes on their way to the host."""

    def pass_on(self, data: bytes, at: Instant) -> bytes:
        """Return the bytes that arrive at the host now; also called without data."""


Device = TypeVar("Device", bound=MonitorDevice)


class SimulatedBed(Generic[Device]):
    """A monitor with a patient at the end of a line.

    Parameters
    ----------
    name
        Name of the bed.
    monitor
        Device with its patient.
    link
        Device's end of the line.
    damage
        Damage on the way to the host; None for a good cable.
    """

    def __init__(
        self, name: str, monitor: Device, link: DeviceLink, damage: Damage | None = None
    ) -> None:
        self.name = name
        self.monitor = monitor
        self.link = link
        self._damage = damage
        self._waiting = bytearray()

    @property
    def path(self) -> str:
        """Address of the line for a host."""
        return self.link.path

    def serve(self, at: Instant) -> None:
        """Read from the host, run the monitor, and write as much as the line accepts."""
        received = self.link.read()
        if received:
            self.monitor.receive(received, at)
        else:
            self.monitor.tick(at)
        due = self.monitor.bytes_to_send()
        self._waiting += self._damage.pass_on(due, at) if self._damage else due
        del self._waiting[:-WAITING_LIMIT]
        del self._waiting[: self.link.write_some(bytes(self._waiting))]

    def close(self) -> None:
        """Unplug the cable."""
        self.link.close()


class SimulatedWard:
    """Runs beds in one thread, from `start` to `stop`."""

    def __init__(self, beds: Sequence[Served], clock: Clock) -> None:
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

    def __exit__(self, *_: object) -> None:
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
