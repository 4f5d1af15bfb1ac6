"""Normalisation: from the numerics of one bed's devices to its vitals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, GenerationMode, Vital, VitalKind
from edge_agent.model.session_events import NumericsReceived
from edge_agent.vitals.claims import Claim, Series, claim
from edge_agent.vitals.dating import ReadingLog, ReadingTime
from edge_agent.vitals.plausibility import (
    FlatFilter,
    StepFilter,
    doubt_perfusion,
    doubt_pressures,
    doubt_range,
)

MODE_REASONS: Final[Mapping[GenerationMode, str]] = MappingProxyType(
    {
        GenerationMode.REAL: "",
        GenerationMode.DEMO: "monitor in demo mode",
        GenerationMode.TEST: "monitor in test mode",
    }
)
"""Reason why a value is not a patient's."""
PULSE_FRESH_S: Final = 10.0  # design start value, unvalidated


@dataclass(slots=True)
class Normaliser:
    """Converts the numerics of one bed's devices into vitals."""

    bed_id: str
    """Bed of all devices whose messages it gets."""
    _readings: ReadingLog = field(default_factory=ReadingLog)
    _steps: StepFilter = field(default_factory=StepFilter)
    _flat: FlatFilter = field(default_factory=FlatFilter)
    _pulses: dict[Series, tuple[Instant, float]] = field(default_factory=dict)
    _stored_ns: dict[Series, int] = field(default_factory=dict)

    def restore(self, vitals: Iterable[Vital]) -> None:
        """Continue from the newest vitals of an earlier run, given in any order."""
        for vital in sorted(vitals, key=lambda v: v.stored_ns):
            self._stored_ns[Series(vital.device_id, vital.kind, vital.site)] = vital.stored_ns
            self._readings.restore(vital)

    def forget_course(self) -> None:
        """Check the next values without the earlier ones, which may be another patient's."""
        self._steps, self._flat = StepFilter(), FlatFilter()
        self._pulses.clear()

    def normalise(
        self,
        event: NumericsReceived,
        steady: Collection[VitalKind] = (),
        age_years: float | None = None,
    ) -> tuple[Vital, ...]:
        """Return the vitals of one message, in its order, without repeats of dated readings.

        Every value that a device calls a vital is returned: a doubted one as a vital that is not
        usable, with the reason.

        Parameters
        ----------
        steady
            Vitals that a device sets, so that they may be constant.
        age_years
            Age of the patient; None where nobody entered it.
        """
        for device_id in {numeric.device_id for numeric in event.numerics}:
            self._readings.note_clock(device_id, event.device_now, event.at)
        claims = [c for c in map(claim, event.numerics) if c is not None]
        claims = [doubt_range(c, age_years) for c in claims]
        claims = doubt_perfusion(doubt_pressures(claims))
        pulses = self._fresh_pulses(claims, event.at)
        # Occasional readings form no course: the values between two of them are unknown.
        claims = [
            c if c.is_occasional else self._flat.check(self._steps.check(c, pulses), steady, pulses)
            for c in claims
        ]
        return tuple(
            self._vital(c, dated)
            for c in claims
            if (dated := self._dated(c, event.device_now)) is not None
        )

    def _fresh_pulses(self, claims: Sequence[Claim], at: Instant) -> list[float]:
        for c in claims:
            value = c.usable_value
            if c.row.kind is VitalKind.PULSE_RATE and not c.row.is_event and value is not None:
                self._pulses[c.series] = (at, value)
        return [v for then, v in self._pulses.values() if at.seconds_since(then) <= PULSE_FRESH_S]

    def _dated(self, c: Claim, device_now: DeviceTime) -> ReadingTime | None:
        if c.is_occasional:
            return self._readings.date_if_new(c, device_now)
        return ReadingTime(c.numeric.received_at, "")

    def _vital(self, c: Claim, dated: ReadingTime) -> Vital:
        """Return the vital of a claim, with all doubts in its reason."""
        c = c.doubted(dated.doubt)
        numeric = c.numeric
        reasons = (c.reason, MODE_REASONS[numeric.mode])
        return Vital(
            bed_id=self.bed_id,
            kind=c.row.kind,
            value=c.value,
            validity=c.validity,
            mode=numeric.mode,
            reason="; ".join(reason for reason in reasons if reason),
            site=c.row.site,
            device_id=numeric.device_id,
            code=numeric.code,
            device_time=numeric.measured_at,
            measured_at=dated.measured_at,
            received_at=numeric.received_at,
            stored_ns=self._next_key(c.series, numeric.received_at),
        )

    def _next_key(self, series: Series, at: Instant) -> int:
        key = max(at.utc_ns, self._stored_ns.get(series, at.utc_ns - 1) + 1)
        self._stored_ns[series] = key
        return key
