"""Doubts about values that are implausible, contradict each other or jump.

A doubted value keeps its number, so that a nurse sees it with the reason, but no rule uses it.
Only values that the device calls valid are checked: the device's own doubt stays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from edge_agent.model.clock import Instant
from edge_agent.model.measurements import CANONICAL_UNITS, OUT_OF_RANGE, Validity, VitalKind
from edge_agent.vitals.canonical import KINDS, KindRow, StepLimit
from edge_agent.vitals.claims import Claim, Series

_Numbers = npt.NDArray[np.float64] | float
_Counts = npt.NDArray[np.int64] | int
_Flags = npt.NDArray[np.bool_] | bool

# design start values, unvalidated
_LEAST_PULSE_PRESSURE_MMHG: Final = {"cuff": 15.0, "line": 10.0}
_LEAST_PULSE_PRESSURE_SHARE: Final = {"cuff": 0.15, "line": 0.10}
"""Share of a systolic pressure below 100. At a quarter and less the cardiac output is low
(Stevenson LW, Perloff JK, JAMA 1989;261:884-888), so a limit in mm[Hg] alone would mistake shock
for a failed cuff."""
LEAST_PERFUSION_PERCENT: Final = 0.3
_PULSE_AGREES_WITHIN_PER_MIN: Final = 10.0
PACED_WITHIN_PER_MIN: Final = 1.0
"""Greatest difference of a pulse rate that counts a pacemaker's beats; design start value,
unvalidated."""
_PACED_SHARE: Final = 0.9
"""Least share of the readings of a constant heart rate beside which the pulse rate is the same;
design start value, unvalidated."""
_PACED_PER_MIN: Final = (40.0, 130.0)
"""Rates of pacemakers; design start values, unvalidated."""

PRESSURES: Final[Mapping[VitalKind, tuple[str, str]]] = MappingProxyType(
    {
        VitalKind.NIBP_SYSTOLIC: ("cuff", "systolic"),
        VitalKind.NIBP_MEAN: ("cuff", "mean"),
        VitalKind.NIBP_DIASTOLIC: ("cuff", "diastolic"),
        VitalKind.ART_SYSTOLIC: ("line", "systolic"),
        VitalKind.ART_MEAN: ("line", "mean"),
        VitalKind.ART_DIASTOLIC: ("line", "diastolic"),
    }
)
_PERFUSED: Final = {VitalKind.SPO2, VitalKind.PERFUSION_INDEX}


def doubt_range(claim: Claim, age_years: float | None = None) -> Claim:
    """Return the claim, INVALID where its value is outside the plausible range of its kind.

    Parameters
    ----------
    age_years
        Age of the patient; None where nobody entered it.
    """
    row = KINDS[claim.row.kind]
    lowest, highest = row.lowest_at(age_years), row.highest_at(age_years)
    if claim.value is None or lowest <= claim.value <= highest:
        return claim
    if _is_vouched_zero(claim):
        return claim
    unit = CANONICAL_UNITS[claim.row.kind]
    reason = f"{OUT_OF_RANGE}{lowest:g}-{highest:g} {unit}"
    return claim.doubted(reason, Validity.INVALID)


def doubt_pressures(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims of one message, with doubts on pressures that contradict each other."""
    groups: dict[tuple[str, str], dict[str, float]] = {}
    for claim in claims:
        if claim.row.kind in PRESSURES and claim.usable_value is not None:
            source, part = PRESSURES[claim.row.kind]
            groups.setdefault((source, claim.row.site), {})[part] = claim.usable_value
    doubts = {group: _pressure_doubt(group[0], parts) for group, parts in groups.items()}
    return [
        claim.doubted(doubts.get((PRESSURES[claim.row.kind][0], claim.row.site), ""))
        if claim.row.kind in PRESSURES
        else claim
        for claim in claims
    ]


