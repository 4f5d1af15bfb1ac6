"""The shipped rules together: what a nurse is told, and what stays part of one problem."""

from __future__ import annotations

import pytest

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.detect.engine import Engine
from edge_agent.model.alerts import Alert, SignalReason
from edge_agent.model.measurements import VitalKind
from edge_agent.rulebook.rule_set import read_rulebook
from tests.support.answers import acknowledgement
from tests.support.detector_inputs import BED, START, at, reading

STEP_S = 10
NORMAL = {
    VitalKind.HEART_RATE: 88.0,
    VitalKind.SPO2: 97.0,
    VitalKind.TEMPERATURE: 36.8,
    VitalKind.NIBP_SYSTOLIC: 121.0,
    VitalKind.NIBP_MEAN: 86.0,
}


class Ward:
    """One bed under all shipped rules, from one moment to the next."""

    def __init__(self) -> None:
        rules = read_rulebook(None).rules
        self._engine = Engine(rules, START)
        self._book = AlertBook([rule.policy for rule in rules], AlertLabels("site", "ward", "hash"))
        self._now_s = 0

    def live(self, minutes: int, **values: float) -> list[str]:
        """Send these values for some minutes, else normal ones; return what is news to people."""
        told = []
        for _ in range(minutes * 60 // STEP_S):
            self._now_s += STEP_S
            for kind, normal in NORMAL.items():
                value = values.get(kind.value, normal)
                self._engine.observe(reading(kind, self._now_s, value))
            changes = self._book.apply(self._engine.evaluate(BED, at(self._now_s)))
            told += [
                f"{c.alert.rule_id} {c.alert.state.value}{' (part)' * bool(c.alert.absorbed_by)}"
                for c in changes
                if c.is_signalled and not is_reminder(c.alert)
            ]
        return told

    def answer(self, rule_id: str) -> None:
        """Acknowledge the alert of a rule."""
        alert = self._book.current(BED, rule_id)
        assert alert is not None
        answer = acknowledgement(BED, alert.alert_id, "nurse-3")
        assert self._book.answer(answer, at(self._now_s)).refusals == []


def is_reminder(alert: Alert) -> bool:
    return alert.signal is SignalReason.REMINDER and alert.signal_n == alert.n


@pytest.mark.untraced
def test_a_normal_hour_is_silent() -> None:
    assert Ward().live(60) == []


@pytest.mark.untraced
def test_an_acknowledged_fever_does_not_silence_low_blood_pressure() -> None:
    ward = Ward()
    ward.live(20)
    assert ward.live(30, temperature=38.6) == ["crs.fever raised"]
    ward.answer("crs.fever")
    told = ward.live(10, temperature=38.6, nibp_systolic=84.0)
    assert told == [
        "vital.recheck_pressure raised",  # the first low reading
        "crs.organ_sign raised",
        "crs.fever acknowledged (part)",
        "vital.recheck_pressure raised (part)",
    ]


def test_fever_and_a_fast_heart_become_one_problem() -> None:
    ward = Ward()
    ward.live(20)
    told = ward.live(30, temperature=38.6, heart_rate=131.0)
    assert told == [
        "crs.tachycardia raised",
        "crs.fever raised",
        "crs.suspected raised",
        "crs.fever raised (part)",
        "crs.tachycardia raised (part)",
    ]


@pytest.mark.untraced
def test_severe_hypoxia_stands_beside_the_problem_and_takes_up_hypoxia() -> None:
    ward = Ward()
    ward.live(20)
    ward.live(30, temperature=38.6)
    told = ward.live(5, temperature=38.6, spo2=80.0)
    assert "vital.severe_hypoxia raised" in told
    assert "crs.organ_sign raised" in told
    assert not [line for line in told if line.startswith("crs.hypoxia")]


@pytest.mark.untraced
def test_a_new_limb_signals_after_the_problem_was_acknowledged() -> None:
    ward = Ward()
    ward.live(20)
    ward.live(30, temperature=38.6)
    ward.live(10, temperature=38.6, nibp_systolic=84.0)
    ward.answer("crs.organ_sign")
    told = ward.live(5, temperature=38.6, nibp_systolic=84.0, spo2=89.0)
    assert told == ["crs.hypoxia raised"]


@pytest.mark.untraced
def test_readings_without_a_value_tell_only_of_lost_signals() -> None:
    ward = Ward()
    ward.live(20)
    nothing = dict.fromkeys((kind.value for kind in NORMAL), float("nan"))
    told = ward.live(120, **nothing)
    assert set(told) == {"signal.lost.monitor raised"}, "one cause, one alert"
    assert len(told) == 2, "told again when nobody answers"
