"""Vital signs exported from the database as line protocol, in the form this program stored them.

Line protocol: InfluxData, line protocol reference, of InfluxDB 1.8 and 2. An export is sorted by
series and has one line for each field of a stored row (`influx_inspect export` of InfluxDB 1.8,
`influxd inspect export-lp` of 2); the sink writes one line for all fields. Both are read.
"""

from __future__ import annotations

import gzip
import math
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Final

from edge_agent.model.bed_events import DevicePlace, FromDevice
from edge_agent.model.clock import Instant
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.measurements import (
    CANONICAL_UNITS,
    DeviceTime,
    GenerationMode,
    Numeric,
    Validity,
    VitalKind,
)
from edge_agent.model.session_events import NumericsReceived
from edge_agent.recorded.mapping import canonical_unit
from edge_agent.vitals.normalise import MODE_REASONS

MOST_MISTAKES: Final = 20
_MEASUREMENT: Final = "vitals"
_DEFINITION: Final = re.compile(r"#|CREATE (DATABASE|RETENTION POLICY) |$")
"""Beginnings of lines in an export that hold no stored row."""
_PART: Final = re.compile(r"((?:[^\\ ,=]|\\.)+)=((?:\"(?:[^\"\\]|\\.)*\"|(?:[^\\ ,]|\\.)*))")
_LINE: Final = re.compile(
    r"(?P<series>(?P<name>(?:[^\\ ,]|\\.)+)(?:,(?P<tags>(?:[^\\ ]|\\.)*))?) "
    r"(?P<fields>(?:[^\" ]|\"(?:[^\"\\]|\\.)*\")+) (?P<time>-?\d+)"
)
_WANTED: Final = ("validity", "mode", "reason", "code", "measured_ns", "received_ns")


@dataclass(frozen=True, slots=True)
class _StoredRow:
    """One stored row, whose fields may be on lines of their own."""

    line: int
    """Number of the row's first line."""
    tags: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Stored:
    """One stored vital sign."""

    place: DevicePlace
    stored_ns: int
    numeric: Numeric

    @property
    def message(self) -> tuple[int, str]:
        """Time of receipt and device, which all vital signs of one message share."""
        return self.numeric.received_at.utc_ns, self.place.device_id


def store_feed(path: Path, bed_id: str | None = None) -> Iterator[FromDevice]:
    """Yield the vital signs in an export of the database, in order of time.

    The whole file is read before the first message. Lines of other measurements are left out. The
    database does not store that a device sends its readings once; a spot reading without a code
    of its own is evaluated as a running value.

    Parameters
    ----------
    path
        The export; gzipped where its name ends in `.gz`.
    bed_id
        None: all beds.

    Raises
    ------
    ConfigError
        With the lines that cannot be read.
    """
    stored: list[_Stored] = []
    mistakes: list[Mistake] = []
    for (_, time_ns), row in _rows(path).items():
        try:
            one = _stored(row, time_ns)
        except (KeyError, ValueError) as error:
            mistakes.append(_mistake(path, row.line, f"cannot be read: {error}"))
            _limit(mistakes)
            continue
        if bed_id in {None, one.place.bed_id}:
            stored.append(one)
    if mistakes:
        raise ConfigError(tuple(mistakes))
    stored.sort(key=lambda one: (*one.message, one.stored_ns))
    for _, together in groupby(stored, key=attrgetter("message")):
        message = list(together)
        at = message[0].numeric.received_at
        numerics = tuple(one.numeric for one in message)
        # the time of measurement was stored as UTC; against this "now" it has the same age
        event = NumericsReceived(numerics, DeviceTime(elapsed_ns=at.utc_ns), at)
        yield FromDevice(message[0].place, (event,), at)


def _rows(path: Path) -> Mapping[tuple[str, int], _StoredRow]:
    """Return the stored rows of vital signs by series and time."""
    rows: dict[tuple[str, int], _StoredRow] = {}
    mistakes: list[Mistake] = []
    with _opened(path) as lines:
        for count, line in enumerate(lines, 1):
            text = line.rstrip("\n")
            if _DEFINITION.match(text):
                continue
            parts = _LINE.fullmatch(text)
            if parts is None or _moment(parts["time"]) is None:
                message = f"{text[:80]!r}; want NAME,TAGS FIELDS TIME"
                mistakes.append(_mistake(path, count, message))
                _limit(mistakes)
            elif parts["name"] == _MEASUREMENT:
                key = (parts["series"], _moment(parts["time"]) or 0)
                row = rows.setdefault(key, _StoredRow(count, parts["tags"] or ""))
                row.fields.update((_plain(k), _field(v)) for k, v in _PART.findall(parts["fields"]))
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return rows


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[str]]:
    opener = gzip.open if path.name.casefold().endswith(".gz") else open
    try:
        with opener(path, "rt", encoding="utf-8", newline="\n") as lines:
            yield lines
    except (UnicodeDecodeError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = f"cannot be read: {error}; want line protocol in UTF-8"
        raise ConfigError((Mistake(str(path), "-", message),)) from error


def _moment(text: str) -> int | None:
    """Return a number of nanoseconds, None where it does not fit 64 bits."""
    nanoseconds = int(text) if len(text) <= len(str(-(2**63))) else 2**63
    return nanoseconds if abs(nanoseconds) < 2**63 else None


def _stored(row: _StoredRow, time_ns: int) -> _Stored:
    tags = {_plain(name): _plain(value) for name, value in _PART.findall(row.tags)}
    fields = row.fields
    absent = [n for n in ("bed", "device", "kind") if n not in tags]
    absent += [n for n in _WANTED if n not in fields]
    if absent:
        raise ValueError(f"has no {', '.join(absent)}")
    kind = VitalKind(tags["kind"])
    received_ns, measured_ns = _moment(fields["received_ns"]), _moment(fields["measured_ns"])
    value = float(fields["value"]) if "value" in fields else None
    if received_ns is None or measured_ns is None:
        raise ValueError("has a time of more than 64 bits")
    if value is not None and not math.isfinite(value):
        raise ValueError(f"has the value {value}")
    mode = GenerationMode(fields["mode"])
    numeric = Numeric(
        device_id=tags["device"],
        channel=kind.value,
        code=int(fields["code"]),
        label="",
        value=value,
        unit_code=canonical_unit(kind),
        unit=CANONICAL_UNITS[kind],
        state=0,
        validity=Validity(fields["validity"]),
        mode=mode,
        measured_at=DeviceTime(elapsed_ns=measured_ns),
        received_at=Instant(received_ns, received_ns),
        # the reason for the mode is added again when the value is evaluated
        reason=fields["reason"].removesuffix(MODE_REASONS[mode]).removesuffix("; "),
    )
    return _Stored(DevicePlace(tags["bed"], tags["device"]), time_ns, numeric)


def _mistake(path: Path, line: int, message: str) -> Mistake:
    return Mistake(f"{path}, line {line}", "-", message)


def _limit(mistakes: list[Mistake]) -> None:
    if len(mistakes) >= MOST_MISTAKES:
        raise ConfigError(tuple(mistakes))


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _field(text: str) -> str:
    """Return a field's value as text, without quotes or the mark of a whole number."""
    if text.startswith('"'):
        return _plain(text[1:-1])
    return text.removesuffix("i")
