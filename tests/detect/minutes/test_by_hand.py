"""Readings taken by hand, as a share of what was usual when they were taken."""

from __future__ import annotations

import pytest

from edge_agent.detect.minutes.by_hand import SHARE, SPOT_TEMPERATURE, HandReadings
from edge_agent.detect.series.tracks import EventTrack
from edge_agent.model.clock import Instant
from edge_agent.patient.context import ContextLog
from tests.support.patient_entries import HOUR_NS, NOW_NS, an_entry

USUAL = EventTrack(10**18)
USUAL.add(Instant(HOUR_NS, 0), 120.0, 1)
USUAL.add(Instant(2 * HOUR_NS, 0), 100.0, 2)


def test_a_share_is_of_the_usual_pressure_known_before_the_reading() -> None:
    log = ContextLog()
    by_hand = HandReadings()
    assert by_hand.events(SHARE, log, NOW_NS, USUAL).values.size == 0
    for number, at_h in enumerate((0.5, 1.0, 1.5, 2.0, 2.5)):
        log.add(an_entry(str(number), "spot", "nibp_systolic", amount=90.0, at_h=at_h))
    log.add(an_entry("t", "spot", "temperature", amount=38.4, at_h=3))
    shares = by_hand.events(SHARE, log, NOW_NS, USUAL)
    assert shares.values.tolist() == pytest.approx(
        [float("nan"), float("nan"), 75, 75, 90], nan_ok=True
    )
    assert shares.times_ns.tolist() == [round(h * HOUR_NS) for h in (0.5, 1, 1.5, 2, 2.5)]
    assert by_hand.events(SPOT_TEMPERATURE, log, NOW_NS, USUAL).values.tolist() == [38.4]
    by_hand.forget()
    assert by_hand.events(SPOT_TEMPERATURE, ContextLog(), NOW_NS, USUAL).values.size == 0
