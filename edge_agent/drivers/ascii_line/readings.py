"""Conversion of a line that matches its definition to numerics."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Final

from edge_agent.drivers.ascii_line.definition import (
    LineShape,
    TextField,
    TimeField,
    ValueField,
    WordField,
)
from edge_agent.drivers.ascii_line.fields import TIME_TOKENS, time_tokens
from edge_agent.drivers.ascii_line.patterns import CHECKSUM, time_group
from edge_agent.drivers.ascii_line.vocabulary import KINDS, UNITS, VERDICTS, Verdict
from edge_agent.drivers.framing import AROUND_LINES, without_parity
from edge_agent.model.clock import Instant
from edge_agent.model.local_time import candidates_ns, nearest_ns, newest_ns
from edge_agent.model.measurements import DeviceTime, Numeric, Validity

NO_MATCH: Final = "the line does not match the definition"
_NO_MATCH_ODD: Final = "the line does not match the definition; it holds more than printable ASCII"
_BAD_SUM: Final = "the checksum of the line does not match"
NO_SUCH_TIME: Final = "the line holds a date that does not exist"


@dataclass(frozen=True, slots=True)
class LineFacts:
    """Facts that all numerics of a line share."""

    device_id: str
    zone: tzinfo
    at: Instant


@dataclass(frozen=True, slots=True)
class LineContent:
    """Content of one line."""

    numerics: tuple[Numeric, ...]
    device_now: DeviceTime
    serial: str
    """Serial number; empty where the line has none."""
    has_odd_time: bool
    """True where the line holds a date that does not exist; that date is not used."""


def read_line(text: bytes, shapes: Sequence[LineShape], facts: LineFacts) -> LineContent | str:
    """Return the content of a line without its line ends, or the reason for its rejection."""
    bare = text.strip(AROUND_LINES)
    for form in dict.fromkeys((text, bare, without_parity(bare).strip(b"\r\n"))):
        for shape in shapes:
            if found := shape.regex.fullmatch(form):
                return _message(found, shape, facts)
    shown = bare.decode("latin-1")
    return NO_MATCH if shown.isascii() and shown.isprintable() else _NO_MATCH_ODD


def _message(found: re.Match[bytes], shape: LineShape, facts: LineFacts) -> LineContent | str:
    if shape.checksum is not None:
        start = found.start(CHECKSUM)
        if shape.checksum(found.string[:start]) != int(found[CHECKSUM], 16):
            return _BAD_SUM
    texts = {name: text.decode("latin-1") for name, text in found.groupdict().items()}
    try:
        lines, readings = (_moments(shape, of, texts, facts.zone) for of in ("line", "reading"))
        has_odd_time = False
    except (ValueError, OverflowError):
        lines, readings, has_odd_time = (), (), True
    sent = nearest_ns(lines, facts.at.utc_ns) if lines else None
    measured = newest_ns(readings, sent or facts.at.utc_ns) if readings else None
    numerics = tuple(
        _numeric(field, shape, texts, _LineTime(facts, sent, measured))
        for field in shape.fields
        if isinstance(field, ValueField)
    )
    serials = [
        texts[field.name].strip(" ")
        for field in shape.fields
        if isinstance(field, TextField) and field.role == "serial"
    ]
    return LineContent(numerics, DeviceTime(wall_ns=sent), "".join(serials), has_odd_time)


@dataclass(frozen=True, slots=True)
class _LineTime:
    facts: LineFacts
    sent_ns: int | None  # None where the line holds no full date of its sending
    measured_ns: int | None  # None where the line holds no full date of the measurement


def _numeric(
    field: ValueField, shape: LineShape, texts: Mapping[str, str], dated: _LineTime
) -> Numeric:
    site = _meaning(field.site_from, shape, texts)
    kind = KINDS[f"{field.kind}@{site}" if site else field.kind]
    unit = field.unit or _meaning(field.unit_from, shape, texts)
    text = texts[field.name]
    verdict = _verdict(field, shape, texts)
    is_missing = text in field.missing
    validity = verdict.validity
    if is_missing and verdict.has_value:
        validity = Validity.NOT_AVAILABLE
    value = None if is_missing or not verdict.has_value else _number(text, field)
    if value == 0 and not field.zero_is_a_value:
        validity = Validity.QUESTIONABLE
    stamp_ns = dated.sent_ns if dated.measured_ns is None else dated.measured_ns
    return Numeric(
        device_id=dated.facts.device_id,
        channel=field.name,
        code=kind.code,
        label=f"{field.kind}@{site}" if site else field.kind,
        value=value,
        unit_code=UNITS[kind.dimension][unit],
        unit=unit,
        state=0,
        validity=validity,
        mode=verdict.mode,
        measured_at=DeviceTime(wall_ns=stamp_ns),
        received_at=dated.facts.at,
        is_sent_once=field.is_sent_once and dated.measured_ns is None,
    )


def _number(text: str, field: ValueField) -> float:
    digits = text.strip(" ").replace(",", ".")
    return float(digits) if field.scale is None else float(Decimal(digits) * field.scale)


def _meaning(name: str, shape: LineShape, texts: Mapping[str, str]) -> str:
    """Return the meaning of the word in a field; empty where no field is named."""
    for field in shape.fields:
        if isinstance(field, WordField) and field.name == name:
            return _word(field, texts)
    return ""


def _word(field: WordField, texts: Mapping[str, str]) -> str:
    text = texts[field.name]
    return field.words[text if text in field.words else text.rstrip(" ")]


def _verdict(field: ValueField, shape: LineShape, texts: Mapping[str, str]) -> Verdict:
    """Return the gravest verdict among the status words that judge a value."""
    named = {
        _word(status, texts)
        for status in shape.fields
        if isinstance(status, WordField)
        and status.role == "status"
        and (not status.applies_to or field.name in status.applies_to)
    }
    return next((VERDICTS[name] for name in VERDICTS if name in named), VERDICTS["valid"])


def _moments(shape: LineShape, of: str, texts: Mapping[str, str], zone: tzinfo) -> tuple[int, ...]:
    """Return the moments that a time can mean; none where the line gives only a part of it.

    Raises
    ------
    ValueError
        If there is no such day.
    OverflowError
        If the zone moves it out of the calendar.
    """
    named = {
        token: int(texts[time_group(field, token)])
        for field in shape.fields
        if isinstance(field, TimeField) and field.of == of
        for token in time_tokens(field.format)
        if token in TIME_TOKENS
    }
    year = named.get("YYYY", 2000 + named["YY"] if "YY" in named else None)
    if year is None or not named.keys() >= {"MM", "DD", "hh", "mm"}:
        return ()
    return candidates_ns(
        datetime(
            year,
            named["MM"],
            named["DD"],
            named["hh"],
            named["mm"],
            named.get("ss", 0),
            tzinfo=zone,
        )
    )
