"""Facts of alerts about doubted readings, lost inputs and scores."""

from __future__ import annotations

from edge_agent.model.facts import Fact, FactKind, Note, NoteKind
from edge_agent.model.measurements import VitalKind
from tests.detect.series.test_doubts import doubted
from tests.support.detector_inputs import at, reading
from tests.support.rung_facts import any_of, conditions, course, found, technical

T, HR, SPO2 = VitalKind.TEMPERATURE, VitalKind.HEART_RATE, VitalKind.SPO2
CUFF, MEAN = VitalKind.NIBP_SYSTOLIC, VitalKind.NIBP_MEAN
DOUBTED_CUFF = (
    'signal = "nibp_systolic_as_measured", statistic = "latest", op = "<", value = 90, '
    'unit = "mm[Hg]", confirm = 1, window_s = 3600'
)
DOUBTED_MEAN = DOUBTED_CUFF.replace("systolic", "mean")
DOUBTED_SPO2 = 'signal = "spo2_doubted", op = "<", value = 88, unit = "%"'


def test_a_doubted_value_is_told_as_one() -> None:
    both = technical(conditions("any", DOUBTED_CUFF, DOUBTED_SPO2))
    facts = found(both, [doubted(VitalKind.NIBP_SYSTOLIC, 5, 62), doubted(SPO2, 5, 71)], until_s=10)
    assert [(fact.kind, fact.value, fact.is_doubtful) for fact in facts.rang] == [
        (FactKind.PRESSURE, 62.0, True),
        (FactKind.SPO2, 71.0, True),
    ]
    assert facts.rang[0].measured_utc_ns == at(5).utc_ns


def test_a_doubted_mean_is_told_as_a_mean() -> None:
    facts = found(technical(conditions("any", DOUBTED_MEAN)), [doubted(MEAN, 5, 40)])
    assert [(fact.value, fact.mean) for fact in facts.rang] == [(None, 40.0)]
    line = 'signal = "art_mean_doubted", op = "<", value = 50, unit = "mm[Hg]"'
    facts = found(technical(conditions("any", line)), [doubted(VitalKind.ART_MEAN, 55, 40)])
    assert [(fact.value, fact.mean, fact.is_line) for fact in facts.rang] == [(None, 40.0, True)]


def test_a_reading_that_is_believed_is_told_without_a_doubt() -> None:
    (fact,) = found(technical(conditions("any", DOUBTED_CUFF)), [reading(CUFF, 5, 88.0)]).rang
    assert (fact.value, fact.is_doubtful) == (88.0, False)


def test_a_rule_about_an_open_score_names_what_is_missing() -> None:
    body = 'signal = "crs_score_high", op = ">=", value = 0, unit = "{score}"'
    facts = found(technical(conditions("all", body)), course(HR, 80.0, 120), until_s=120)
    assert facts.rang == ()
    (note,) = facts.notes
    assert note.kind is NoteKind.MISSING
    assert "temperature" in note.words
    assert note == Note(NoteKind.MISSING, note.words)


def test_a_score_that_rang_is_told_in_points() -> None:
    body = 'signal = "crs_score_low", op = ">=", value = -9, unit = "{score}"'
    (fact,) = found(any_of(body), course(HR, 80.0, 120), until_s=120).rang
    assert (fact.kind, fact.unit) == (FactKind.CRS_SCORE, "{score}")


def test_a_value_that_has_just_gone_is_told_as_the_one_that_rang() -> None:
    body = 'vital = "spo2", op = "<", value = 90, unit = "%", at_least_s = 20, window_s = 60'
    gone = [reading(SPO2, second, None) for second in range(45, 61, 5)]
    (fact,) = found(any_of(body), [*course(SPO2, 85.0, 40), *gone]).rang
    assert (fact.kind, fact.value, fact.unit) == (FactKind.SPO2, 85.0, "%")


def test_what_only_limits_a_rule_in_time_is_no_fact() -> None:
    body = 'signal = "hours_since_infusion", op = ">=", value = 0, unit = "h"'
    facts = found(any_of(body), course(HR, 80.0, 120), until_s=120)
    assert facts.rang == ()
    assert facts.others[0].kind is FactKind.HEART_RATE


def test_what_rang_in_the_minute_before_and_is_unknown_now_is_no_fact() -> None:
    body = 'signal = "temperature_over_baseline", op = ">=", value = -9, unit = "Cel"'
    warm, gone = course(T, 37.0, 60), [reading(T, 65, None), reading(T, 70, None)]
    facts = found(any_of(body), [*warm, *gone], until_s=70)
    assert facts.rang == ()
    assert facts.others[-1] == Fact(FactKind.TEMPERATURE)
