"""Doubt about flat values, damped lines, a weak pulse and steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from edge_agent.batch.conditioning import TimedValues, believed
from edge_agent.model.measurements import Validity, VitalKind
from edge_agent.vitals.canonical import CODES
from edge_agent.vitals.normalise import Normaliser
from tests.support.device_readings import (
    BPM,
    CELSIUS,
    HR,
    MMHG,
    NIBP_D,
    NIBP_S,
    PERCENT,
    PERFUSION,
    PULSE,
    RPM,
    RR,
    SPO2,
    TEMPERATURE,
    message,
    numeric,
    wall,
)
from tests.vitals.test_plausibility import ABP_D, ABP_M, ABP_S, course, judged

if TYPE_CHECKING:
    from collections.abc import Callable

FlatCase = tuple[int, int, float, int, int, tuple[VitalKind, ...], bool]
FLAT: Final[list[FlatCase]] = [
    (SPO2, PERCENT, 97, 1, 1800, (), True),
    (SPO2, PERCENT, 97, 1, 1799, (), False),
    (SPO2, PERCENT, 99, 3, 1800, (), True),
    (SPO2, PERCENT, 100, 1, 1800, (), False),
    (SPO2, PERCENT, 97, 10, 3600, (), False),
    (HR, BPM, 70, 1, 1200, (), False),
    (HR, BPM, 70, 1, 1800, (), True),
    (HR, BPM, 88, 10, 3600, (), False),
    (HR, BPM, 88, 10, 5980, (), False),
    (HR, BPM, 88, 10, 5990, (), True),
    (HR, BPM, 70, 60, 7200, (), False),
    (HR, BPM, 70, 1, 1800, (VitalKind.HEART_RATE,), False),
    (RR, RPM, 14, 1, 1200, (), False),
    (RR, RPM, 14, 1, 1800, (VitalKind.HEART_RATE,), True),
    (RR, RPM, 14, 1, 1800, (VitalKind.RESPIRATORY_RATE,), False),
    (RR, RPM, 14, 10, 5980, (), False),
    (RR, RPM, 14, 10, 5990, (), True),
    (TEMPERATURE, CELSIUS, 37.0, 60, 5400, (), True),
    (TEMPERATURE, CELSIUS, 37.0, 92, 5428, (), True),
    (TEMPERATURE, CELSIUS, 37.0, 100, 5800, (), False),
]


@pytest.mark.parametrize("case", FLAT)
def test_what_stands_still_is_doubted_unless_it_may(case: FlatCase) -> None:
    code, unit, value, every_s, length_s, steady, is_flat = case
    normaliser = Normaliser("bed-07")
    usable = [
        normaliser.normalise(message(numeric(code, value, unit), at_s=at_s), steady)[0].is_usable
        for at_s in range(0, length_s + every_s, every_s)
    ]
    assert usable[-1] == (not is_flat)
    times_ns = np.arange(0, length_s + every_s, every_s, dtype=np.int64) * 10**9
    kind, site = CODES[code].kind, CODES[code].site
    column = TimedValues(times_ns, np.full(times_ns.size, float(value)))
    spans = {k: [(times_ns[-1] // 2, None)] for k in steady}
    assert np.isnan(believed({(kind, site): column}, spans)[kind, site][-1]) == is_flat
    over = {k: [(0, int(times_ns[-1]))] for k in steady}
    last = believed({(kind, site): column}, over)[kind, site][-1]
    assert np.isnan(last) == (is_flat or bool(steady))


@pytest.mark.parametrize(
    ("rate", "pulse", "is_believed"),
    [
        (70, lambda _s: 70, True),
        (70, lambda s: 69 + s % 3, True),
        (70, lambda s: 70 if s % 10 else 72, True),  # nine tenths
        (70, lambda s: 70 if s % 9 else 72, False),
        (70, lambda _s: 72, False),  # a value that is stuck near the true one
        (40, lambda _s: 40, True),
        (39, lambda _s: 39, False),
        (130, lambda _s: 130, True),
        (131, lambda _s: 131, False),
    ],
)
def test_a_heart_rate_as_constant_as_the_pulse_is_paced(
    rate: int, pulse: Callable[[int], int], *, is_believed: bool
) -> None:
    normaliser = Normaliser("bed-07")
    seconds = range(1, 1991)
    usable = [
        normaliser.normalise(
            message(numeric(PULSE, pulse(s), BPM), numeric(HR, rate, BPM), at_s=s)
        )[1].is_usable
        for s in seconds
    ]
    assert usable[-1] is is_believed
    times_ns = np.array(seconds, np.int64) * 10**9
    beside = TimedValues(times_ns, np.array([float(pulse(s)) for s in seconds]))
    constant = TimedValues(times_ns, np.full(times_ns.size, float(rate)))
    heart_series, pulse_series = (VitalKind.HEART_RATE, ""), (VitalKind.PULSE_RATE, "")
    found = believed({heart_series: constant, pulse_series: beside})[heart_series]
    assert bool(np.isnan(found[-1])) is not is_believed


def test_a_pulse_that_is_no_longer_fresh_shows_no_pacemaker() -> None:
    normaliser = Normaliser("bed-07")
    times_ns = np.arange(0, 2000, dtype=np.int64) * 10**9
    usable = []
    for s in range(2000):
        shown = [numeric(PULSE, 70, BPM)] if s % 30 == 0 else []
        vitals = normaliser.normalise(message(*shown, numeric(HR, 70, BPM), at_s=s))
        usable.append(vitals[-1].is_usable)
    assert not usable[-1]
    constant = TimedValues(times_ns, np.full(times_ns.size, 70.0))
    rare = TimedValues(times_ns[::30], np.full(times_ns[::30].size, 70.0))
    found = believed({(VitalKind.HEART_RATE, ""): constant, (VitalKind.PULSE_RATE, ""): rare})
    assert np.isnan(found[VitalKind.HEART_RATE, ""][-1])


def test_a_pressure_alone_contradicts_nothing() -> None:
    (vital,) = judged(numeric(NIBP_S, 120, MMHG, stamp=wall(90)))
    assert vital.is_usable


def test_a_damped_line_is_questionable_and_the_cuff_beside_it_is_not() -> None:
    line = [numeric(c, v, MMHG) for c, v in ((ABP_S, 84), (ABP_M, 80), (ABP_D, 76))]
    cuff = [numeric(c, v, MMHG, stamp=wall(90)) for c, v in ((NIBP_S, 118), (NIBP_D, 70))]
    vitals = judged(*line, *cuff, numeric(HR, 80, BPM))
    assert [v.is_usable for v in vitals] == [False, False, False, True, True, True]
    assert vitals[0].reason == "pulse pressure only 8 mm[Hg]"


@pytest.mark.parametrize(
    ("index", "validity", "spo2_validity"),
    [
        (0.3, Validity.VALID, Validity.VALID),
        (0.29, Validity.VALID, Validity.QUESTIONABLE),
        (0.1, Validity.QUESTIONABLE, Validity.VALID),
        (None, Validity.NOT_AVAILABLE, Validity.VALID),
    ],
)
def test_oximetry_with_hardly_any_pulse_is_questionable_and_kept(
    index: float | None, validity: Validity, spo2_validity: Validity
) -> None:
    spo2, _perfusion = judged(
        numeric(SPO2, 85, PERCENT), numeric(PERFUSION, index, PERCENT, validity)
    )
    assert (spo2.value, spo2.validity) == (85, spo2_validity)


def test_low_perfusion_leaves_the_device_s_own_doubt_and_other_vitals_alone() -> None:
    spo2, rate, index = judged(
        numeric(SPO2, 85, PERCENT, Validity.INVALID),
        numeric(HR, 80, BPM),
        numeric(PERFUSION, 0.1, PERCENT),
    )
    assert (spo2.validity, spo2.reason) == (Validity.INVALID, "sensor off or no signal")
    assert rate.is_usable
    assert index.reason == "perfusion index 0.1 %, below 0.3"


@pytest.mark.parametrize(
    ("code", "unit", "step_s", "values", "letters"),
    [
        # one artefact, back at once
        (HR, BPM, 1, [80, 80, 140, 80, 80], "vv?vv"),
        # a slope is no step
        (HR, BPM, 5, [80, 105, 130, 155], "vvvv"),
        # still there after 20 s: believed, and the way back is again a step
        (HR, BPM, 5, [80, 140, 140, 140, 140, 140, 140, 80], "v????vv?"),
        # after a gap there is nothing to compare with
        (HR, BPM, 6, [80, 140], "vv"),
        # asystole is no step, neither is what follows it
        (HR, BPM, 1, [80, 0, 0, 0, 80], "vvvvv"),
        # saturation: falls alone are doubted
        (SPO2, PERCENT, 1, [98, 90, 89, 98], "vv?v"),
        (SPO2, PERCENT, 5, [98, 80, 80, 80, 80, 80], "v????v"),
        (SPO2, PERCENT, 1, [80, 98], "vv"),
        # what is out of range is no part of the course
        (SPO2, PERCENT, 1, [98, 0, 97], "vxv"),
        (RR, RPM, 10, [14, 30, 30, 30, 14], "v??v?"),
        (TEMPERATURE, CELSIUS, 60, [37.0, 36.0, 36.0, 36.0, 36.0, 36.0, 36.0], "v?????v"),
        (TEMPERATURE, CELSIUS, 60, [37.0, 37.2, 37.4, 37.6, 37.0], "vvv?v"),
        (TEMPERATURE, CELSIUS, 60, [37.0, 37.1, 37.2, 37.3, 37.4, 37.5], "vvvvvv"),
        # neither pulse nor etCO2 is judged by its step
        (PULSE, BPM, 1, [80, 140], "vv"),
    ],
)
def test_a_step_is_doubted_until_it_has_lasted(
    code: int, unit: int, step_s: float, values: list[float], letters: str
) -> None:
    assert course(code, unit, step_s, values) == letters


def test_a_doubted_step_keeps_its_value_and_names_it() -> None:
    normaliser = Normaliser("bed-07")
    normaliser.normalise(message(numeric(HR, 80, BPM)))
    (vital,) = normaliser.normalise(message(numeric(HR, 140, BPM), at_s=1))
    assert vital.value == 140
    assert vital.reason == "jump from 80 to 140 /min, not confirmed yet"


@pytest.mark.parametrize(("pulse", "usable"), [(135, True), (131, True), (129, False)])
def test_a_heart_rate_that_the_pulse_confirms_is_believed_at_once(
    pulse: float, *, usable: bool
) -> None:
    normaliser = Normaliser("bed-07")
    normaliser.normalise(message(numeric(HR, 80, BPM), numeric(PULSE, 80, BPM)))
    event = message(numeric(HR, 141, BPM), numeric(PULSE, pulse, BPM), at_s=1)
    assert normaliser.normalise(event)[0].is_usable == usable


def test_an_old_pulse_confirms_nothing() -> None:
    normaliser = Normaliser("bed-07")
    normaliser.normalise(message(numeric(PULSE, 140, BPM)))
    normaliser.normalise(message(numeric(HR, 80, BPM), at_s=10))
    (vital,) = normaliser.normalise(message(numeric(HR, 140, BPM), at_s=11))
    assert not vital.is_usable
