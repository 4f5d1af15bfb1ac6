"""A Nonin pulse oximeter: serial data formats 2, 7 and 8, or one line of text per second.

Sources: as in `nonin_wire`; Nonin Avant 4000, 8600V and 9847 operator's manuals, real-time data
output (text); Onyx II 9560 specification (12 frames of perfusion bits per pulse).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from random import Random
from typing import Final, Literal

from edge_agent.model.clock import Instant
from simulators.monitors.device import PowerOn
from simulators.monitors.nonin.wire import (
    ACK,
    FRAMES_PER_PACKET,
    FRAMES_PER_S,
    MISSING_PULSE,
    MISSING_SPO2,
    NAK,
    Format,
    HostCommands,
    StatusByte,
    df8_message,
    frame,
    packet_data,
)
from simulators.monitors.push_device import (
    Outbox,
    Probe,
    ProbeState,
    Timetable,
    has_come,
    wall_time,
)
from simulators.patients.vitals import TrueVitals

_PULSE_FRAMES: Final = 12  # 160 ms: time for which each pulse sets perfusion and artifact bits
_REST_PLETH: Final = 0x8000
_OWN_FRAMES: Final = {"spo2": {0, 2}, "pulse_rate@spo2": {0, 1}}  # frame 0 also starts the count
_NO_READING: Final = "SPO2=--- HR=---"


@dataclass(frozen=True, slots=True)
class NoninSettings:
    """Settings of one oximeter, and its peculiarities."""

    format: Format = "df2"
    """Initial format; the host may change a binary format to another one."""
    search_s: float = 6.0
    """Seconds of pulse search after the sensor is back."""
    red_below: float = 0.3
    """Perfusion index in % below which pulses are marked red: low or no signal."""
    yellow_below: float = 0.6
    """Perfusion index in % below which pulses are marked yellow: marginal signal."""
    artifact_at_s: tuple[float, ...] = ()
    """Patient seconds at which the patient begins to move."""
    artifact_for_s: float = 10.0
    out_of_track_after_s: float = 2.0
    """Seconds of artifact after which it reports that it is out of track."""
    low_battery: bool = False
    """True for a low battery; only format 8 shows it."""
    sync_losses_at_s: tuple[float, ...] = ()
    """Patient seconds from which frames are lost, formats 2 and 7."""
    sync_loss_frames: int = 7
    checksum_errors_at_s: tuple[float, ...] = ()
    """Patient seconds whose packet has a wrong pulse rate or SpO2 byte, formats 2 and 7."""
    wall_offset_s: float = 0.0
    """Offset of its clock from the ward's, seconds; positive where it is ahead."""
    ascii_has_clock: bool = False
    """True for HH:MM:SS before each line of text."""
    ascii_flag: Literal["", "B", "F"] = ""
    """Flag after each line of text: breath detected, or fast averaging."""
    event_marks_at_s: tuple[float, ...] = ()
    """Patient seconds whose line of text ends in an asterisk."""


@dataclass(slots=True)
class _Packet:
    """An outgoing packet."""

    vitals: TrueVitals
    signal: ProbeState
    data: bytes
    """Data bytes, one per frame."""
    corrupted: int | None
    """Index of the frame with a wrong data byte; None where all are right."""
    meant: bytearray
    """Undamaged frames so far, including lost ones."""
    sent: set[int]
    """Indices of the frames that were sent undamaged."""
    is_doubtful: bool = False


