"""Delay from a fever at the probe to its report."""

from __future__ import annotations

import numpy as np
import pytest

from edge_agent.evaluate.stays.fever_delay import fever_delays_min
from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlert
from edge_agent.evaluate.stays.spans import Spans
from edge_agent.model.alerts import AlertPriority

FEVER = Spans.of([(10_000.0, 40_000.0)])


def alert(at_s: float, about: About = About.FEVER, until_s: float = 90_000.0) -> ReportedAlert:
    return ReportedAlert(at_s, until_s, "", about, AlertPriority.MEDIUM, (), "")


def probe() -> np.ndarray:
    """Return a probe that shows 38.0 for five minutes, and for good from 10 800 s on."""
    shown = np.full(90_000, 37.5)
    shown[10_000:10_300] = 38.0
    shown[10_800:] = 38.0
    shown[11_000:11_050] = 37.9
    return shown


@pytest.mark.parametrize(
    ("alerts", "delays"),
    [
        ([alert(10_920.0)], (2.0,)),
        ([alert(10_920.0, About.PRESSURE), alert(11_100.0, About.CRS)], (5.0,)),
        ([alert(8_000.0)], (0.0,)),
        ([alert(7_000.0)], ()),
        ([alert(7_000.0, until_s=9_000.0), alert(10_860.0)], (1.0,)),
        ([], (720.0,)),
    ],
)
def test_the_delay_counts_from_a_fever_that_lasts(
    alerts: list[ReportedAlert], delays: tuple[float, ...]
) -> None:
    assert fever_delays_min(probe(), FEVER, alerts) == delays


def test_without_a_probe_there_is_no_delay() -> None:
    assert fever_delays_min(np.full(90_000, np.nan), FEVER, [alert(10_920.0)]) == ()
