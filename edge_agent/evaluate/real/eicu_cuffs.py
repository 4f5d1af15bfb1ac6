"""Real cuff readings (eICU demo): alerts saved and missed by asking for a second reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from edge_agent.batch.detection import Transition
from edge_agent.batch.recorded_stay import RecordedStay, RecordedVital
from edge_agent.evaluate.estimates.bootstrap import exact
from edge_agent.evaluate.estimates.figure import Figure, Target
from edge_agent.evaluate.real.real_set import RealSet, number, rows_of
from edge_agent.evaluate.stays.comparators import SYSTOLIC_BELOW
from edge_agent.evaluate.stays.recording import MONDAY_UTC_NS
from edge_agent.evaluate.stays.reported_alerts import reported_alerts
from edge_agent.evaluate.stays.spans import Float64
from edge_agent.evaluate.stays.stay import Detect
from edge_agent.model.alerts import AlertState
from edge_agent.model.measurements import VitalKind

_ALERTS: Final = frozenset({"crs.hypotension", "vital.shock"})
_MEAN_BELOW: Final = 65.0  # the mean pressure of `crs.hypotension` in adults
_GAP_S: Final = 1800.0
"""Gap after which a low reading begins a new stretch, seconds."""
_LATE_S: Final = 60.0
"""Delay after the second low reading that counts as late, seconds."""
_KINDS: Final = {
    "sbp": VitalKind.NIBP_SYSTOLIC,
    "map": VitalKind.NIBP_MEAN,
    "dbp": VitalKind.NIBP_DIASTOLIC,
}


class CuffReadings(NamedTuple):
    """Cuff readings of one stay."""

    at_s: Float64
    values: dict[str, Float64]


class StayCount(NamedTuple):
    """One stay, counted."""

    days: float
    low_readings: int
    naive: int
    """Stretches of systolic readings below 90: one alert each, at the first reading."""
    naive_mean: int
    """Stretches of systolic readings below 90 or mean readings below 65."""
    unconfirmed: int
    """Stretches of a single reading."""
    ours: int
    """Alerts reported; each rise of priority counts again."""
    missed: int
    """Stretches of two and more readings during which no alert of ours was raised."""
    late: int
    """Stretches with an alert that was raised more than a minute after the second reading."""


def read_stays(path: Path) -> Iterator[CuffReadings]:
    """Yield the stays in the file, each reading once."""
    for _, rows in groupby(rows_of(path), key=lambda row: row["stay"]):
        by_minute = {number(row["minute"]): row for row in rows}
        minutes = sorted(by_minute)
        values = {name: np.array([number(by_minute[m][name]) for m in minutes]) for name in _KINDS}
        yield CuffReadings((np.array(minutes) - minutes[0] + 1.0) * 60.0, values)


def low_stretches(readings: CuffReadings, *, with_mean: bool = False) -> list[list[float]]:
    """Return the times of the readings in each stretch below 90, or also below a mean of 65."""
    is_low = readings.values["sbp"] < SYSTOLIC_BELOW
    if with_mean:
        is_low |= readings.values["map"] < _MEAN_BELOW
    stretches: list[list[float]] = []
    is_after_low = False
    for at_s, is_low_now in zip(readings.at_s.tolist(), is_low.tolist(), strict=True):
        if is_low_now and is_after_low and at_s - stretches[-1][-1] <= _GAP_S:
            stretches[-1].append(at_s)
        elif is_low_now:
            stretches.append([at_s])
        is_after_low = is_low_now
    return stretches


def count_stay(readings: CuffReadings, detect: Detect) -> StayCount:
    """Return the counts of fixed limits and of our rules in one stay."""
    columns = {
        (kind, ""): RecordedVital(readings.at_s, readings.values[name])
        for name, kind in _KINDS.items()
    }
    transitions = detect(RecordedStay(MONDAY_UTC_NS, columns), ()).transitions
    end_s = float(readings.at_s[-1]) + 1.0
    raised = raised_spans(transitions, end_s)
    reported = [one for one in reported_alerts(transitions, end_s) if one.rule_id in _ALERTS]
    stretches = low_stretches(readings)
    confirmed = [stretch for stretch in stretches if len(stretch) > 1]
    delays = [_delay_s(stretch, raised) for stretch in confirmed]
    return StayCount(
        float(readings.at_s[-1]) / 86_400.0,
        sum(len(stretch) for stretch in stretches),
        len(stretches),
        len(low_stretches(readings, with_mean=True)),
        len(stretches) - len(confirmed),
        len(reported),
        sum(delay is None for delay in delays),
        sum(delay is not None and delay > _LATE_S for delay in delays),
    )


def raised_spans(transitions: Sequence[Transition], end_s: float) -> list[tuple[float, float]]:
    """Return begin and end of each alert about low pressure, reported or not."""
    spans: list[tuple[float, float]] = []
    open_since: dict[str, float] = {}
    for transition in transitions:
        alert = transition.alert
        if alert.rule_id not in _ALERTS:
            continue
        if alert.state is AlertState.RAISED:
            open_since.setdefault(alert.alert_id, transition.at_s)
        elif alert.alert_id in open_since and alert.state is not AlertState.ACKNOWLEDGED:
            spans.append((open_since.pop(alert.alert_id), transition.at_s))
    return spans + [(begin_s, end_s) for begin_s in open_since.values()]


def _delay_s(stretch: list[float], raised: list[tuple[float, float]]) -> float | None:
    """Return the time from the second reading to the alert, 0 if open; None: never raised."""
    second_s, last_s = stretch[1], stretch[-1]
    begins = [max(b, second_s) for b, e in raised if b <= last_s + _LATE_S and e >= second_s]
    return min(begins) - second_s if begins else None


def evaluate_pressures(path: Path, detect: Detect) -> RealSet:
    """Return the figures of the file."""
    counts = [count_stay(readings, detect) for readings in read_stays(path)]
    days = sum(count.days for count in counts)
    naive, ours = sum(c.naive for c in counts), sum(c.ours for c in counts)
    same = sum(c.naive_mean for c in counts)
    single = sum(c.unconfirmed for c in counts)
    lasting = naive - single
    missed, late = sum(c.missed for c in counts), sum(c.late for c in counts)
    low_readings = sum(c.low_readings for c in counts)
    figures = (
        Figure(
            "nibp_alert_reduction",
            "fewer alerts for low pressure than the same limits without a second reading",
            exact(1.0 - ours / same if same else None),
            target=Target(0.5),
            why="limits of 90 systolic and 65 mean ring at the first reading of each stretch; ours "
            "counts each alert for low pressure or shock that nurses receive, and each rise of "
            "its priority",
        ),
        Figure(
            "nibp_alert_reduction_systolic",
            "fewer than a limit of 90 systolic that ignores the mean",
            exact(1.0 - ours / naive if naive else None),
        ),
        _per_day("nibp_naive_per_day", "stretches below 90", naive, days),
        _per_day("nibp_naive_mean_per_day", "stretches below 90 or a mean of 65", same, days),
        _per_day("nibp_ours_per_day", "our alerts", ours, days),
        _per_day("nibp_readings_per_day", "readings below 90", low_readings, days),
        Figure(
            "nibp_single_share",
            "stretches that a second reading did not confirm",
            exact(single / naive if naive else None),
        ),
        Figure(
            "nibp_missed_runs",
            f"stretches of two and more without an alert, of {lasting}",
            exact(missed),
            "stretches",
        ),
        Figure(
            "nibp_late_runs",
            "alerted more than a minute after their second reading",
            exact(late),
            "stretches",
        ),
    )
    return RealSet(
        "Cuff readings in intensive care (eICU demo 2.0)",
        f"{len(counts)} stays, {days:.0f} days; ODbL 1.0. Readings as they came.",
        figures,
    )


def _per_day(key: str, text: str, count: int, days: float) -> Figure:
    return Figure(key, text, exact(count / days), "per patient-day")