class NoninMonitor:
    """One oximeter; pure: bytes and moments in, bytes out.

    The witness receives every line, every format 8 message and every packet of format 2 or 7, after
    its last frame; a packet shows the patient at its first frame. For a packet with a lost or wrong
    frame it receives the undamaged packet, bytes that the line never carries, without the value
    that the frame held.

    Parameters
    ----------
    on
        Power-on, with the patient.
    settings
        Settings of the oximeter.
    seed
        Chooses the start within a pulse, and which byte of a packet is wrong.
    """

    def __init__(self, on: PowerOn, settings: NoninSettings, seed: int) -> None:
        self._on = on
        self._settings = settings
        self._random = Random(seed)
        self._probe = Probe(settings.search_s)
        self._out = Outbox(on.witness)
        self._phase = self._random.random()  # place in the pulse wave, 0 to 1
        self._host = HostCommands()
        self._lost = _lost_frames(settings)
        self._begin(settings.format, on.at)

    def receive(self, data: bytes, at: Instant) -> None:
        """Act on commands from the host; discard other bytes silently."""
        self.tick(at)
        if self._format == "ascii":
            return
        for chosen in self._host.feed(data):
            self._out.put(ACK if chosen else NAK)
            if chosen:
                self._begin(chosen, at)

    def tick(self, at: Instant) -> None:
        """Send the due frames, messages or lines."""
        for due in self._times.due(at):
            if self._format == "ascii":
                self._send_line(due)
            elif self._format == "df8":
                self._send_df8(due)
            else:
                self._send_frame(due)

    def bytes_to_send(self) -> bytes:
        """Return and forget the bytes due to the host."""
        return self._out.fetch()

    def _begin(self, chosen: Format, at: Instant) -> None:
        """Switch to the chosen format; an unfinished packet stays unfinished."""
        is_framed = chosen in {"df2", "df7"}
        self._format = chosen
        self._times = Timetable(at, 1 / FRAMES_PER_S if is_framed else 1.0)
        self._index = 0
        self._packet: _Packet | None = None

    def _send_frame(self, due: Instant) -> None:
        if self._packet is None:
            self._packet = self._new_packet(due)
        packet, index = self._packet, self._index
        is_pulse = self._phase < _PULSE_FRAMES * _step(packet.vitals)
        status = self._status(packet.vitals, packet.signal, due, is_pulse=is_pulse)
        packet.is_doubtful |= status.is_doubtful
        status |= StatusByte.SYNC if index == 0 else StatusByte(0)
        sound = frame(self._format, status, self._pleth(packet), packet.data[index])
        self._phase = (self._phase + _step(packet.vitals)) % 1.0
        packet.meant += sound
        if round(self._on.patient_s(due) * FRAMES_PER_S) not in self._lost:
            self._put(packet, index, sound)
        self._index = (index + 1) % FRAMES_PER_PACKET
        if self._index == 0:
            self._packet = None
            self._attest(packet, due)

    def _new_packet(self, due: Instant) -> _Packet:
        patient_s = self._on.patient_s(due)
        vitals = self._on.view(patient_s)
        signal = self._probe.signal(vitals, due)
        period_s = FRAMES_PER_PACKET / FRAMES_PER_S
        errors_at_s = self._settings.checksum_errors_at_s
        goes_wrong = has_come(errors_at_s, patient_s + period_s, period_s)
        corrupted = self._random.randrange(3) if goes_wrong else None
        data = packet_data(*_on_wire(vitals, signal))
        return _Packet(vitals, signal, data, corrupted, bytearray(), set())

    def _put(self, packet: _Packet, index: int, sound: bytes) -> None:
        if index == packet.corrupted:
            wrong = sound[3] ^ (1 << self._random.randrange(7))
            self._out.put(sound[:3] + bytes((wrong,)) + sound[4:])
        else:
            packet.sent.add(index)
            self._out.put(sound)

    def _attest(self, packet: _Packet, due: Instant) -> None:
        is_good = packet.signal is ProbeState.GOOD and not packet.is_doubtful
        values = _truth(packet.vitals, is_good=is_good)
        for kind, places in _OWN_FRAMES.items():
            if not places <= packet.sent:
                values[kind] = None
        self._out.attest(bytes(packet.meant), due, values)

    def _status(
        self, vitals: TrueVitals, signal: ProbeState, due: Instant, *, is_pulse: bool
    ) -> StatusByte:
        status = StatusByte.ALWAYS
        if signal is ProbeState.OFF:
            return (
                status | StatusByte.DISCONNECTED | StatusByte.OUT_OF_TRACK | StatusByte.SENSOR_ALARM
            )
        if signal is not ProbeState.GOOD:
            return status | StatusByte.OUT_OF_TRACK
        moved_s = self._artifact_s(self._on.patient_s(due))
        if moved_s is not None and moved_s >= self._settings.out_of_track_after_s:
            status |= StatusByte.OUT_OF_TRACK
        if is_pulse:
            status |= self._colour(vitals)
            status |= StatusByte(0) if moved_s is None else StatusByte.ARTIFACT
        return status

    def _artifact_s(self, patient_s: float) -> float | None:
        """Return the seconds for which the patient has been moving; None at rest."""
        lasting_s = self._settings.artifact_for_s
        ages_s = (patient_s - at_s for at_s in self._settings.artifact_at_s)
        return max((age_s for age_s in ages_s if 0 <= age_s < lasting_s), default=None)

    def _colour(self, vitals: TrueVitals) -> StatusByte:
        perfusion = vitals.perfusion_index or 0.0
        if perfusion < self._settings.red_below:
            return StatusByte.RED
        return StatusByte.YELLOW if perfusion < self._settings.yellow_below else StatusByte.GREEN

    def _pleth(self, packet: _Packet) -> int:
        if packet.signal is not ProbeState.GOOD:
            return _REST_PLETH
        height = min(1.0, (packet.vitals.perfusion_index or 0.0) / 3)
        rise = min(self._phase / 0.2, (1 - self._phase) / 0.8)
        return 0x4000 + round(0x8000 * rise * height)

    def _send_df8(self, due: Instant) -> None:
        vitals = self._on.vitals_at(due)
        signal = self._probe.signal(vitals, due)
        status = self._status(vitals, signal, due, is_pulse=True)
        pulse, spo2 = _on_wire(vitals, signal)
        wire = df8_message(status, pulse, spo2, low_battery=self._settings.low_battery)
        is_good = signal is ProbeState.GOOD and not status.is_doubtful
        self._out.report(wire, due, _truth(vitals, is_good=is_good))

    def _send_line(self, due: Instant) -> None:
        settings = self._settings
        vitals = self._on.vitals_at(due)
        is_good = self._probe.signal(vitals, due) is ProbeState.GOOD
        reading = f"SPO2={vitals.spo2:03d} HR={vitals.pulse_rate:03d}" if is_good else _NO_READING
        clock = f"{wall_time(due, settings.wall_offset_s):%H:%M:%S} "
        prefix = clock if settings.ascii_has_clock else ""
        flag = f" {settings.ascii_flag}" if settings.ascii_flag else ""
        mark = "*" if has_come(settings.event_marks_at_s, self._on.patient_s(due), 1.0) else ""
        line = f"{prefix}{reading}{flag}{mark}\r\n"
        self._out.report(line.encode(), due, _truth(vitals, is_good=is_good))


def _lost_frames(settings: NoninSettings) -> set[int]:
    """Return the numbers of the lost frames, counted from patient second 0."""
    firsts = (ceil(at_s * FRAMES_PER_S - 1e-6) for at_s in settings.sync_losses_at_s)
    return {n for first in firsts for n in range(first, first + settings.sync_loss_frames)}


def _on_wire(vitals: TrueVitals, signal: ProbeState) -> tuple[int, int]:
    if signal is not ProbeState.GOOD or vitals.pulse_rate is None or vitals.spo2 is None:
        return MISSING_PULSE, MISSING_SPO2
    return min(vitals.pulse_rate, MISSING_PULSE - 1), vitals.spo2


def _step(vitals: TrueVitals) -> float:
    """Return the share of a pulse that passes in one frame."""
    return (vitals.pulse_rate or 0) / 60 / FRAMES_PER_S


def _truth(vitals: TrueVitals, *, is_good: bool) -> dict[str, float | None]:
    return {
        "spo2": vitals.spo2 if is_good else None,
        "pulse_rate@spo2": vitals.pulse_rate if is_good else None,
    }
