"""Retained states on the broker: orphaned, resolved and older ones."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.model.alerts import AlertState
from edge_agent.sinks.mqtt_sink import MqttSink
from tests.support.brokers import WAIT_S, mosquitto, watcher
from tests.support.mqtt_ward import (
    IDENTITY,
    ROOT,
    Ward,
    alert_entry,
    config,
    connected,
    deliver,
    readings_entry,
    wire,
)
from tests.support.samples import an_alert

pytestmark = pytest.mark.broker


def test_alerts_that_nobody_owns_are_taken_off_the_broker(tmp_path: Path) -> None:
    """Alerts of a lost journal and of a removed bed go; those of other gateways stay."""
    ours, known = an_alert(), replace(an_alert(), rule_id="crs.known")
    beds = frozenset({"bed-1"})
    with mosquitto(tmp_path) as broker:
        removed = replace(ours, bed_id="bed-9")
        with connected(broker.port, Ward(alerts=[ours, known, removed])) as sink:
            deliver(sink, readings_entry())
        with watcher(broker.port) as seen:
            body = seen.next("/bed-1/alerts/crs.fever").payload
            of_another = wire(body) | {"gateway_id": "gw-2"}
            del_id = wire(body)
            del del_id["gateway_id"]
            for topic, held in (
                (f"{ROOT}/bed-1/alerts/other", of_another),
                (f"{ROOT}/bed-8/alerts/foreign", del_id | {"alert_id": "of another bed"}),
                (f"{ROOT}/bed-1/alerts/old", del_id),
            ):
                seen.publish(topic, json.dumps(held).encode(), retain=True)
            seen.publish(f"{ROOT}/bed-1/alerts/text", b"not ours", retain=True)
        later = Ward(alerts=[known, removed])
        with (
            watcher(broker.port, f"{ROOT}/+/alerts/+") as seen,
            connected(broker.port, later, lambda c: replace(c, bed_ids=beds)) as sink,
        ):
            deliver(sink, readings_entry())
            cleared: set[str] = set()
            pace = threading.Event()
            while len(cleared) < 3:
                sink.tend()
                pace.wait(0.02)
                while not seen.messages.empty():
                    message = seen.messages.get()
                    if not message.payload:
                        cleared.add(message.topic.removeprefix(f"{ROOT}/"))
        assert cleared == {"bed-1/alerts/crs.fever", "bed-9/alerts/crs.fever", "bed-1/alerts/old"}
        with watcher(broker.port, f"{ROOT}/+/alerts/+") as late:
            held_still = {late.messages.get(timeout=WAIT_S).topic for _ in range(4)}
    names = {topic.removeprefix(f"{ROOT}/") for topic in held_still}
    assert names == {
        "bed-1/alerts/crs.known",
        "bed-1/alerts/other",
        "bed-1/alerts/text",
        "bed-8/alerts/foreign",
    }


def test_alerts_of_a_journal_that_cannot_be_read_stay_on_the_broker(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        with connected(broker.port, Ward(alerts=[an_alert()])) as sink:
            deliver(sink, readings_entry())
        later = MqttSink(config(broker.port), IDENTITY, Ward().callbacks())
        later.leave_unknown()
        later.start()
        for _ in range(3):
            deliver(later, readings_entry())
            later.tend()
        later.close()
        with watcher(broker.port, f"{ROOT}/+/alerts/+") as late:
            held = late.next("/bed-1/alerts/crs.fever")
    assert held.payload


def test_a_resolved_alert_leaves_the_broker_after_an_hour(tmp_path: Path) -> None:
    over = replace(an_alert(), state=AlertState.RESOLVED)
    ward = Ward(alerts=[over], now_ns=over.changed_at.utc_ns + 3599 * 10**9)
    with mosquitto(tmp_path) as broker:
        with (
            watcher(broker.port, f"{ROOT}/+/alerts/+") as seen,
            connected(broker.port, ward) as sink,
        ):
            assert seen.next_json("/alerts/crs.fever")["state"] == "resolved"
            deliver(sink, readings_entry())
            sink.tend()
            ward.now_ns += 10**9
            sink.tend()
            assert seen.next("/alerts/crs.fever").payload == b""
        with watcher(broker.port) as late, connected(broker.port, ward) as sink:
            deliver(sink, readings_entry())
            topics = {late.messages.get(timeout=WAIT_S).topic for _ in range(3)}
        assert topics == {f"{ROOT}/_gateway/gw", f"{ROOT}/bed-1/vitals"}


def test_an_older_state_never_stands_over_the_newest(tmp_path: Path) -> None:
    newest = replace(an_alert(), n=5)
    with (
        mosquitto(tmp_path) as broker,
        watcher(broker.port) as seen,
        connected(broker.port, Ward(alerts=[newest])) as sink,
    ):
        deliver(sink, alert_entry(replace(newest, n=4)), alert_entry(newest))
        told = [seen.next() for _ in range(5)]
    numbers = [(m.topic.rsplit("/", 1)[-1], wire(m.payload).get("n")) for m in told]
    assert numbers == [
        ("gw", None),
        ("crs.fever", 5),
        ("events", 4),
        ("crs.fever", 5),
        ("events", 5),
    ]
