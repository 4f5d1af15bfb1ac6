"""One TCP address for the devices of many beds, and how a message is assigned to its bed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from edge_agent.config.gateway_file import LineSection
from edge_agent.drivers.base import Session
from edge_agent.drivers.registry import driver
from edge_agent.lines.settings import session_options
from edge_agent.lines.shared_alarms import SharedAlarms
from edge_agent.lines.shared_places import SharedPlaces
from edge_agent.model import origins
from edge_agent.model.bed_events import DevicePlace, FromDevice
from edge_agent.model.clock import Clock, Instant
from edge_agent.model.errors import LinkError
from edge_agent.model.session_events import (
    AlarmLimitsChanged,
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    LinkChanged,
    LinkState,
    NumericsReceived,
    SessionEvent,
)
from edge_agent.sources.mllp_source import MAX_CONNECTIONS, MllpSource

_OfDevice = DeviceIdentified | NumericsReceived | DeviceAlarmsChanged | AlarmLimitsChanged

_STILL_TALKS_S: Final = 60.0
"""Seconds since its last message over another connection for which a device is not lost with this
one; most senders report at least every minute. Design start value, unvalidated."""


class SharedLine:
    """Listens at an address; a part that can be restarted.

    Parameters
    ----------
    lines
        The lines with this port, by place; they have one driver, profile and zone.
    report
        Function that receives the sessions' events, on the connections' threads; may block.

    Raises
    ------
    LinkError
        If the address is invalid.
    """

    def __init__(
        self,
        address: str,
        lines: Mapping[DevicePlace, LineSection],
        clock: Clock,
        report: Callable[[FromDevice], None],
    ) -> None:
        self.name = f"connections to {address}"
        self._address = address
        self._clock = clock
        self._report = report
        named = {origins.plain(line.origin): place for place, line in lines.items()}
        self._beds = tuple(named.values())
        self.places = SharedPlaces(named)
        self.introduced: dict[DevicePlace, DeviceIdentified] = {}
        """Newest identity reported for each place."""
        first = next(iter(lines.values()))
        self._spec = driver(first.driver)
        opens = self._spec.open_connections
        assert opens is not None, "the configuration is checked"
        self._open_session = opens(session_options(address, first))
        self._newest_at: dict[DevicePlace, dict[Hashable, Instant]] = {}
        """Open connections of each device, with the time of its newest message over each."""
        self.alarms = SharedAlarms()
        """Alarms of devices with several origins."""
        self.turn = threading.Lock()
        """Held by the connection whose events are read and reported: connections share the alarms,
        and a list of them must not be reported after a newer one."""
        self._source = self._open_source()

    @property
    def bound_port(self) -> int:
        """Port at which it listens; 0 while it does not."""
        return self._source.bound_port

    @property
    def silence_s(self) -> float:
        """Quiet time in seconds after which a half-received message is settled."""
        return self._spec.silence_s

    @property
    def turns(self) -> int:
        """Number of turns of the thread that reads; it stands while something holds the thread."""
        return self._source.turns

    def start(self) -> None:
        """Start listening; restart after the thread died."""
        if self._source.is_alive:
            return
        self._source = self._open_source()
        self._source.start()

    def begin_release(self) -> None:
        """Do nothing: devices that connect by themselves are not released."""

    def stop(self) -> None:
        """Close every connection."""
        self._source.stop()

    def is_alive(self) -> bool:
        """Return True if it listens, or tries to."""
        return self._source.is_alive

    def note_message(self, place: DevicePlace, over: Hashable, at: Instant) -> None:
        """Note a message of a device over one of its connections."""
        self._newest_at.setdefault(place, {})[over] = at

    def is_lost_with(self, place: DevicePlace, ended: Hashable, at: Instant) -> bool:
        """Note the end of a connection; return True if the device uses no other."""
        self._newest_at.setdefault(place, {}).pop(ended, None)
        return not self.talking(place, at)

    def talking(self, place: DevicePlace, at: Instant) -> set[Hashable]:
        """Return the open connections over which a device sent something recently."""
        newest_at = self._newest_at.get(place, {})
        return {
            over for over, then in newest_at.items() if at.seconds_since(then) <= _STILL_TALKS_S
        }

    def report_events(self, place: DevicePlace, events: list[SessionEvent], at: Instant) -> None:
        """Report the events of one device."""
        self._report(FromDevice(place, tuple(events), at))

    def _open_source(self) -> MllpSource:
        return MllpSource(
            self._address, self._converse, self._listening_changed, self._clock, self._turned_away
        )

    @property
    def _everyone(self) -> DevicePlace:
        return DevicePlace("", self._address)

    def _converse(self, _peer: str) -> _DeviceConnection:
        return _DeviceConnection(self, self._everyone, self._open_session())

    def _turned_away(self) -> None:
        reason = f"a connection was turned away; {MAX_CONNECTIONS} are open"
        self.report_events(self._everyone, [FrameRejected(reason, b"")], self._clock.now())

    def _listening_changed(self, error: LinkError | None) -> None:
        if error is not None:
            at = self._clock.now()
            for place in self._beds:
                self.report_events(place, [LinkChanged(LinkState.LOST, str(error), at)], at)


class _DeviceConnection:
    """One connection: its session, and the devices that sent something over it."""

    def __init__(self, line: SharedLine, everyone: DevicePlace, session: Session) -> None:
        self._line = line
        self._everyone = everyone
        self._session = session
        self._devices: set[DevicePlace] = set()
        self._who: dict[DevicePlace, DeviceIdentified] = {}

    @property
    def is_of_use(self) -> bool:
        """True if a device of a bed has sent something."""
        return bool(self._devices)

    def converse(self, data: bytes, at: Instant) -> bytes:
        """Process the received data and return the data to send."""
        with self._line.turn:
            events = self._session.receive(data, at) if data else []
            events += self._session.tick(at)
            self._report(events, at)
        return self._session.bytes_to_send()

    def ended(self, reason: str, at: Instant) -> None:
        """Report the link as lost for each device that used only this connection."""
        # The rest of a half message will not arrive any longer.
        with self._line.turn:
            settled = self._session.tick(at.plus(self._line.silence_s))
            self._report([_dated(event, at) for event in settled], at)
            for place in self._devices:
                if self._line.is_lost_with(place, self, at):
                    self._line.report_events(place, [LinkChanged(LinkState.LOST, reason, at)], at)

    def _report(self, events: list[SessionEvent], at: Instant) -> None:
        """Report the events by place, each place's own link and identity first."""
        by_place: dict[DevicePlace, list[SessionEvent]] = {}
        for event in events:
            if isinstance(event, LinkChanged):
                continue  # this is the connection's link; each device's own is reported below
            if isinstance(event, DeviceAlarmsChanged) and event.is_by_time:
                self._report_over(event, at)
                continue
            place, placed = self._placed(event, at)
            of_place = by_place.setdefault(place, [])
            # Several events of one message that belongs to no bed count as one rejection.
            has_no_bed = place == self._everyone and event.origin
            if not has_no_bed or of_place[-1:] != [placed]:
                of_place.append(placed)
        for place, of_place in by_place.items():
            introduced = self._greeting(place, at) + self._introduction(place, of_place, at)
            self._line.report_events(place, introduced + of_place, at)

    def _report_over(self, event: DeviceAlarmsChanged, at: Instant) -> None:
        """Report alarms that ended by time; this does not count as a message of the device."""
        place = self._line.places.place_of(event.origin)
        if place is not None and self._line.places.is_origin_of(place, event.origin):
            self._line.report_events(place, [self._listed(place, event)], at)

    def _listed(self, place: DevicePlace, event: DeviceAlarmsChanged) -> DeviceAlarmsChanged:
        is_present = partial(self._line.places.is_origin_of, place)
        listed = self._line.alarms.listed(place, event.origin, event.alarms, is_present)
        return replace(event, alarms=listed)

    def _placed(
        self, event: _OfDevice | FrameRejected, at: Instant
    ) -> tuple[DevicePlace, SessionEvent]:
        """Return the place of an event, and the event as that place's; reject it if it has none."""
        if isinstance(event, FrameRejected) and not event.origin:
            return self._everyone, event
        place = self._line.places.place_of(event.origin)
        if place is None:
            return self._everyone, FrameRejected(_no_bed_reason(event.origin), b"")
        if isinstance(event, DeviceIdentified):
            self._who[place] = event
        if rival := self._line.places.rival(place, event.origin, at):
            reason = f"{event.origin!r} has the name of {rival!r}; each needs an origin of its own"
            return place, FrameRejected(reason, b"", event.origin)
        if isinstance(event, NumericsReceived):
            named = tuple(replace(numeric, device_id=place.device_id) for numeric in event.numerics)
            return place, replace(event, numerics=named)
        if isinstance(event, DeviceAlarmsChanged):
            return place, self._listed(place, event)
        return place, event

    def _introduction(
        self, place: DevicePlace, events: list[SessionEvent], at: Instant
    ) -> list[SessionEvent]:
        """Return the identity again if a similar device used another connection meanwhile."""
        new = [event for event in events if isinstance(event, DeviceIdentified)]
        who, before = self._who.get(place), self._line.introduced.get(place)
        if who is None or not any(isinstance(event, NumericsReceived) for event in events):
            return []
        self._line.introduced[place] = who
        is_other = not new and before is not None and _are_two_of_a_kind(who, before)
        return [replace(who, at=at)] if is_other else []

    def _greeting(self, place: DevicePlace, at: Instant) -> list[SessionEvent]:
        if place == self._everyone:
            return []
        self._line.note_message(place, self, at)
        if place in self._devices:
            return []
        self._devices.add(place)
        return [LinkChanged(LinkState.CONNECTED, "the device talks", at)]


def _dated(event: SessionEvent, at: Instant) -> SessionEvent:
    """Return an event with the time `at`."""
    if isinstance(event, FrameRejected):
        return event
    if isinstance(event, NumericsReceived):
        numerics = tuple(replace(numeric, received_at=at) for numeric in event.numerics)
        return replace(event, numerics=numerics, at=at)
    return replace(event, at=at)


def _no_bed_reason(origin: str) -> str:
    """Return the reason why messages from `origin` belong to no bed."""
    if origins.is_readable(origin):
        return f"no bed has the origin {origin!r}"
    return f"the origin {origin!r} cannot be read; say in a profile which `charset` the sender has"


def _are_two_of_a_kind(one: DeviceIdentified, other: DeviceIdentified) -> bool:
    """Return True if two devices of one make are certainly different."""
    is_one_make = (one.manufacturer, one.model) == (other.manufacturer, other.model)
    return is_one_make and "" not in {one.serial, other.serial} and one.serial != other.serial
