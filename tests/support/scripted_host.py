"""A host made of quoted frames, and a reader of replies that owes nothing to the simulator.

The frames are those VSCaptureMP sends; the reply layout follows frames recorded from an MP90.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import pack, unpack_from

from edge_agent.model.clock import Instant
from simulators.monitors.device import PowerOn
from simulators.monitors.intellivue.monitor import IntellivueMonitor, IntellivueSettings
from simulators.patients.vitals import Cuff, TrueVitals

ASSOCIATE = bytes.fromhex(
    "C0 11 01 00 EE 0D EC 05 08 13 01 00 16 01 02 80 00 14 02 00 02 7D E1 DC 31 80 A0 80 80 01 01"
    "00 00 A2 80 A0 03 00 00 01 A4 80 30 80 02 01 01 06 04 52 01 00 01 30 80 06 02 51 01 00 00 00"
    "00 30 80 02 01 02 06 0C 2A 86 48 CE 14 02 01 00 00 00 01 01 30 80 06 0C 2A 86 48 CE 14 02 01"
    "00 00 00 02 01 00 00 00 00 00 00 61 80 30 80 02 01 01 A0 80 60 80 A1 80 06 0C 2A 86 48 CE 14"
    "02 01 00 00 00 03 01 00 00 BE 80 28 80 06 0C 2A 86 48 CE 14 02 01 00 00 00 01 01 02 01 02 81"
    "48 80 00 00 00 40 00 00 00 00 00 00 00 80 00 00 00 20 00 00 00 00 00 00 00 00 01 00 2C 00 01"
    "00 28 80 00 00 00 00 00 03 E8 00 00 09 C4 00 00 03 E8 FF FF FF FF 60 00 00 00 00 01 00 0C F0"
    "01 00 08 8C 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 81 E3 C1"
)
CREATE_RESULT = bytes.fromhex(
    "C0 11 01 00 1C E1 00 00 02 00 02 00 14 00 01 00 01 00 0E 00 21 00 00 00 00 00 0A BD 00 0D 06"
    "00 00 39 17 C1"
)
SINGLE_NUMERICS = bytes.fromhex(
    "C0 11 01 00 24 E1 00 00 02 00 01 00 1C 00 00 00 07 00 16 00 21 00 00 00 00 00 00 00 00 0C 16"
    "00 08 00 01 00 01 00 06 00 00 8E 95 C1"
)
EXTENDED_NUMERICS_30_S = bytes.fromhex(
    "C0 11 01 00 30 E1 00 00 02 00 01 00 28 00 01 00 07 00 22 00 21 00 00 00 00 00 00 00 00 F1 3B"
    "00 14 00 01 00 01 00 06 00 00 00 01 00 08 F1 3E 00 04 00 03 A9 80 58 71 C1"
)
EXTENDED_ALERTS = bytes.fromhex(
    "C0 11 01 00 30 E1 00 00 02 00 01 00 28 00 05 00 07 00 22 00 21 00 00 00 00 00 00 00 00 F1 3B"
    "00 14 00 04 00 01 00 36 08 01 00 01 00 08 F1 3E 00 04 00 49 3E 00 1C 3C C1"
)
EXTENDED_WAVES = bytes.fromhex(
    "C0 11 01 00 30 E1 00 00 02 00 01 00 28 00 04 00 07 00 22 00 21 00 00 00 00 00 00 00 00 F1 3B"
    "00 14 00 03 00 01 00 09 00 00 00 01 00 08 F1 3E 00 04 00 49 3E 00 78 32 C1"
)
KEEP_ALIVE_MDS = bytes.fromhex(
    "C0 11 01 00 24 E1 00 00 02 00 01 00 1C 00 01 00 07 00 16 00 21 00 00 00 00 00 00 00 00 0C 16"
    "00 08 00 01 00 01 00 21 08 0C 54 4C C1"
)
KEEP_ALIVE_ALERTS = bytes.fromhex(
    "C0 11 01 00 24 E1 00 00 02 00 01 00 1C 00 08 00 07 00 16 00 21 00 00 00 00 00 00 00 00 0C 16"
    "00 08 00 07 00 01 00 36 08 11 47 06 C1"
)
GET_PRIORITIES = bytes.fromhex(
    "C0 11 01 00 1E E1 00 00 02 00 01 00 16 00 00 00 03 00 10 00 21 00 00 00 00 00 00 00 00 00 01"
    "00 02 F2 3A BD 77 C1"
)
RELEASE = bytes.fromhex(
    "C0 11 01 00 1A 09 18 7D E1 16 61 80 30 80 02 01 01 A0 80 62 80 80 01 00 00 00 00 00 00 00 00"
    "00 41 08 C1"
)
POWERED_AT = Instant(7_000_000_000, 1_750_000_000_000_000_000)  # 2025-06-15 15:06:40 UTC
CYCLE_S = 1.024
NORMAL = TrueVitals(80, 80, 97, 3.0, 16, 37.0, "bladder", Cuff(120, 90, 75, 60.0))


def check_sequence(data: bytes) -> int:
    """Return CRC-16/X-25 bit by bit, as its definition says."""
    register = 0xFFFF
    for byte in data:
        for bit in range(8):
            low = (register ^ (byte >> bit)) & 1
            register = (register >> 1) ^ (0x8408 if low else 0)
    return register ^ 0xFFFF


def wrap(payload: bytes) -> bytes:
    body = b"\x11\x01" + pack(">H", len(payload)) + payload
    body += pack("<H", check_sequence(body))
    stuffed = body.replace(b"\x7d", b"\x7d\x5d").replace(b"\xc0", b"\x7d\xe0")
    return b"\xc0" + stuffed.replace(b"\xc1", b"\x7d\xe1") + b"\xc1"


def unwrap(stream: bytes) -> list[bytes]:
    """Return the user data of every frame; the stream must be frames and nothing else."""
    payloads = []
    assert not stream or (stream[0] == 0xC0 and stream[-1] == 0xC1)
    for part in stream.split(b"\xc0")[1:]:
        assert part.count(b"\xc1") == 1
        body = (
            part.removesuffix(b"\xc1").replace(b"\x7d\xe1", b"\xc1").replace(b"\x7d\xe0", b"\xc0")
        )
        body = body.replace(b"\x7d\x5d", b"\x7d")
        assert body[:2] == b"\x11\x01"
        assert unpack_from(">H", body, 2)[0] == len(body) - 6
        assert unpack_from("<H", body, len(body) - 2)[0] == check_sequence(body[:-2])
        payloads.append(body[4:-2])
    return payloads


def poll(
    poll_class: int, group: int, *, extended_ticks: int | None = None, number: int = 1
) -> bytes:
    """Return a poll request."""
    what = pack(">HHHH", number, 1, poll_class, group)
    if extended_ticks is not None:
        what += bytes.fromhex("0001 0008 F13E 0004") + pack(">I", extended_ticks)
    action = 0x0C16 if extended_ticks is None else 0xF13B
    return request(7, pack(">HH", action, len(what)) + what)


def request(command: int, rest: bytes, mds: str = "0021 0000 0000", invoke: int = 9) -> bytes:
    inside = bytes.fromhex(mds) + bytes(4) + rest
    body = pack(">HHH", invoke, command, len(inside)) + inside
    return wrap(b"\xe1\x00\x00\x02" + pack(">HH", 1, len(body)) + body)


@dataclass
class Reply:
    """One poll reply, every length of it checked."""

    kind: int
    place: int
    invoke: int
    action: int
    number: int
    sequence: int | None
    ticks: int
    poll_class: int
    group: int
    contexts: list[int] = field(default_factory=list)
    objects: dict[int, dict[int, bytes]] = field(default_factory=dict)

    def values(self) -> dict[int, tuple[int, int, bytes]]:
        """Return physio id -> state, unit, FLOAT of all numerics."""
        found = {}
        for attributes in self.objects.values():
            raw = attributes.get(0x0950, b"") + attributes.get(0x094B, b"")[4:]
            for at in range(0, len(raw), 10):
                physio, state, unit = unpack_from(">HHH", raw, at)
                found[physio] = (state, unit, raw[at + 6 : at + 10])
        return found


def read_reply(payload: bytes) -> Reply:
    assert payload[:4] == b"\xe1\x00\x00\x02"
    kind, length = unpack_from(">HH", payload, 4)
    assert length == len(payload) - 8
    place, body = (payload[8], payload[10:]) if kind == 5 else (0, payload[8:])
    invoke, command, length = unpack_from(">HHH", body)
    assert (command, length) == (7, len(body) - 6)
    assert body[6:12] == bytes.fromhex("0021 0000 0000")
    action, length = unpack_from(">HH", body, 12)
    rest = body[16:]
    assert length == len(rest)
    number, rest = unpack_from(">H", rest)[0], rest[2:]
    sequence = None
    if action == 0xF13B:
        sequence, rest = unpack_from(">H", rest)[0], rest[2:]
    assert rest[4:12] == b"\xff" * 8
    partition, poll_class, group = unpack_from(">HHH", rest, 12)
    assert partition == 1
    ticks = unpack_from(">I", rest)[0]
    reply = Reply(kind, place, invoke, action, number, sequence, ticks, poll_class, group)
    for context, objects in _items(rest[18:]):
        reply.contexts.append(context)
        for handle, attributes in objects:
            reply.objects[handle] = attributes
    return reply


def _items(data: bytes) -> list[tuple[int, list[tuple[int, dict[int, bytes]]]]]:
    count, length = unpack_from(">HH", data)
    assert length == len(data) - 4
    at, found = 4, []
    for _ in range(count):
        context, objects, size = unpack_from(">HHH", data, at)
        found.append((context, _objects(data[at + 6 : at + 6 + size], objects)))
        at += 6 + size
    assert at == len(data)
    return found


def _objects(data: bytes, count: int) -> list[tuple[int, dict[int, bytes]]]:
    at, found = 0, []
    for _ in range(count):
        handle, attributes, size = unpack_from(">HHH", data, at)
        found.append((handle, attribute_list(data[at + 6 : at + 6 + size], attributes)))
        at += 6 + size
    assert at == len(data)
    return found


def attribute_list(data: bytes, count: int) -> dict[int, bytes]:
    at, found = 0, {}
    for _ in range(count):
        name, size = unpack_from(">HH", data, at)
        found[name] = data[at + 4 : at + 4 + size]
        at += 4 + size
    assert at == len(data)
    return found


class Dialogue:
    """A host and a monitor on one table, with a hand on the clock."""

    def __init__(
        self,
        vitals: TrueVitals | None = None,
        settings: IntellivueSettings | None = None,
        seed: int = 1,
    ) -> None:
        self.vitals = vitals or NORMAL
        self.now = POWERED_AT
        self.monitor = IntellivueMonitor(
            PowerOn(lambda _: self.vitals, POWERED_AT), settings or IntellivueSettings(), seed
        )

    def send(self, wire: bytes) -> list[bytes]:
        """Return the user data of what the monitor answers at once."""
        self.monitor.receive(wire, self.now)
        return unwrap(self.monitor.bytes_to_send())

    def wait(self, seconds: float) -> list[bytes]:
        """Return the user data of what the monitor says by then."""
        self.now = self.now.plus(seconds)
        self.monitor.tick(self.now)
        return unwrap(self.monitor.bytes_to_send())

    def open(self) -> None:
        """Associate."""
        accepted, created = self.send(ASSOCIATE)
        assert accepted[0] == 0x0E
        assert created[:6] == b"\xe1\x00\x00\x02\x00\x01"
        assert self.send(CREATE_RESULT) == []

    def replies(self, wire: bytes) -> list[Reply]:
        """Return the poll replies that come at once."""
        return [read_reply(payload) for payload in self.send(wire)]

    def merged(self, wire: bytes) -> Reply:
        """Return the first of the linked replies that come at once, with the objects of all."""
        first, *others = self.replies(wire)
        for reply in others:
            assert not first.objects.keys() & reply.objects.keys()
            first.objects.update(reply.objects)
        return first

    def values(self) -> dict[int, tuple[int, int, bytes]]:
        """Return what a single poll of the observed values says now."""
        (reply,) = self.replies(poll(6, 0x0803))
        return reply.values()
