"""The MQTT sink against a real broker: what arrives and what is held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import iotcore
import pytest

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.model.alerts import AlertState
from edge_agent.model.bed_events import BedEvent, CommandRejected
from edge_agent.model.patient import BedEntry
from edge_agent.model.session_events import LinkState
from edge_agent.payloads.checkpoints import (
    GATEWAY_BED,
    encode_checkpoint,
    read_checkpoints,
    signed_checkpoint,
)
from edge_agent.payloads.entries import encode_entry
from edge_agent.payloads.events import encode_event, encode_report
from tests.support import trails
from tests.support.answers import acknowledgement
from tests.support.brokers import WAIT_S, Mosquitto, free_port, mosquitto, watcher
from tests.support.mqtt_ward import (
    ROOT,
    Ward,
    alert_entry,
    break_link,
    connected,
    deliver,
    link_entry,
    readings_entry,
    wire,
)
from tests.support.patient_entries import an_entry
from tests.support.samples import AT, an_alert
from tests.ward.test_bed_reports import REPORT

pytestmark = pytest.mark.broker


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path) as running:
        yield running


def take_rejection(ward: Ward) -> tuple[str, str]:
    answer = ward.answers.get(timeout=WAIT_S)
    assert isinstance(answer, tuple)
    return answer


def test_vitals_arrive_unretained_with_expiry_and_origin(broker: Mosquitto) -> None:
    ward = Ward()
    with watcher(broker.port) as seen, connected(broker.port, ward) as sink:
        deliver(sink, readings_entry())
        properties = seen.next_properties(f"{ROOT}/bed-1/vitals")
        assert properties["ContentType"] == "application/json"
        assert 0 < properties["MessageExpiryInterval"] <= 3600
        deliver(sink, readings_entry())
        got = seen.next_json("/vitals")
        assert (got["seq"], got["gateway_id"], got["historical"]) == (7, "gw", False)
        ward.now_ns += 61 * 10**9
        deliver(sink, readings_entry())
        assert seen.next_json("/vitals")["historical"] is True
        assert sink.fault() == ""
    with watcher(broker.port) as late:
        late.publish("end", b"")
        assert late.next().topic == f"{ROOT}/_gateway/gw"
        assert late.next().topic == "end"


def test_a_batch_larger_than_the_window_arrives_whole_and_in_order(broker: Mosquitto) -> None:
    with watcher(broker.port) as seen, connected(broker.port, Ward()) as sink:
        deliver(sink, *(readings_entry(i) for i in range(1, 101)))
        assert [seen.next_json("/vitals")["seq"] for _ in range(100)] == [*range(1, 101)]


def test_an_alert_is_held_as_state_and_told_as_event(broker: Mosquitto) -> None:
    alert = an_alert()
    with connected(broker.port, Ward()) as sink:
        with watcher(broker.port) as seen:
            deliver(sink, alert_entry(replace(alert, n=1, is_signalled=False)))
            deliver(sink, alert_entry(alert))
            told = seen.next("/events")
            assert wire(told.payload)["n"] == 2
        with watcher(broker.port) as late:
            held = late.next("/alerts/crs.fever")
            assert held.retain
            assert wire(held.payload)["state"] == "raised"
        deliver(sink, alert_entry(replace(alert, n=3, state=AlertState.RESOLVED)))
        with watcher(broker.port) as late:
            assert late.next_json("/alerts/crs.fever")["state"] == "resolved"
        with watcher(broker.port) as late:
            expiry_s = late.next_properties("/alerts/crs.fever")["MessageExpiryInterval"]
            assert 0 < expiry_s <= 3600


def test_link_changes_are_told_and_the_state_of_all_links_is_held(broker: Mosquitto) -> None:
    with watcher(broker.port) as seen, connected(broker.port, Ward()) as sink:
        deliver(sink, link_entry(LinkState.CONNECTED))
        assert seen.next_json("/events")["event"] == "link"
        deliver(sink, link_entry(LinkState.LOST, "pump"))
        rejection = encode_event(BedEvent("bed-1", "bed-1", CommandRejected("by is ''"), AT))
        deliver(sink, JournalEntry(10, Lane.EVENTS, "bed-1", AT.utc_ns, rejection))
        assert seen.next_json("/events")["device_id"] == "pump"
        assert seen.next_json("/events")["reason"] == "by is ''"
        with watcher(broker.port, f"{ROOT}/+/status") as late:
            links = late.next_json("/status")["links"]
    assert [(k["device_id"], k["state"]) for k in links] == [
        ("monitor", "connected"),
        ("pump", "lost"),
    ]


def test_what_is_so_at_a_bed_is_held_for_a_minute_with_its_links(broker: Mosquitto) -> None:
    report = replace(REPORT, bed_id="bed-1")
    entry = JournalEntry(0, Lane.EVENTS, "bed-1", AT.utc_ns, encode_report(report))
    with watcher(broker.port, f"{ROOT}/bed-1/#") as seen, connected(broker.port, Ward()) as sink:
        deliver(sink, entry)
        assert 0 < seen.next_properties(f"{ROOT}/bed-1/status")["MessageExpiryInterval"] <= 60
        deliver(sink, link_entry(LinkState.CONNECTED))
        assert seen.next_json()["event"] == "link"  # a state is no event
        with watcher(broker.port, f"{ROOT}/+/status") as late:
            held = late.next_json("/status")
        break_link(sink)
        assert seen.next_json("/status") == held
        assert seen.next_json("/status") == held
    assert held["links"][0]["state"] == "connected"
    assert held["assessment"]["state"] == "degraded"


def test_checkpoints_of_the_audit_trail_are_held_on_a_topic_of_the_gateway(
    broker: Mosquitto,
) -> None:
    checkpoints = [
        signed_checkpoint(trails.KEY, trails.ORIGIN, n, f"{n:064x}", AT.utc_ns) for n in (100, 200)
    ]
    entries = [
        JournalEntry(n, Lane.EVENTS, GATEWAY_BED, AT.utc_ns, encode_checkpoint(checkpoint))
        for n, checkpoint in enumerate(checkpoints)
    ]
    with watcher(broker.port) as seen, connected(broker.port, Ward()) as sink:
        deliver(sink, *entries)
        assert [seen.next_json("/_gateway/gw/audit")["count"] for _ in entries] == [100, 200]
        with watcher(broker.port, f"{ROOT}/_gateway/gw/audit") as late:
            held = late.next()
    assert held.retain
    assert read_checkpoints(held.payload.decode())[0] == [replace(checkpoints[1], key="")]


def test_birth_and_goodbye_are_held_on_the_gateways_topic(broker: Mosquitto) -> None:
    with watcher(broker.port) as seen:
        with connected(broker.port, Ward()) as sink:
            birth = seen.next("/_gateway/gw")
            assert wire(birth.payload)["state"] == "online"
            deliver(sink, readings_entry())
        states = [seen.next_json("/_gateway/gw")["state"]]
        seen.publish("end/_gateway/gw", b"{}")
        assert seen.next("/_gateway/gw").topic == "end/_gateway/gw"
    assert states == ["stopped"]


def test_retained_alerts_are_published_at_every_connection(broker: Mosquitto) -> None:
    ward = Ward(alerts=[an_alert()])
    with watcher(broker.port, f"{ROOT}/+/alerts/+") as seen, connected(broker.port, ward) as sink:
        assert seen.next_json()["n"] == 2
        deliver(sink, readings_entry())
        ward.alerts = [replace(an_alert(), n=5)]
        break_link(sink)
        assert seen.next_json()["n"] == 5


def test_acknowledgements_are_handed_over_and_wrong_ones_refused(broker: Mosquitto) -> None:
    ward = Ward()
    topic = f"{ROOT}/bed-1/ack"
    with watcher(broker.port) as nurse:
        nurse.publish(topic, b'{"alert_id": "old", "by": "ghost"}', retain=True)
        with connected(broker.port, ward) as sink:
            deliver(sink, readings_entry())
            nurse.publish(topic, b'{"alert_id": "a-1", "by": ""}')
            nurse.publish(topic, b'{"alert_id": "a-1", "by": "nurse 7"}')
            bed_id, reason = take_rejection(ward)
            assert (bed_id, "want a name" in reason) == ("bed-1", True)
            got = ward.answers.get(timeout=WAIT_S)
    assert got == acknowledgement("bed-1", "a-1", "nurse 7")


def test_what_is_for_a_bed_of_another_gateway_is_neither_taken_nor_refused(
    broker: Mosquitto,
) -> None:
    ward = Ward()
    beds = frozenset({"bed-1"})
    with (
        watcher(broker.port) as nurse,
        connected(broker.port, ward, lambda c: replace(c, bed_ids=beds)) as sink,
    ):
        deliver(sink, readings_entry())
        nurse.publish(f"{ROOT}/bed-2/ack", b'{"alert_id": "a-1", "by": ""}')
        nurse.publish(f"{ROOT}/bed-2/ack", b'{"alert_id": "a-1", "by": "nurse 7"}')
        nurse.publish(f"{ROOT}/bed-1/ack", b'{"alert_id": "a-1", "by": "nurse 7"}')
        got = ward.answers.get(timeout=WAIT_S)
    assert got == acknowledgement("bed-1", "a-1", "nurse 7")
    assert ward.answers.empty()


def test_entries_are_handed_over_and_wrong_ones_refused(broker: Mosquitto) -> None:
    ward = Ward()
    topic = f"{ROOT}/bed-1/context"
    entry = an_entry("e-1", "oxygen", "nasal cannula", amount=2, by="N12")
    with watcher(broker.port) as nurse:
        nurse.publish(topic, encode_entry(entry), retain=True)
        with connected(broker.port, ward) as sink:
            deliver(sink, readings_entry())
            nurse.publish(topic, b'{"kind": "oxygen"}')
            nurse.publish(topic, encode_entry(entry))
            bed_id, reason = take_rejection(ward)
            assert (bed_id, "missing required field" in reason) == ("bed-1", True)
            assert ward.answers.get(timeout=WAIT_S) == BedEntry("bed-1", entry)


IOTCORE = """
id = 0
[router]
id = 0
max_connections = 100
max_outgoing_packet_count = 200
max_segment_size = 10485760
max_segment_count = 10
[v5.1]
name = "v5"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 262144
max_inflight_count = 100
"""


def test_the_embedded_broker_serves_the_same_purpose(tmp_path: Path) -> None:
    port = free_port()
    path = tmp_path / "broker.toml"
    path.write_text(IOTCORE.format(port=port))
    ward = Ward(alerts=[an_alert()])
    with iotcore.Broker(config_path=str(path)):
        with watcher(port) as seen:
            with connected(port, ward) as sink:
                assert seen.next_json("/_gateway/gw")["state"] == "online"
                deliver(sink, readings_entry(), readings_entry(8))
                assert [seen.next_json("/vitals")["seq"] for _ in range(2)] == [7, 8]
                seen.publish(f"{ROOT}/bed-1/ack", b'{"alert_id": "a-1", "by": "nurse 7"}')
                got = ward.answers.get(timeout=WAIT_S)
                assert got == acknowledgement("bed-1", "a-1", "nurse 7")
            assert seen.next_json("/_gateway/gw")["state"] == "stopped"
        with watcher(port) as late:
            held = {late.messages.get(timeout=WAIT_S).topic.rsplit("/", 1)[-1] for _ in range(2)}
    assert held == {"crs.fever", "gw"}
