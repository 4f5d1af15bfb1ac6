"""A PulseTrak 100 with a patient, written from PT-1042 alone: it shares nothing with the driver."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from simulators.monitors.push_device import Outbox, Probe, ProbeState, Timetable

if TYPE_CHECKING:
    from edge_agent.model.clock import Instant
    from simulators.monitors.device import PowerOn
    from simulators.patients.vitals import TrueVitals

_QUESTION: Final = b"\x02\x01\x3f\x40\x03"
_STATUS: Final = {ProbeState.OFF: 0x01, ProbeState.SEARCHING: 0x02, ProbeState.NO_PULSE: 0x02}
_WEAK: Final = 0x04
_SPO2_LOW: Final = 0x10


@dataclass(frozen=True, slots=True)
class PulseTrakSettings:
    """Settings of one oximeter, and its peculiarities."""

    serial: str = ""
    """Serial number; empty lets the seed choose."""
    search_s: float = 6.0
    """Seconds of pulse search after the sensor is back."""
    weak_below: float = 0.4
    """Perfusion index in % below which it flags a weak signal."""
    spo2_limit: int = 90
    temperature_every_s: int = 900
    """Seconds between two measurements of the temperature by a nurse."""
    numbers_while_searching: bool = False
    """True where the last numbers stay in the message during the pulse search."""


class PulseTrakMonitor:
    """One oximeter; pure: bytes and moments in, bytes out.

    Parameters
    ----------
    on
        Power-on, with the patient; its witness receives every message with vital signs.
    settings
        Settings of the oximeter.
    seed
        Chooses its serial number.
    """

    def __init__(self, on: PowerOn, settings: PulseTrakSettings, seed: int) -> None:
        self._on = on
        self._settings = settings
        self._serial = settings.serial or f"PT{Random(seed).randrange(10**6):06d}"
        self._times = Timetable(on.at, 1.0)
        self._probe = Probe(settings.search_s)
        self._asked = b""
        self._out = Outbox(on.witness)

    def receive(self, data: bytes, at: Instant) -> None:
        """Read bytes from the host; the only request is for the serial number."""
        self._asked = (self._asked + data)[-len(_QUESTION) :]
        if self._asked == _QUESTION:
            self._asked = b""
            self._out.put(_frame(b"I" + self._serial.encode()))
        self.tick(at)

    def tick(self, at: Instant) -> None:
        """Send the due messages."""
        for due in self._times.due(at):
            elapsed_s = round(self._on.patient_s(due))
            vitals = self._on.vitals_at(due)
            self._send_values(elapsed_s, vitals, due)
            if elapsed_s % self._settings.temperature_every_s == 0:
                self._send_temperature(elapsed_s, vitals, due)

    def bytes_to_send(self) -> bytes:
        """Return and forget the bytes due to the host."""
        return self._out.fetch()

    def _send_values(self, elapsed_s: int, vitals: TrueVitals, due: Instant) -> None:
        signal = self._probe.signal(vitals, due)
        status = _STATUS.get(signal, 0)
        is_good = signal is ProbeState.GOOD
        numbers = (0xFF, 0xFF, 0xFF)
        perfusion = min(vitals.perfusion_index or 0.0, 20.0)
        if is_good or (signal is ProbeState.SEARCHING and self._settings.numbers_while_searching):
            numbers = (vitals.spo2 or 0, vitals.pulse_rate or 0, round(perfusion * 10))
        if is_good and perfusion < self._settings.weak_below:
            status |= _WEAK
        if is_good and numbers[0] < self._settings.spo2_limit:
            status |= _SPO2_LOW
        believed = is_good and not status & _WEAK
        truth = {
            "spo2": vitals.spo2 if believed else None,
            "pulse_rate@spo2": vitals.pulse_rate if believed else None,
            "perfusion_index": perfusion if believed else None,
        }
        wire = _frame(struct.pack(">cIBBBB", b"V", elapsed_s, status, *numbers))
        self._out.report(wire, due, truth)

    def _send_temperature(self, elapsed_s: int, vitals: TrueVitals, due: Instant) -> None:
        if vitals.temperature is not None:
            wire = _frame(struct.pack(">cIH", b"T", elapsed_s, round(vitals.temperature * 10)))
            self._out.report(wire, due, {"temperature@oral": vitals.temperature})


def _frame(payload: bytes) -> bytes:
    body = bytes([len(payload)]) + payload
    return b"\x02" + body + bytes([sum(body) % 256, 3])
