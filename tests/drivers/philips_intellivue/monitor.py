"""Golden frames, and a slow encoder of what a monitor sends; shares nothing with the driver.

What the encoder builds is `built_by_us` (see golden/PROVENANCE.toml).
"""

from __future__ import annotations

import struct
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
NO_TIME = b"\xff" * 8


def golden(name: str) -> bytes:
    """Return a golden frame as it is on the wire."""
    quoted = GOLDEN / f"{name}.hex"
    if quoted.exists():
        return bytes.fromhex(quoted.read_text())
    bare = bytes.fromhex((GOLDEN / f"{name}.unstuffed.hex").read_text())
    return b"\xc0" + stuffed(bare[1:-1]) + b"\xc1"


def stuffed(content: bytes) -> bytes:
    """Return `content` with transparency."""
    return b"".join(
        bytes([0x7D, byte ^ 0x20]) if byte in {0xC0, 0xC1, 0x7D} else bytes([byte])
        for byte in content
    )


def fcs(data: bytes) -> int:
    """Return CRC-16/X-25 bit by bit."""
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (0x8408 if register & 1 else 0)
    return register ^ 0xFFFF


def frame(user_data: bytes) -> bytes:
    """Return the frame of `user_data`."""
    content = b"\x11\x01" + sized(user_data)
    return b"\xc0" + stuffed(content + struct.pack("<H", fcs(content))) + b"\xc1"


def sized(value: bytes) -> bytes:
    """Return `value` after its 16-bit length."""
    return struct.pack(">H", len(value)) + value


def listed(*entries: bytes) -> bytes:
    """Return count, length and the entries."""
    return struct.pack(">H", len(entries)) + sized(b"".join(entries))


def attribute(attribute_id: int, value: bytes) -> bytes:
    """Return id, length and value."""
    return struct.pack(">H", attribute_id) + sized(value)


def observed(physio_id: int, state: int, unit: int, bits: int) -> bytes:
    """Return one observed value of ten bytes."""
    return struct.pack(">HHHI", physio_id, state, unit, bits)


def polled(handle: int, *attributes: bytes) -> bytes:
    """Return one object of a poll reply."""
    return struct.pack(">H", handle) + listed(*attributes)


def heart_rate(bits: int = 0x50, state: int = 0) -> bytes:
    """Return the object of the heart rate."""
    return polled(0x82A5, attribute(0x0950, observed(0x4182, state, 0x0AA0, bits)))


def labelled(handle: int, label: str) -> bytes:
    """Return an object that carries its label string."""
    return polled(handle, attribute(0x0927, sized((label + "\0").encode("utf-16-be"))))


def operation(ro_type: int, content: bytes, prefix: bytes = b"") -> bytes:
    """Return the frame of a remote operation."""
    return frame(b"\xe1\x00\x00\x02" + struct.pack(">H", ro_type) + sized(prefix + content))


def poll_reply(
    *objects: bytes,
    ticks: int = 8192,
    object_class: int = 0x0006,
    action: int = 0xF13B,
    absolute: bytes = NO_TIME,
    ro_type: int = 2,
) -> bytes:
    """Return the frame of a poll reply."""
    contexts = [struct.pack(">H", 0) + listed(*objects)] if objects else []
    sequence = b"\0\0" if action == 0xF13B else b""
    reply = b"\0\x01" + sequence + struct.pack(">I", ticks) + absolute
    reply += struct.pack(">HHH", 1, object_class, 0x0803) + listed(*contexts)
    argument = bytes.fromhex("002100000000") + struct.pack(">H", action) + sized(reply)
    prefix = b"\x01\x01" if ro_type == 5 else b""
    return operation(ro_type, struct.pack(">HH", 1, 7) + sized(argument), prefix)


def numerics(ticks: int = 8192) -> bytes:
    """Return a cycle of the heart rate."""
    return poll_reply(heart_rate(), ticks=ticks)


