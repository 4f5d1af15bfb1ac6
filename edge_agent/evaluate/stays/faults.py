"""Checks that each planted fault was announced in time and that none caused a clinical alert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from edge_agent.detect.grid import STEP_S
from edge_agent.evaluate.stays.comparators import Signals
from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlert, ReportedAlerts
from edge_agent.evaluate.stays.scoring import is_right
from edge_agent.evaluate.stays.truth import Ground
from edge_agent.model.measurements import VitalKind
from edge_agent.vitals.canonical import KINDS
from simulators.patients.plan import FaultKind, Plan, PlannedFault, Sensor

_TOLERANCE_S: Final = 3 * STEP_S
"""Allowance for the steps of a recording and for a fault that begins within one, seconds."""
_LOST_S: Final = 120.0
_TEMPERATURE_LOST_S: Final = 900.0


def _flat_s(kind: VitalKind) -> float:
    row = KINDS[kind]
    return max(row.flat_s or 0.0, row.flat_readings * STEP_S)


# seconds until a fault must be announced: until it can be detected (flat, out of range, too
# fast), and then the time of a lost signal; design start values, unvalidated
DUE_S: Final[Mapping[tuple[FaultKind, Sensor], float]] = MappingProxyType(
    {
        (FaultKind.PROBE_OFF, Sensor.ECG): _LOST_S,
        (FaultKind.PROBE_OFF, Sensor.SPO2): _LOST_S,
        (FaultKind.PROBE_OFF, Sensor.TEMPERATURE): _TEMPERATURE_LOST_S,
        (FaultKind.PROBE_ZERO, Sensor.SPO2): _LOST_S,
        (FaultKind.STUCK, Sensor.ECG): _flat_s(VitalKind.HEART_RATE) + _LOST_S,
        (FaultKind.STUCK, Sensor.SPO2): _flat_s(VitalKind.SPO2) + _LOST_S,
        (FaultKind.STUCK, Sensor.TEMPERATURE): (
            _flat_s(VitalKind.TEMPERATURE) + _TEMPERATURE_LOST_S
        ),
        (FaultKind.DRIFT_OFF, Sensor.TEMPERATURE): 300.0 + _TEMPERATURE_LOST_S,
        (FaultKind.FAHRENHEIT, Sensor.TEMPERATURE): _TEMPERATURE_LOST_S,
        (FaultKind.LOSS, Sensor.ALL): _LOST_S,
    }
)
"""Time after which each kind of fault must be announced, seconds; the other kinds need not be: a
probe stuck at 100 % looks like a patient on oxygen, duplicates and reordering must change nothing,
steps of a monitor's clock do not show in a recording on the gateway's time, and one odd cuff
reading only calls for another."""
_CUFF_INTERVALS: Final = 1.5
_CUFF_MARGIN_S: Final = 300.0
_CUFF_TOLERANCE_S: Final = 60.0 + _TOLERANCE_S
"""Allowance for a cuff, which is checked once a minute, seconds."""
_EMPTY: Final = frozenset(
    {FaultKind.PROBE_OFF, FaultKind.PROBE_ZERO, FaultKind.PROBE_FLAT, FaultKind.LOSS}
)
_AFTERWARDS_S: Final = 600.0
_SIGNS: Final[Mapping[Sensor, frozenset[str]]] = MappingProxyType(
    {
        Sensor.ECG: frozenset({"heart_rate", "respiratory_rate"}),
        Sensor.SPO2: frozenset({"spo2", "pulse_rate", "perfusion_index"}),
        Sensor.TEMPERATURE: frozenset({"temperature"}),
        Sensor.CUFF: frozenset(
            {"blood_pressure", "nibp_systolic", "nibp_mean", "nibp_diastolic", "art_systolic"}
        ),
    }
)
"""Vital kinds of each sensor, as rules and evidence name them."""


@dataclass(frozen=True, slots=True)
class FaultCheck:
    """One planted fault that lasted long enough to be announced."""

    kind: str
    sensor: str
    from_s: float
    due_s: float
    """Time by which it had to be announced, seconds since the recording began."""
    reported_s: float | None
    """Time at which it was announced, seconds since the recording began; None if it never was."""

    @property
    def is_in_time(self) -> bool:
        """True where it was announced in time."""
        return self.reported_s is not None and self.reported_s <= self.due_s


def check_faults(
    plan: Plan, reported: Sequence[ReportedAlert], signals: Signals
) -> tuple[FaultCheck, ...]:
    """Return every planted fault that had to be announced, and when it was.

    An alert of the same sensor that was already open announces it.
    """
    checks = []
    for fault in plan.faults:
        due_s = _due_s(fault, plan, signals)
        end_s = min(fault.to_s, plan.length_s)
        if due_s is None or due_s >= end_s:
            continue
        spoke = [
            max(one.at_s, fault.from_s)
            for one in reported
            if _announces(one, fault.sensor) and one.at_s < end_s and one.until_s > fault.from_s
        ]
        first = min(spoke, default=None)
        checks.append(FaultCheck(fault.kind, fault.sensor, fault.from_s, due_s, first))
    return tuple(checks)


def from_empty_signals(
    plan: Plan, reported: Sequence[ReportedAlert], ground: Ground
) -> tuple[ReportedAlert, ...]:
    """Return the clinical alerts caused by a lost or zero signal, or one measured off the patient.

    They rest on a sensor that was off at the time or up to 10 minutes before, and are about
    nothing real.
    """
    clinical = [one for one in reported if one.about is not About.TECHNICAL]
    clinical.sort(key=lambda one: one.at_s)
    right = is_right(ReportedAlerts.of(clinical), ground)
    return tuple(
        one
        for one, is_real in zip(clinical, right, strict=True)
        if not is_real and any(_is_of(one, fault) for fault in plan.faults if fault.kind in _EMPTY)
    )


def _is_of(one: ReportedAlert, fault: PlannedFault) -> bool:
    if not fault.from_s <= one.at_s <= fault.to_s + _AFTERWARDS_S:
        return False
    return fault.sensor is Sensor.ALL or bool(_SIGNS[fault.sensor] & set(one.kinds))


def _announces(one: ReportedAlert, sensor: Sensor) -> bool:
    if one.about is not About.TECHNICAL:
        return False
    if sensor is Sensor.ALL or one.rule_id.startswith("system."):
        return True
    return bool(_SIGNS[sensor] & {*one.kinds, one.rule_id.rpartition(".")[2]})


def _due_s(fault: PlannedFault, plan: Plan, signals: Signals) -> float | None:
    """Return the latest time to announce a fault; None where it need not be announced."""
    if (fault.kind, fault.sensor) == (FaultKind.PROBE_OFF, Sensor.CUFF):
        earlier_s = signals.cuff_at_s[signals.cuff_at_s < fault.from_s]
        if not earlier_s.size:
            return None
        every_s = [part.every_s for part in plan.cuff if part.from_s <= fault.from_s][-1]
        return float(earlier_s[-1]) + _CUFF_INTERVALS * every_s + _CUFF_MARGIN_S + _CUFF_TOLERANCE_S
    after_s = DUE_S.get((fault.kind, fault.sensor))
    return None if after_s is None else fault.from_s + after_s + _TOLERANCE_S
