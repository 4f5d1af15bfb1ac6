"""Session with one device that prints text lines; it only listens and sends nothing."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from edge_agent.drivers.ascii_line.definition import Definition
from edge_agent.drivers.ascii_line.definition_file import MAX_TEXT, read_definition
from edge_agent.drivers.ascii_line.readings import NO_SUCH_TIME, LineContent, LineFacts, read_line
from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.device_session import DeviceSession
from edge_agent.drivers.framing import Intake, LineScanner
from edge_agent.drivers.link_watch import LinkWatch
from edge_agent.model.clock import Instant
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.session_events import (
    DeviceIdentified,
    FrameRejected,
    NumericsReceived,
    SessionEvent,
)
from edge_agent.model.toml_table import word_of

DEFAULT: Final = "suretemp_like"
"""Definition in use where the options name none."""

SILENCE_S: Final = 1.0
"""Silence in seconds that settles half a line. A line of 250 bytes takes 0.3 s at 9600 baud, and no
device known to us pauses within a line."""

_TIME_NOT_READ: Final = (
    "the date is ignored: it does not exist; are day and month in another order?"
)
"""Reported only for a second such line in a row: a single one counts as damaged."""

_NEVER_S: Final = float("inf")


def _shipped_definitions() -> dict[str, Definition]:
    folder = files("edge_agent.drivers.ascii_line") / "devices"
    return {
        name: read_definition(entry.read_text(encoding="utf-8"), entry.name)
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if (name := entry.name.removesuffix(".toml")) != entry.name
    }


_SHIPPED: Final = _shipped_definitions()

PROFILES: Final = {name: definition.title for name, definition in _SHIPPED.items()}


def open_session(options: SessionOptions) -> DeviceSession[bytes]:
    """Return a session with the device whose definition the options name or hold.

    Raises
    ------
    ConfigError
        If there is no such definition, or with all mistakes of the one given.
    """
    name = options.profile
    if name and options.profile_text:
        message = f"{name!r} beside the text of a definition; want one of the two"
        raise ConfigError((Mistake("ascii_line", "profile", message),))
    if name and name not in _SHIPPED:
        message = word_of(_SHIPPED).refusal(name)
        raise ConfigError((Mistake("ascii_line", "profile", message),))
    definition = _SHIPPED[name or DEFAULT]
    if options.profile_text:
        definition = read_definition(options.profile_text, "definition")
    link = LinkWatch(_NEVER_S if definition.quiet_s is None else definition.quiet_s)
    reader = AsciiLineReader(definition, options, link)
    return DeviceSession(Intake(LineScanner(MAX_TEXT), SILENCE_S, reader.read), link)


class AsciiLineReader:
    """Reads the lines of a device that a definition describes."""

    def __init__(self, definition: Definition, options: SessionOptions, link: LinkWatch) -> None:
        self._definition = definition
        self._options = options
        self._link = link
        self._serial: str | None = None  # None until the device is identified
        self._had_odd_time = False  # True where the last line had a date that does not exist
        self._has_reported_odd_time = False

    def read(self, line: bytes, at: Instant) -> list[SessionEvent]:
        """Return the events of one line."""
        facts = LineFacts(self._options.device_id, self._options.zone, at)
        message = read_line(line.strip(b"\r\n"), self._definition.lines, facts)
        if isinstance(message, str):
            return [FrameRejected(message, line)]
        was_odd, self._had_odd_time = self._had_odd_time, message.has_odd_time
        if message.has_odd_time and not was_odd:
            return [FrameRejected(NO_SUCH_TIME, line)]
        events: list[SessionEvent] = [*self._link.heard(at), *self._identity(message, at)]
        if message.has_odd_time and not self._has_reported_odd_time:
            self._has_reported_odd_time = True
            events.append(FrameRejected(_TIME_NOT_READ, b""))
        if message.numerics:
            events.append(NumericsReceived(message.numerics, message.device_now, at))
        return events

    def _identity(self, message: LineContent, at: Instant) -> list[DeviceIdentified]:
        if self._definition.has_serial and not message.serial:
            return []
        if message.serial == self._serial:
            return []
        self._serial = message.serial
        definition = self._definition
        return [DeviceIdentified(definition.manufacturer, definition.model, message.serial, at)]
