"""A pipeline of one bed with the shipped rules, and messages of its monitor."""

from __future__ import annotations

from functools import cache

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.model.alerts import Alert
from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, GenerationMode, Numeric, Validity
from edge_agent.model.session_events import NumericsReceived
from edge_agent.rulebook.rule_set import Rulebook, read_rulebook
from edge_agent.ward.beds import Bed, Outcome, WardIdentity
from edge_agent.ward.pipeline import Pipeline

BED = "bed-01"
PLACE = DevicePlace(BED, BED)
START = Instant(1_000_000_000_000, 1_800_000_000_000_000_000)
ALL = frozenset({"heart_rate", "spo2", "temperature", "blood_pressure"})
CODES = {
    "hr": (147842, 264864, "/min"),
    "spo2": (150456, 262688, "%"),
    "cuff": (150021, 266016, "mm[Hg]"),
    "temp": (150344, 268192, "Cel"),
}


@cache
def book() -> Rulebook:
    return read_rulebook(None)


def open_alerts(line: Pipeline) -> list[Alert]:
    return line._evaluation.book.open_alerts()


def pipeline(required: frozenset[str] = ALL, since: Instant = START) -> Pipeline:
    return Pipeline([Bed(BED, required)], book().rules, WardIdentity("site", "ward"), "hash", since)


def message(at_s: float, **values: float | None) -> NumericsReceived:
    at = START.plus(at_s)
    device = DeviceTime(elapsed_ns=round(at_s * 1e9))
    numerics = tuple(
        Numeric(
            device_id=BED,
            channel=name,
            code=CODES[name][0],
            label=name,
            value=value,
            unit_code=CODES[name][1],
            unit=CODES[name][2],
            state=0,
            validity=Validity.NOT_AVAILABLE if value is None else Validity.VALID,
            mode=GenerationMode.REAL,
            measured_at=device,
            received_at=at,
        )
        for name, value in values.items()
    )
    return NumericsReceived(numerics, device, at)


def alerts_of(outcomes: list[Outcome]) -> list[Alert]:
    return [o.alert for o in outcomes if isinstance(o, AlertChange) and o.is_signalled]


def play(line: Pipeline, seconds: range, spo2: float | None) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for second in seconds:
        event = message(second, hr=80, spo2=spo2)
        outcomes += line.receive(PLACE, [event], event.at)
    return outcomes
