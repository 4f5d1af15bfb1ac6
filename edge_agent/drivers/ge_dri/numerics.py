"""Conversion of displayed values to numerics with the monitor's own verdict and times.

Layout after the Datex-Ohmeda Record Specification (8005313): each group of fields starts with a
status word (bit 0 the measurement exists, bit 1 it is active) and a label. Values of -32001 and
below are codes, not numbers.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.drivers.ge_dri import codes
from edge_agent.drivers.ge_dri.codes import GeParameter
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, GenerationMode, Numeric, Validity

HIGHEST_SPECIAL: Final = -32001
_SPECIAL: Final = {
    -32766: Validity.NOT_AVAILABLE,
    -32764: Validity.BELOW_RANGE,
    -32763: Validity.ABOVE_RANGE,
    -32762: Validity.CALIBRATING,
}
"""Not updated, under range, over range, not calibrated; every other code is invalid."""

_EXISTS: Final = 1
_ACTIVE: Final = 2
_SOURCE_SHIFT: Final = 3
_SOURCE_MASK: Final = 0x0F
_DOUBTED_ECG: Final = 1 << 7 | 1 << 8 | 1 << 9
"""Noise, artifact, learning."""
_ZEROING: Final = 1 << 2
_NIBP_CALIBRATING: Final = 1 << 7
_SVO2: Final = 2
_ALL_CHANNELS_OFF: Final = 0b111 << 11
_CO2_CALIBRATING: Final = 1 << 3 | 1 << 4
_CO2_DOUBTED: Final = 1 << 5 | 1 << 6
"""Occlusion, air leak."""
_O2_CALIBRATING: Final = 1 << 2
_O2_OFF: Final = 1 << 3  # source: unknown; public readers of these records name it so
_RATE_SOURCE: Final = 0x07
_RATE_OF_IMPEDANCE: Final = 2
_RATE_SOURCE_LEVEL: Final = 8
"""Record level from which the CO2 group names the source of its respiration rate."""

_HEAD: Final = struct.Struct("<IH")
_NUMBERS: Final = tuple(struct.Struct(f"<{count}h") for count in range(6))
_WITH_VALUE: Final = frozenset({Validity.VALID, Validity.QUESTIONABLE})


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """Facts that all numerics of one record share."""

    device_id: str
    measured_at: DeviceTime
    cuff_taken_at: DeviceTime
    """Time of the cuff reading, which the record only repeats."""
    is_asystole: bool
    """True where the arrhythmia analysis reports asystole in the same record."""
    level: int
    """Edition of the specification that the record follows."""
    at: Instant


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """The head of one group of fields, and its verdict on all of them."""

    channel: str
    offset: int
    status: int
    label: int
    verdict: Validity
    vouches_for_zero: bool = False
    """True where the monitor confirms that it counted a rate of zero."""
    measured_at: DeviceTime | None = None
    """Time of the fields; None where they are as old as the record."""

    @property
    def state(self) -> int:
        """Status and label as the device sent them."""
        return self.label << 32 | self.status

    def with_verdict(self, *, if_status: int, then: Validity) -> FieldGroup:
        """Return the group with verdict `then` if it is active and a bit of `if_status` is set."""
        if self.status & if_status and self.verdict is Validity.VALID:
            return replace(self, verdict=then)
        return self


def group_at(values: bytes, offset: int, channel: str) -> FieldGroup | None:
    """Return the head of a group; None where the measurement does not exist."""
    status, label = _HEAD.unpack_from(values, offset)
    if not status & _EXISTS:
        return None
    verdict = Validity.VALID if status & _ACTIVE else Validity.NOT_AVAILABLE
    return FieldGroup(channel, offset, status, label, verdict)


def fields_of(values: bytes, group: FieldGroup, count: int) -> tuple[int, ...]:
    """Return the raw numbers that follow the head of a group."""
    return _NUMBERS[count].unpack_from(values, group.offset + _HEAD.size)


class Sheet:
    """Numerics of one record, collected so that no code comes twice.

    Where two channels claim one code (two probes with one label, the pulse as heart rate and on its
    own), the first keeps it and the other gets the private code of its field.
    """

    def __init__(self, origin: RecordFacts) -> None:
        self._origin = origin
        self._used_codes: set[int] = set()
        self.numerics: list[Numeric] = []
        self.odd: dict[str, None] = {}
        """Labels of the fields whose value is impossible, in order; these fields get no value."""

    def basic(self, values: bytes) -> None:
        """Add the numerics of a basic subrecord."""
        ecg = group_at(values, codes.ECG_OFFSET, "ECG")
        if ecg is not None:
            self._ecg(values, ecg)
        for n, offset in enumerate(codes.PRESSURE_OFFSETS, 1):
            self._pressure(values, group_at(values, offset, f"P{n}"))
        self._cuff(values)
        for n, offset in enumerate(codes.TEMPERATURE_OFFSETS, 1):
            self._temperature(values, group_at(values, offset, f"T{n}"))
        self._oximeter(values)
        self._carbon_dioxide(values)
        self._oxygen(values)
        if ecg is not None and (parameter := _heart_rate(ecg)) is not codes.HEART_RATE:
            (rate,) = fields_of(values, ecg, 1)
            self._add(ecg, parameter, rate)

    def arrhythmia(self, values: bytes) -> None:
        """Add the numerics of the arrhythmia analysis in an extended 1 subrecord."""
        group = group_at(values, codes.ARRHYTHMIA_OFFSET, "ARRH")
        if group is not None:
            rate, _, pvcs = fields_of(values, group, 3)
            vouched = replace(group, vouches_for_zero=self._origin.is_asystole)
            self._add(vouched, codes.ARRHYTHMIA_RATE, rate)
            self._add(group, codes.PVC_COUNT, pvcs)

    def _ecg(self, values: bytes, ecg: FieldGroup) -> None:
        """Add the electrodes' values; `basic` adds a rate from another sensor last."""
        rate, *levels, breaths = fields_of(values, ecg, 5)
        if ecg.status & _ALL_CHANNELS_OFF == _ALL_CHANNELS_OFF:
            ecg = ecg.with_verdict(if_status=_ALL_CHANNELS_OFF, then=Validity.QUESTIONABLE)
        heart = replace(
            ecg.with_verdict(if_status=_DOUBTED_ECG, then=Validity.QUESTIONABLE),
            vouches_for_zero=self._origin.is_asystole or bool(ecg.status & codes.ECG_ASYSTOLE),
        )
        if _heart_rate(ecg) is codes.HEART_RATE:
            self._add(heart, codes.HEART_RATE, rate)
        for parameter, level in zip(codes.ST_LEVELS, levels, strict=True):
            self._add(heart, parameter, level)
        co2 = group_at(values, codes.CO2_OFFSET, "CO2")
        is_apnea = co2 is not None and bool(co2.status & codes.RESP_APNEA)
        self._add(replace(ecg, vouches_for_zero=is_apnea), codes.IMPEDANCE_RATE, breaths)

    def _pressure(self, values: bytes, group: FieldGroup | None) -> None:
        if group is None:
            return
        named = codes.PRESSURES.get((group.offset, group.label))
        parameters = named or codes.OTHER_PRESSURES[group.offset]
        group = group.with_verdict(if_status=_ZEROING, then=Validity.CALIBRATING)
        for parameter, raw in zip(parameters, fields_of(values, group, 4), strict=True):
            self._add(group, parameter, raw)

    def _cuff(self, values: bytes) -> None:
        group = group_at(values, codes.NIBP_OFFSET, "NIBP")
        if group is None:
            return
        verdict = group.verdict
        if verdict is Validity.VALID and group.label & codes.NIBP_MEASURING:
            verdict = Validity.MEASURING
        elif verdict is Validity.VALID and group.label & _NIBP_CALIBRATING:
            verdict = Validity.CALIBRATING
        group = replace(group, verdict=verdict, measured_at=self._origin.cuff_taken_at)
        for parameter, raw in zip(codes.NIBP, fields_of(values, group, 4), strict=True):
            self._add(group, parameter, raw)

    def _temperature(self, values: bytes, group: FieldGroup | None) -> None:
        if group is not None:
            (raw,) = fields_of(values, group, 1)
            named = codes.TEMPERATURES.get((group.offset, group.label))
            self._add(group, named or codes.UNNAMED_TEMPERATURES[group.offset], raw)

    def _oximeter(self, values: bytes) -> None:
        group = group_at(values, codes.SPO2_OFFSET, "SpO2")
        if group is None:
            return
        saturation, pulse, amplitude = fields_of(values, group, 3)
        is_venous = group.label & 3 == _SVO2
        self._add(group, codes.SVO2 if is_venous else codes.SPO2, saturation)
        self._add(group, codes.SVO2_PULSE if is_venous else codes.SPO2_PULSE, pulse)
        self._add(group, codes.INFRARED, amplitude)

    def _carbon_dioxide(self, values: bytes) -> None:
        """Add the CO2 group; convert the end-tidal share of the ambient pressure to a pressure."""
        group = group_at(values, codes.CO2_OFFSET, "CO2")
        if group is None:
            return
        group = group.with_verdict(if_status=_CO2_CALIBRATING, then=Validity.CALIBRATING)
        group = group.with_verdict(if_status=_CO2_DOUBTED, then=Validity.QUESTIONABLE)
        expired, inspired, breaths, ambient = fields_of(values, group, 4)
        has_ambient = codes.AMBIENT.lowest <= ambient <= codes.AMBIENT.highest
        share, validity = self._value_and_verdict(group, codes.ETCO2_SHARE, expired)
        if share is None:
            self._put(group, codes.ETCO2, None, validity)
        elif has_ambient:
            pressure = round(expired * ambient / 100_000, 2)
            self._put(group, codes.ETCO2, pressure, validity)
        else:
            self._put(group, codes.ETCO2_SHARE, share, validity)
        self._add(group, codes.INSPIRED_CO2, inspired)
        says_source = self._origin.level >= _RATE_SOURCE_LEVEL
        is_impedance = says_source and group.label & _RATE_SOURCE == _RATE_OF_IMPEDANCE
        rate = codes.REPEATED_IMPEDANCE_RATE if is_impedance else codes.AIRWAY_RATE
        apnea = codes.RESP_APNEA if is_impedance else codes.CO2_APNEA
        self._add(replace(group, vouches_for_zero=bool(group.status & apnea)), rate, breaths)
        if has_ambient:
            self._add(group, codes.AMBIENT_PRESSURE, ambient)

    def _oxygen(self, values: bytes) -> None:
        group = group_at(values, codes.O2_OFFSET, "O2")
        if group is not None:
            group = group.with_verdict(if_status=_O2_OFF, then=Validity.NOT_AVAILABLE)
            group = group.with_verdict(if_status=_O2_CALIBRATING, then=Validity.CALIBRATING)
            for parameter, raw in zip(codes.OXYGEN, fields_of(values, group, 2), strict=True):
                self._add(group, parameter, raw)

    def _add(self, group: FieldGroup, parameter: GeParameter, raw: int) -> None:
        value, validity = self._value_and_verdict(group, parameter, raw)
        self._put(group, parameter, value, validity)

    def _value_and_verdict(
        self, group: FieldGroup, parameter: GeParameter, raw: int
    ) -> tuple[float | None, Validity]:
        found = value_and_verdict(group, parameter, raw)
        if found is None:
            self.odd[parameter.label] = None
            return None, Validity.INVALID
        return found

    def _put(
        self, group: FieldGroup, parameter: GeParameter, value: float | None, validity: Validity
    ) -> None:
        origin, quantity = self._origin, parameter.quantity
        code = parameter.code
        if code in self._used_codes:
            code = codes.private(parameter.offset)
        self._used_codes.add(code)
        self.numerics.append(
            Numeric(
                device_id=origin.device_id,
                channel=group.channel,
                code=code,
                label=parameter.label,
                value=value,
                unit_code=quantity.unit_code,
                unit=quantity.ucum,
                state=group.state,
                validity=validity,
                mode=GenerationMode.REAL,
                measured_at=group.measured_at or origin.measured_at,
                received_at=origin.at,
            )
        )


def value_and_verdict(
    group: FieldGroup, parameter: GeParameter, raw: int
) -> tuple[float | None, Validity] | None:
    """Return the value of a field and the monitor's verdict on it.

    None where an active field holds an impossible value: damage passed the weak checksum, or the
    value has a meaning that is not known here.
    """
    if group.verdict not in _WITH_VALUE:
        return None, group.verdict
    if raw <= HIGHEST_SPECIAL:
        return None, _SPECIAL.get(raw, Validity.INVALID)
    quantity = parameter.quantity
    if not quantity.lowest <= raw <= quantity.highest:
        return None
    if raw == 0 and quantity.is_rate and not group.vouches_for_zero:
        return 0.0, Validity.QUESTIONABLE
    return raw / quantity.divisor, group.verdict


def _heart_rate(ecg: FieldGroup) -> GeParameter:
    """Return the kind of heart rate that the ECG group shows, by its source."""
    source = ecg.status >> _SOURCE_SHIFT & _SOURCE_MASK
    return codes.HEART_RATE_SOURCES.get(source, codes.OTHER_HEART_RATE)
