"""One row (OBX) as a numeric, and the limits of its alarm."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from edge_agent.drivers.hl7_oru import codes
from edge_agent.drivers.hl7_oru.timestamps import wall_ns
from edge_agent.model.measurements import DeviceTime, GenerationMode, Numeric, Validity
from edge_agent.model.session_events import AlarmLimits

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

    from edge_agent.drivers.hl7_oru.er7 import Segment
    from edge_agent.drivers.hl7_oru.profile import Profile
    from edge_agent.model.clock import Instant

TYPE: Final = 2
SUB_ID: Final = 4
VALUE: Final = 5
_RANGE: Final = 7
_STATUS: Final = 11
_ACCESS: Final = 13
_TIME: Final = 14

_NUMBER: Final = r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})"
_NM: Final = re.compile(_NUMBER)
"""HL7 Version 2.6, 2.A.47: no exponent, no separator of thousands."""
_LIMITS: Final = re.compile(rf"({_NUMBER})-({_NUMBER})|([<>])=?({_NUMBER})")
_METRICS: Final = 2
_OBJECTS: Final = 1
_NO_VALUE: Final = {"", '""'}

_STATUSES: Final = {
    "": Validity.VALID,
    "F": Validity.VALID,
    "R": Validity.VALID,
    "P": Validity.VALID,
    "C": Validity.VALID,
    "U": Validity.VALID,
    "S": Validity.QUESTIONABLE,
    "B": Validity.QUESTIONABLE,
    "A": Validity.QUESTIONABLE,
    "V": Validity.QUESTIONABLE,
    "X": Validity.INVALID,
    "D": Validity.INVALID,
    "W": Validity.INVALID,
    "N": Validity.NOT_AVAILABLE,
    "O": Validity.NOT_AVAILABLE,
    "I": Validity.NOT_AVAILABLE,
}
"""What OBX-11 says of the value (HL7 table 0085); a letter that is not in it is no promise."""
_WITHOUT_VALUE: Final = {Validity.INVALID, Validity.NOT_AVAILABLE}
_OUT_OF_RANGE: Final = {">": Validity.ABOVE_RANGE, "<": Validity.BELOW_RANGE}


@dataclass(frozen=True, slots=True)
class Context:
    """What a row does not say itself."""

    device_id: str
    zone: tzinfo
    mode: GenerationMode
    sent: str
    """Time of the message (MSH-7) as it was sent."""
    observed: str
    """Time of the group of rows (OBR-7) as it was sent; empty where there is none."""
    received_at: Instant


class Observer:
    """Reads rows by the rules of one profile."""

    def __init__(self, profile: Profile, dictionary: codes.Dictionary) -> None:
        self._profile = profile
        self._dictionary = dictionary

    def numeric(self, row: Segment, context: Context) -> Numeric | None:
        """Return the row's value, None for rows that are no measurement."""
        kind, text = row.field(TYPE), row.text(VALUE).strip()
        if kind not in {"NM", "SN"} and (text in _NO_VALUE or not _NM.fullmatch(text)):
            return None
        code = self._dictionary.code(row)
        partition = code.code >> 16
        if partition == _OBJECTS or (kind not in {"NM", "SN"} and partition != _METRICS):
            return None
        value, validity = self._value(row, kind, text)
        unit = self._dictionary.unit(row, code.code)
        is_occasional = (
            code.code in self._profile.occasional_codes or row.field(_ACCESS) == "APERIODIC"
        )
        status = row.field(_STATUS)
        return Numeric(
            device_id=context.device_id,
            channel=row.text(SUB_ID),
            code=code.code,
            label=code.label,
            value=value,
            unit_code=unit.code,
            unit=unit.ucum,
            state=ord(status[0]) if status else 0,
            validity=validity,
            mode=context.mode,
            measured_at=self._measured_at(row, context, is_occasional=is_occasional),
            received_at=context.received_at,
            is_sent_once=is_occasional and self._profile.occasional_is_sent_once,
        )

    def _value(self, row: Segment, kind: str, text: str) -> tuple[float | None, Validity]:
        status = _STATUSES.get(row.field(_STATUS), Validity.QUESTIONABLE)
        if row.field(_STATUS) == "X" and not self._profile.x_is_invalid:
            status = Validity.VALID
        if status in _WITHOUT_VALUE:
            return None, status
        if text in _NO_VALUE:
            return None, Validity.NOT_AVAILABLE
        if kind == "SN":
            comparator, text = _structured(row.components(VALUE))
            if comparator in _OUT_OF_RANGE:
                return None, _OUT_OF_RANGE[comparator]
        if not _NM.fullmatch(text):
            return None, Validity.INVALID
        value = float(text)
        if value in self._profile.missing_values:
            return None, Validity.NOT_AVAILABLE
        is_doubtful = kind not in {"NM", "SN"} or (value == 0 and not self._profile.zero_is_a_value)
        return value, Validity.QUESTIONABLE if is_doubtful else status

    def _measured_at(self, row: Segment, context: Context, *, is_occasional: bool) -> DeviceTime:
        text = row.field(_TIME)
        if not is_occasional:
            return _time(text or context.observed or context.sent, context.zone)
        time = _time(text, context.zone)
        if self._profile.occasional_time_is_own or self._profile.occasional_is_sent_once:
            return time
        # A copy of the message's time would make an old reading new in every message.
        is_copy = time == _time(context.sent, context.zone)
        return DeviceTime() if is_copy else time

    def limits(self, row: Segment) -> list[AlarmLimits]:
        """Return between which values the monitor does not alarm; nothing where it says none."""
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


def told_apart(numerics: Iterable[Numeric]) -> tuple[Numeric, ...]:
    """Return the numerics of one message so that a missing twin does not hide a valid value.

    Monitors send one vital from several sockets under one code. Rows without a valid value, beside
    one that has it, keep everything but the code: they go under the private code of `beside`.
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
    """Return comparator and number of a structured numeric; a range or a ratio is no number."""
    comparator, number, *rest = [*components, ""]
    comparator = comparator.removesuffix("=")
    is_one_number = not any(rest) and (comparator in _OUT_OF_RANGE or not comparator)
    return comparator, number if is_one_number else ""


def _time(text: str, zone: tzinfo) -> DeviceTime:
    return DeviceTime(wall_ns=wall_ns(text, zone))