def alarm(code: int, kind: int, state: int, *, text: str | None = "HIGH") -> bytes:
    """Return one entry of an alarm list, raised by the oxygen saturation."""
    detail = struct.pack(">HIHH", 0, 0x0003003E, 1, 0x7800)
    if text is not None:
        detail += sized((text + "\0").encode("utf-16-be"))
    head = struct.pack(">HHHHHHH", 0x4BB8, code, kind, state, 6, 1, 0x83B5)
    return head + struct.pack(">H", 0x0201 if text is None else 0x0204) + sized(detail)


def alarms(
    patient: bytes | None = None, technical: bytes | None = None, ticks: int = 8192
) -> bytes:
    """Return the alarm lists; None leaves one out."""
    lists = [(0x0902, patient), (0x0904, technical)]
    attributes = [attribute(key, value) for key, value in lists if value is not None]
    return poll_reply(polled(0x83C0, *attributes), ticks=ticks, object_class=0x0036)


def mds_create(
    ticks: int = 8000,
    *,
    wall: bytes = bytes.fromhex("2015090712570100"),
    event: int = 0x0D06,
    again: bytes | None = None,
) -> bytes:
    """Return the event by which a monitor presents itself; `again` comes as one more attribute."""
    model = sized(b"Philips\0") + sized(b"M8000\0")
    attributes = listed(
        attribute(0x0984, sized(bytes.fromhex("0009FB09C9DA"))),
        attribute(0x0928, model),
        attribute(0x0987, wall),
        attribute(0x098F, struct.pack(">I", ticks)),
        *([] if again is None else [again]),
    )
    report = bytes.fromhex("002100000000") + attributes
    argument = bytes.fromhex("002100000000") + struct.pack(">IH", ticks, event) + sized(report)
    return operation(1, struct.pack(">HH", 7, 1) + sized(argument))


def accept(min_poll_ticks: int | None = 4000, *, has_user_information: bool = True) -> bytes:
    """Return an association response; None leaves the poll profile out."""
    profile = b""
    if min_poll_ticks is not None:
        fields = struct.pack(">IIIIII", 1 << 31, min_poll_ticks, 996, 996, 0xFFFFFFFF, 0x60000000)
        profile = attribute(
            1, fields + listed(attribute(0xF001, bytes.fromhex("8E00000000000000")))
        )
    user = struct.pack(">IIIII", 1 << 31, 1 << 30, 0, 1 << 23, 1 << 31) + listed()
    user += listed(profile) if profile else listed()
    presentation = bytes.fromhex(
        "3180 A080 80010100 00 A280 A003000001 A580 3080 800100 81025101 0000"
        "3080 800100 810C2A8648CE1402010000000201 0000 0000 6180 3080 020101 A080 6180 A180"
        "060C2A8648CE1402010000000301 0000 A203020100 A305A103020100 BE80 2880 020102"
    )
    if has_user_information:
        presentation += bytes([0x81, len(user)]) + user
    return _session(0x0E, bytes.fromhex("0508130100160102800014020002"), presentation + bytes(16))


def _session(kind: int, parameters: bytes, presentation: bytes) -> bytes:
    body = parameters + b"\xc1" + _indicated(presentation)
    return frame(bytes([kind]) + _indicated(body))


def _indicated(value: bytes) -> bytes:
    """Return `value` after its session length: one byte, or FF and two."""
    if len(value) < 0xFF:
        return bytes([len(value)]) + value
    return b"\xff" + sized(value)


REFUSE = frame(bytes.fromhex("0C03320100"))
RELEASED = frame(bytes.fromhex("0A18 C116 6180 3080 020101 A080 6380 800100") + bytes(8))
RELEASE_REQUESTED = frame(bytes.fromhex("0900"))
ABORT = frame(bytes.fromhex("1903110103"))


def error(invoke_id: int) -> bytes:
    """Return the error of one operation."""
    return operation(3, struct.pack(">HH", invoke_id, 2) + sized(b""))
