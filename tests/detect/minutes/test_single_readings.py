"""Single readings, by device and by hand, as a share of the usual pressure of their time."""

from __future__ import annotations

import math

import pytest

from edge_agent.detect.minutes.single_readings import SHARE, SingleReadings
from edge_agent.detect.series.tracks import EventTrack
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog
from tests.support.patient_entries import HOUR_NS, NOW_NS, an_entry

SYSTOLIC = VitalKind.NIBP_SYSTOLIC
USUAL = EventTrack(10**18)
USUAL.add(Instant(HOUR_NS, 0), 120.0, 1)
USUAL.add(Instant(2 * HOUR_NS, 0), 100.0, 2)


def hour(number: float) -> Instant:
    return Instant(round(number * HOUR_NS), NOW_NS + round(number * HOUR_NS))


def test_a_share_is_of_the_usual_pressure_known_before_the_reading() -> None:
    log = ContextLog()
    single = SingleReadings()
    assert single.until(SHARE, hour(3), log, USUAL.events).values.size == 0
    for number, at_h in enumerate((0.5, 1.0, 2.0, 2.5)):
        log.add(an_entry(str(number), "spot", "nibp_systolic", amount=90.0, at_h=at_h))
    log.add(an_entry("t", "spot", "temperature", amount=38.4, at_h=3))
    assert single.add(SYSTOLIC, hour(1.5), 60.0, 60.0, 1)
    shares = single.until(SHARE, hour(2.6), log, USUAL.events)
    assert shares.times_ns.tolist() == [round(h * HOUR_NS) for h in (1.5, 2, 2.5)]
    assert shares.values.tolist() == pytest.approx([50, 75, 90])
    assert single.until("spot_temperature", hour(3), log, USUAL.events).values.tolist() == [38.4]
    single.forget_entries()
    none = single.until("spot_temperature", hour(3), ContextLog(), USUAL.events)
    assert none.values.size == 0


def test_a_doubted_reading_is_a_gap_but_shown_as_measured() -> None:
    single = SingleReadings()
    assert single.add(SYSTOLIC, hour(1), math.nan, 71.0, 1)
    assert not single.add(SYSTOLIC, hour(1), math.nan, 71.0, 1)
    assert not single.add(VitalKind.PULSE_RATE, hour(1), 80.0, 80.0, 1)
    found = [
        single.until(name, hour(1), None, USUAL.events).values.tolist()
        for name in ("nibp_systolic", "nibp_systolic_as_measured", "nibp_mean_as_measured")
    ]
    assert found == [[pytest.approx(math.nan, nan_ok=True)], [71.0], []]


def test_entries_are_read_again_after_a_new_one() -> None:
    log, single = ContextLog(), SingleReadings()
    for number, at_h in enumerate((1.0, 2.0)):
        log.add(an_entry(str(number), "spot", "nibp_mean", amount=70.0 + number, at_h=at_h))
        found = single.until("nibp_mean_as_measured", hour(2), log, USUAL.events)
        assert found.values.tolist() == [70.0, 71.0][: number + 1]
    log.add(an_entry("2", "spot", "nibp_mean", amount=75.0, at_h=2.0, corrects="1"))
    corrected = single.until("nibp_mean_as_measured", hour(2), log, USUAL.events)
    assert corrected.values.tolist() == [70.0, 75.0]


def test_what_was_entered_late_is_not_known_before_its_entry() -> None:
    entered_ns = NOW_NS + 2 * HOUR_NS
    spot = an_entry("1", "spot", "nibp_mean", amount=70.0, at_h=1, entered_utc_ns=entered_ns)
    log, single = ContextLog([spot]), SingleReadings()
    for at_h, known in ((2.0, [70.0]), (1.9, []), (3.0, [70.0])):
        found = single.until("nibp_mean_as_measured", hour(at_h), log, USUAL.events)
        assert found.values.tolist() == known
