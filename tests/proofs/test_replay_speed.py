"""A simulated patient's day at 100 and at 1,000 times speed, and fourteen days, through the agent.

The day is the one in which CRS begins: pressure and oxygen fall before its end.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest

from edge_agent.journal.entries import Lane
from edge_agent.payloads.alerts import decode_alert
from simulators.cohorts.cohort_file import load_cohort
from simulators.patients.truth import truth_of
from tests.support.played_patients import START, bodies, played

if TYPE_CHECKING:
    from pathlib import Path

    from simulators.patients.patient import Patient

pytestmark = pytest.mark.proof

DAY_S = 86_400
DAY_FROM_S = 151_200  # fever, then hypotension and hypoxia, within the next day
FORTNIGHT_SPEED = 1250.0
"""More than a thousand, so that fourteen days take less than 20 minutes."""
NUMBER = 19


def patient() -> Patient:
    return load_cohort("tune").patient(NUMBER).patient


def test_a_day_gives_equal_alerts_at_both_speeds(tmp_path: Path) -> None:
    truth = truth_of(patient())
    for what in ("crs", "hypotension", "hypoxia"):
        assert DAY_FROM_S < (truth.first(what) or 0) < DAY_FROM_S + DAY_S
    told = {}
    for speed in (1000.0, 100.0):
        begun_s = time.monotonic()
        folder = tmp_path / f"{speed:.0f}"
        replayed = played(patient(), (DAY_FROM_S, DAY_S), folder, speed)
        assert replayed.is_whole
        told[speed] = replayed.alerts
        took_s = time.monotonic() - begun_s
        sys.stdout.write(
            f"a day at {speed:.0f} times: {took_s:.0f} s, {len(told[speed])} changes\n"
        )
    assert told[100.0] == told[1000.0]
    assert {a.rule_id for a in told[100.0]} >= {"crs.fever", "crs.organ_sign"}
    for lane in Lane:
        assert bodies(tmp_path / "100", lane) == bodies(tmp_path / "1000", lane)


def test_fourteen_days_at_a_thousand_times(tmp_path: Path) -> None:
    begun_s = time.monotonic()
    replayed = played(patient(), (0, 14 * DAY_S), tmp_path / "stay", FORTNIGHT_SPEED)
    took_s = time.monotonic() - begun_s
    assert replayed.is_whole
    assert replayed.readings_stored == 14 * DAY_S
    alerts = [decode_alert(body) for body in bodies(tmp_path / "stay", Lane.ALERTS)]
    fever_s = truth_of(patient()).first("crs") or 0.0
    raised_s = [
        alert.raised_at.seconds_since(START)
        for alert in alerts
        if alert.rule_id == "crs.fever" and alert.raised_at is not None
    ]
    assert min(abs(at_s - fever_s) for at_s in raised_s) < 3600
    speed = 14 * DAY_S / took_s
    sys.stdout.write(f"14 days in {took_s:.0f} s: {speed:.0f} times, {len(alerts)} alert changes\n")
