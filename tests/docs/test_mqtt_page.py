"""The page about MQTT, checked against the topics and one message of each kind."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from edge_agent.payloads.topics import Topics
from tests.support.pages import page

PAGE = "mqtt.md"
GOLDEN = Path(__file__).parents[1] / "payloads" / "golden.txt"
BODIES: dict[str, dict[str, Any]] = {
    name: json.loads(body)
    for name, body in (line.split(" ", 1) for line in GOLDEN.read_text().splitlines())
}
OF_EVERY_EVENT = {"event", "bed_id", "at"}


def table(heading: str, first: str) -> dict[str, list[str]]:
    """Return the rows of the table under a heading whose first column is called `first`."""
    part = page(PAGE).split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = part.split(f"| {first} |")[1].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {key: rest for key, *rest in cells}


def names(text: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", text))


@pytest.mark.parametrize(
    ("heading", "first", "body", "beyond"),
    [
        ("Vitals", "field", BODIES["vitals_message"], set()),
        ("Vitals", "field of a vital sign", BODIES["vitals_message"]["vitals"][0], set()),
        ("Alerts", "field", BODIES["alert_message"], set()),
        ("Calls", "field", BODIES["call"], {"gateway_id"}),
        ("Status", "field", BODIES["status"], set()),
        ("Status", "field of an assessment", BODIES["assessment"], set()),
        ("Gateway", "field", BODIES["gateway"], {"beds"}),
    ],
)
def test_every_field_is_on_the_page_and_no_other(
    heading: str, first: str, body: dict[str, Any], beyond: set[str]
) -> None:
    fields = [name for key in table(heading, first) for name in re.findall(r"`(\w+)`", key)]
    assert len(fields) == len(set(fields))
    assert set(fields) == set(body) | beyond


def test_every_event_and_its_fields_are_on_the_page() -> None:
    events = {
        name: set(body) - OF_EVERY_EVENT
        for name, body in BODIES.items()
        if body.get("event") == name and name not in {"assessment", "alert", "call", "receipt"}
    }
    rows = {key.strip("`"): rest[0] for key, rest in table("Events", "`event`").items()}
    assert set(rows) == set(events)
    assert {name: names(rest.split(":")[0]) for name, rest in rows.items()} == events


def test_every_topic_is_on_the_page() -> None:
    topics = Topics("SITE", "WARD", "ID")
    gateway = [topics.gateway(), topics.auditor(), topics.audit(), topics.board_screens()]
    of_bed = [
        topics.vitals("BED"),
        topics.alert("BED", "RULE"),
        topics.calls("BED"),
        topics.status("BED"),
        topics.events("BED"),
        topics.notices("BED"),
        topics.answers("BED"),
        topics.context("BED"),
    ]
    assert [topic for topic in gateway + of_bed if f"`{topic}`" not in page(PAGE)] == []
