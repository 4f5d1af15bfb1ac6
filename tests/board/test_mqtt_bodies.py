"""A broker's messages are the bodies of the board, placed by their topics."""

from __future__ import annotations

import pytest

from edge_agent.board.feed import BodyKind, FeedBody
from edge_agent.board.mqtt_bodies import body_of_message

ROOT = "crswatch/v1/site/ward"
PAYLOAD = b'{"gateway_id":"gw-1","event":"context_entered"}'


@pytest.mark.parametrize(
    ("topic", "kind", "subject"),
    [
        ("vitals", BodyKind.VITALS, ""),
        ("status", BodyKind.STATUS, ""),
        ("alerts/crs.fever", BodyKind.ALERTS, "crs.fever"),
        ("events", BodyKind.CONTEXT, ""),
        ("calls", BodyKind.CALLS, ""),
    ],
)
def test_a_message_of_a_bed_is_a_body_of_its_kind(topic: str, kind: BodyKind, subject: str) -> None:
    body = body_of_message(f"{ROOT}/bed-1/{topic}", PAYLOAD)
    assert body == FeedBody(kind, "gw-1", "bed-1", PAYLOAD, subject)


@pytest.mark.parametrize(
    ("topic", "kind", "subject"),
    [
        ("gw-2", BodyKind.GATEWAY, ""),
        ("gw-2/auditor", BodyKind.AUDITOR, ""),
        ("gw-2/ways/pager", BodyKind.WAYS, "pager"),
    ],
)
def test_a_message_of_a_gateway_is_named_by_its_topic(
    topic: str, kind: BodyKind, subject: str
) -> None:
    body = body_of_message(f"{ROOT}/_gateway/{topic}", b"{}")
    assert body == FeedBody(kind, "gw-2", "", b"{}", subject)


@pytest.mark.parametrize(
    "topic",
    ["bed-1/ack", "bed-1/context", "_gateway/gw/other", "_board/alerts/screens", "", "bed-1"],
)
def test_what_no_board_shows_is_left_out(topic: str) -> None:
    assert body_of_message(f"{ROOT}/{topic}", PAYLOAD) is None
    assert body_of_message("other", PAYLOAD) is None


def test_an_event_other_than_an_entry_is_left_out() -> None:
    assert body_of_message(f"{ROOT}/bed-1/events", b'{"event":"alert"}') is None


def test_a_state_that_the_broker_dropped_is_a_body_of_an_alert_only() -> None:
    dropped = body_of_message(f"{ROOT}/bed-1/alerts/crs.fever", b"")
    assert dropped == FeedBody(BodyKind.ALERTS, "", "bed-1", b"", "crs.fever")
    assert body_of_message(f"{ROOT}/bed-1/status", b"") is None
    assert body_of_message(f"{ROOT}/_gateway/gw", b"") is None


def test_a_payload_that_is_no_json_has_no_gateway() -> None:
    body = body_of_message(f"{ROOT}/bed-1/vitals", b"\xff")
    assert body is not None
    assert body.gateway_id == ""
