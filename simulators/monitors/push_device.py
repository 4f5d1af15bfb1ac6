"""Common parts of monitors: the pace of those that send unasked, the outbox, and the probe."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Final, Protocol

from edge_agent.model.clock import Instant
from simulators.monitors.device import PowerOn, Sent, Witness
from simulators.patients.vitals import TrueVitals

# a host may not read for hours; a minute of the fastest line, 9600 baud, is 57,600 bytes
OUT_LIMIT: Final = 65536
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Timetable:
    """Moments at which a device sends: one period after `start`, and then every period.

    Parameters
    ----------
    start
        Time at which the device began to count.
    period_s
        Seconds between two messages.
    """

    def __init__(self, start: Instant, period_s: float) -> None:
        self._start = start
        self._period_s = period_s
        self._passed = 0

    def due(self, at: Instant) -> Iterator[Instant]:
        """Yield every moment up to `at` that was not yielded before, oldest first."""
        while (moment := self._start.plus((self._passed + 1) * self._period_s)) <= at:
            self._passed += 1
            yield dated(moment, at)


def dated(moment: Instant, now: Instant) -> Instant:
    """Return a past moment with the date by the device's clock as it is set now."""
    return Instant(moment.monotonic_ns, now.utc_ns - (now.monotonic_ns - moment.monotonic_ns))


class Outbox:
    """Messages that a device has sent and its host has not read.

    At most `OUT_LIMIT` bytes wait, or the newest piece: the oldest whole pieces are lost, as on a
    line without a listener. The witness receives a message when it is sent, read or not.

    Parameters
    ----------
    witness
        Called with each message with vital signs; None for no call.
    """

    def __init__(self, witness: Witness | None) -> None:
        self._witness = witness
        self._pieces: deque[bytes] = deque()
        self._waiting = 0

    def put(self, piece: bytes) -> None:
        """Put a piece on the line: a message without vital signs, or a part of a message."""
        self._pieces.append(piece)
        self._waiting += len(piece)
        while self._waiting > OUT_LIMIT and len(self._pieces) > 1:
            self._waiting -= len(self._pieces.popleft())

    def attest(self, wire: bytes, at: Instant, values: Mapping[str, float | None]) -> None:
        """Pass the witness a message whose pieces are all on the line."""
        if self._witness:
            self._witness(Sent(wire, at, values))

    def report(self, wire: bytes, at: Instant, values: Mapping[str, float | None]) -> None:
        """Put a whole message with vital signs on the line, and pass it to the witness."""
        self.put(wire)
        self.attest(wire, at, values)

    def fetch(self) -> bytes:
        """Return and forget the waiting bytes."""
        due = b"".join(self._pieces)
        self._pieces.clear()
        self._waiting = 0
        return due


class Writer(Protocol):
    """Bytes of a device that sends unasked."""

    @property
    def period_s(self) -> float:
        """Seconds between two messages."""

    def write(self, due: Instant, on: PowerOn, out: Outbox) -> None:
        """Put on the line everything that is due at a moment."""


class PacedMonitor:
    """One device that sends at its own pace; pure: moments in, bytes out. It accepts no commands.

    Parameters
    ----------
    writer
        Writes the device's bytes.
    on
        Power-on, with the patient.
    """

    def __init__(self, writer: Writer, on: PowerOn) -> None:
        self._writer = writer
        self._on = on
        self._times = Timetable(on.at, writer.period_s)
        self._out = Outbox(on.witness)

    def receive(self, _data: bytes, at: Instant) -> None:
        """Ignore bytes from the host; run up to `at`."""
        self.tick(at)

    def tick(self, at: Instant) -> None:
        """Send everything that is due by `at`."""
        for due in self._times.due(at):
            self._writer.write(due, self._on, self._out)

    def bytes_to_send(self) -> bytes:
        """Return and forget the bytes due to the host."""
        return self._out.fetch()


class ProbeState(Enum):
    """State of an oximeter's probe."""

    GOOD = auto()
    SEARCHING = auto()
    """Back on the patient; the pulse is not found yet."""
    NO_PULSE = auto()
    """On a patient without a pulse."""
    OFF = auto()


class Probe:
    """Follows the state of an oximeter's probe.

    Parameters
    ----------
    search_s
        Seconds of search after the oximeter last saw the probe off the patient.
    """

    def __init__(self, search_s: float) -> None:
        self._search_s = search_s
        self._found_at: Instant | None = None  # end of the search; None where it was never off

    def signal(self, vitals: TrueVitals, at: Instant) -> ProbeState:
        """Return the state of the probe; moments must not run backwards."""
        if vitals.spo2 is None or vitals.pulse_rate is None:
            self._found_at = at.plus(self._search_s)
            return ProbeState.OFF
        if vitals.pulse_rate == 0:
            return ProbeState.NO_PULSE
        if self._found_at is not None and at < self._found_at:
            return ProbeState.SEARCHING
        return ProbeState.GOOD


def wall_time(at: Instant, offset_s: float) -> datetime:
    """Return the time on a device's own clock, `offset_s` seconds ahead of the ward's UTC."""
    return datetime.fromtimestamp((at.utc_ns + round(offset_s * 1e9)) // 10**9, UTC)


def has_come(moments_s: tuple[float, ...], patient_s: float, period_s: float) -> bool:
    """Return whether one of the moments is in the period that ends now."""
    return any(patient_s - period_s < moment_s <= patient_s for moment_s in moments_s)
