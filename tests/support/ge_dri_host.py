"""A host of the Datex-Ohmeda Record Interface made of quoted frames, and a reader of its own.

The six frames are printed in the S/5 Computer Interface document, M1017617; offsets are those of
the DRI specification, 8005313. Nothing here comes from the simulator's code.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import pack, unpack_from

from edge_agent.model.clock import Instant
from simulators.monitors.device import PowerOn, Sent
from simulators.monitors.ge_dri.monitor import GeDriMonitor
from simulators.monitors.ge_dri.settings import GeDriSettings
from simulators.patients.vitals import Cuff, TrueVitals

START_DISPLAYED = bytes.fromhex(
    "7e 31 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff 00 00 00 00 00 00 00 00"
    "00 00 00 00 00 00 00 00 00 00 01 0a 00 0e 00 00 00 00 00 49 7e"
)
STOP_DISPLAYED = bytes.fromhex(
    "7e 31 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff 00 00 00 00 00 00 00 00"
    "00 00 00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 00 31 7e"
)
START_TREND = bytes.fromhex(
    "7e 31 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff 00 00 00 00 00 00 00 00"
    "00 00 00 00 00 00 00 00 00 00 03 3c 00 0e 00 00 00 00 00 7d 5d 7e"
)
STOP_TREND = bytes.fromhex(
    "7e 31 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff 00 00 00 00 00 00 00 00"
    "00 00 00 00 00 00 00 00 00 00 03 00 00 00 00 00 00 00 00 33 7e"
)
START_ECG = bytes.fromhex(
    "7e 48 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 ff 00 00 00 00 00 00 00 00"
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 ff 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
    "00 00 00 00 00 00 00 00 00 00 00 48 7e"
)
STOP_ECG = bytes.fromhex(
    "7e 48 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 ff 00 00 00 00 00 00 00 00"
    "00 00 00 00 00 00 00 00 00 00 01 00 00 00 ff 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
    "00 00 00 00 00 00 00 00 00 00 00 48 7e"
)
POWERED_AT = Instant(5_000_000_000, 1_750_000_000_000_000_000)
WELL = TrueVitals(
    heart_rate=80,
    pulse_rate=81,
    spo2=97,
    perfusion_index=3.2,
    respiratory_rate=16,
    temperature=37.1,
    temperature_site="bladder",
    cuff=Cuff(118, 88, 73, -600.0),
)


def wrap(content: bytes) -> bytes:
    """Return a record as a frame."""
    checked = content + bytes([sum(content) % 256])
    stuffed = b"".join(
        bytes([0x7D, byte & 0xDF]) if byte in {0x7D, 0x7E} else bytes([byte]) for byte in checked
    )
    return b"\x7e" + stuffed + b"\x7e"


def ask(main_type: int, body: bytes) -> bytes:
    """Return a host frame with one request."""
    header = pack("<h", 40 + len(body)).ljust(14, b"\0") + pack("<h", main_type)
    return wrap((header + b"\0\0\0\0\0\xff").ljust(40, b"\0") + body)


def ask_values(kind: int, interval_s: int, class_bits: int = 0x0E) -> bytes:
    """Return a host frame that asks for physiological values."""
    return ask(0, pack("<BhIh", kind, interval_s, class_bits, 0))


def ask_alarms(command: int) -> bytes:
    """Return a host frame with an alarm command."""
    return ask(4, pack("<h", command) + bytes(10))


@dataclass(frozen=True)
class Record:
    """One record as the header's offsets say."""

    content: bytes

    @property
    def number(self) -> int:
        """Its place in the sequence."""
        return self.content[2]

    @property
    def main_type(self) -> int:
        """0 physiological, 1 waveform, 4 alarm."""
        return int(unpack_from("<h", self.content, 14)[0])

    @property
    def wall_s(self) -> int:
        """Unix seconds by the monitor's clock."""
        return int(unpack_from("<I", self.content, 6)[0])

    def parts(self) -> list[tuple[int, int]]:
        """Return offset from the record's start and type of each subrecord."""
        found = []
        for at in range(16, 40, 3):
            offset, kind = unpack_from("<hB", self.content, at)
            if kind == 0xFF:
                break
            found.append((40 + offset, kind))
        return found

    def i16(self, offset: int, part: int = 0) -> int:
        """Return a number by its offset in a subrecord."""
        return int(unpack_from("<h", self.content, self.parts()[part][0] + offset)[0])

    def u32(self, offset: int, part: int = 0) -> int:
        """Return a number without sign by its offset in a subrecord."""
        return int(unpack_from("<I", self.content, self.parts()[part][0] + offset)[0])

    def u16(self, offset: int, part: int = 0) -> int:
        """Return a short number without sign by its offset in a subrecord."""
        return int(unpack_from("<H", self.content, self.parts()[part][0] + offset)[0])


def read(stream: bytes) -> list[Record]:
    """Return the records of sound frames; every byte has to belong to one."""
    found = []
    rest = stream
    while rest:
        assert rest[0] == 0x7E
        end = rest.index(b"\x7e", 1)
        found.append(Record(unwrap(rest[: end + 1])))
        rest = rest[end + 1 :]
    return found


def unwrap(frame: bytes) -> bytes:
    """Return the record in a frame."""
    assert frame[0] == frame[-1] == 0x7E
    plain = frame[1:-1].replace(b"\x7d\x5e", b"\x7e").replace(b"\x7d\x5d", b"\x7d")
    content, check = plain[:-1], plain[-1]
    assert sum(content) % 256 == check
    assert unpack_from("<h", content)[0] == len(content)
    return content


class Dialogue:
    """A monitor, a clock, and everything the witness heard."""

    def __init__(
        self,
        vitals: TrueVitals = WELL,
        settings: GeDriSettings | None = None,
        seed: int = 1,
    ) -> None:
        self.vitals = vitals
        self.at = POWERED_AT
        self.sent: list[Sent] = []
        self.monitor = GeDriMonitor(
            PowerOn(lambda _: self.vitals, POWERED_AT, self.sent.append),
            settings or GeDriSettings(),
            seed,
        )

    def send(self, frame: bytes) -> list[Record]:
        """Return what the monitor answers at once."""
        self.monitor.receive(frame, self.at)
        return read(self.monitor.bytes_to_send())

    def wait(self, seconds: float) -> list[Record]:
        """Return what the monitor sends meanwhile."""
        self.at = self.at.plus(seconds)
        self.monitor.tick(self.at)
        return read(self.monitor.bytes_to_send())

    def shown(self) -> Record:
        """Return one record with displayed values of all classes."""
        self.wait(5.0)
        (found,) = self.send(ask_values(1, -1))
        return found
