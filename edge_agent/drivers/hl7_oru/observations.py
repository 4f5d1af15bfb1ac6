"""Conversion of one row (OBX) to a numeric, and to the limits of its alarm."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Final

from edge_agent.drivers.hl7_oru import codes, marks
from edge_agent.drivers.hl7_oru.er7 import Segment
from edge_agent.drivers.hl7_oru.profile import Profile
from edge_agent.drivers.hl7_oru.timestamps import is_moment, measured_ns, time_in, wall_ns
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, GenerationMode, Numeric, Validity
from edge_agent.model.session_events import AlarmLimits

TYPE: Final = 2
SUB_ID: Final = 4
VALUE: Final = 5
_RANGE: Final = 7
_ACCESS: Final = 13
_TIME: Final = 14

_NUMBER: Final = r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})"
_NM: Final = re.compile(_NUMBER)
"""Number by HL7 Version 2.6, 2.A.47: no exponent, no thousands separator."""
_BEGINS_AS_NUMBER: Final = re.compile(r"[<>+-]?\s?[.,]?[0-9]")
_BEYOND: Final = re.compile(rf"([<>])=?\s*{_NUMBER}")
"""A number with only one known side, which some senders write into a plain numeric, too."""
_LIMITS: Final = re.compile(rf"({_NUMBER})-({_NUMBER})|([<>])=?({_NUMBER})")
_METRICS: Final = 2
_OBJECTS: Final = 1
_NO_VALUE: Final = {"", '""'}
_NO_READING_TEXTS: Final = re.compile(
    r"[-*_?#.x/\s]+|n/?a|nan|null|none|off|err(?:or)?", re.IGNORECASE
)
"""Signs and words in place of a number: nothing was measured, so nothing is reported as wrong."""
_LEAST: Final = {"%": 0.0, "/min": 0.0, "mm[Hg]": 0.0, "kPa": 0.0}
"""Smallest possible value by unit; senders use smaller ones for "no value"."""
_FREEZING: Final = {"Cel": 0.0, "[degF]": 32.0}
_DIFFERENCE: Final = 188440
"""MDC_TEMP_DIFF, a difference of temperatures, is often zero or below; no patient's temperature is
(source: Philips IntelliVue Data Export Interface Programming Guide, NOM_TEMP_DIFF)."""
_INVASIVE: Final = range(150016, 150104)
"""Pressures of ISO/IEEE 11073-10101 measured by a transducer (MDC_PRESS_BLD_*): around its zero
they are slightly negative, and not the patient's."""
_LONGEST_WORD: Final = 120
"""Largest number of reported characters of a sender's words."""

_WITHOUT_VALUE: Final = {
    Validity.INVALID,
    Validity.NOT_AVAILABLE,
    Validity.ABOVE_RANGE,
    Validity.BELOW_RANGE,
}
_OUT_OF_RANGE: Final = {">": Validity.ABOVE_RANGE, "<": Validity.BELOW_RANGE}


@dataclass(frozen=True, slots=True)
class Context:
    """Facts about a row that it does not hold itself."""

    device_id: str
    zone: tzinfo
    mode: GenerationMode
    sent: str
    """Time of the message (MSH-7) as sent."""
    observed: str
    """Time of the group of rows (OBR-7) as sent; empty where there is none."""
    received_at: Instant

    @property
    def sent_ns(self) -> int | None:
        """Time of the message on the sender's clock, ns since 1970; None where it states none."""
        return wall_ns(self.sent, self.zone, self.received_at.utc_ns)

    def time(self, text: str) -> DeviceTime:
        """Return the time of a measurement, given as sent."""
        sent_ns = self.sent_ns
        now_ns = self.received_at.utc_ns if sent_ns is None else sent_ns
        return DeviceTime(wall_ns=measured_ns(text, self.zone, now_ns))


