"""What is kept of a bed over a restart, as bytes: its patient, and the course of its judging.

The patient's part outlives changed rules and a reboot. The course goes on only under the rules, the
program and the monotonic clock that it was made with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from edge_agent.detect.bed import PatientRecord, WindowRecord
from edge_agent.detect.window import FloatArray, IntArray
from edge_agent.model.alerts import Alert
from edge_agent.model.assessment import Assessment
from edge_agent.model.clock import Instant
from edge_agent.vitals.normalise import Normaliser

FORMAT: Final = 1
"""Of the patient's part; grows with every change that an older program cannot read."""
COURSE_FRESH_S: Final = 3600.0
"""Windows that ended longer ago hold nothing that counts."""


@dataclass(frozen=True, slots=True)
class BedCourse:
    """How far a bed was judged, and everything that the next judgement rests on."""

    judged_ns: int
    """Monotonic end of the newest step that was judged."""
    taken_until: dict[str, Instant]
    """When the newest message came that is in it, by device."""
    normaliser: Normaliser
    windows: WindowRecord
    assessment: Assessment | None
    """None before the first judgement."""
    alerts: tuple[Alert, ...]
    """The newest of each rule."""


@dataclass(frozen=True, slots=True)
class BedSnapshot:
    """One bed at one moment; it holds what the bed goes on changing: to be encoded at once."""

    at: Instant
    patient: PatientRecord
    course: BedCourse | None
    """None where it cannot go on."""
    bed_id: str = ""
    """Empty where an older program did not say."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a course was made with."""

    maker: str
    """Names program, rules and settings."""
    axis: str
    """What monotonic times are counted on."""


class _Kept(msgspec.Struct, frozen=True):
    format: int
    maker: str
    axis: str
    at: Instant
    patient: msgspec.Raw
    course: msgspec.Raw
    bed_id: str = ""


def encode_snapshot(snapshot: BedSnapshot, origin: Origin) -> bytes:
    """Return a snapshot as bytes."""
    return _encoder.encode(
        _Kept(
            FORMAT,
            origin.maker,
            origin.axis,
            snapshot.at,
            msgspec.Raw(_encoder.encode(snapshot.patient)),
            msgspec.Raw(_encoder.encode(snapshot.course)),
            snapshot.bed_id,
        )
    )


def decode_snapshot(body: bytes, origin: Origin, now: Instant) -> BedSnapshot:
    """Return a snapshot, dated on the clock of `now`, without a course that cannot go on.

    Raises
    ------
    msgspec.MsgspecError
        If it cannot be read, or another program wrote it in a way that this one does not know.
    """
    kept = _decoder.decode(body)
    if kept.format != FORMAT:
        raise msgspec.ValidationError(f"format {kept.format}, not {FORMAT}")
    patient = _patients.decode(kept.patient)
    if kept.axis != origin.axis:
        by_ns = (now.monotonic_ns - now.utc_ns) - (kept.at.monotonic_ns - kept.at.utc_ns)
        at = Instant(kept.at.monotonic_ns + by_ns, kept.at.utc_ns)
        return BedSnapshot(at, patient.moved(by_ns), None, kept.bed_id)
    if kept.at > now:
        raise msgspec.ValidationError(f"dated {-now.seconds_since(kept.at):.0f} s ahead")
    is_fresh = now.seconds_since(kept.at) <= COURSE_FRESH_S
    goes_on = is_fresh and kept.maker == origin.maker
    course = _courses.decode(kept.course) if goes_on else None
    return BedSnapshot(kept.at, patient, course, kept.bed_id)


def _plain(value: FloatArray | IntArray | np.generic) -> object:
    """Return an array as its type, shape and bytes, and a single number of numpy as Python's."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    return value.item()


def _array(_type: object, plain: object) -> object:
    """Return an array that may be changed, from its type, shape and bytes."""
    dtype, shape, numbers = msgspec.convert(plain, tuple[str, tuple[int, ...], bytes])
    if dtype not in _DTYPES:
        raise ValueError(f"numbers of type {dtype!r}, not one of {', '.join(sorted(_DTYPES))}")
    return np.frombuffer(numbers, dtype).reshape(shape).copy()


_DTYPES: Final = {"<f4", "<f8", "<i8"}
_encoder: Final = msgspec.msgpack.Encoder(enc_hook=_plain)
_decoder: Final = msgspec.msgpack.Decoder(_Kept)
_patients: Final = msgspec.msgpack.Decoder(PatientRecord, dec_hook=_array)
_courses: Final = msgspec.msgpack.Decoder(BedCourse, dec_hook=_array)
