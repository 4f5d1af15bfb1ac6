"""Checks that each planted loss of a signal was announced in time, and of alerts made of faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from edge_agent.detect.grid import STEP_S
from edge_agent.evaluate.stays.comparators import Signals
from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlert, ReportedAlerts
from edge_agent.evaluate.stays.scoring import is_right
from edge_agent.evaluate.stays.spans import Spans
from edge_agent.evaluate.stays.truth import Ground
from edge_agent.model.durations import HOUR_S
from edge_agent.model.measurements import VitalKind
from edge_agent.vitals.canonical import KINDS
from simulators.patients.plan import FaultKind, Plan, PlannedFault, Sensor

_TOLERANCE_S: Final = 3 * STEP_S
"""Allowance for the steps of a recording and for a fault that begins within one, seconds."""
_LOSS_S: Final = 300.0
_TEMPERATURE_LOSS_S: Final = 1200.0


def _flat_s(kind: VitalKind) -> float:
    row = KINDS[kind]
    return max(row.flat_s or 0.0, row.flat_readings * STEP_S)


# times of the losses: design start values, unvalidated; a stuck value can be detected once it has
# been flat for long
DUE_S: Final[Mapping[tuple[FaultKind, Sensor], float]] = MappingProxyType(
    {
        (FaultKind.PROBE_OFF, Sensor.ECG): _LOSS_S,
        (FaultKind.PROBE_OFF, Sensor.SPO2): _LOSS_S,
        (FaultKind.PROBE_ZERO, Sensor.SPO2): _LOSS_S,
        (FaultKind.PROBE_FLAT, Sensor.SPO2): _LOSS_S,
        (FaultKind.LOSS, Sensor.ALL): _LOSS_S,
        (FaultKind.TRANSPORT, Sensor.ALL): _LOSS_S,
        (FaultKind.PROBE_OFF, Sensor.TEMPERATURE): _TEMPERATURE_LOSS_S,
        (FaultKind.PROBE_SLIPPED, Sensor.TEMPERATURE): _TEMPERATURE_LOSS_S,
        (FaultKind.PROBE_COOLED, Sensor.TEMPERATURE): _TEMPERATURE_LOSS_S,
        (FaultKind.DRIFT_OFF, Sensor.TEMPERATURE): _TEMPERATURE_LOSS_S,
        (FaultKind.FAHRENHEIT, Sensor.TEMPERATURE): _TEMPERATURE_LOSS_S,
        (FaultKind.STUCK, Sensor.ECG): _flat_s(VitalKind.HEART_RATE) + _LOSS_S,
        (FaultKind.STUCK, Sensor.SPO2): _flat_s(VitalKind.SPO2) + _LOSS_S,
        (FaultKind.STUCK, Sensor.TEMPERATURE): (
            _flat_s(VitalKind.TEMPERATURE) + _TEMPERATURE_LOSS_S
        ),
    }
)
"""Time after which each kind of fault must be announced, seconds; the other kinds need not be: one
odd, failed or missed cuff reading only calls for another, a movement ends by itself, a warmed probe
still follows the patient, nobody lost a probe that nobody put on, duplicates and reordering must
change nothing, and steps of a monitor's clock do not show on the gateway's time. A cuff that is off
has a clock of its own."""
_CUFF_INTERVALS: Final = 2.0
_CUFF_SETTLED_S: Final = HOUR_S
"""Time for which the interval before a change still counts, seconds."""
_CUFF_TOLERANCE_S: Final = 60.0 + _TOLERANCE_S
"""Allowance for a cuff, which is checked once a minute, seconds."""
_HARMLESS: Final = frozenset(
    {
        FaultKind.CUFF_FAILED,
        FaultKind.CUFF_MISSED,
        FaultKind.NO_PROBE,
        FaultKind.DUPLICATE,
        FaultKind.REORDER,
        FaultKind.CLOCK_STEP,
    }
)
"""Kinds that leave no wrong value and take none away that was there; an alert beside one is not of
its making."""
_AFTERWARDS_S: Final = 600.0
_SIGNS: Final[Mapping[Sensor, frozenset[str]]] = MappingProxyType(
    {
        Sensor.ECG: frozenset(
            {
                *("heart_rate", "respiratory_rate", "heart_rate_agreed", "last_heart_rate"),
                *("heart_rate_by_minute", "heart_rate_over_baseline", "heart_rate_excess"),
            }
        ),
        Sensor.SPO2: frozenset(
            {"spo2", "spo2_agreed", "last_spo2", "pulse_rate", "perfusion_index"}
        ),
        Sensor.TEMPERATURE: frozenset(
            {
                *("temperature", "last_temperature", "temperature_by_minute"),
                "temperature_over_baseline",
                *("temperature_slope", "temperature_shift", "temperature_fall"),
                "heart_rate_excess",
            }
        ),
        Sensor.CUFF: frozenset(
            {
                *("blood_pressure", "nibp_systolic", "nibp_mean", "nibp_diastolic"),
                *("nibp_systolic_as_measured", "nibp_mean_as_measured", "art_systolic"),
                *("systolic_share_of_baseline", "shock_index", "shock_index_rise"),
            }
        ),
    }
)
"""Vital kinds and signals that rest on each sensor, as rules and evidence name them."""
_EVERY_SIGN: Final = "monitor"
"""Last word of the rule that announces the loss of every signal."""


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

    @property
    def is_loss(self) -> bool:
        """True where a signal was gone or not the patient's from the beginning, at any sensor."""
        return self.kind != FaultKind.STUCK

    @property
    def is_of_temperature(self) -> bool:
        """True for a fault of a temperature probe, which has more time."""
        return self.sensor == Sensor.TEMPERATURE


