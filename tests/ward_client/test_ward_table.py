"""A nurse's table at a terminal: no old value as live, no rule id, the state in words."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from edge_agent.model.alerts import Alert, AlertKind, AlertPriority, AlertState
from edge_agent.model.measurements import Readings, Validity
from edge_agent.payloads.alerts import encode_alert
from edge_agent.payloads.readings import vitals_message
from edge_agent.payloads.topics import Topics
from edge_agent.ward_client.client import Arrival
from edge_agent.ward_client.ward_table import WardView, alert_line
from tests.support.pipelines import BED, PLACE, START, alerts_of, message, pipeline, play

if TYPE_CHECKING:
    from rich.console import RenderableType

TOPICS = Topics("site", "ward", "gw-01")


def printed(renderable: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=160)
    console.print(renderable)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def low_oxygen() -> Alert:
    (alert,) = alerts_of(play(pipeline(), range(240), 86.0))
    return alert


def arrival(topic: str, payload: bytes) -> Arrival:
    return Arrival(topic, payload, 0)


def vitals(*, spo2: float | None, doubtful: bool = False) -> Arrival:
    event = message(1, hr=80, spo2=spo2)
    readings, *_ = pipeline().receive(PLACE, [event], event.at)
    assert isinstance(readings, Readings)
    if doubtful:
        marked = [replace(v, validity=Validity.QUESTIONABLE) for v in readings.vitals]
        readings = replace(readings, vitals=tuple(marked))
    payload = vitals_message(readings, "gw-01", 1, historical=False)
    return arrival(TOPICS.vitals(BED), payload)


def shown(view: WardView, after_s: float) -> str:
    return printed(view.render("ward", START.plus(after_s).utc_ns))


def test_a_value_is_shown_while_it_is_fresh_and_then_no_more() -> None:
    view = WardView()
    assert view.add(vitals(spo2=97.0)) is None
    assert " 97 " in shown(view, 2)
    assert " 97 " not in shown(view, 120)
    assert " old " in shown(view, 120)
    assert view.readings == 2


def test_a_missing_value_is_a_dash_and_a_doubtful_one_is_in_brackets() -> None:
    view = WardView()
    view.add(vitals(spo2=None))
    assert " 97 " not in shown(view, 2)
    view.add(vitals(spo2=97.0, doubtful=True))
    assert "(97)" in shown(view, 2)


def test_other_topics_are_passed_over() -> None:
    view = WardView()
    assert view.add(arrival(TOPICS.events(BED), b"{}")) is None
    assert "no open alert" in shown(view, 1)


def test_an_open_alert_stands_under_the_beds_until_it_is_over() -> None:
    view = WardView()
    alert = low_oxygen()
    topic = TOPICS.alert(BED, alert.rule_id)
    assert view.add(arrival(topic, encode_alert(alert))) == alert
    assert "HIGH" in shown(view, 1)
    view.add(arrival(topic, encode_alert(replace(alert, state=AlertState.RESOLVED))))
    assert "no open alert" in shown(view, 1)


def test_open_alerts_stand_in_one_order_however_they_arrive() -> None:
    low = low_oxygen()
    lost = replace(low, rule_id="signal.lost.spo2", kind=AlertKind.TECHNICAL)
    fever = replace(low, rule_id="crs.fever", priority=AlertPriority.MEDIUM)
    for alerts in ([low, lost, fever], [fever, lost, low]):
        view = WardView()
        for alert in alerts:
            view.add(arrival(TOPICS.alert(BED, alert.rule_id), encode_alert(alert)))
        assert view.open_alerts() == [low, lost, fever]


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "not acknowledged yet"),
        (
            {"state": AlertState.ACKNOWLEDGED, "acknowledged_by": "nurse 7"},
            "acknowledged by nurse 7",
        ),
        ({"state": AlertState.LATCHED}, "ended, not acknowledged"),
        ({"state": AlertState.RESOLVED}, "- over"),
        (
            {"state": AlertState.RESOLVED, "closed_because": "another patient"},
            "over: another patient",
        ),
        ({"absorbed_by": "another"}, "now part of a larger problem"),
    ],
)
def test_the_state_is_said_in_words(change: dict[str, AlertState | str], words: str) -> None:
    text = printed(alert_line(replace(low_oxygen(), **change)))  # type: ignore[arg-type]  # fields by name
    assert words in " ".join(text.split())
    assert "spo2 86 %" in text
    assert "vital." not in text
