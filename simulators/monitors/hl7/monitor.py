"""Devices that speak HL7 version 2: they push ORU^R01 over TCP, or answer QRY^R02 over serial.

Sources of the dialects: see `hl7_dialects`.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Final

from edge_agent.model.clock import Instant
from simulators.monitors.device import PowerOn
from simulators.monitors.hl7.alarms import AlarmLog, present_alarms
from simulators.monitors.hl7.er7 import HostMessage, HostMessages
from simulators.monitors.hl7.messages import MessageWriter
from simulators.monitors.hl7.outbox import Courier, Letter, Pieces
from simulators.monitors.hl7.rows import Shown
from simulators.monitors.hl7.settings import Hl7Settings
from simulators.monitors.push_device import Timetable
from simulators.patients.vitals import Cuff

_STALE_CUFF: Final = Cuff(142, 114, 100, measured_at_s=-6 * 3600.0)
_CHATTER_EVERY_S: Final = 60.0


class Hl7Monitor:
    """One device; pure: bytes and moments in, bytes out.

    If no host reads, the oldest messages above 64 kB are discarded whole. The witness receives
    every report when it is first sent: not its repeats, and not one that breaks off or is too long
    to be read.

    Parameters
    ----------
    on
        Power-on, with the patient.
    settings
        Settings of the device.
    seed
        Chooses its identity, the start of its counter and the bytes of its faults.
    """

    def __init__(self, on: PowerOn, settings: Hl7Settings, seed: int) -> None:
        self._on = on
        self._settings = settings
        self._chance = Random(f"hl7 {seed}")
        self._writer = MessageWriter(settings, seed)
        self._alarm_log = AlarmLog()
        self._host = HostMessages()
        self._pieces = Pieces(self._chance if settings.in_pieces else None)
        self._times = Timetable(on.at, settings.every_s)
        self._chatter_count = 0
        self._is_silent = False
        self._was_oversized = False
        self.courier = Courier(settings.ack_timeout_s, on.witness)
        """Sends the messages and counts the answers."""

    def receive(self, data: bytes, at: Instant) -> None:
        """Read bytes from the host; discard bytes that are no message silently."""
        self.tick(at)
        for message in self._host.feed(data):
            self._take(message, at)

    def _take(self, message: HostMessage, at: Instant) -> None:
        """Act on a message from the host."""
        if self._is_silent:
            return
        if message.has("MSA") and self.courier.awaits(message.field("MSA", 2)):
            self.courier.answer(message.field("MSA", 1), at)
        elif message.kind == "QRY^R02" and self._settings.is_polled:
            self._answer(message, at)

    def tick(self, at: Instant) -> None:
        """Make the due reports and repeat unacknowledged ones."""
        for due in () if self._settings.is_polled else self._times.due(at):
            if not self._is_silent:
                self._report(due, at)
        if not self._is_silent:
            self.courier.tick(at)

    def bytes_to_send(self) -> bytes:
        """Return and forget the bytes due to the host."""
        return self._pieces.next_bytes(self.courier.fetch())

    def _report(self, due: Instant, now: Instant) -> None:
        shown = self._shown(due)
        self._chatter(shown, due, now)
        is_oversized = self._is_past(self._settings.oversized_at_s, due) and not self._was_oversized
        message, values = self._writer.report(shown, is_oversized=is_oversized)
        self._was_oversized |= is_oversized
        waits = self._settings.wants_ack
        letter = Letter(due, message.wire, message.control_id if waits else "", values)
        self._post(replace(letter, values=None) if is_oversized else letter, now)
        if self._settings.writing.has_alarm_messages and self._settings.sends_alarms:
            for alarm, phase in self._alarm_log.news(present_alarms(shown.vitals), due):
                self._post(Letter(due, self._writer.alarm(alarm, phase, shown).wire), now)

    def _chatter(self, shown: Shown, due: Instant, now: Instant) -> None:
        count = int(self._on.patient_s(due) // _CHATTER_EVERY_S)
        if self._settings.writing.has_chatter and count > self._chatter_count:
            self._chatter_count = count
            for message in self._writer.chatter(shown):
                self._post(Letter(due, message.wire), now)

    def _answer(self, query: HostMessage, at: Instant) -> None:
        message, values = self._writer.answer(query, self._shown(at))
        self._post(Letter(at, message.wire, values=values), at)

    def _post(self, letter: Letter, now: Instant) -> None:
        if self._is_silent:
            return
        if self._is_past(self._settings.half_message_then_silence_at_s, letter.at):
            self._is_silent = True
            half = letter.wire[: len(letter.wire) // 2]
            letter = Letter(letter.at, half)
        elif self._settings.garbage_between:
            self.courier.post(Letter(letter.at, self._garbage()), now)
        self.courier.post(letter, now)

    def _garbage(self) -> bytes:
        noise = self._chance.randbytes(self._chance.randint(3, 20))
        return noise.translate(None, b"\x0b\x1c")  # without bytes that begin or end a message

    def _is_past(self, patient_s: float | None, at: Instant) -> bool:
        return patient_s is not None and self._on.patient_s(at) >= patient_s

    def _shown(self, at: Instant) -> Shown:
        vitals = self._on.vitals_at(at)
        if self._settings.stale_nibp:
            vitals = replace(vitals, cuff=_STALE_CUFF)
        offset_ns = round(self._settings.wall_offset_s * 1e9)
        cuff_wall_ns = None
        if vitals.cuff:
            cuff_wall_ns = self._on.at.plus(vitals.cuff.measured_at_s).utc_ns + offset_ns
        return Shown(vitals, at.utc_ns + offset_ns, cuff_wall_ns)