def check_faults(
    plan: Plan, reported: Sequence[ReportedAlert], signals: Signals, absences: Spans
) -> tuple[FaultCheck, ...]:
    """Return every planted fault that had to be announced, and when it was.

    An alert of the same sensor that was already open announces it, and so does an absence that
    somebody entered.
    """
    checks = []
    for fault in plan.faults:
        due_s = _due_s(fault, plan, signals)
        end_s = min(fault.to_s, plan.length_s)
        if due_s is None or due_s >= end_s:
            continue
        known = [(one.at_s, one.until_s) for one in reported if _announces(one, fault.sensor)]
        spoke = [
            max(at_s, fault.from_s)
            for at_s, until_s in (*known, *absences.pairs())
            if at_s < end_s and until_s > fault.from_s
        ]
        first = min(spoke, default=None)
        checks.append(FaultCheck(fault.kind, fault.sensor, fault.from_s, due_s, first))
    return tuple(checks)


def from_faults(
    plan: Plan, reported: Sequence[ReportedAlert], ground: Ground
) -> tuple[ReportedAlert, ...]:
    """Return the clinical alerts caused by a lost signal, or by one that was not the patient's.

    They rest on a sensor that had a fault at the time or up to 10 minutes before, and are about
    nothing real.
    """
    clinical = [one for one in reported if one.about is not About.TECHNICAL]
    clinical.sort(key=lambda one: one.at_s)
    right = is_right(ReportedAlerts.of(clinical), ground)
    faults = [fault for fault in plan.faults if fault.kind not in _HARMLESS]
    return tuple(
        one
        for one, is_real in zip(clinical, right, strict=True)
        if not is_real and any(_is_of(one, fault) for fault in faults)
    )


def _is_of(one: ReportedAlert, fault: PlannedFault) -> bool:
    if not fault.from_s <= one.at_s <= fault.to_s + _AFTERWARDS_S:
        return False
    return fault.sensor is Sensor.ALL or bool(_SIGNS[fault.sensor] & set(one.kinds))


def _announces(one: ReportedAlert, sensor: Sensor) -> bool:
    if one.about is not About.TECHNICAL:
        return False
    what = one.rule_id.rpartition(".")[2]
    if sensor is Sensor.ALL or one.rule_id.startswith("system.") or what == _EVERY_SIGN:
        return True
    return bool(_SIGNS[sensor] & {*one.kinds, what})


def _due_s(fault: PlannedFault, plan: Plan, signals: Signals) -> float | None:
    """Return the latest time to announce a fault; None where it need not be announced."""
    if (fault.kind, fault.sensor) == (FaultKind.PROBE_OFF, Sensor.CUFF):
        return _cuff_due_s(fault, plan, signals)
    after_s = DUE_S.get((fault.kind, fault.sensor))
    return None if after_s is None else fault.from_s + after_s + _TOLERANCE_S


def _cuff_due_s(fault: PlannedFault, plan: Plan, signals: Signals) -> float | None:
    """Return the time by which a cuff that is off must be announced; None without a reading.

    Two intervals after its last reading, or as it goes off where that is later, and the time of a
    loss. Of the intervals set within the hour before, the longest counts: nothing shows a shorter
    one until the cuff has followed it.
    """
    earlier_s = signals.cuff_at_s[signals.cuff_at_s < fault.from_s]
    if not earlier_s.size:
        return None
    last_s = float(earlier_s[-1])
    ends_s = [part.from_s for part in plan.cuff[1:]] + [plan.length_s]
    every_s = max(
        part.every_s
        for part, end_s in zip(plan.cuff, ends_s, strict=True)
        if part.from_s <= fault.from_s and end_s > last_s - _CUFF_SETTLED_S
    )
    missed_s = max(last_s + _CUFF_INTERVALS * every_s, fault.from_s)
    return missed_s + _LOSS_S + _CUFF_TOLERANCE_S
