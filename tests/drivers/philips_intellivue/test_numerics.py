"""Numerics keep the monitor's verdict, its times and every code; missing is never a number."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.philips_intellivue.numerics import (
    IntellivueFacts,
    csv_row,
    labels_of,
    number,
    numerics_of,
    validity,
)
from edge_agent.drivers.philips_intellivue.polls import PolledObject
from edge_agent.drivers.philips_intellivue.reader import MalformedMessageError
from edge_agent.drivers.philips_intellivue.times import DeviceClock
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, GenerationMode, Numeric, Validity
from tests.drivers.philips_intellivue.monitor import listed, observed, sized

NOW = DeviceTime(1_024_000_000, 10**18)
STAMP = bytes.fromhex("2015090414463900")
STAMP_NS = 1441377999 * 10**9


def origin(labels: dict[int, str] | None = None) -> IntellivueFacts:
    clock = DeviceClock()
    clock.set_wall(8192, 10**18)
    return IntellivueFacts("monitor-1", clock, labels or {}, NOW, Instant(0, 0))


def read(attributes: dict[int, bytes], labels: dict[int, str] | None = None) -> list[Numeric]:
    return list(numerics_of(PolledObject(0x82A5, attributes), origin(labels)))


@pytest.mark.parametrize(
    ("bits", "value"),
    [
        (0xFF00035F, 86.3),
        (0xFD007D00, 32.0),
        (0x00000050, 80.0),
        (0x00000000, 0.0),
        (0x02000003, 300.0),
        (0xFFFFFFFE, -0.2),
        (0xFE000010, 0.16),
    ],
)
def test_a_float_prints_as_the_decimal_it_stands_for(bits: int, value: float) -> None:
    assert repr(number(bits)) == repr(value)


@given(st.integers(-128, 127), st.integers(-(2**23) + 3, 2**23 - 3))
def test_a_float_is_the_nearest_to_its_exact_decimal(exponent: int, mantissa: int) -> None:
    bits = (exponent & 0xFF) << 24 | (mantissa & 0xFFFFFF)
    assert number(bits) == float(Fraction(mantissa) * Fraction(10) ** exponent)


@pytest.mark.parametrize(
    ("mantissa", "verdict"),
    [
        (0x7FFFFF, Validity.NOT_AVAILABLE),
        (0x800000, Validity.NOT_AVAILABLE),
        (0x800001, Validity.NOT_AVAILABLE),
        (0x7FFFFE, Validity.ABOVE_RANGE),
        (0x800002, Validity.BELOW_RANGE),
    ],
)
def test_a_float_that_is_no_number_has_no_value_and_is_not_valid(
    mantissa: int, verdict: Validity
) -> None:
    assert number(mantissa) is None
    assert validity(0, mantissa) is verdict
    assert validity(0x4000, mantissa) is verdict
    assert validity(0x8000, mantissa) is Validity.INVALID


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (0x0000, Validity.VALID),
        (0x0001, Validity.VALID),
        (0x0002, Validity.VALID),
        (0x0080, Validity.VALID),
        (0x8000, Validity.INVALID),
        (0x8001, Validity.INVALID),
        (0xE000, Validity.INVALID),
        (0x4000, Validity.QUESTIONABLE),
        (0x2000, Validity.NOT_AVAILABLE),
        (0x6000, Validity.NOT_AVAILABLE),
        (0x1000, Validity.CALIBRATING),
        (0x0020, Validity.MEASURING),
        (0x0040, Validity.QUESTIONABLE),
    ],
)
def test_the_gravest_state_bit_decides(state: int, verdict: Validity) -> None:
    assert validity(state, 0x50) is verdict


@pytest.mark.parametrize(
    ("state", "mode"),
    [
        (0x0000, GenerationMode.REAL),
        (0x0400, GenerationMode.DEMO),
        (0x0800, GenerationMode.TEST),
        (0x0C00, GenerationMode.TEST),
    ],
)
def test_demo_and_test_values_say_so(state: int, mode: GenerationMode) -> None:
    assert read({0x0950: observed(0x4182, state, 0x0AA0, 0x50)})[0].mode is mode


def test_asystole_is_a_valid_zero() -> None:
    (numeric,) = read({0x0950: observed(0x4182, 0x0002, 0x0AA0, 0)})
    assert (numeric.value, numeric.validity, numeric.state) == (0.0, Validity.VALID, 2)
    assert (numeric.code, numeric.unit_code, numeric.unit) == (147842, 264864, "/min")
    assert (numeric.channel, numeric.label) == ("82A5", "MDC_ECG_HEART_RATE")
    assert numeric.measured_at == NOW


def test_the_pulse_of_the_plethysmogram_has_its_own_reference_name() -> None:
    """0x481A is MDC_PULS_OXIM_PULS_RATE; IntelliVue sends 0x4822, the rate of the pleth wave."""
    assert read({0x0950: observed(0x4822, 0, 0x0AA0, 0x50)})[0].label == "MDC_PLETH_PULS_RATE"


def test_unknown_codes_and_units_pass_with_the_label_of_the_device() -> None:
    (numeric,) = read({0x0950: observed(0xF7FF, 0, 0x1FFF, 0x50)}, {0x82A5: "new"})
    assert (numeric.code, numeric.label) == (0x2F7FF, "new")
    assert (numeric.unit_code, numeric.unit) == (0x41FFF, "")
    assert read({0x0950: observed(0xF7FF, 0, 0x1FFF, 0x50)})[0].label == ""


def test_a_compound_gives_one_numeric_per_element_with_the_stamps_of_the_object() -> None:
    elements = [observed(0x4A05 + i, 0, 0x0F20, 100 - i) for i in range(3)]
    numerics = read({0x094B: listed(*elements), 0x0990: STAMP})
    assert [n.value for n in numerics] == [100.0, 99.0, 98.0]
    # Not the counter of the message: it would make an old reading look new.
    assert {n.measured_at for n in numerics} == {DeviceTime(None, STAMP_NS)}


def test_a_value_with_both_stamps_carries_both() -> None:
    value = observed(0x4A05, 0, 0x0F20, 120)
    (numeric,) = read({0x0950: value, 0x0990: STAMP, 0x0991: (192).to_bytes(4, "big")})
    assert numeric.measured_at == DeviceTime(24_000_000, STAMP_NS)


def test_a_value_without_a_stamp_is_of_the_message_unless_it_is_one_that_is_repeated() -> None:
    (heart_rate,) = read({0x0950: observed(0x4182, 0, 0x0AA0, 80)})
    assert heart_rate.measured_at == NOW
    (cuff,) = read({0x0950: observed(0x4A05, 0, 0x0F20, 120)})
    assert cuff.measured_at == DeviceTime()


def test_a_relative_stamp_dates_the_value_on_both_clocks() -> None:
    value = observed(0x0301, 0, 0x0512, 1)
    (numeric,) = read({0x0950: value, 0x0991: (192).to_bytes(4, "big")})
    assert numeric.measured_at == DeviceTime(24_000_000, 10**18 - 10**9)


def test_a_stamp_of_ff_means_that_no_time_is_known() -> None:
    (numeric,) = read({0x0950: observed(0x4A05, 0, 0x0F20, 1), 0x0990: b"\xff" * 8})
    assert numeric.measured_at == DeviceTime()


def test_an_observed_value_of_another_length_is_malformed() -> None:
    with pytest.raises(MalformedMessageError, match="9 bytes, not 10"):
        read({0x0950: bytes(9)})
    with pytest.raises(MalformedMessageError):
        read({0x094B: listed(bytes(11))})


def test_labels_are_read_by_handle_without_padding() -> None:
    text = sized("SpO\u2082  \0".encode("utf-16-be"))
    assert labels_of(PolledObject(0x83B5, {0x0927: text})) == {0x83B5: "SpO\u2082"}
    assert labels_of(PolledObject(0x82A5, {})) == {}


def test_a_csv_row_carries_the_ticks_of_the_message_and_nan_for_missing() -> None:
    (numeric,) = read({0x0950: observed(0x4182, 0x2000, 0x0AA0, 0x007FFFFF)})
    assert csv_row(numeric, NOW) == ("8192", "82A5", "4182", "2000", "0AA0", "NaN")
    (numeric,) = read({0x0950: observed(0x4182, 0, 0x0AA0, 0xFF00035F)})
    over_the_wrap = DeviceTime((2**32 + 8) * 125_000)
    assert csv_row(numeric, over_the_wrap) == ("8", "82A5", "4182", "0000", "0AA0", "86.3")
