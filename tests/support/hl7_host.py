"""A host that owes nothing to the simulator: it cuts MLLP, reads fields and writes answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from edge_agent.model.clock import Instant
from simulators.monitors.device import PowerOn, Sent
from simulators.monitors.hl7.monitor import Hl7Monitor
from simulators.monitors.hl7.settings import Hl7Settings
from simulators.patients.vitals import Cuff, TrueVitals

POWERED_AT = Instant(7_000_000_000, 1_750_000_000_000_000_000)  # 2025-06-15 15:06:40 UTC
NORMAL = TrueVitals(80, 79, 97, 3.0, 16, 37.0, "bladder", Cuff(120, 90, 75, -600.0))
ALL_OFF = TrueVitals(None, None, None, None, None, None, "bladder", None)
DIALECTS = (
    "mindray_egateway",
    "comen_nc5",
    "northern_aquaris",
    "intellibridge",
    "ge_carescape_gateway",
    "edan_ehc",
    "efficia",
)

Segment = list[str]


@dataclass
class Message:
    """One message, as a person with a ruler reads it."""

    segments: list[Segment]

    def all(self, name: str) -> list[Segment]:
        """Return every segment of that name."""
        return [fields for fields in self.segments if fields[0] == name]

    def one(self, name: str) -> Segment:
        """Return the only segment of that name."""
        (found,) = self.all(name)
        return found

    @property
    def kind(self) -> str:
        """MSH-9."""
        return at(self.segments[0], 8)

    @property
    def control_id(self) -> str:
        """MSH-10."""
        return at(self.segments[0], 9)

    def rows(self, code: str) -> list[Segment]:
        """Return the OBX segments with that number in OBX-3."""
        return [row for row in self.all("OBX") if at(row, 3).split("^")[0] == code]

    def row(self, code: str) -> Segment:
        """Return the only OBX segment with that number in OBX-3."""
        (found,) = self.rows(code)
        return found


def at(fields: Segment, number: int) -> str:
    """Return a field, empty beyond the end; for MSH the number is one less than HL7 counts."""
    return fields[number] if number < len(fields) else ""


def read(stream: bytes, codec: str = "utf-8") -> list[Message]:
    """Return every message of a stream that is messages and nothing else."""
    messages = []
    while stream:
        assert stream[0] == 0x0B
        end = stream.index(b"\x1c\x0d")
        body = stream[1:end]
        assert body.endswith(b"\r")
        assert b"\x0b" not in body
        lines = body[:-1].decode(codec).split("\r")
        messages.append(Message([line.split("|") for line in lines]))
        stream = stream[end + 2 :]
    assert all(message.segments[0][0] == "MSH" for message in messages)
    return messages


def acknowledgement(control_id: str, code: str = "AA") -> bytes:
    text = f"MSH|^~\\&|HOST||||20250615150640||ACK|H1|P|2.6\rMSA|{code}|{control_id}\r"
    return b"\x0b" + text.encode() + b"\x1c\x0d"


def query(subject: str = "STA", control_id: str = "EXAMPLE123") -> bytes:
    text = (
        f"MSH|^~\\&|||||20140510124500||QRY^R02|{control_id}|P|2.4\r"
        f"QRD|20120510124500|R|I|QUERY123|||||{subject}\r"
    )
    return b"\x0b" + text.encode() + b"\x1c\x0d"


@dataclass
class Dialogue:
    """A device, its patient and the host that listens to it."""

    settings: Hl7Settings
    vitals: TrueVitals = NORMAL
    seed: int = 3
    told: list[Sent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.monitor = Hl7Monitor(
            PowerOn(lambda _: self.vitals, POWERED_AT, self.told.append), self.settings, self.seed
        )
        self.codec = "latin-1" if self.settings.dialect == "intellibridge" else "utf-8"

    def raw(self, patient_s: float) -> bytes:
        """Return the bytes that have come by then."""
        self.monitor.tick(POWERED_AT.plus(patient_s))
        return self.monitor.bytes_to_send()

    def hear(self, patient_s: float) -> list[Message]:
        """Return the messages that have come by then."""
        return read(self.raw(patient_s), self.codec)

    def say(self, data: bytes, patient_s: float) -> list[Message]:
        """Send to the device and return what comes by then."""
        self.monitor.receive(data, POWERED_AT.plus(patient_s))
        return read(self.monitor.bytes_to_send(), self.codec)


def pushing(dialect: str, vitals: TrueVitals = NORMAL, **quirks: object) -> Dialogue:
    """Return a dialogue with a device that pushes without waiting for answers."""
    base: dict[str, object] = {"polled": False, "waits_for_ack": False}
    return Dialogue(Hl7Settings(dialect=dialect, **(base | quirks)), vitals)  # type: ignore[arg-type]


def first_report(dialogue: Dialogue) -> Message:
    """Return the first report, which comes after 5 s."""
    return next(message for message in dialogue.hear(5.0) if message.kind.startswith("ORU^R01"))