class Observer:
    """Reads rows by the rules of one profile."""

    def __init__(self, profile: Profile, dictionary: codes.Dictionary) -> None:
        self._profile = profile
        self._dictionary = dictionary

    def numeric(self, row: Segment, context: Context) -> Numeric | None:
        """Return the row's numeric; None for rows that are not measurements."""
        kind, text = row.field(TYPE).strip().upper(), _plain(row)
        if kind not in {"NM", "SN"} and (text in _NO_VALUE or not _NM.fullmatch(text)):
            return None
        code = self._dictionary.code(row)
        partition = code.code >> 16
        if partition == _OBJECTS or (kind not in {"NM", "SN"} and partition != _METRICS):
            return None
        found = marks.marks(row)
        letter = marks.status(row)
        stated = marks.status_verdict(letter, x_is_invalid=self._profile.x_is_invalid)
        unit = self._dictionary.unit(row, code.code)
        value, validity = self._value(row, kind, text, marks.worst(stated, found.validity))
        value, validity = self._believable(value, validity, code.code, unit.ucum)
        is_occasional = self._is_occasional(row, code.code)
        return Numeric(
            device_id=context.device_id,
            channel=row.text(SUB_ID),
            code=code.code,
            label=code.label,
            value=value,
            unit_code=unit.code,
            unit=unit.ucum,
            state=ord(letter[0]) if letter else 0,
            validity=validity,
            mode=context.mode if found.mode is GenerationMode.REAL else found.mode,
            measured_at=self._measured_at(row, context, is_occasional=is_occasional),
            received_at=context.received_at,
            is_sent_once=is_occasional and self._profile.occasional_is_sent_once,
        )

    def _is_occasional(self, row: Segment, code: int) -> bool:
        is_aperiodic = row.field(_ACCESS).strip().upper() == "APERIODIC"
        return is_aperiodic or code in self._profile.occasional_codes

    def _value(
        self, row: Segment, kind: str, text: str, stated: Validity
    ) -> tuple[float | None, Validity]:
        if stated in _WITHOUT_VALUE:
            return None, stated
        if text in _NO_VALUE:
            return None, Validity.NOT_AVAILABLE
        if kind == "SN" and not _NM.fullmatch(text):
            comparator, text = _structured(row.components(VALUE))
        else:
            beyond = _BEYOND.fullmatch(text)
            comparator = beyond[1] if beyond else ""
        if comparator in _OUT_OF_RANGE:
            return None, _OUT_OF_RANGE[comparator]
        if not _NM.fullmatch(text):
            return None, Validity.INVALID
        value = float(text)
        if value in self._profile.missing_values:
            return None, Validity.NOT_AVAILABLE
        is_doubtful = kind not in {"NM", "SN"} or (value == 0 and not self._profile.zero_is_a_value)
        return value, marks.worst(stated, Validity.QUESTIONABLE) if is_doubtful else stated

    def _believable(
        self, value: float | None, validity: Validity, code: int, unit: str
    ) -> tuple[float | None, Validity]:
        """Return the value, or none where it is impossible for its unit; a zero stays a value."""
        if value is None:
            return None, validity
        if code in _INVASIVE and code not in self._profile.occasional_codes:
            is_below = value < _LEAST.get(unit, value)
            return value, marks.worst(validity, Validity.QUESTIONABLE) if is_below else validity
        is_none = value < _LEAST.get(unit, value)
        if unit in _FREEZING and code != _DIFFERENCE:
            is_none = value <= _FREEZING[unit]
        return (None, Validity.NOT_AVAILABLE) if is_none else (value, validity)

    def is_device(self, row: Segment) -> bool:
        """Return whether a row describes the device or a part of it, not a measurement."""
        return row.name == "OBX" and self._dictionary.code(row).code >> 16 == _OBJECTS

    def time_not_understood(self, context: Context) -> Iterator[str]:
        """Yield the time of a message where it is malformed."""
        if context.sent and context.sent_ns is None:
            yield f"time {_shape(context.sent)} in MSH-7"

    def passed_over(self, row: Segment) -> Iterator[str]:
        """Yield the unreadable part of a row that is not a numeric but begins like a number."""
        text = _plain(row)
        if not _BEGINS_AS_NUMBER.match(text):
            return
        code = self._dictionary.code(row).code
        if code == codes.UNLISTED and _NM.fullmatch(text):
            yield f"code {_name(row)}"
        elif code >> 16 == _METRICS:
            yield f"value {_shape(text)} of {_name(row)}"

    def not_understood(self, row: Segment, numeric: Numeric) -> Iterator[str]:
        """Yield the unreadable parts of a numeric's row, in the sender's own words."""
        if numeric.code == codes.UNLISTED:
            yield f"code {_name(row)}"
        elif not numeric.unit_code:
            yield f"unit {_short(row.text(codes.UNIT))!r} of {_name(row)}"
        if numeric.validity is Validity.INVALID and not _is_value(text := _plain(row)):
            yield f"value {_shape(text)} of {_name(row)}"
        if row.field(_TIME) and (time := time_in(row, _TIME)) and not is_moment(time):
            yield f"time {_shape(time)} in OBX-14"
        yield from (f"mark {_short(mark)!r} in OBX-8" for mark in marks.marks(row).unknown)

    def _measured_at(self, row: Segment, context: Context, *, is_occasional: bool) -> DeviceTime:
        text = time_in(row, _TIME)
        if not is_occasional:
            return context.time(text or context.observed or context.sent)
        time = context.time(text)
        if self._profile.occasional_time_is_own or self._profile.occasional_is_sent_once:
            return time
        # A copy of the message's time would make an old reading look new in every message.
        return DeviceTime() if time.wall_ns == context.sent_ns else time

    def limits(self, row: Segment) -> list[AlarmLimits]:
        """Return the alarm limits of the monitor; an empty list where the row states none."""
        match = _LIMITS.fullmatch(row.text(_RANGE).strip()) if row.field(_RANGE) else None
        if match is None:
            return []
        low, high = match[1], match[2]
        if match[3]:
            low, high = (match[4], None) if match[3] == ">" else (None, match[4])
        code = self._dictionary.code(row).code
        limits = AlarmLimits(
            code=code,
            unit=self._dictionary.unit(row, code).ucum,
            low=None if low is None else float(low),
            high=None if high is None else float(high),
        )
        return [limits]


