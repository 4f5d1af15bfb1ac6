"""Recorded values become what a live monitor would have sent, and nothing is made up."""

from __future__ import annotations

import math

import pytest

from edge_agent.model.measurements import CANONICAL_UNITS, Validity, VitalKind
from edge_agent.recorded.mapping import canonical_unit
from edge_agent.recorded.moments import (
    CODE_OF,
    NOT_A_NUMBER,
    ZERO_IS_NO_VALUE,
    FileMoment,
    moment_utc_ns,
    value_of,
    without_repeats,
)
from edge_agent.vitals.canonical import CODES, KINDS
from edge_agent.vitals.units import FAHRENHEIT, KILOPASCAL
from tests.support.recorded_feeds import START, feed_of, numerics_of, vitals_of

CUFF = ((VitalKind.NIBP_SYSTOLIC, ""), (VitalKind.NIBP_DIASTOLIC, ""))


def moment(at_s: float, site: str = "", /, **numbers: float) -> FileMoment:
    values = [
        value_of(kind := VitalKind(name), site, number, canonical_unit(kind))
        for name, number in numbers.items()
    ]
    return FileMoment(at_s, tuple(values))


@pytest.mark.parametrize(("kind", "site"), CODE_OF, ids=str)
def test_every_kind_and_site_becomes_that_vital_at_the_moment_it_was_recorded(
    kind: VitalKind, site: str
) -> None:
    number = (KINDS[kind].lowest + KINDS[kind].highest) / 2
    (vital,) = vitals_of(feed_of([moment(3, site, **{kind.value: number})]))
    assert (vital.kind, vital.site, vital.value, vital.reason) == (kind, site, number, "")
    assert vital.is_usable
    assert vital.measured_at == vital.received_at == START.plus(3)


@pytest.mark.parametrize("kind", [k for k in VitalKind if k is not VitalKind.PERFUSION_INDEX])
def test_a_zero_without_a_validity_mark_is_no_value(kind: VitalKind) -> None:
    site = next(s for k, s in CODE_OF if k is kind)
    (vital,) = vitals_of(feed_of([moment(0, site, **{kind.value: 0})]))
    assert (vital.value, vital.reason) == (None, ZERO_IS_NO_VALUE)
    assert vital.validity is Validity.NOT_AVAILABLE


def test_not_a_number_is_no_value() -> None:
    (vital,) = vitals_of(feed_of([moment(0, spo2=math.nan)]))
    assert (vital.value, vital.reason) == (None, NOT_A_NUMBER)


@pytest.mark.parametrize(
    ("kind", "unit_code", "unit", "number", "wanted"),
    [
        (VitalKind.TEMPERATURE, FAHRENHEIT, "[degF]", 101.3, 38.5),
        (VitalKind.NIBP_SYSTOLIC, KILOPASCAL, "kPa", 12.0, 90.007),
    ],
)
def test_other_units_go_along_and_are_converted(
    kind: VitalKind, unit_code: int, unit: str, number: float, wanted: float
) -> None:
    feed = feed_of([FileMoment(0, (value_of(kind, "", number, unit_code),))])
    (vital,) = vitals_of(feed)
    assert vital.value == pytest.approx(wanted, abs=1e-3)
    assert [(n.value, n.unit) for n in numerics_of(feed)] == [(number, unit)]


def test_numerics_name_the_canonical_unit_of_their_kind() -> None:
    names = {kind.value: 30.0 for kind in VitalKind}
    del names["temperature"], names["art_systolic"], names["art_mean"], names["art_diastolic"]
    for numeric in numerics_of(feed_of([moment(0, **names)])):
        assert numeric.unit == CANONICAL_UNITS[CODES[numeric.code].kind]


def test_what_one_moment_says_is_one_message() -> None:
    feed = feed_of(
        [moment(0, spo2=97), moment(0, heart_rate=80), moment(1, spo2=97), FileMoment(2, ())]
    )
    assert [len(numerics_of([message])) for message in feed] == [2, 1]


def test_a_moment_before_the_files_zero_is_kept() -> None:
    assert [m.at for m in feed_of([moment(-90, spo2=97)])] == [START.plus(-90)]


def test_a_cuff_and_a_spot_reading_are_sent_once_and_running_values_are_not() -> None:
    unit = canonical_unit(VitalKind.TEMPERATURE)
    spot = value_of(VitalKind.TEMPERATURE, "", 38.5, unit, is_spot=True)
    cuff = moment(0, nibp_mean=80).values
    pulse = moment(0, "nibp", pulse_rate=80).values
    running = moment(0, spo2=97).values
    numerics = numerics_of(feed_of([FileMoment(0, (spot, *cuff, *pulse, *running))]))
    assert [numeric.is_sent_once for numeric in numerics] == [True, True, True, False]


def test_two_equal_cuff_readings_are_two_readings() -> None:
    readings = [moment(at_s, nibp_systolic=120) for at_s in (0, 900)]
    assert [v.measured_at for v in vitals_of(feed_of(readings))] == [START, START.plus(900)]


def test_a_spot_reading_is_not_judged_as_a_course() -> None:
    unit = canonical_unit(VitalKind.TEMPERATURE)
    moments = [
        FileMoment(at_s, (value_of(VitalKind.TEMPERATURE, "", number, unit, is_spot=True),))
        for at_s, number in ((0, 36.5), (60, 38.9))
    ]
    assert [v.is_usable for v in vitals_of(feed_of(moments))] == [True, True]


def in_short(moments: list[FileMoment]) -> list[str]:
    return [" ".join(f"{v.value:g}" for v in m.values if v.value is not None) for m in moments]


def test_a_held_reading_counts_where_it_is_new() -> None:
    rows = [
        moment(0, spo2=97, nibp_systolic=120, nibp_diastolic=70),
        moment(1, spo2=97, nibp_systolic=120, nibp_diastolic=70),
        moment(2, spo2=97, nibp_systolic=120, nibp_diastolic=71),
        moment(3, spo2=97),
        moment(4, spo2=97, nibp_systolic=120, nibp_diastolic=71),
    ]
    assert in_short(list(without_repeats(rows, frozenset(CUFF)))) == [
        "97 120 70",
        "97",
        "97 120 71",
        "97",
        "97 120 71",
    ]
    assert list(without_repeats(rows, frozenset())) == rows


@pytest.mark.parametrize(
    ("seen", "utc_ns"),
    [
        ("2026-01-31T08:00:00Z", 1_769_846_400_000_000_000),
        ("2026-01-31 09:00:00.25+01:00", 1_769_846_400_250_000_000),
        ("2026-01-31T08:00:00", 1_769_846_400_000_000_000),
        ("60", None),
        ("-5", None),
        ("1-2", None),
        (60.0, None),
        (None, None),
    ],
)
def test_moments_are_read_as_iso_8601(seen: object, utc_ns: int | None) -> None:
    assert moment_utc_ns(seen) == utc_ns
