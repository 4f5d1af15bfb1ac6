"""Live and batch are one engine: the same alerts, at the same moments, with the same ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.batch.detector import BatchDetector, recorded_signals
from edge_agent.batch.recorded_stay import RecordedStay, RecordedVital
from edge_agent.batch.stay import stay_readings
from edge_agent.detect.language.rule_file import parse_rule
from edge_agent.model.alerts import AlertKind
from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import VitalKind
from edge_agent.recorded.mapping import canonical_unit
from edge_agent.recorded.moments import FileMoment, RecordedValue, as_feed, value_of
from edge_agent.rulebook.rule_set import read_rulebook
from edge_agent.ward.beds import Bed, WardIdentity
from edge_agent.ward.pipeline import Pipeline
from tests.support.seeds import more_seeds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_agent.detect.language.rule import Rule
    from edge_agent.model.alerts import Alert

START_NS = 1_800_000_000 * 10**9
START = Instant(START_NS, START_NS)
PLACE = DevicePlace("recorded", "recorded")


def rules() -> tuple[Rule, ...]:
    return read_rulebook(None).rules


def moments(recording: RecordedStay) -> Iterator[FileMoment]:
    """Yield a recording as the moments of a file."""
    rows: dict[float, list[RecordedValue]] = {}
    for (kind, site), column in recording.columns.items():
        unit = canonical_unit(kind)
        for at_s, value in zip(column.times_s.tolist(), column.values.tolist(), strict=True):
            rows.setdefault(at_s, []).append(value_of(kind, site, value, unit))
    for at_s in sorted(rows):
        yield FileMoment(at_s, tuple(rows[at_s]))


def live(recording: RecordedStay, rule_set: tuple[Rule, ...]) -> list[Alert]:
    """Return every alert transition of the live form."""
    pipeline = Pipeline(
        [Bed("recorded", recorded_signals(recording))],
        rule_set,
        WardIdentity("archive", "archive"),
        "",
        START,
    )
    found = []
    for message in as_feed(moments(recording), PLACE, START):
        found += pipeline.receive(message.place, message.events, message.at)
    assert recording.length_s is not None
    end = START.plus(recording.length_s + 2.0)
    found += pipeline.tick(end)
    return [outcome.alert for outcome in found if isinstance(outcome, AlertChange)]


def batch(recording: RecordedStay, rule_set: tuple[Rule, ...]) -> list[Alert]:
    """Return every alert transition of the array form."""
    detection = BatchDetector(rule_set, reminds=True).run(recording)
    return [transition.alert for transition in detection.transitions]


def shown(alerts: list[Alert]) -> list[tuple[object, ...]]:
    return [
        (
            a.changed_at.monotonic_ns // 10**9 - START_NS // 10**9,
            a.rule_id,
            a.state.value,
            a.priority.name,
            a.alert_id,
            a.n,
            # A live bed knows why its devices' readings were not used; a recording tells no more.
            a.facts if a.kind is AlertKind.PHYSIOLOGICAL or a.facts is None else a.facts.rang,
            (a.is_signalled, a.is_inhibited),
            a.missing,
            tuple((e.kind, e.statistic, e.value, e.coverage, e.site) for e in a.evidence),
        )
        for a in alerts
    ]


def random_recording(seed: int, hours: float) -> RecordedStay:
    """Return a stay in which everything happens: fever, shock, gaps, probes off, jumps, zeros."""
    draw = np.random.default_rng(seed)
    length_s = round(hours * 3600)
    columns = {}
    levels = {
        (VitalKind.HEART_RATE, ""): (60, 170, 2.0, 1),
        (VitalKind.PULSE_RATE, "spo2"): (60, 170, 2.0, 1),
        (VitalKind.SPO2, ""): (82, 99, 1.0, 1),
        (VitalKind.RESPIRATORY_RATE, ""): (10, 34, 1.0, 1),
        (VitalKind.TEMPERATURE, "tympanic"): (36.2, 39.5, 0.05, 1),
        (VitalKind.TEMPERATURE, "rectal"): (36.2, 39.5, 0.05, 5),
        (VitalKind.ART_SYSTOLIC, "art"): (70, 150, 3.0, 2),
        (VitalKind.ART_DIASTOLIC, "art"): (40, 80, 3.0, 2),
    }
    for (kind, site), (low, high, noise, every) in levels.items():
        if draw.uniform() < 0.15:
            continue
        times = np.arange(draw.integers(0, 30), length_s, every, dtype=np.float64)
        knots = np.sort(draw.uniform(0, length_s, 6 + length_s // 1800))
        course = np.interp(times, knots, draw.uniform(low, high, knots.size))
        values = np.round(course + draw.normal(0, noise, times.size), 1)
        for _ in range(int(hours) + 1):
            begin, length = draw.integers(0, length_s), draw.exponential(600)
            inside = (times >= begin) & (times < begin + length)
            match draw.integers(0, 5):
                case 4:
                    values[inside] = values[min(int(begin) // every, values.size - 1)]
                case 0:
                    values[inside] = np.nan
                case 1:
                    values[inside] = 0
                case 2:
                    values[inside] += draw.choice([-40, 40, -12, 12, 0.8])
                case _:
                    times, values = times[~inside], values[~inside]
        columns[kind, site] = RecordedVital(times, values)
    cuff = np.cumsum(draw.choice([300, 900, 1800], size=length_s // 900)).astype(np.float64)
    cuff = cuff[cuff < length_s]
    systolic = np.round(np.interp(cuff, np.linspace(0, length_s, 6), draw.uniform(75, 140, 6)))
    columns[VitalKind.NIBP_SYSTOLIC, ""] = RecordedVital(
        cuff, np.where(draw.uniform(size=cuff.size) < 0.1, np.nan, systolic)
    )
    columns[VitalKind.NIBP_MEAN, ""] = RecordedVital(cuff, systolic - 25)
    columns[VitalKind.NIBP_DIASTOLIC, ""] = RecordedVital(
        cuff, systolic - 25 - draw.integers(5, 20, cuff.size)
    )
    return RecordedStay(START_NS, columns, float(length_s))


def test_one_row_at_the_very_start_is_judged() -> None:
    recording = RecordedStay(
        START_NS, {(VitalKind.SPO2, ""): RecordedVital(np.zeros(1), np.array([97.0]))}
    )
    detection = BatchDetector(rules()).run(recording)
    assert detection.steps_s.tolist() == [10]
    assert detection.step_signals["spo2"].tolist() == [97]
    assert detection.minutes_s.size == 0
    nothing = RecordedStay(
        START_NS, {(VitalKind.SPO2, ""): RecordedVital(np.zeros(0), np.zeros(0))}
    )
    assert BatchDetector(rules()).run(nothing).steps_s.tolist() == [10]


def test_readings_are_put_in_order_and_of_two_at_one_time_the_first_counts() -> None:
    found = stay_readings(np.array([30, 10, 10, 20]), np.array([3.0, 1.0, 9.0, 2.0]))
    assert (found.times_ns.tolist(), found.values.tolist()) == ([10, 20, 30], [1.0, 2.0, 3.0])


def test_the_newest_pressure_is_shown_until_the_next_is_overdue() -> None:
    times_s = np.arange(0.0, 4 * 3600.0, 10.0)
    columns = {
        (VitalKind.HEART_RATE, ""): RecordedVital(times_s, 80 + times_s % 3),
        (VitalKind.NIBP_SYSTOLIC, ""): RecordedVital(np.array([60.0]), np.array([118.0])),
    }
    found = BatchDetector(rules()).run(RecordedStay(START_NS, columns, 4 * 3600.0))
    shown = found.step_signals["nibp_systolic"]
    overdue_s = 60 + 2 * 3600 + 300
    assert np.isnan(shown[:5]).all()
    assert (shown[5 : int(overdue_s) // 10] == 118).all()
    assert np.isnan(shown[int(overdue_s) // 10 + 6 :]).all()


WARMER = """
[rule]
id = "ward.warmer"
version = 1
kind = "physiological"
priority = "low"
source = "test"
status = "unvalidated"
latch_s = 0
[when]
any = [
  { signal = "temperature_slope", op = ">=", value = 0.25, unit = "Cel/h" },
  { signal = "temperature_shift", op = ">=", value = 1, unit = "h" },
]
for_s = 0
clear_for_s = 0
"""


@pytest.mark.untraced
@pytest.mark.parametrize("cold", [34.0, 36.0])
def test_a_probe_put_back_on_is_no_rise_and_what_it_showed_beside_the_patient_not_usual(
    cold: float,
) -> None:
    hours = 13 + 6 + 2
    times_s = np.arange(0.0, hours * 3600.0, 60.0)
    values = np.where(times_s < 13 * 3600, cold, 37.2) + 0.1 * (times_s % 120 > 0)
    values[times_s >= 20 * 3600] = 34.0  # off again: what was warmer before is forgotten slowly
    columns = {(VitalKind.TEMPERATURE, ""): RecordedVital(times_s, values)}
    recording = RecordedStay(START_NS, columns, hours * 3600.0)
    rule_set = (parse_rule("warmer.toml", WARMER),)
    found = batch(recording, rule_set)
    raised_at = dict.fromkeys(a.raised_at for a in found if a.raised_at is not None)
    raised_h = [(at.monotonic_ns - START_NS) // (3600 * 10**9) for at in raised_at]
    assert raised_h == ([13, 18] if cold > 35 else [])
    assert found == [] or found[-1].state.value == "raised"
    assert shown(found) == shown(live(recording, rule_set))


@pytest.mark.untraced
@pytest.mark.parametrize("seed", [0, 1, *more_seeds(2, 14)])
def test_live_and_batch_find_the_same(seed: int) -> None:
    recording = random_recording(seed, 2.5)
    found = batch(recording, rules())
    assert len(found) > 10
    assert shown(found) == shown(live(recording, rules()))
