"""One device's port and its driver session, both on the port's own thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from edge_agent.config.gateway_file import LineSection
from edge_agent.drivers.base import Session
from edge_agent.drivers.registry import driver
from edge_agent.lines.settings import session_options
from edge_agent.model.bed_events import DevicePlace, FromDevice
from edge_agent.model.clock import Clock, Instant
from edge_agent.model.errors import LinkError
from edge_agent.model.session_events import FrameRejected, LinkChanged, LinkState
from edge_agent.sources.serial_source import SerialSource

_FAREWELL_S: Final = 1.0  # wall: longest wait until a line has sent the release


class BedLine:
    """Runs the dialogue with one device of a bed; a part that can be restarted.

    Parameters
    ----------
    report
        Function that receives the session's events, on the port's thread; may block.

    Raises
    ------
    LinkError
        If the port's address is invalid.
    """

    def __init__(
        self,
        place: DevicePlace,
        line: LineSection,
        clock: Clock,
        report: Callable[[FromDevice], None],
    ) -> None:
        self.name = line_name(place)
        self._place = place
        self._line = line
        self._clock = clock
        self._report = report
        self._spec = driver(line.driver)
        self._options = session_options(place.device_id, line)
        self._session = self._open_session()
        self._source = self._open_source()
        self._is_leaving = threading.Event()
        self._has_left = threading.Event()

    @property
    def turns(self) -> int:
        """Number of turns of the thread that reads; it stands while something holds the thread."""
        return self._source.turns

    def start(self) -> None:
        """Open the port; after the thread died, with a new session."""
        if self._source.is_alive:
            return
        self._session = self._open_session()
        self._source = self._open_source()
        self._source.start()

    def begin_release(self) -> None:
        """Ask the session to release its association; do not wait."""
        self._is_leaving.set()

    def stop(self) -> None:
        """Release the association if there is one, then close the port."""
        self.begin_release()
        if self._source.is_alive:
            self._has_left.wait(_FAREWELL_S)
        self._source.stop()

    def is_alive(self) -> bool:
        """Return True if the port's thread runs."""
        return self._source.is_alive

    def _open_session(self) -> Session:
        return self._spec.open_session(self._options)

    def _open_source(self) -> SerialSource:
        settings = self._spec.serial.overridden_by(self._line.serial)
        return SerialSource(
            self._line.port, settings, self._exchange, self._link_changed, self._clock
        )

    def _exchange(self, data: bytes, at: Instant) -> bytes:
        """Pass received data to the session and return the data to send."""
        events = self._session.receive(data, at) if data else []
        if not self._is_leaving.is_set():
            events += self._session.tick(at)
        elif not self._has_left.is_set():
            self._session.release()
            self._has_left.set()
        if events:
            self._report(FromDevice(self._place, tuple(events), at))
        return self._session.bytes_to_send()

    def _link_changed(self, error: LinkError | None) -> None:
        """Open a new session for a new connection; report a lost one."""
        if error is None:
            self._session = self._open_session()
            self._has_left.clear()
            return
        self._has_left.set()  # Do not wait for a line that is lost.
        at = self._clock.now()
        # The rest of a half frame will not arrive any longer.
        settled = self._session.tick(at.plus(self._spec.silence_s))
        abandoned = tuple(event for event in settled if isinstance(event, FrameRejected))
        lost = LinkChanged(LinkState.LOST, str(error), at)
        self._report(FromDevice(self._place, (*abandoned, lost), at))


def line_name(place: DevicePlace) -> str:
    """Return the name of a device's line in logs and alerts."""
    return f"line of {place.device_id}"
