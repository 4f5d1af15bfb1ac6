"""Session on one line over which HL7 results arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.framing import Intake
from edge_agent.drivers.hl7_oru import batches, er7, frames, messages, polling, reply
from edge_agent.drivers.hl7_oru.alarms import SharedAlarmLists
from edge_agent.drivers.hl7_oru.profile_files import profile_of
from edge_agent.drivers.hl7_oru.reply import ReplyOutcome
from edge_agent.drivers.hl7_oru.senders import Origins
from edge_agent.drivers.link_watch import LinkWatch
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import FrameRejected, LinkChanged, LinkState, SessionEvent

SILENCE_S: Final = 5.0
"""Seconds of silence that settle half a message: senders write a message in one go; TCP repeats a
lost piece after 1 s, then 2 s (RFC 6298)."""

_END_S: Final = 1.0
"""Seconds after which an end mark ends a message even if nothing follows; some send 1C without
0D."""

_MOST_UNSENT: Final = 65_536
"""Bytes of unsent answers above which no answer is added: a peer that does not read gets no more,
and repeats its unacknowledged messages."""

_UNSUPPORTED: Final = "message type not supported: "
_LONGEST_TYPE: Final = 40
"""Largest number of reported characters of a message type; those of HL7 have up to 16."""
_DAMAGED: Final = "malformed message: its segments are damaged"
_TOO_MANY: Final = "more segments than a message can have"
MOST_SEGMENTS: Final = 8192
"""Largest number of segments in one message: a bed with every module has some 140, and 64 such beds
fit. It bounds the time for which one sender occupies the program."""
_STRAY_LINE: Final = "a line that is not a segment"
_MOST_STRAY_LINES: Final = 16
"""Largest number of stray lines counted in one message; a text of thousands must not fill the
queues."""


def connections(options: SessionOptions) -> Callable[[], Hl7Session]:
    """Return an opener of sessions with the same devices, which share their alarms.

    Raises
    ------
    ConfigError
        Under the same conditions as `Hl7Session`.
    """
    alarms = SharedAlarmLists(profile_of(options.profile, options.profile_text).lost_after_s)
    return lambda: Hl7Session(options, alarms)


class Hl7Session:
    """Session with a monitor or a gateway of monitors that sends HL7 results.

    Parameters
    ----------
    options
        Site and device; `profile` names the peculiarities of the sender.
    alarms
        Alarms of all connections of its devices; None for a connection on its own.

    Raises
    ------
    ConfigError
        If there is no such profile, or with every mistake in `profile_text`.
    """

    def __init__(self, options: SessionOptions, alarms: SharedAlarmLists | None = None) -> None:
        self._profile = profile_of(options.profile, options.profile_text)
        self._reader = messages.MessageReader(options.device_id, self._profile, options.zone)
        self._scanner = frames.MllpScanner()
        self._intake = Intake(self._scanner, SILENCE_S, self._piece)
        self._received_at = Instant(0, 0)  # until the first bytes
        self._context = b""  # of the newest message whose rows were read
        self._link = LinkWatch(self._profile.lost_after_s)
        self._polling = polling.Polling(self._profile)
        self._listen_only = options.listen_only
        self._known = Origins()
        self._alarms = alarms or SharedAlarmLists(self._profile.lost_after_s)
        self._is_answering = False
        self._has_queried = False
        self._unsent = b""
        self._sent_count = 0

    def receive(self, data: bytes, at: Instant) -> list[SessionEvent]:
        """Return the events that `data`, received at `at`, completes."""
        if data:
            self._received_at = at
        return self._intake.receive(data, at)

    def tick(self, at: Instant) -> list[SessionEvent]:
        """Run polls and time-outs; settle a half-received message after `SILENCE_S`."""
        events = self._intake.tick(at)
        if self._scanner.has_end and at.seconds_since(self._received_at) >= _END_S:
            events += self._intake.settle(at)
        events += messages.expired(self._alarms, at)
        lost = self._link.tick(at)
        if lost:
            self._is_answering = self._has_queried = False
        return [*events, *lost, *self._poll(at)]

    def bytes_to_send(self) -> bytes:
        """Return and forget the answers and queries due; always empty when listening only."""
        unsent, self._unsent = self._unsent, b""
        return unsent

    def release(self) -> None:
        """Send no more queries; HL7 has no farewell message."""
        self._polling.stop()

    def _piece(self, piece: bytes, at: Instant) -> list[SessionEvent]:
        body, is_complete, is_rest = frames.content(piece)
        if not is_complete:
            return self._refused(frames.ENDLESS, body, piece, ReplyOutcome.REJECTED, at)
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
        except er7.MalformedTextError as error:
            return [FrameRejected(f"malformed message: {error}", raw)]
        if len(message.segments) > MOST_SEGMENTS:
            return self._refused(_TOO_MANY, text, raw, ReplyOutcome.REJECTED, at)
        if not message.is_whole:
            return self._refused(_DAMAGED, text, raw, ReplyOutcome.ERROR, at)
        heard: list[SessionEvent] = [*self._noted(at)]
        kind = messages.kind_of(message)
        if kind[0] == "ACK":
            self._polling.answered()
            return heard
        if not messages.is_supported(message):
            is_accepted = kind[0] in self._profile.accepted_unread
            self._answer(
                message, ReplyOutcome.ACCEPTED if is_accepted else ReplyOutcome.REJECTED, at
            )
            named = repr(message.header.text(9)[:_LONGEST_TYPE])
            return [*heard, FrameRejected(_UNSUPPORTED + named, raw)]
        if kind[0] == "ORF":
            self._polling.answered()
        self._answer(message, ReplyOutcome.ACCEPTED, at)
        self._context = batches.context(text)
        return [*heard, *self._read(message, at)]

    def _rest(self, text: bytes, raw: bytes, at: Instant) -> list[SessionEvent]:
        """Read the rows after an end mark that was part of a text; the message was answered."""
        context, self._context = self._context, b""
        if context:
            message = er7.parse(context + text, self._profile.charset)
            if message.is_whole:
                # The text may name another patient, whose rows follow.
                self._context = batches.context(context + text)
                return self._read(message, at)
        return [FrameRejected("bytes outside a message", raw)]

    def _read(self, message: er7.Er7Message, at: Instant) -> list[SessionEvent]:
        stray = [FrameRejected(_STRAY_LINE, b"")] * min(message.stray_lines, _MOST_STRAY_LINES)
        return [*stray, *self._reader.read(message, self._known, self._alarms, at)]

    def _refused(
        self, reason: str, text: bytes, raw: bytes, outcome: ReplyOutcome, at: Instant
    ) -> list[SessionEvent]:
        """Reject a message, and tell its sender if the header names one."""
        try:
            message = er7.parse(text, self._profile.charset)
        except er7.MalformedTextError:
            return [FrameRejected(reason, raw)]
        self._answer(message, outcome, at)
        return [FrameRejected(reason, raw)]

    def _noted(self, at: Instant) -> list[LinkChanged]:
        self._is_answering = True
        return self._link.heard(at)

    def _answer(self, message: er7.Er7Message, outcome: ReplyOutcome, at: Instant) -> None:
        rule = self._profile.acknowledge
        for code in reply.acknowledgement_codes(message, outcome, rule):
            self._send(reply.acknowledgement(message, code, self._sending(at)))

    def _poll(self, at: Instant) -> list[SessionEvent]:
        if self._listen_only or not self._polling.is_due(at):
            return []
        self._send(polling.query(self._sending(at)))
        if self._is_answering or self._has_queried:
            return []
        self._has_queried = True
        return [LinkChanged(LinkState.CONNECTING, "the device is queried", at)]

    def _sending(self, at: Instant) -> reply.OutgoingHeader:
        self._sent_count += 1
        return reply.OutgoingHeader(at.utc_ns, self._sent_count)

    def _send(self, message: bytes) -> None:
        if not self._listen_only and len(self._unsent) < _MOST_UNSENT:
            self._unsent += frames.framed(message)