def are_in_order(systolic: _Numbers, mean: _Numbers, diastolic: _Numbers) -> _Flags:
    """Return True where pressures in mm[Hg] are in the only order that an artery can have."""
    return (diastolic < mean) & (mean < systolic)


def is_pulse_too_small(source: str, systolic: _Numbers, diastolic: _Numbers) -> _Flags:
    """Return True where the pulse pressure in mm[Hg] shows that the cuff or line has failed."""
    pulse = systolic - diastolic
    share = _LEAST_PULSE_PRESSURE_SHARE[source] * systolic
    return (pulse < _LEAST_PULSE_PRESSURE_MMHG[source]) & (pulse < share)


def _pressure_doubt(source: str, parts: Mapping[str, float]) -> str:
    """Return the reason to doubt the pressures of one cuff or line; empty for none."""
    if "systolic" not in parts or "diastolic" not in parts:
        return ""
    systolic, diastolic = parts["systolic"], parts["diastolic"]
    mean = parts.get("mean", (systolic + diastolic) / 2)
    if not are_in_order(systolic, mean, diastolic):
        return f"not systolic > mean > diastolic: {systolic:.0f}, {mean:.0f}, {diastolic:.0f}"
    if is_pulse_too_small(source, systolic, diastolic):
        return f"pulse pressure only {systolic - diastolic:.0f} mm[Hg]"
    return ""


