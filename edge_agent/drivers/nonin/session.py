"""Session with one Nonin oximeter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.framing import Intake
from edge_agent.drivers.link_watch import LinkWatch
from edge_agent.drivers.message_facts import MessageFacts
from edge_agent.drivers.nonin import packets
from edge_agent.drivers.nonin.formats import (
    Format,
    LineReader,
    NoninMessage,
    PacketReader,
    SecondReader,
)
from edge_agent.model.clock import Instant
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.measurements import DeviceTime
from edge_agent.model.session_events import (
    DeviceIdentified,
    FrameRejected,
    NumericsReceived,
    SessionEvent,
)
from edge_agent.model.toml_table import word_of

PROFILES: Final = {
    "df2": "data format 2, OEM III and Xpod: 75 frames a second, sent unasked (default)",
    "df7": "data format 7, 3150 and newer modules: 75 frames a second, requested once",
    "df8": "data format 8, 3150 and newer modules: 4 bytes a second, requested once",
    "ascii": "real-time text lines, 8500, 8600, 9600, 9847 and Avant: one a second",
}

SILENCE_S: Final = 0.5
"""Seconds of silence that settle an incomplete packet: longer than a packet lasts (a third of a
second), shorter than the second between lines."""

_LOST_AFTER_S: Final = 5.0
"""Seconds without a message after which the oximeter is lost: fifteen packets of format 2 or 7,
five lines or packets of format 8."""

_REPEAT_AFTER_S: Final = 5.0
"""Seconds of silence after which the command is repeated, for a module switched on later; design
start value."""

# source: GitHub mdpnp/mdpnp, devices/nonin, NoninPulseOx.java: 02, opcode, length, data, 03; data
# of opcode 70 (set data format) is 02 and the number of the format
_SET_FORMAT: Final = {
    "df7": bytes.fromhex("02 70 02 02 07 03"),
    "df8": bytes.fromhex("02 70 02 02 08 03"),
}


_READERS: Final[Mapping[str, Callable[[], Format]]] = {
    "df2": lambda: PacketReader(packets.DF2),
    "df7": lambda: PacketReader(packets.DF7),
    "df8": SecondReader,
    "ascii": LineReader,
}


def open_session(options: SessionOptions) -> NoninSession:
    """Return a session in the format that the profile names.

    Raises
    ------
    ConfigError
        If there is no such profile, or the options hold the text of a profile.
    """
    profile = options.profile or "df2"
    mistakes = []
    if profile not in PROFILES:
        mistakes.append(Mistake("nonin", "profile", word_of(PROFILES).refusal(profile)))
    if options.profile_text:
        mistakes.append(Mistake("nonin", "profile_text", "this driver accepts no profile text"))
    if mistakes:
        raise ConfigError(tuple(mistakes))
    command = b"" if options.listen_only else _SET_FORMAT.get(profile, b"")
    return NoninSession(options.device_id, _READERS[profile](), command)


class NoninSession:
    """Session with one oximeter.

    Parameters
    ----------
    device_id
        Name of the oximeter in every numeric.
    data_format
        Data format that the oximeter sends.
    command
        Command that selects the format; empty where none is needed or nothing may be sent.
    """

    def __init__(self, device_id: str, data_format: Format, command: bytes) -> None:
        self._device_id = device_id
        self._format = data_format
        self._intake = Intake(data_format.scanner, SILENCE_S, self._piece)
        self._command = command
        self._link = LinkWatch(_LOST_AFTER_S)
        self._revision: int | None = None  # None until a packet held it
        self._active_at: Instant | None = None  # newest message or command, None before both
        self._awaits_answer = False  # True while an answer to the command is due
        self._outgoing = b""

    def receive(self, data: bytes, at: Instant) -> list[SessionEvent]:
        """Return the events that `data`, received at `at`, completes."""
        return self._intake.receive(data, at)

    def tick(self, at: Instant) -> list[SessionEvent]:
        """Send the command where it is due; settle an incomplete packet after `SILENCE_S`."""
        events = self._intake.tick(at)
        self._request_format(at)
        return events + self._link.tick(at)

    def bytes_to_send(self) -> bytes:
        """Return and forget the bytes due to the oximeter; always empty when listening only."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def release(self) -> None:
        """Send no more commands; the oximeter has no farewell message."""
        self._command = self._outgoing = b""

    def _request_format(self, at: Instant) -> None:
        is_quiet = self._active_at is None or at.seconds_since(self._active_at) >= _REPEAT_AFTER_S
        if self._command and is_quiet:
            self._outgoing, self._active_at, self._awaits_answer = self._command, at, True

    def _piece(self, piece: bytes, at: Instant) -> list[SessionEvent]:
        if len(piece) == 1:
            return self._answer(piece)
        message = self._format.message(piece)
        if isinstance(message, FrameRejected):
            return [message]
        self._active_at, self._awaits_answer = at, False
        events: list[SessionEvent] = [*self._link.heard(at), *self._identity(message, at)]
        facts = MessageFacts(self._device_id, message.state, at)
        values = tuple(reading.numeric(facts, message.verdict) for reading in message.readings)
        return [*events, NumericsReceived(values, DeviceTime(), at)]

    def _answer(self, answer: bytes) -> list[SessionEvent]:
        is_due, self._awaits_answer = self._awaits_answer, False
        if not is_due:
            return [FrameRejected("an answer without a request", answer)]
        if answer == packets.NAK:
            return [FrameRejected("the device refuses this data format", answer)]
        return []

    def _identity(self, message: NoninMessage, at: Instant) -> list[DeviceIdentified]:
        if message.revision is None or message.revision == self._revision:
            return []
        self._revision = message.revision
        model = f"pulse oximeter, firmware revision {message.revision}"
        return [DeviceIdentified("Nonin", model, "", at)]
