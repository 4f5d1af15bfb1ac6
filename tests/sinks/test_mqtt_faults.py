"""The MQTT sink when broker, line, password or callbacks fail."""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.lane_delivery import DeliveryPolicy
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.worker import DeliveryWorker
from edge_agent.journal.writer import Journal
from edge_agent.model.errors import DeliveryError, PartialDeliveryError
from edge_agent.model.session_events import LinkState
from edge_agent.sinks.mqtt_link import MqttConfig
from edge_agent.sinks.mqtt_sink import MqttSink
from tests.support.brokers import WAIT_S, Mosquitto, free_port, mosquitto, watcher
from tests.support.mqtt_ward import (
    IDENTITY,
    ROOT,
    Ward,
    alert_entry,
    break_link,
    config,
    connected,
    deliver,
    link_entry,
    readings_entry,
    refusal,
)
from tests.support.samples import AT, an_alert
from tests.support.system_binaries import system_binary

pytestmark = pytest.mark.broker


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path) as running:
        yield running


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make one certificate that stands for authority, broker and gateway at once."""
    openssl = system_binary("openssl", "openssl")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=gateway", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


def test_the_last_will_is_sent_when_the_gateway_vanishes_and_birth_when_it_returns(
    broker: Mosquitto,
) -> None:
    with watcher(broker.port) as seen, connected(broker.port, Ward()) as sink:
        deliver(sink, readings_entry())
        assert seen.next_json("/_gateway/gw")["state"] == "online"
        break_link(sink)
        assert seen.next_json("/_gateway/gw")["state"] == "lost"
        assert seen.next_json("/_gateway/gw")["state"] == "online"


def test_after_a_broker_restart_everything_arrives_and_states_are_held_again(
    broker: Mosquitto, tmp_path: Path
) -> None:
    ward = Ward()
    journal = Journal(JournalSettings(tmp_path / "journal.db", ("mqtt",), 1e9))
    journal.start()
    sink = MqttSink(config(broker.port), IDENTITY, ward.callbacks())
    sink.start()
    worker = DeliveryWorker(journal, sink, DeliveryPolicy(first_wait_s=0.02, longest_wait_s=0.1))
    worker.start()
    with watcher(broker.port) as seen:
        link = link_entry(LinkState.CONNECTED)
        journal.append(Lane.EVENTS, "bed-1", AT.utc_ns, link.body)
        seen.next("/status")
    broker.stop()
    ward.alerts = [an_alert()]
    raised = alert_entry(an_alert())
    worker.offer(raised)
    journal.append(Lane.ALERTS, "bed-1", AT.utc_ns, raised.body, urgent=True)
    for value in range(40):
        body = readings_entry(value=float(value)).body
        journal.append(Lane.READINGS, "bed-1", AT.utc_ns, body)
    journal.flush()
    broker.start()
    with watcher(broker.port) as seen:
        values = [seen.next_json("/vitals")["vitals"][0]["value"] for _ in range(40)]
    with watcher(broker.port) as late:
        held = {late.messages.get(timeout=WAIT_S).topic.rsplit("/", 1)[-1] for _ in range(3)}
    worker.stop()
    journal.stop()
    assert values == [float(v) for v in range(40)]
    assert held == {"crs.fever", "gw", "status"}


def test_a_message_the_broker_does_not_permit_stays_ours(tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    acl.write_text(f"topic write {ROOT}/_gateway/gw\ntopic read #\n")
    with (
        mosquitto(tmp_path, "allow_anonymous true", f"acl_file {acl}") as broker,
        watcher(broker.port) as seen,
        connected(broker.port, Ward()) as sink,
    ):
        seen.next("/_gateway/gw")
        error = refusal(sink, readings_entry())
        assert isinstance(error, PartialDeliveryError)
        (refused,) = error.refused
        assert "vitals: Not authorized" in refused.reason
        assert not refused.is_final


def test_refused_retained_states_show_in_health(tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic read #\n")
    with (
        mosquitto(tmp_path, "allow_anonymous true", f"acl_file {acl}") as broker,
        connected(broker.port, Ward()) as sink,
    ):
        assert "Not authorized" in str(refusal(sink, readings_entry()))
        assert "refused a state on" in sink.fault()
        assert "Not authorized" in sink.fault()


def test_a_wrong_password_is_a_fault_that_shows_no_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = tmp_path / "password"
    secret.write_text("top-secret\n")
    users = tmp_path / "users"
    users.write_text("")
    settings = ("allow_anonymous false", f"password_file {users}")
    caplog.set_level(logging.DEBUG)
    with (
        mosquitto(tmp_path, *settings) as broker,
        connected(
            broker.port, Ward(), lambda c: replace(c, username="gw", password_file=secret)
        ) as sink,
    ):
        pace = threading.Event()
        for _ in range(int(WAIT_S * 50)):
            if "refused the connection" in sink.fault():
                break
            pace.wait(0.02)
        assert "Not authorized" in sink.fault()
        with pytest.raises(DeliveryError) as raised:
            sink.deliver([readings_entry()])
        assert raised.value.retryable
    assert "top-secret" not in caplog.text


def test_a_message_too_large_for_the_broker_is_hopeless(tmp_path: Path) -> None:
    with (
        mosquitto(tmp_path, "allow_anonymous true", "max_packet_size 400") as broker,
        connected(broker.port, Ward()) as sink,
    ):
        error = refusal(sink, readings_entry())
        assert not error.retryable
        assert "the broker takes 400" in str(error)


@pytest.mark.parametrize(
    "entry",
    [
        JournalEntry(1, Lane.READINGS, "bed-1", 0, b""),
        JournalEntry(1, Lane.ALERTS, "bed-1", 0, b"{}"),
        JournalEntry(1, Lane.EVENTS, "bed-1", 0, b'{"event":"?"}'),
        JournalEntry(1, Lane.READINGS, "bed/1", 0, readings_entry().body),
    ],
)
def test_a_body_that_cannot_be_read_is_hopeless(broker: Mosquitto, entry: JournalEntry) -> None:
    with connected(broker.port, Ward()) as sink:
        deliver(sink, readings_entry())
        with pytest.raises(DeliveryError) as raised:
            sink.deliver([entry])
        assert not raised.value.retryable


def test_without_a_broker_delivery_fails_at_once_and_may_be_tried_again() -> None:
    with connected(free_port(), Ward()) as sink:
        with pytest.raises(DeliveryError) as raised:
            sink.deliver([readings_entry()])
        assert raised.value.retryable
        pace = threading.Event()
        for _ in range(int(WAIT_S * 50)):
            if "does not answer" in sink.fault():
                break
            pace.wait(0.02)
        assert "does not answer" in sink.fault()


def test_a_mistake_in_a_callback_does_not_end_the_network_thread(broker: Mosquitto) -> None:
    called = threading.Event()

    def fail(_answer: object) -> bool:
        called.set()
        raise KeyError("oops")

    callbacks = replace(Ward().callbacks(), on_answer=fail)
    sink = MqttSink(config(broker.port), IDENTITY, callbacks)
    sink.start()
    deliver(sink, readings_entry())
    with watcher(broker.port) as nurse:
        nurse.publish(f"{ROOT}/bed-1/ack", b'{"alert_id": "a-1", "by": "nurse 7"}')
        assert called.wait(WAIT_S)
    deliver(sink, readings_entry())
    sink.close()


def test_with_tls_both_sides_show_a_certificate(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path)
    settings = (
        f"cafile {certificate}",
        f"certfile {certificate}",
        f"keyfile {key}",
        "require_certificate true",
        "use_identity_as_username true",
    )

    def with_tls(plain: MqttConfig) -> MqttConfig:
        return replace(plain, tls_ca=certificate, tls_cert=certificate, tls_key=key)

    def without_own(plain: MqttConfig) -> MqttConfig:
        return replace(plain, tls_ca=certificate)

    with mosquitto(tmp_path, *settings) as broker:
        with connected(broker.port, Ward(), with_tls) as sink:
            deliver(sink, readings_entry())
        with (
            connected(broker.port, Ward(), without_own) as sink,
            pytest.raises(DeliveryError),
        ):
            sink.deliver([readings_entry()])


def test_late_answers_are_ignored_and_a_lost_broker_ends_a_batch(broker: Mosquitto) -> None:
    with connected(broker.port, Ward()) as sink:
        deliver(sink, readings_entry())
        link = sink._connection.link
        assert link is not None
        link.acks.put((65_000, ReasonCode(PacketTypes.PUBACK, "Success")))
        deliver(sink, readings_entry())
        broker.stop()
        with pytest.raises(DeliveryError) as raised:
            sink.deliver([readings_entry(i) for i in range(50)])
        assert raised.value.retryable