def doubt_perfusion(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims of one message, with doubts on oximetry if the pulse is too weak.

    Low perfusion makes a value that the device calls valid QUESTIONABLE, not missing. The device's
    own doubt stays.
    """
    indices = [
        claim.usable_value for claim in claims if claim.row.kind is VitalKind.PERFUSION_INDEX
    ]
    known = [index for index in indices if index is not None]
    if not known or min(known) >= LEAST_PERFUSION_PERCENT:
        return list(claims)
    reason = f"perfusion index {min(known):g} %, below {LEAST_PERFUSION_PERCENT:g}"
    return [c.doubted(reason) if c.row.kind in _PERFUSED else c for c in claims]


@dataclass(slots=True)
class Course:
    """Extremes of the recent trusted values of one series, frozen while a step is held."""

    highs: list[tuple[Instant, float]] = field(default_factory=list)
    """Trusted values that no later one reaches; the first is the highest."""
    lows: list[tuple[Instant, float]] = field(default_factory=list)
    held_since: Instant | None = None
    """Time of the step that is not trusted yet; None while there is none."""
    _newest_at: Instant | None = None
    """Time of the newest value; None before the first."""

    @property
    def newest(self) -> float:
        """Newest trusted value; there must be one."""
        return self.highs[-1][1]

    def forget(self) -> None:
        """Trust the next value, whatever it is."""
        self.highs.clear()
        self.lows.clear()

    def admit(self, at: Instant, value: float, limit: StepLimit) -> bool:
        """Add the newest value if it is trusted, and return True if it is.

        A value received before another counts as if it had arrived with that one.
        """
        at = max(at, self._newest_at or at)
        self._newest_at = at
        if self.held_since is None:
            _forget_old(self.highs, at, limit)
            _forget_old(self.lows, at, limit)
        if self._is_step(value, limit):
            self.held_since = self.held_since or at
            if at.seconds_since(self.held_since) < limit.hold_s:
                return False
            self.forget()
        self.held_since = None
        while self.highs and self.highs[-1][1] <= value:
            self.highs.pop()
        self.highs.append((at, value))
        while self.lows and self.lows[-1][1] >= value:
            self.lows.pop()
        self.lows.append((at, value))
        return True

    def _is_step(self, value: float, limit: StepLimit) -> bool:
        if not self.highs:
            return False
        falls = self.highs[0][1] - value > limit.size
        return falls or (not limit.falls_only and value - self.lows[0][1] > limit.size)


def _forget_old(course: list[tuple[Instant, float]], at: Instant, limit: StepLimit) -> None:
    while course and at.seconds_since(course[0][0]) > limit.within_s:
        del course[0]


@dataclass(slots=True)
class StepFilter:
    """Holds a value that jumped until the jump has lasted: a collapse also begins with a jump."""

    _courses: dict[Series, Course] = field(default_factory=dict)

    def check(self, claim: Claim, pulses: Sequence[float]) -> Claim:
        """Return the claim, doubted while it is a step that has not lasted.

        Parameters
        ----------
        claim
            The newest claim of its series.
        pulses
            Fresh pulse rates of the same bed; a heart rate that agrees with one is not a step.
        """
        limit, value = KINDS[claim.row.kind].step, claim.usable_value
        if limit is None or value is None or _is_vouched_zero(claim):
            return claim
        course = self._courses.setdefault(claim.series, Course())
        if claim.row.kind is VitalKind.HEART_RATE and agrees(value, pulses):
            course.forget()
        if course.admit(claim.numeric.received_at, value, limit):
            return claim
        unit = CANONICAL_UNITS[claim.row.kind]
        return claim.doubted(f"jump from {course.newest:g} to {value:g} {unit}, not confirmed yet")


@dataclass(slots=True)
class _Run:
    """Equal values, one after the other."""

    value: float
    since: Instant
    count: int = 0
    paced: int = 0
    """Number of values beside which a pulse rate was the same."""


@dataclass(slots=True)
class FlatFilter:
    """Doubts a value that has not changed for longer than a patient's can."""

    _runs: dict[Series, _Run] = field(default_factory=dict)

    def check(
        self, claim: Claim, steady: Collection[VitalKind] = (), pulses: Sequence[float] = ()
    ) -> Claim:
        """Return the newest claim of its series, doubted if the value is constant too long.

        Parameters
        ----------
        steady
            Vitals that a device sets: a paced heart rate, a ventilator's respiratory rate.
        pulses
            Fresh pulse rates of the same bed: a pulse as constant as the heart rate shows a
            pacemaker that nobody entered.
        """
        row, value = KINDS[claim.row.kind], claim.usable_value
        if row.flat_s is None or value is None or _is_vouched_zero(claim):
            return claim
        at = claim.numeric.received_at
        run = self._runs.get(claim.series)
        if run is None or run.value != value:
            run = self._runs[claim.series] = _Run(value, at)
        run.count += 1
        if claim.row.kind is VitalKind.HEART_RATE:
            run.paced += any(abs(value - pulse) <= PACED_WITHIN_PER_MIN for pulse in pulses)
        is_long = is_flat(row, value, run.count, at.seconds_since(run.since))
        if not is_long or claim.row.kind in steady or is_paced(value, run.paced, run.count):
            return claim
        return claim.doubted(f"unchanged for {row.flat_s / 60:g} min")


def is_paced(value: _Numbers, paced: _Counts, count: _Counts) -> _Flags:
    """Return True where a constant heart rate is a pacemaker's, by the pulse rates beside it."""
    slowest, fastest = _PACED_PER_MIN
    return (paced >= _PACED_SHARE * count) & (slowest <= value) & (value <= fastest)


def is_flat(row: KindRow, value: _Numbers, count: _Counts, length_s: _Numbers) -> _Flags:
    """Return True where a run of equal values is longer than a patient's can be."""
    assert row.flat_s is not None, "only a vital with a limit has flat lines"
    is_long = (count >= row.flat_readings) & (length_s >= row.flat_s)
    return is_long & (value < row.flat_below)


def _is_vouched_zero(claim: Claim) -> bool:
    return KINDS[claim.row.kind].zero_is_a_value and claim.value == 0


def agrees(heart_rate: float, pulses: Sequence[float]) -> bool:
    """Return True if a pulse rate confirms a heart rate."""
    return any(abs(heart_rate - pulse) <= _PULSE_AGREES_WITHIN_PER_MIN for pulse in pulses)
