"""Finds in journalled vital signs what a scenario planted in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge_agent.model.measurements import VitalKind
from simulators.patients.plan import FaultKind, Sensor
from simulators.patients.truth import FEVER, HYPOXIA, truth_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edge_agent.model.measurements import Vital
    from simulators.patients.patient import Patient
    from simulators.patients.plan import PlannedFault

    Timed = Sequence[tuple[float, Vital]]
    """Patient time and vital."""

EDGE_S: Final = 75.0
"""Ward time from a monitor to the journal, at 60 times speed, and the pulling apart of clocks."""
_SHOWN_BY: Final[Mapping[Sensor, tuple[VitalKind, ...]]] = {
    Sensor.ECG: (VitalKind.HEART_RATE,),
    Sensor.SPO2: (VitalKind.SPO2,),
    Sensor.TEMPERATURE: (VitalKind.TEMPERATURE,),
    Sensor.CUFF: (VitalKind.NIBP_SYSTOLIC,),
    Sensor.ALL: (VitalKind.HEART_RATE, VitalKind.SPO2, VitalKind.TEMPERATURE),
}


def not_found(patient: Patient, vitals: Timed, until_s: float) -> list[str]:
    """Return which of a patient's planted events the vital signs do not show."""
    truth = truth_of(patient)
    missing = []
    for what, kind, shows in (
        ("fever", VitalKind.TEMPERATURE, lambda value: value >= FEVER),
        ("hypotension", VitalKind.NIBP_SYSTOLIC, lambda value: value < 100),
        ("hypoxia", VitalKind.SPO2, lambda value: value <= HYPOXIA),
    ):
        for span in truth.of(what):
            is_hidden = any(
                kind in _SHOWN_BY[fault.sensor] and fault.from_s <= span.from_s + 300
                for fault in patient.plan.faults
                if fault.to_s > span.from_s
            )
            inside = _between(vitals, kind, span.from_s, min(span.to_s, until_s))
            if span.from_s < until_s - 300 and not is_hidden and not any(map(shows, inside)):
                missing.append(f"{what} from {span.from_s:.0f} s")
    missing += [
        f"{fault.kind} of {fault.sensor} from {fault.from_s:.0f} s"
        for fault in patient.plan.faults
        if fault.from_s < until_s - EDGE_S and not _FAULT_SHOWS[fault.kind](fault, vitals)
    ]
    return missing


def _between(vitals: Timed, kind: VitalKind, from_s: float, to_s: float) -> list[float]:
    return [
        vital.value
        for at_s, vital in vitals
        if vital.kind is kind and vital.value is not None and from_s <= at_s <= to_s + EDGE_S
    ]


def _nothing_usable(fault: PlannedFault, vitals: Timed) -> bool:
    inside = [
        vital
        for at_s, vital in vitals
        if vital.kind in _SHOWN_BY[fault.sensor]
        and fault.from_s + EDGE_S <= at_s <= fault.to_s - EDGE_S
    ]
    is_back = [
        vital.is_usable
        for at_s, vital in vitals
        if vital.kind in _SHOWN_BY[fault.sensor] and at_s < fault.from_s - EDGE_S
    ]
    return any(is_back) and not any(vital.is_usable for vital in inside)


def _is_shown(kind: VitalKind, shows: Callable[[float, PlannedFault], bool]) -> Callable[..., bool]:
    def found(fault: PlannedFault, vitals: Timed) -> bool:
        values = _between(vitals, kind, fault.from_s, fault.to_s)
        return any(shows(value, fault) for value in values)

    return found


def _pulse_pressure_is_odd(fault: PlannedFault, vitals: Timed) -> bool:
    """Return whether an odd cuff reading came, and was doubted where it contradicts itself."""
    inside = [
        vital
        for at_s, vital in vitals
        if vital.kind is VitalKind.NIBP_SYSTOLIC and fault.from_s <= at_s <= fault.to_s + EDGE_S
    ]
    if fault.size:
        return any(vital.value is not None and vital.value < 95 for vital in inside)
    return any(not vital.is_usable and "pulse pressure" in vital.reason for vital in inside)


_FAULT_SHOWS: Final[Mapping[FaultKind, Callable[[PlannedFault, Timed], bool]]] = {
    FaultKind.PROBE_OFF: _nothing_usable,
    FaultKind.PROBE_ZERO: _nothing_usable,
    FaultKind.LOSS: _nothing_usable,
    FaultKind.PROBE_FLAT: _is_shown(VitalKind.SPO2, lambda value, _: value == 100),
    FaultKind.MOTION: _is_shown(VitalKind.SPO2, lambda value, fault: value == round(fault.size)),
    FaultKind.STUCK: _is_shown(VitalKind.TEMPERATURE, lambda value, fault: value == fault.size),
    FaultKind.DRIFT_OFF: _is_shown(VitalKind.TEMPERATURE, lambda value, _: value < 36.0),
    FaultKind.FAHRENHEIT: _is_shown(VitalKind.TEMPERATURE, lambda value, _: value > 90),
    FaultKind.CUFF_ERROR: _pulse_pressure_is_odd,
    FaultKind.CLOCK_STEP: lambda _fault, _vitals: True,
    FaultKind.DUPLICATE: lambda _fault, _vitals: True,
    FaultKind.REORDER: lambda _fault, _vitals: True,
}
"""A step of the monitor's clock shows among the events of a bed, not in its vital signs; the last
two are no faults of a monitor."""
