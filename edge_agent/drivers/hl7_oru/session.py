"""One line over which HL7 results arrive: bytes and time in, events and answers out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge_agent.drivers.framing import Intake
from edge_agent.drivers.hl7_oru import er7, frames, messages, polling, reply
from edge_agent.drivers.hl7_oru.places import Places
from edge_agent.drivers.hl7_oru.profile_files import profile_of
from edge_agent.drivers.hl7_oru.reply import Outcome
from edge_agent.drivers.link_watch import LinkWatch
from edge_agent.model.session_events import FrameRejected, LinkChanged, LinkState

if TYPE_CHECKING:
    from edge_agent.drivers.base import SessionOptions
    from edge_agent.model.clock import Instant
    from edge_agent.model.session_events import SessionEvent

SILENCE_S: Final = 5.0
"""Senders write a message in one go; TCP repeats a lost piece after 1 s, then 2 s (RFC 6298)."""

_MOST_UNSENT: Final = 65_536
"""A peer that reads nothing gets no more answers; it repeats what was not acknowledged."""

_UNSUPPORTED: Final = "message type not supported"


class Hl7Session:
    """Session with a monitor or a gateway of monitors that sends HL7 results.

    Parameters
    ----------
    options
        Place and device; `profile` names what is particular about the sender.

    Raises
    ------
    ConfigError
        If there is no such profile, or with every mistake in `profile_text`.
    """

    def __init__(self, options: SessionOptions) -> None:
        self._profile = profile_of(options.profile, options.profile_text)
        self._reader = messages.MessageReader(options.device_id, self._profile, options.zone)
        self._intake = Intake(frames.MllpScanner(), SILENCE_S, self._frame)
        self._link = LinkWatch(self._profile.lost_after_s)
        self._polling = polling.Polling(self._profile)
        self._listen_only = options.listen_only
        self._known = Places()
        self._is_answering = False
        self._is_asked = False
        self._unsent = b""
        self._sent_count = 0

    def receive(self, data: bytes, at: Instant) -> list[SessionEvent]:
        """Return what became certain with `data`, received at `at`."""
        return self._intake.receive(data, at)

    def tick(self, at: Instant) -> list[SessionEvent]:
        """Run polls and time-outs; after `SILENCE_S` settle a half-received message."""
        events = self._intake.tick(at)
        events += messages.expired(self._known, at)
        lost = self._link.tick(at)
        if lost:
            self._known.forget_alarms()
            self._is_answering = self._is_asked = False
        return [*events, *lost, *self._poll(at)]

    def bytes_to_send(self) -> bytes:
        """Return and forget the answers and queries due; always empty when listening only."""
        unsent, self._unsent = self._unsent, b""
        return unsent

    def release(self) -> None:
        """Ask no more; HL7 knows no farewell."""
        self._polling.stop()

    def _frame(self, frame: bytes, at: Instant) -> list[SessionEvent]:
        try:
            message = er7.parse(frame[len(frames.BEGIN) : -len(frames.END)])
        except er7.MalformedError as error:
            return [FrameRejected(f"malformed message: {error}", frame)]
        if not message.is_whole:
            self._answer(message, Outcome.ERROR, at)
            return [FrameRejected("malformed message: its segments are damaged", frame)]
        heard: list[SessionEvent] = [*self._heard(at)]
        kind = message.header.component(9, 1)
        if kind == "ACK":
            self._polling.answered()
            return heard
        if not messages.is_supported(message):
            is_accepted = kind in self._profile.accepted_unread
            self._answer(message, Outcome.ACCEPTED if is_accepted else Outcome.REJECTED, at)
            return [*heard, FrameRejected(_UNSUPPORTED, frame)]
        if kind == "ORF":
            self._polling.answered()
        self._answer(message, Outcome.ACCEPTED, at)
        return [*heard, *self._reader.read(message, self._known, at)]

    def _heard(self, at: Instant) -> list[LinkChanged]:
        self._is_answering = True
        return self._link.heard(at)

    def _answer(self, message: er7.Message, outcome: Outcome, at: Instant) -> None:
        rule = self._profile.acknowledge
        for code in reply.acknowledgement_codes(message, outcome, rule):
            self._send(reply.acknowledgement(message, code, self._sending(at)))

    def _poll(self, at: Instant) -> list[SessionEvent]:
        if self._listen_only or not self._polling.is_due(at):
            return []
        self._send(polling.query(self._sending(at)))
        if self._is_answering or self._is_asked:
            return []
        self._is_asked = True
        return [LinkChanged(LinkState.CONNECTING, "the device is asked", at)]

    def _sending(self, at: Instant) -> reply.Sending:
        self._sent_count += 1
        return reply.Sending(at.utc_ns, self._sent_count)

    def _send(self, message: bytes) -> None:
        if not self._listen_only and len(self._unsent) < _MOST_UNSENT:
            self._unsent += frames.framed(message)
