"""Session with one oximeter: bytes and time in, events and bytes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.framing import Intake
from edge_agent.drivers.link_watch import LinkWatch
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, GenerationMode, Numeric, Validity
from edge_agent.model.session_events import (
    DeviceAlarm,
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    NumericsReceived,
    SessionEvent,
)

from .frames import LengthScanner, framed, payload_of
from .messages import (
    PULSE_LOW,
    SPO2_LOW,
    TEMPERATURE_ROW,
    VALUE_ROWS,
    Identity,
    Row,
    Temperature,
    Values,
    parse,
)

SILENCE_S: Final = 0.5
"""Seconds of silence that settle half a frame: longer than an adapter holds bytes back (16 ms),
shorter than the second between messages."""
_LOST_AFTER_S: Final = 5.0
"""Seconds without a message after which the oximeter is lost: five messages; a restart takes
longer."""
_REQUEST_EVERY_S: Final = 5.0
_SERIAL_REQUEST: Final = framed(b"?")  # PT-1042 rev. C, section 4.1
_LOW: Final = (3 << 16) + 62  # source: ISO/IEEE 11073-10101, partition 3 (events)
_ALARMS: Final = ((SPO2_LOW, VALUE_ROWS[0].code), (PULSE_LOW, VALUE_ROWS[1].code))


class PulseTrakSession:
    """Session with one oximeter, which sends unasked except for its serial number.

    Parameters
    ----------
    options
        Name of the device, and True in `listen_only` to send nothing.
    """

    def __init__(self, options: SessionOptions) -> None:
        self._device_id = options.device_id
        self._may_send = not options.listen_only
        self._intake = Intake(LengthScanner(), SILENCE_S, self._frame)
        self._link = LinkWatch(_LOST_AFTER_S)
        self._requested_at: Instant | None = None  # None before the first request
        self._unsent = b""
        self._is_identified = False  # since the link was established
        self._serial = ""  # last reported
        self._alarms: tuple[DeviceAlarm, ...] | None = None  # last reported, None before the first

    def receive(self, data: bytes, at: Instant) -> list[SessionEvent]:
        """Return the events that `data`, received at `at`, completes."""
        return self._intake.receive(data, at)

    def tick(self, at: Instant) -> list[SessionEvent]:
        """Settle half a frame, report a lost oximeter, and request an unknown serial number."""
        events = self._intake.tick(at)
        if lost := self._link.tick(at):
            events += lost
            self._is_identified, self._alarms = False, None  # another oximeter may follow
        self._request_serial(at)
        return events

    def bytes_to_send(self) -> bytes:
        """Return and forget the bytes due to the oximeter."""
        unsent, self._unsent = self._unsent, b""
        return unsent

    def release(self) -> None:
        """Send no more requests; the oximeter has no farewell message."""
        self._may_send = False

    def _request_serial(self, at: Instant) -> None:
        is_due = (
            self._requested_at is None or at.seconds_since(self._requested_at) >= _REQUEST_EVERY_S
        )
        if self._may_send and is_due and not self._is_identified:
            self._requested_at, self._unsent = at, _SERIAL_REQUEST

    def _frame(self, frame: bytes, at: Instant) -> list[SessionEvent]:
        message = parse(payload_of(frame))
        if isinstance(message, str):
            return [FrameRejected(message, frame)]
        heard = self._link.heard(at)
        if isinstance(message, Identity):
            return [*heard, *self._identified(message, at)]
        if isinstance(message, Temperature):
            return [*heard, self._temperature(message, at)]
        return [*heard, *self._values(message, at)]

    def _values(self, message: Values, at: Instant) -> list[SessionEvent]:
        origin = _Origin(
            self._device_id, message.status, message.mode, _elapsed(message.elapsed_s), at
        )
        numbers = zip(VALUE_ROWS, message.numbers, strict=True)
        numerics = tuple(origin.numeric(row, number, message.validity) for row, number in numbers)
        events: list[SessionEvent] = [NumericsReceived(numerics, origin.device_now, at)]
        alarms = tuple(_alarm(code, bit) for bit, code in _ALARMS if message.status & bit)
        if alarms != self._alarms:
            self._alarms = alarms
            events.append(DeviceAlarmsChanged(alarms, origin.device_now, at))
        return events

    def _temperature(self, message: Temperature, at: Instant) -> NumericsReceived:
        now = _elapsed(message.elapsed_s)
        origin = _Origin(self._device_id, 0, GenerationMode.REAL, now, at, is_sent_once=True)
        numeric = origin.numeric(TEMPERATURE_ROW, message.degrees, Validity.VALID)
        return NumericsReceived((numeric,), now, at)

    def _identified(self, message: Identity, at: Instant) -> list[DeviceIdentified]:
        self._is_identified = True
        if message.serial == self._serial:
            return []
        self._serial = message.serial
        return [DeviceIdentified("Acme", "PulseTrak 100", message.serial, at)]


@dataclass(frozen=True, slots=True)
class _Origin:
    """Facts that all numerics of one message share."""

    device_id: str
    status: int
    mode: GenerationMode
    device_now: DeviceTime
    at: Instant
    is_sent_once: bool = False

    def numeric(self, row: Row, value: float | None, validity: Validity) -> Numeric:
        """Return the numeric of a value, with the oximeter's verdict on it."""
        if value is None and validity is not Validity.INVALID:
            validity = Validity.NOT_AVAILABLE
        return Numeric(
            device_id=self.device_id,
            channel="",
            code=row.code,
            label=row.label,
            value=None if validity is Validity.INVALID else value,
            unit_code=row.unit[0],
            unit=row.unit[1],
            state=self.status,
            validity=validity,
            mode=self.mode,
            measured_at=self.device_now,
            received_at=self.at,
            is_sent_once=self.is_sent_once,
        )


def _elapsed(seconds: int) -> DeviceTime:
    return DeviceTime(elapsed_ns=seconds * 10**9)


def _alarm(source_code: int, bit: int) -> DeviceAlarm:
    return DeviceAlarm(
        source_code=source_code,
        event_code=_LOW,
        priority="",
        is_technical=False,
        state=bit,
        channel="",
        text="",
        is_usable=True,
    )
