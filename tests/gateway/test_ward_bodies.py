"""Boards in the agent's process get what the broker gets, and at once."""

from __future__ import annotations

import json
from dataclasses import replace

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.board.feed import BoardFeed, BodyKind
from edge_agent.gateway.ward_bodies import WardBodies
from edge_agent.model.alerts import AlertState
from edge_agent.model.bed_events import BedEvent, CommandRejected, ContextEntered
from edge_agent.model.session_events import LinkChanged, LinkState
from edge_agent.payloads.status import GatewayIdentity
from tests.support.board_bodies import report
from tests.support.patient_entries import an_entry
from tests.support.samples import AT, an_alert, some_readings

IDENTITY = GatewayIdentity("gw-1", "0.1", "boot", "hash")


def put(*outcomes: object) -> list[tuple[BodyKind, str, str]]:
    """Return kind, bed and subject of the bodies that some outcomes become."""
    feed = BoardFeed()
    bodies = WardBodies(IDENTITY, (feed,))
    for outcome in outcomes:
        bodies.put_outcome(outcome)  # type: ignore[arg-type]  # outcomes of every type
    return [(b.kind, b.bed_id, b.subject) for b in (*feed.urgent(), *feed.vitals())]


def test_each_outcome_that_a_board_shows_becomes_a_body() -> None:
    link = BedEvent("bed-1", "m", LinkChanged(LinkState.LOST, "", AT), AT)
    entry = BedEvent("bed-1", "bed-1", ContextEntered(an_entry("e", "ice", amount=9.0)), AT)
    assert put(some_readings()) == [(BodyKind.VITALS, "bed-1", "")]
    assert put(AlertChange(an_alert())) == [(BodyKind.ALERTS, "bed-1", "crs.fever")]
    assert put(link) == [(BodyKind.STATUS, "bed-1", "")]
    assert put(entry) == [(BodyKind.CONTEXT, "bed-1", "")]


def test_what_nobody_was_alerted_to_and_what_no_board_shows_becomes_none() -> None:
    pending = replace(an_alert(), state=AlertState.PENDING, is_signalled=False)
    assert put(AlertChange(pending)) == []
    assert put(BedEvent("bed-1", "bed-1", CommandRejected("no"), AT)) == []


def test_a_status_holds_every_link_and_the_newest_assessment() -> None:
    feed = BoardFeed()
    bodies = WardBodies(IDENTITY, (feed, BoardFeed()))
    for device in ("m", "n"):
        bodies.put_outcome(BedEvent("bed-1", device, LinkChanged(LinkState.LOST, "", AT), AT))
    bodies.put_report(report("bed-1", 1_700_000_000_000))
    (status,) = feed.urgent()
    wire = json.loads(status.payload)
    assert [link["device_id"] for link in wire["links"]] == ["m", "n"]
    assert wire["assessment"]["state"] == "assessing"
    assert status.gateway_id == "gw-1"


def test_a_gateway_names_its_beds() -> None:
    feed = BoardFeed()
    WardBodies(IDENTITY, (feed,)).put_gateway("online", ("bed-1", "bed-2"))
    (body,) = feed.urgent()
    wire = json.loads(body.payload)
    assert (wire["state"], wire["beds"]) == ("online", ["bed-1", "bed-2"])