def distinguished(numerics: Iterable[Numeric]) -> tuple[Numeric, ...]:
    """Return the numerics of one message so that a missing twin does not hide a valid value.

    Monitors send one vital from several sockets under one code. Rows without a valid value beside a
    valid one keep everything except the code: they get the private code of `beside`.
    """
    listed = tuple(numerics)
    valid = {n.code for n in listed if n.validity is Validity.VALID}
    return tuple(
        replace(n, code=codes.beside(n.code))
        if n.validity is not Validity.VALID and n.code in valid
        else n
        for n in listed
    )


def _structured(components: list[str]) -> tuple[str, str]:
    """Return comparator and number of a structured numeric; empty for a range or a ratio."""
    comparator, number, *rest = [*components, ""]
    comparator = comparator.removesuffix("=")
    is_one_number = not any(rest) and (comparator in _OUT_OF_RANGE or not comparator)
    return comparator, number if is_one_number else ""


def _plain(row: Segment) -> str:
    """Return the value without surrounding blanks and trailing empty components."""
    text = row.text(VALUE).strip()
    if _NM.fullmatch(text):
        return text
    components = row.components(VALUE)
    is_one = len(row.repetitions(VALUE)) == 1 and not any(components[1:])
    return components[0].strip() if is_one else text


def _is_value(text: str) -> bool:
    """Return whether a text is a number or stands for no value."""
    return text in _NO_VALUE or bool(_NM.fullmatch(text) or _NO_READING_TEXTS.fullmatch(text))


def _name(row: Segment) -> str:
    return _short(row.text(codes.OBSERVATION))


def _shape(text: str) -> str:
    """Return the form of a number or a time without its digits, which differ in every message."""
    return f"{_short(re.sub('[0-9]', '9', text))!r} (9: any digit)"


def _short(words: str) -> str:
    """Return the reported part of a sender's words, without control characters."""
    return "".join(c if c.isprintable() else "\ufffd" for c in words[:_LONGEST_WORD])
