"""Alerts that somebody makes up, with their calls, for a board without a detector."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from edge_agent.model.alerts import AlertKind, AlertPriority, AlertState, SignalReason
from edge_agent.model.answers import AnswerKind
from edge_agent.model.calls import Call, CalledPerson, CallState, PlannedStep
from edge_agent.model.duty import Duty
from tests.support.board_bodies import alert, evidence, instant

if TYPE_CHECKING:
    from edge_agent.model.alerts import Alert
    from edge_agent.model.answers import Answer

_STEP_MS: Final = 60_000
_PEOPLE: Final = {
    Duty.NURSE: "nurse.okafor",
    Duty.BUDDY: "nurse.lang",
    Duty.CHARGE: "charge.meyer",
    Duty.RAPID_RESPONSE: "rrt",
}


@dataclass(frozen=True, slots=True)
class Made:
    """Words and values of an alert."""

    rule_id: str
    priority: AlertPriority
    text: str
    explanation: str
    evidence: tuple[tuple[str, float, str], ...] = ()
    """Kind, value and unit of each."""
    kind: AlertKind = AlertKind.PHYSIOLOGICAL
    is_test: bool = False

    def alert(self, bed_id: str, at_ms: int) -> Alert:
        """Return it as raised at a bed."""
        return alert(
            bed_id,
            self.rule_id,
            at_ms,
            priority=self.priority,
            kind=self.kind,
            is_test=self.is_test,
            text=self.text,
            explanation=self.explanation,
            evidence=tuple(evidence(*each, at_ms) for each in self.evidence),
        )


ORGAN_SIGN: Final = Made(
    "crs.organ_sign",
    AlertPriority.HIGH,
    "Pattern compatible with CRS or infection, with low blood pressure. See the patient now.",
    "BP 72/42 mmHg, HR 147 /min, SpO2 88 %, T 39.2 °C.",
    (("nibp_systolic", 72, "mm[Hg]"), ("heart_rate", 147, "/min"), ("spo2", 88, "%")),
)
LOW_PRESSURE: Final = replace(
    ORGAN_SIGN,
    explanation="BP 88/50 mmHg, HR 128 /min, SpO2 89 %, T 38.9 °C.",
    evidence=(("nibp_systolic", 88, "mm[Hg]"), ("heart_rate", 128, "/min"), ("spo2", 89, "%")),
)
SUSPECTED: Final = Made(
    "crs.suspected",
    AlertPriority.MEDIUM,
    "Pattern compatible with CRS or infection: several signs together.",
    "T 38.6 °C and HR 118 /min for 15 min.",
    (("temperature", 38.6, "Cel"), ("heart_rate", 118, "/min")),
)
DRIFT: Final = Made(
    "crs.prefever",
    AlertPriority.LOW,
    "Temperature is drifting above this patient's usual level. Check the trend.",
    "T 37.6 °C, 0.7 above usual.",
    (("temperature", 37.6, "Cel"),),
)
LOST_PROBE: Final = Made(
    "signal.lost.temperature",
    AlertPriority.MEDIUM,
    "Temperature is not measured: no usable value for 15 minutes. Check the sensor.",
    "Not used: sensor off.",
    kind=AlertKind.TECHNICAL,
)
TEST: Final = Made(
    "system.test", AlertPriority.HIGH, "", "TEST", kind=AlertKind.TECHNICAL, is_test=True
)


def latched(raised: Alert, at_ms: int) -> Alert:
    """Return an alert whose condition ended before anybody answered."""
    at = instant(at_ms)
    return replace(raised, n=raised.n + 1, state=AlertState.LATCHED, latched_at=at, changed_at=at)


def acknowledged(one: Alert, by: str, at_ms: int) -> Alert:
    """Return an alert that a person took over, resolved where nothing is left of it."""
    at = instant(at_ms)
    is_over = one.state is AlertState.LATCHED or one.is_test
    return replace(
        one,
        n=one.n + 1,
        state=AlertState.RESOLVED if is_over else AlertState.ACKNOWLEDGED,
        acknowledged_by=by,
        acknowledged_at=at,
        answer_expires_at=at.plus(1800),
        changed_at=at,
    )


def answered(one: Alert, answer: Answer, at_ms: int) -> Alert:
    """Return an alert after an answer to it."""
    at = instant(at_ms)
    if answer.kind is AnswerKind.ACKNOWLEDGE:
        return acknowledged(one, answer.by, at_ms)
    if answer.kind is AnswerKind.SILENCE:
        until = at.plus(min(answer.for_s or 120.0, 120.0))
        return replace(one, n=one.n + 1, silenced_until=until, silenced_by=answer.by)
    return replace(
        one,
        n=one.n + 1,
        signal=SignalReason.REJECTED,
        signal_n=one.n + 1,
        signalled_at=at,
        rejected_at=at,
        rejected_by=answer.by,
    )


def call_for(raised: Alert, at_ms: int, now_ms: int) -> Call:
    """Return the call for an alert that nobody has answered up to now."""
    plan = tuple(
        PlannedStep(i * _STEP_MS / 1000, duty, person, ("handsets",))
        for i, (duty, person) in enumerate(_PEOPLE.items())
    )
    began = instant(at_ms)
    done = min(len(plan), (now_ms - at_ms) // _STEP_MS + 1)
    called = tuple(
        CalledPerson(
            step.person_id, step.duty, step.ways, began.plus(step.after_s), delivered_at=began
        )
        for step in plan[:done]
    )
    return Call(
        call_id=f"call-{raised.alert_id}",
        n=1,
        bed_id=raised.bed_id,
        priority=raised.priority,
        alert_ids=(raised.alert_id,),
        plan=plan,
        began_at=began,
        steps_done=done,
        next_at=began.plus(done * _STEP_MS / 1000),
        state=CallState.CALLING,
        changed_at=began,
        called=called,
    )
