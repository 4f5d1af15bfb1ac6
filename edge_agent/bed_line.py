"""One bed's port and the driver session behind it, both on the port's own thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.registry import driver
from edge_agent.model.session_events import LinkChanged, LinkState
from edge_agent.sources.serial_source import LineSettings, SerialSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_agent.config import BedSection
    from edge_agent.drivers.base import DriverSpec, Session
    from edge_agent.model.clock import Clock, Instant
    from edge_agent.model.errors import LinkError
    from edge_agent.model.session_events import SessionEvent

_FAREWELL_S: Final = 1.0  # wall: a line that does not even take the release is left as it is


@dataclass(frozen=True, slots=True)
class FromBed:
    """What one bed's session reported at one moment."""

    bed_id: str
    events: tuple[SessionEvent, ...]
    at: Instant


class BedLine:
    """Carries one bed's dialogue; a part that can be started again.

    Parameters
    ----------
    bed
        The bed, its port and its driver.
    clock
        The ward's time.
    report
        Takes what the session reports, on the port's thread; may wait.

    Raises
    ------
    LinkError
        If the port's address is one that no port has.
    """

    def __init__(self, bed: BedSection, clock: Clock, report: Callable[[FromBed], None]) -> None:
        self.name = f"line of {bed.id}"
        self._bed = bed
        self._clock = clock
        self._report = report
        self._spec = driver(bed.driver)
        self._session = self._open_session()
        self._source = self._open_source()
        self._is_leaving = threading.Event()
        self._has_left = threading.Event()

    def start(self) -> None:
        """Open the port; after a death with a new session."""
        if self._source.is_alive:
            return
        self._session = self._open_session()
        self._source = self._open_source()
        self._source.start()

    def ask_to_leave(self) -> None:
        """Have the session release its association; returns at once."""
        self._is_leaving.set()

    def stop(self) -> None:
        """Release the association where there is one, then close the port."""
        self.ask_to_leave()
        if self._source.is_alive:
            self._has_left.wait(_FAREWELL_S)
        self._source.stop()

    def is_alive(self) -> bool:
        """Return whether the port's thread runs."""
        return self._source.is_alive

    def _open_session(self) -> Session:
        return self._spec.open_session(SessionOptions(self._bed.id, self._bed.listen_only))

    def _open_source(self) -> SerialSource:
        settings = _line_settings(self._spec, self._bed)
        return SerialSource(
            self._bed.port, settings, self._converse, self._link_changed, self._clock
        )

    def _converse(self, data: bytes, at: Instant) -> bytes:
        events = self._session.receive(data, at) if data else []
        if not self._is_leaving.is_set():
            events += self._session.tick(at)
        elif not self._has_left.is_set():
            self._session.release()
            self._has_left.set()
        if events:
            self._report(FromBed(self._bed.id, tuple(events), at))
        return self._session.bytes_to_send()

    def _link_changed(self, error: LinkError | None) -> None:
        if error is None:
            self._session = self._open_session()
            self._has_left.clear()
            return
        self._has_left.set()  # A line that is gone is not waited for.
        at = self._clock.now()
        lost = LinkChanged(LinkState.LOST, str(error), at)
        self._report(FromBed(self._bed.id, (lost,), at))


def _line_settings(spec: DriverSpec, bed: BedSection) -> LineSettings:
    """Return the driver's settings with what the configuration overrides."""
    ours, theirs = bed.serial, spec.serial
    return LineSettings(
        baud=theirs.baud if ours.baud is None else ours.baud,
        byte_size=theirs.byte_size if ours.byte_size is None else ours.byte_size,
        parity=theirs.parity if ours.parity is None else ours.parity,
        stop_bits=theirs.stop_bits if ours.stop_bits is None else ours.stop_bits,
        rts_cts=theirs.rts_cts if ours.rts_cts is None else ours.rts_cts,
    )
