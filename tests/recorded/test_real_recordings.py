"""Recordings of real patients: a probe that is off is never taken for a patient in danger."""

from __future__ import annotations

import csv
import gzip
import math
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.config.gateway_file import AgentConfig, BedSection, GatewaySection, JournalSection
from edge_agent.model.alerts import AlertState
from edge_agent.model.measurements import Readings, VitalKind
from edge_agent.recorded.moments import ZERO_IS_NO_VALUE, FileMoment, as_feed
from edge_agent.recorded.table_file import open_table
from tests.support.gateways import journalled_alerts, journalled_vitals
from tests.support.pipelines import book, pipeline
from tests.support.recorded_feeds import BED, PLACE, START, feed_of, vitals_of
from tests.support.replays import replay
from tests.support.shared_data import shared_data

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edge_agent.model.alerts import Alert
    from edge_agent.recorded.moments import RecordedValue

NUMERICS = "clinical/s00001-2896-10-10-00-31n.csv"
COLUMNS = {
    "HR": VitalKind.HEART_RATE,
    "ABPSys": VitalKind.ART_SYSTOLIC,
    "ABPDias": VitalKind.ART_DIASTOLIC,
    "ABPMean": VitalKind.ART_MEAN,
    "PULSE": VitalKind.PULSE_RATE,
    "RESP": VitalKind.RESPIRATORY_RATE,
    "SpO2": VitalKind.SPO2,
    "NBPSys": VitalKind.NIBP_SYSTOLIC,
    "NBPDias": VitalKind.NIBP_DIASTOLIC,
    "NBPMean": VitalKind.NIBP_MEAN,
}


def rows(name: str) -> list[dict[str, str]]:
    path = shared_data(name)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.untraced
def test_every_cell_becomes_one_vital_and_every_zero_one_without_a_value() -> None:
    cells = [(COLUMNS[n], c) for row in rows(NUMERICS) for n, c in row.items() if n in COLUMNS]
    vitals = vitals_of(feed_of(open_table(shared_data(NUMERICS), "mimic_numerics", {}).moments()))
    for kind in COLUMNS.values():
        numbers = [float(cell) for of, cell in cells if of is kind and cell]
        of_kind = [vital for vital in vitals if vital.kind is kind]
        assert [v.value for v in of_kind] == [number or None for number in numbers]
        assert [v.reason for v in of_kind if v.value is None] == [
            ZERO_IS_NO_VALUE for number in numbers if number == 0
        ]
    assert sum(v.kind is VitalKind.SPO2 and v.value is None for v in vitals) > 300


def agent_config(folder: Path) -> AgentConfig:
    gateway = GatewaySection("gw", "site", "ward")
    bed = BedSection(id=BED, port="recorded", driver="nonin")
    return AgentConfig(gateway, JournalSection(folder / "journal.db", 8000.0), (bed,))


def raised(alerts: Sequence[Alert]) -> set[str]:
    return {alert.rule_id for alert in alerts if alert.state is AlertState.RAISED}


@pytest.mark.untraced
@pytest.mark.parametrize("minutes", [620, pytest.param(1936, marks=pytest.mark.proof)])
def test_a_probe_that_is_off_is_a_lost_signal_and_never_low_oxygen(minutes: int) -> None:
    saturations = [float(row["SpO2"]) for row in rows(NUMERICS)][:minutes]
    assert saturations.count(0) > 250
    assert min(s for s in saturations if s) >= 90
    table = open_table(shared_data(NUMERICS), "mimic_numerics", {})
    watched = pipeline(since=START)
    outcomes = [
        outcome
        for message in as_feed(islice(table.moments(), minutes), PLACE, START)
        for outcome in watched.receive(message.place, message.events, message.at)
    ]
    vitals = [vital for o in outcomes if isinstance(o, Readings) for vital in o.vitals]
    missing = [v for v in vitals if v.kind is VitalKind.SPO2 and v.value is None]
    assert len(missing) == saturations.count(0)
    assert {v.reason for v in missing} == {ZERO_IS_NO_VALUE}
    changes = [outcome for outcome in outcomes if isinstance(outcome, AlertChange)]
    # A row a minute is a monitor that is silent most of the time, and that is what people are
    # told; the lost signal is part of it. Once a respiratory rate of 2 is shown, which is doubted.
    signalled = raised([c.alert for c in changes if c.is_signalled])
    assert signalled == {"system.feed", "signal.doubted.respiratory_rate"}
    found = raised([change.alert for change in changes])
    assert "signal.lost.spo2" in found
    assert not {rule_id for rule_id in found if "hypoxia" in rule_id}


def running(row: FileMoment) -> tuple[RecordedValue, ...]:
    return tuple(value for value in row.values if not value.is_occasional)


@pytest.mark.untraced
def test_the_same_on_a_screen_that_shows_each_minute_for_its_length(tmp_path: Path) -> None:
    hours = 4
    table = open_table(shared_data(NUMERICS), "mimic_numerics", {})
    shown = (
        FileMoment(row.at_s + second, row.values if second == 0 else running(row))
        for row in islice(table.moments(), hours * 60)
        for second in range(0, 60, 10)
    )
    replayed = replay(agent_config(tmp_path), book(), [as_feed(shown, PLACE, START)])
    assert "signal.lost.spo2" in raised(replayed.alerts)
    kept = [vital for _, vital in journalled_vitals(tmp_path / "journal.db")]
    reasons = {v.reason for v in kept if v.kind is VitalKind.SPO2 and v.value is None}
    assert reasons == {ZERO_IS_NO_VALUE}
    found = raised(journalled_alerts(tmp_path / "journal.db"))
    assert not {rule_id for rule_id in found if "hypoxia" in rule_id or rule_id == "system.feed"}


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("name", "mapping", "where", "time", "scale_s"),
    [
        ("clinical/bidmc/numerics_1hz.csv.gz", "bidmc", {"rec": "7"}, "Time [s]", 1),
        ("clinical/eicu_nibp_subset120.csv.gz", "eicu_nibp", {"stay": "166864"}, "minute", 60),
        ("clinical/cinc2019b_subset1000.csv.gz", "cinc2019", {"pid": "100036"}, "ICULOS", 3600),
    ],
    ids=["bidmc", "eicu", "cinc"],
)
def test_shipped_mappings_read_every_value_of_one_patient(
    name: str, mapping: str, where: dict[str, str], time: str, scale_s: int
) -> None:
    table = open_table(shared_data(name), mapping, where)
    columns = [column.name for column in table.mapping.columns]
    wanted = [
        (float(row[time]) * scale_s, float(row[column]))
        for row in rows(name)
        if all(row[key] == value for key, value in where.items())
        for column in columns
        if row[column] and not math.isnan(float(row[column]))
    ]
    vitals = vitals_of(feed_of(table.moments()))
    said = [(v.measured_at.seconds_since(START), v.value) for v in vitals]
    assert sorted(said) == sorted(wanted)
    assert len(wanted) > 100
