"""Snapshots of a bed for a restart, as bytes: the patient, and the course of the evaluation.

The patient's part stays valid after changed rules and a reboot. The course continues only under the
same rules, program and monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from edge_agent.detect.arrays import FloatArray, IntArray
from edge_agent.detect.bed_records import PatientRecord, WindowRecord
from edge_agent.model.alerts import Alert
from edge_agent.model.assessment import Assessment
from edge_agent.model.clock import Instant
from edge_agent.vitals.normalise import Normaliser

FORMAT: Final = 1
"""Format version of the patient's part; raise it for every incompatible change."""
_COURSE_FRESH_S: Final = 3600.0
"""Age in seconds from which windows hold no value that still counts."""


class BedCourse(msgspec.Struct, frozen=True):
    """State of a bed's evaluation, with everything that the next evaluation needs."""

    evaluated_ns: int = msgspec.field(name="judged_ns")
    """Monotonic end of the newest evaluated step, ns."""
    received_until: dict[str, Instant] = msgspec.field(name="taken_until")
    """Time of the newest message in it, by device."""
    normaliser: Normaliser
    windows: WindowRecord
    assessment: Assessment | None
    """None before the first evaluation."""
    alerts: tuple[Alert, ...]
    """Newest alert of each rule."""


@dataclass(frozen=True, slots=True)
class BedSnapshot:
    """One bed at one moment; it shares the bed's own objects, so encode it at once."""

    at: Instant
    patient: PatientRecord
    course: BedCourse | None
    """None where it cannot continue."""
    bed_id: str = ""
    """Empty in a snapshot of an older program."""


@dataclass(frozen=True, slots=True)
class SnapshotHeader:
    """Program and clock of a course."""

    maker: str
    """Program version, and hash of settings and rules."""
    axis: str
    """Axis of the monotonic times."""


class _StoredSnapshot(msgspec.Struct, frozen=True):
    format: int
    maker: str
    axis: str
    at: Instant
    patient: msgspec.Raw
    course: msgspec.Raw
    bed_id: str = ""


def encode_snapshot(snapshot: BedSnapshot, origin: SnapshotHeader) -> bytes:
    """Return a snapshot as bytes."""
    return _encoder.encode(
        _StoredSnapshot(
            FORMAT,
            origin.maker,
            origin.axis,
            snapshot.at,
            msgspec.Raw(_encoder.encode(snapshot.patient)),
            msgspec.Raw(_encoder.encode(snapshot.course)),
            snapshot.bed_id,
        )
    )


def decode_snapshot(body: bytes, origin: SnapshotHeader, now: Instant) -> BedSnapshot:
    """Return a snapshot, dated on the clock of `now`; without its course if that cannot continue.

    Raises
    ------
    msgspec.MsgspecError
        If it cannot be read, or has another program's unknown format.
    """
    stored = _decoder.decode(body)
    if stored.format != FORMAT:
        raise msgspec.ValidationError(f"format {stored.format}, not {FORMAT}")
    patient = _patients.decode(stored.patient)
    if stored.axis != origin.axis:
        by_ns = (now.monotonic_ns - now.utc_ns) - (stored.at.monotonic_ns - stored.at.utc_ns)
        at = Instant(stored.at.monotonic_ns + by_ns, stored.at.utc_ns)
        return BedSnapshot(at, patient.moved(by_ns), None, stored.bed_id)
    if stored.at > now:
        raise msgspec.ValidationError(f"dated {-now.seconds_since(stored.at):.0f} s ahead")
    is_fresh = now.seconds_since(stored.at) <= _COURSE_FRESH_S
    continues = is_fresh and stored.maker == origin.maker
    course = _courses.decode(stored.course) if continues else None
    return BedSnapshot(stored.at, patient, course, stored.bed_id)


def _plain(value: FloatArray | IntArray | np.generic) -> object:
    """Return an array as its type, shape and bytes, and a numpy number as a Python number."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    return value.item()


def _array(_type: object, plain: object) -> object:
    """Return a writable array from its type, shape and bytes."""
    dtype, shape, numbers = msgspec.convert(plain, tuple[str, tuple[int, ...], bytes])
    if dtype not in _DTYPES:
        raise ValueError(f"numbers of type {dtype!r}, not one of {', '.join(sorted(_DTYPES))}")
    return np.frombuffer(numbers, dtype).reshape(shape).copy()


_DTYPES: Final = {"<f4", "<f8", "<i8"}
_encoder: Final = msgspec.msgpack.Encoder(enc_hook=_plain)
_decoder: Final = msgspec.msgpack.Decoder(_StoredSnapshot)
_patients: Final = msgspec.msgpack.Decoder(PatientRecord, dec_hook=_array)
_courses: Final = msgspec.msgpack.Decoder(BedCourse, dec_hook=_array)
