"""Normalised readings of a device: nothing is lost and nothing is made up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.model.measurements import (
    CANONICAL_UNITS,
    GenerationMode,
    Numeric,
    Validity,
    VitalKind,
)
from edge_agent.vitals.canonical import CODES, KINDS
from edge_agent.vitals.normalise import Normaliser
from tests.support.device_readings import (
    BPM,
    CELSIUS,
    HR,
    MMHG,
    NIBP_S,
    PERCENT,
    SPO2,
    START,
    TEMPERATURE,
    message,
    numeric,
    wall,
)

KILOPASCAL, FAHRENHEIT, NO_DIMENSION, MILLIMETRE = 265987, 266560, 262656, 263442


def test_a_numeric_becomes_a_vital_of_the_bed() -> None:
    (vital,) = Normaliser("bed-07").normalise(message(numeric(HR, 80, BPM, stamp=wall(7))))
    assert (vital.bed_id, vital.kind, vital.site) == ("bed-07", VitalKind.HEART_RATE, "")
    assert (vital.value, vital.validity, vital.reason) == (80, Validity.VALID, "")
    assert (vital.device_id, vital.code, vital.device_time) == ("mp90", HR, wall(7))
    assert vital.measured_at == vital.received_at == START
    assert vital.stored_ns == START.utc_ns
    assert vital.is_usable


@pytest.mark.parametrize(
    ("code", "sent", "unit_code", "value"),
    [
        (TEMPERATURE, 101.3, FAHRENHEIT, 38.5),
        (150037, 16, KILOPASCAL, 120.01),
        (150448, 3, NO_DIMENSION, 3),
    ],
)
def test_other_units_are_converted(code: int, sent: float, unit_code: int, value: float) -> None:
    (vital,) = Normaliser("bed-07").normalise(message(numeric(code, sent, unit_code)))
    assert vital.value == pytest.approx(value, abs=0.01)
    assert vital.is_usable


def test_a_code_that_is_no_vital_gives_none() -> None:
    venous_saturation, st_segment = numeric(150332, 70, PERCENT), numeric(131841, 0.1, MILLIMETRE)
    assert Normaliser("bed-07").normalise(message(venous_saturation, st_segment)) == ()


def test_a_code_and_a_unit_that_disagree_are_not_believed() -> None:
    labelled_spo2 = replace(numeric(SPO2, 35, MMHG), unit="mm[Hg]")
    no_unit = numeric(HR, 80, 0)
    first, second = Normaliser("bed-07").normalise(message(labelled_spo2, no_unit))
    assert (first.value, first.validity) == (None, Validity.INVALID)
    assert first.reason == "code 150456 wants %, got unit 266016 mm[Hg]"
    assert second.reason == "code 147842 wants /min, got unit 0"


def test_a_number_that_no_unit_can_hold_is_not_believed() -> None:
    (vital,) = Normaliser("bed-07").normalise(message(numeric(150037, 1.7e308, KILOPASCAL)))
    assert (vital.value, vital.validity) == (None, Validity.INVALID)
    assert vital.reason == "1.7e+308 is too large to convert"


@pytest.mark.parametrize("validity", [v for v in Validity if v is not Validity.VALID])
def test_the_device_s_own_doubt_is_kept_and_put_in_words(validity: Validity) -> None:
    (vital,) = Normaliser("bed-07").normalise(message(numeric(HR, 300, BPM, validity)))
    assert (vital.value, vital.validity) == (300, validity)
    assert vital.reason
    assert "outside" not in vital.reason


@pytest.mark.parametrize("mode", [GenerationMode.DEMO, GenerationMode.TEST])
def test_a_monitor_in_demo_or_test_mode_is_never_usable(mode: GenerationMode) -> None:
    shown = replace(numeric(HR, 80, BPM), mode=mode)
    off = replace(numeric(HR, None, BPM), mode=mode)
    normaliser = Normaliser("bed-07")
    (vital,) = normaliser.normalise(message(shown))
    assert (vital.value, vital.mode, vital.is_usable) == (80, mode, False)
    assert vital.reason == f"monitor in {mode.value} mode"
    (vital,) = normaliser.normalise(message(off))
    assert vital.reason == f"not measured; monitor in {mode.value} mode"


def test_a_demo_value_is_no_part_of_the_patient_s_course() -> None:
    normaliser = Normaliser("bed-07")
    normaliser.normalise(message(replace(numeric(HR, 200, BPM), mode=GenerationMode.DEMO)))
    (vital,) = normaliser.normalise(message(numeric(HR, 80, BPM), at_s=1))
    assert vital.is_usable


_numerics = st.builds(
    numeric,
    st.sampled_from([*CODES, 1, 150332]),
    st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.just(0.0),
    st.sampled_from([*sorted({u for row in KINDS.values() for u in row.units}), 0]),
    st.sampled_from([v for v in Validity if v is not Validity.VALID]) | st.none(),
    st.builds(wall, st.floats(0, 1e6)),
)


@given(st.lists(_numerics, max_size=30))
def test_nothing_is_lost_and_nothing_is_made_up(numerics: list[Numeric]) -> None:
    normaliser = Normaliser("bed-07")
    for count, sent in enumerate(numerics):
        vitals = normaliser.normalise(message(sent, at_s=count, device_now=wall(5e5)))
        if sent.code not in CODES:
            assert vitals == ()
        if CODES.get(sent.code) is not None and not CODES[sent.code].is_event:
            assert len(vitals) == 1
        for vital in vitals:
            assert vital.value is None or sent.value is not None
            assert vital.is_usable <= (sent.validity is Validity.VALID)
            assert not vital.is_usable or not vital.reason
            assert vital.is_usable or vital.reason


@given(st.lists(st.sampled_from([0.0, 0.0, 1.0, -3.0]), min_size=1, max_size=20))
def test_no_two_vitals_of_a_series_share_a_key(steps_s: list[float]) -> None:
    normaliser, at_s, keys = Normaliser("bed-07"), 0.0, []
    for step_s in steps_s:
        at_s += step_s
        vitals = normaliser.normalise(
            message(numeric(HR, 80, BPM), numeric(HR, 81, BPM), at_s=at_s)
        )
        keys += [v.stored_ns for v in vitals]
    assert keys == sorted(set(keys))


def test_different_series_may_share_a_moment() -> None:
    event = message(numeric(HR, 80, BPM), numeric(TEMPERATURE, 37, CELSIUS))
    assert {v.stored_ns for v in Normaliser("bed-07").normalise(event)} == {START.utc_ns}


def test_two_sites_and_two_names_of_one_artery_stay_apart() -> None:
    codes = [(150037, "abp"), (150033, "art")]
    event = message(*(numeric(code, 120, MMHG) for code, _site in codes))
    assert [v.site for v in Normaliser("bed-07").normalise(event)] == ["abp", "art"]


def test_keys_go_on_after_a_restart_even_if_the_clock_went_back() -> None:
    before = Normaliser("bed-07")
    vitals = [
        *before.normalise(message(numeric(HR, 80, BPM), at_s=100)),
        *before.normalise(message(numeric(HR, 80, BPM), at_s=101)),
    ]
    after = Normaliser("bed-07")
    after.restore(reversed(vitals))
    (vital,) = after.normalise(message(numeric(HR, 80, BPM), at_s=50))
    assert vital.stored_ns == vitals[-1].stored_ns + 1


def test_every_canonical_unit_of_a_vital_is_named() -> None:
    assert set(CANONICAL_UNITS) == {row.kind for row in CODES.values()}


def test_a_cuff_reading_is_left_alone_by_the_step_limits() -> None:
    normaliser = Normaliser("bed-07")
    for count, value in enumerate((120, 70)):
        stamp = wall(count)
        event = message(numeric(NIBP_S, value, MMHG, stamp=stamp), at_s=count, device_now=stamp)
        assert normaliser.normalise(event)[0].is_usable
