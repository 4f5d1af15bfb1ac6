"""The facts on which an alert rests: the branch that held, its limit, and the sign that leads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.detect.engine import Engine
from edge_agent.model.bed_events import BedState
from edge_agent.model.facts import Fact, FactKind, Limit, LimitOf
from edge_agent.model.measurements import VitalKind
from tests.support.detector_inputs import BED, START, at, reading, rule
from tests.support.patient_entries import an_entry
from tests.support.rung_facts import any_of, conditions, course, found, limit, technical

if TYPE_CHECKING:
    pass

T, HR, SPO2 = VitalKind.TEMPERATURE, VitalKind.HEART_RATE, VitalKind.SPO2
CUFF, MEAN = VitalKind.NIBP_SYSTOLIC, VitalKind.NIBP_MEAN
SHARE = 'vital = "{}", op = "{}", value = {}, unit = "{}", at_least_s = {}, window_s = {}'
LATEST = (
    'vital = "{}", statistic = "latest", op = "<", value = {}, unit = "mm[Hg]", confirm = {}, '
    "window_s = 3600"
)
FAST = SHARE.format("heart_rate", ">", 120, "/min", 20, 30)
SLOW = SHARE.format("heart_rate", "<", 35, "/min", 20, 30)
LOW_SPO2 = SHARE.format("spo2", "<", 90, "%", 20, 30)
HOT = SHARE.format("temperature", ">=", 38.0, "Cel", 20, 30)
LOW = LATEST.format("nibp_systolic", 90, 1)
AGE = 'vital = "{}", statistic = "age", op = ">", value = 20, unit = "s"'


@pytest.mark.parametrize(
    ("value", "is_lower", "bound"), [(150.0, False, 120.0), (30.0, True, 35.0), (0.0, True, 35.0)]
)
def test_the_branch_that_held_is_told_with_its_limit(
    value: float, bound: float, *, is_lower: bool
) -> None:
    (fact,) = found(any_of(FAST, SLOW), course(HR, value)).rang
    assert fact == Fact(
        FactKind.HEART_RATE, value, "/min", limit=limit(bound, is_lower=is_lower, for_s=20)
    )


def test_the_value_is_the_one_of_the_moment() -> None:
    readings = [*course(HR, 130.0, 50), *course(HR, 144.0, 60, 55)]
    (fact,) = found(any_of(FAST), readings).rang
    assert fact.value == 144.0


def test_signs_of_an_organ_lead_whatever_the_order_of_the_rule() -> None:
    readings = [
        *course(HR, 150.0),
        *course(T, 39.0),
        *course(SPO2, 85.0),
        reading(CUFF, 30, 80.0),
    ]
    facts = found(any_of(HOT, FAST, LOW_SPO2, LOW), readings)
    assert [fact.kind for fact in facts.rang] == [
        FactKind.PRESSURE,
        FactKind.SPO2,
        FactKind.TEMPERATURE,
        FactKind.HEART_RATE,
    ]
    assert facts.others == ()
    assert facts.rang[0] == Fact(
        FactKind.PRESSURE, 80.0, "mm[Hg]", at(30).utc_ns, limit=limit(90, is_lower=True, times=1)
    )


def test_two_pressures_are_one_fact_and_a_mean_says_so() -> None:
    low_mean = LATEST.format("nibp_mean", 65, 2)
    means = [reading(MEAN, second, 55.0) for second in (20, 30)]
    (fact,) = found(any_of(LOW, low_mean), means).rang
    assert fact == Fact(
        FactKind.PRESSURE,
        None,
        "mm[Hg]",
        at(30).utc_ns,
        mean=55.0,
        limit=Limit(65.0, is_lower=True, of=LimitOf.MEAN, for_s=0, times=2),
    )
    both = [*means, reading(CUFF, 30, 80.0)]
    (fact,) = found(any_of(LOW, low_mean), both).rang
    assert (fact.value, fact.mean) == (80.0, 55.0)
    assert fact.limit == limit(90, is_lower=True, times=1)


def test_an_arterial_line_that_rang_is_told_as_one() -> None:
    low = SHARE.format("art_systolic", "<", 90, "mm[Hg]", 20, 30)
    readings = [*course(VitalKind.ART_SYSTOLIC, 70.0), reading(CUFF, 30, 118.0)]
    (fact,) = found(any_of(low), readings).rang
    assert (fact.value, fact.is_line, fact.measured_utc_ns) == (70.0, True, None)


def test_a_temperature_by_hand_rings_with_its_time() -> None:
    spot = (
        'signal = "spot_temperature", statistic = "latest", op = ">=", value = 38.0, '
        'unit = "Cel", confirm = 1, window_s = 14400'
    )
    taken = an_entry("1", "spot", "temperature", amount=38.3, at_h=0.0)
    (fact,) = found(any_of(HOT, spot), course(HR, 80.0), [taken]).rang
    assert fact == Fact(
        FactKind.TEMPERATURE, 38.3, "Cel", START.utc_ns, is_by_hand=True, limit=limit(38, times=1)
    )


def test_more_oxygen_and_a_vasopressor_are_told_by_name() -> None:
    raised = 'signal = "oxygen_raised", op = ">=", value = 1, unit = "1"'
    pressor = 'signal = "vasopressors", op = ">=", value = 1, unit = "1"'
    entries = [
        an_entry("1", "oxygen", "air", at_h=-1),
        an_entry("2", "oxygen", "nasal cannula", amount=4.0, at_h=-0.1),
        an_entry("3", "vasopressor", "norepinephrine", at_h=-0.1),
    ]
    facts = found(any_of(pressor, raised), course(SPO2, 95.0), entries)
    assert facts.rang == (
        Fact(FactKind.OXYGEN, 4.0, "L/min", names=("nasal cannula",)),
        Fact(FactKind.VASOPRESSOR, names=("norepinephrine",)),
    )
    no_flow = [*entries[:1], replace(entries[1], amount=None, name="face mask")]
    (fact,) = found(any_of(raised), course(SPO2, 95.0), no_flow).rang
    assert fact == Fact(FactKind.OXYGEN, names=("face mask",))


def test_a_sign_of_hours_before_is_told_with_its_time_and_that_of_now_beside_it() -> None:
    fever = rule(conditions("any", HOT), rule_id="test.fever")
    now = rule(conditions("all", 'rule = "test.fever", within_s = 3600', LOW), rule_id="test.rule")
    readings = [
        *course(T, 39.0, 60),
        *course(T, 37.0, 300, 65),
        reading(CUFF, 290, 80.0),
    ]
    facts = found([fever, now], readings, until_s=300)
    assert [(fact.kind, fact.value, fact.is_former) for fact in facts.rang] == [
        (FactKind.PRESSURE, 80.0, False),
        (FactKind.TEMPERATURE, 39.0, True),
    ]
    assert facts.rang[1].measured_utc_ns is not None
    assert facts.rang[1].measured_utc_ns < at(300).utc_ns
    assert facts.others[-1] == Fact(FactKind.TEMPERATURE, 37.0, "Cel")


def test_a_mean_of_before_is_told_as_a_mean() -> None:
    low = rule(conditions("any", LATEST.format("nibp_mean", 65, 1)), rule_id="test.low")
    now = rule(
        conditions("all", 'rule = "test.low", within_s = 3600', LOW_SPO2), rule_id="test.rule"
    )
    readings = [reading(MEAN, 10, 50.0), reading(MEAN, 40, 80.0), *course(SPO2, 85.0, 60)]
    facts = found([low, now], readings)
    assert [(fact.kind, fact.mean, fact.is_former) for fact in facts.rang][1:] == [
        (FactKind.PRESSURE, 50.0, True)
    ]


def test_a_rule_that_holds_now_gives_the_values_of_now() -> None:
    fever = rule(conditions("any", HOT), rule_id="test.fever")
    now = rule(conditions("all", 'rule = "test.fever"', FAST), rule_id="test.rule")
    facts = found([fever, now], [*course(T, 39.0), *course(HR, 150.0)])
    assert [(fact.kind, fact.value, fact.is_former) for fact in facts.rang] == [
        (FactKind.HEART_RATE, 150.0, False),
        (FactKind.TEMPERATURE, 39.0, False),
    ]


@pytest.mark.parametrize("kind", [HR, SPO2, T])
def test_a_lost_signal_is_told_with_its_last_value(kind: VitalKind) -> None:
    value = 38.0 if kind is T else 99.0
    lost = technical(conditions("all", AGE.format(kind.value)))
    (fact,) = found(lost, course(kind, value, 20)).rang
    assert (fact.is_lost, fact.measured_utc_ns, fact.limit) == (True, at(20).utc_ns, None)
    assert fact.value == value


def test_a_signal_that_never_came_is_lost_without_a_value() -> None:
    facts = found(technical(conditions("all", AGE.format("spo2"))), course(HR, 80.0))
    assert facts.rang == (Fact(FactKind.SPO2, is_lost=True),)
    facts = found(technical(conditions("all", AGE.format("respiratory_rate"))), course(HR, 80.0))
    assert facts.rang == (Fact(FactKind.RESPIRATORY_RATE, is_lost=True),)


def test_a_lost_pressure_is_told_with_the_last_cuff_reading() -> None:
    facts = found(
        technical(conditions("all", AGE.format("art_systolic"))), [reading(CUFF, 10, 118.0)]
    )
    assert facts.rang == (Fact(FactKind.PRESSURE, 118.0, "mm[Hg]", at(10).utc_ns, is_lost=True),)


def test_a_hidden_sign_is_told_once_with_its_limit() -> None:
    hidden = technical(
        conditions(
            "all",
            AGE.format("heart_rate"),
            'signal = "last_heart_rate", op = ">", value = 110, unit = "/min"',
        )
    )
    (fact,) = found(hidden, course(HR, 140.0, 20)).rang
    assert (fact.value, fact.is_lost, fact.measured_utc_ns) == (140.0, True, at(20).utc_ns)
    assert fact.limit == limit(110, for_s=10)


def test_silence_and_a_state_are_told_since_when() -> None:
    silent = technical(conditions("all", AGE.format("any")))
    assert found(silent, course(HR, 80.0, 20)).rang == (
        Fact(FactKind.MONITORING, measured_utc_ns=at(20).utc_ns),
    )
    lost = technical(conditions("all", 'state = "link_lost"'))
    engine = Engine([lost], START)
    engine.set_state(BED, BedState.LINK_LOST, at(7))
    (finding,) = engine.evaluate(BED, at(10))
    assert finding.facts is not None
    assert finding.facts.rang == (Fact(FactKind.MONITORING, measured_utc_ns=at(7).utc_ns),)
