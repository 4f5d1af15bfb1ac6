"""One line over which HL7 results arrive: bytes and time in, events and answers out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge_agent.drivers.framing import Intake
from edge_agent.drivers.hl7_oru import batches, er7, frames, messages, polling, reply
from edge_agent.drivers.hl7_oru.alarms import AlarmLists
from edge_agent.drivers.hl7_oru.places import Places
from edge_agent.drivers.hl7_oru.profile_files import profile_of
from edge_agent.drivers.hl7_oru.reply import Outcome
from edge_agent.drivers.link_watch import LinkWatch
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import FrameRejected, LinkChanged, LinkState

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_agent.drivers.base import SessionOptions
    from edge_agent.model.session_events import SessionEvent

SILENCE_S: Final = 5.0
"""Senders write a message in one go; TCP repeats a lost piece after 1 s, then 2 s (RFC 6298)."""

_END_S: Final = 1.0
"""After so long an end mark ends a message though nothing follows; some send 1C without 0D."""

_MOST_UNSENT: Final = 65_536
"""A peer that reads nothing gets no more answers; it repeats what was not acknowledged."""

_UNSUPPORTED: Final = "message type not supported: "
_LONGEST_TYPE: Final = 40
"""Characters of a message type that are told; those of HL7 have up to 16."""
_DAMAGED: Final = "malformed message: its segments are damaged"
_TOO_MANY: Final = "more segments than one message has"
MOST_SEGMENTS: Final = 8192
"""Of one message; those of a bed with every module have some 140, and 64 such beds fit. Reading
bounds the time for which one sender occupies the program."""
_STRAY_LINE: Final = "a line that is no segment"
_MOST_TOLD: Final = 16
"""Stray lines of one message that are counted; a text of thousands must not fill the queues."""


def connections(options: SessionOptions) -> Callable[[], Hl7Session]:
    """Return what opens sessions of the same devices, which tell of alarms together.

    Raises
    ------
    ConfigError
        As `Hl7Session` does.
    """
    alarms = AlarmLists(profile_of(options.profile, options.profile_text).lost_after_s)
    return lambda: Hl7Session(options, alarms)


class Hl7Session:
    """Session with a monitor or a gateway of monitors that sends HL7 results.

    Parameters
    ----------
    options
        Place and device; `profile` names what is particular about the sender.
    alarms
        Those of all connections of its devices; None where it has them alone.

    Raises
    ------
    ConfigError
        If there is no such profile, or with every mistake in `profile_text`.
    """

    def __init__(self, options: SessionOptions, alarms: AlarmLists | None = None) -> None:
        self._profile = profile_of(options.profile, options.profile_text)
        self._reader = messages.MessageReader(options.device_id, self._profile, options.zone)
        self._scanner = frames.MllpScanner()
        self._intake = Intake(self._scanner, SILENCE_S, self._piece)
        self._received_at = Instant(0, 0)  # until the first bytes
        self._context = b""  # of the newest message whose rows were read
        self._link = LinkWatch(self._profile.lost_after_s)
        self._polling = polling.Polling(self._profile)
        self._listen_only = options.listen_only
        self._known = Places()
        self._alarms = alarms or AlarmLists(self._profile.lost_after_s)
        self._is_answering = False
        self._is_asked = False
        self._unsent = b""
        self._sent_count = 0

    def receive(self, data: bytes, at: Instant) -> list[SessionEvent]:
        """Return what became certain with `data`, received at `at`."""
        if data:
            self._received_at = at
        return self._intake.receive(data, at)

    def tick(self, at: Instant) -> list[SessionEvent]:
        """Run polls and time-outs; after `SILENCE_S` settle a half-received message."""
        events = self._intake.tick(at)
        if self._scanner.has_end and at.seconds_since(self._received_at) >= _END_S:
            events += self._intake.settle(at)
        events += messages.expired(self._alarms, at)
        lost = self._link.tick(at)
        if lost:
            self._is_answering = self._is_asked = False
        return [*events, *lost, *self._poll(at)]

    def bytes_to_send(self) -> bytes:
        """Return and forget the answers and queries due; always empty when listening only."""
        unsent, self._unsent = self._unsent, b""
        return unsent

    def release(self) -> None:
        """Ask no more; HL7 knows no farewell."""
        self._polling.stop()

    def _piece(self, piece: bytes, at: Instant) -> list[SessionEvent]:
        body, is_complete, is_rest = frames.content(piece)
        if not is_complete:
            return self._refused(frames.ENDLESS, body, piece, Outcome.REJECTED, at)
        if is_rest:
            return self._rest(body, piece, at)
        events: list[SessionEvent] = []
        found = batches.split(body)
        for text in found:
            if batches.is_wrapping(text) and (len(found) > 1 or text.strip()):
                continue
            events += self._message(text, piece if len(found) == 1 else text, at)
        return events

    def _message(self, text: bytes, raw: bytes, at: Instant) -> list[SessionEvent]:
        self._context = b""
        try:
            message = er7.parse(text, self._profile.charset)
        except er7.MalformedError as error:
            return [FrameRejected(f"malformed message: {error}", raw)]
        if len(message.segments) > MOST_SEGMENTS:
            return self._refused(_TOO_MANY, text, raw, Outcome.REJECTED, at)
        if not message.is_whole:
            return self._refused(_DAMAGED, text, raw, Outcome.ERROR, at)
        heard: list[SessionEvent] = [*self._heard(at)]
        kind = messages.kind_of(message)
        if kind[0] == "ACK":
            self._polling.answered()
            return heard
        if not messages.is_supported(message):
            is_accepted = kind[0] in self._profile.accepted_unread
            self._answer(message, Outcome.ACCEPTED if is_accepted else Outcome.REJECTED, at)
            named = repr(message.header.text(9)[:_LONGEST_TYPE])
            return [*heard, FrameRejected(_UNSUPPORTED + named, raw)]
        if kind[0] == "ORF":
            self._polling.answered()
        self._answer(message, Outcome.ACCEPTED, at)
        self._context = batches.context(text)
        return [*heard, *self._read(message, at)]

    def _rest(self, text: bytes, raw: bytes, at: Instant) -> list[SessionEvent]:
        """Read the rows behind an end mark that stood in a text; the message was answered."""
        context, self._context = self._context, b""
        if context:
            message = er7.parse(context + text, self._profile.charset)
            if message.is_whole:
                # Another patient may have come in it, whose rows follow.
                self._context = batches.context(context + text)
                return self._read(message, at)
        return [FrameRejected("bytes outside a message", raw)]

    def _read(self, message: er7.Message, at: Instant) -> list[SessionEvent]:
        stray = [FrameRejected(_STRAY_LINE, b"")] * min(message.stray_lines, _MOST_TOLD)
        return [*stray, *self._reader.read(message, self._known, self._alarms, at)]

    def _refused(
        self, reason: str, text: bytes, raw: bytes, outcome: Outcome, at: Instant
    ) -> list[SessionEvent]:
        """Refuse a message so that its sender learns of it, if its header says who that is."""
        try:
            message = er7.parse(text, self._profile.charset)
        except er7.MalformedError:
            return [FrameRejected(reason, raw)]
        self._answer(message, outcome, at)
        return [FrameRejected(reason, raw)]

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
