"""Brokers that allow less than MQTT 5: what is left out, and what still goes."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.model.errors import DeliveryError, PartialDeliveryError
from edge_agent.sinks.mqtt_sink import MqttSink
from tests.support.brokers import WAIT_S, mosquitto, watcher
from tests.support.misbehaving_broker import CLOSE, NOTHING, Manners, misbehaving_broker
from tests.support.mqtt_ward import (
    IDENTITY,
    ROOT,
    Ward,
    alert_entry,
    break_link,
    config,
    connected,
    deliver,
    readings_entry,
)
from tests.support.mqtt_words import wait_for_words
from tests.support.samples import an_alert

pytestmark = pytest.mark.broker


def test_a_broker_without_retained_messages_gets_alerts_and_is_named(tmp_path: Path) -> None:
    ward = Ward(alerts=[an_alert()])
    with (
        mosquitto(tmp_path, "allow_anonymous true", "retain_available false") as broker,
        watcher(broker.port) as seen,
        connected(broker.port, ward) as sink,
    ):
        deliver(sink, alert_entry(an_alert()))
        assert seen.next_json("/alerts/crs.fever")["alert_id"] == an_alert().alert_id
        assert "holds no retained messages" in wait_for_words(sink, "retained")


def test_a_broker_with_qos_0_alone_gets_alerts_and_is_named(tmp_path: Path) -> None:
    with (
        mosquitto(tmp_path, "allow_anonymous true", "max_qos 0") as broker,
        watcher(broker.port) as seen,
        connected(broker.port, Ward()) as sink,
    ):
        deliver(sink, alert_entry(an_alert()))
        assert seen.next_json("/alerts/crs.fever")["alert_id"] == an_alert().alert_id
        assert "QoS 0 only" in sink.fault()


def test_an_alert_is_shortened_for_a_broker_of_small_packets(tmp_path: Path) -> None:
    alert = replace(an_alert(), explanation="x" * 3000)
    with (
        mosquitto(tmp_path, "allow_anonymous true", "max_packet_size 2000") as broker,
        watcher(broker.port) as seen,
        connected(broker.port, Ward(alerts=[alert])) as sink,
    ):
        told = seen.next_json("/alerts/crs.fever")
        assert (told["alert_id"], told["evidence"], told["gateway_id"]) == ("a-1", [], "gw")
        deliver(sink, alert_entry(alert))
        assert seen.next_json("/events")["n"] == alert.n
        assert sink.fault() == ""


def test_states_too_large_for_a_broker_are_left_out_and_named(tmp_path: Path) -> None:
    with (
        mosquitto(tmp_path, "allow_anonymous true", "max_packet_size 400") as broker,
        watcher(broker.port) as seen,
        connected(broker.port, Ward(alerts=[an_alert()])) as sink,
    ):
        assert seen.next_json("/_gateway/gw")["state"] == "online"
        assert "the broker takes 400" in wait_for_words(sink, "alerts/crs.fever: ")


def test_a_broker_whose_largest_packet_is_below_our_first_one_is_named(tmp_path: Path) -> None:
    """A real one hangs up without a word, as does a port that wants TLS."""
    with (
        mosquitto(tmp_path, "allow_anonymous true", "max_packet_size 100") as broker,
        connected(broker.port, Ward()) as sink,
    ):
        words = wait_for_words(sink, "largest packet (max_packet_size) is smaller")
        size = int(words.partition("our CONNECT of ")[2].partition(" ")[0])
        assert 150 < size < 300  # one CONNECT, however often it was tried


def test_a_refused_subscription_is_said_with_what_follows() -> None:
    with (
        misbehaving_broker(Manners(suback=(0x87, 1, 1))) as broker,
        connected(broker.port, Ward()) as sink,
    ):
        words = wait_for_words(sink, "subscribe")
        assert f"{ROOT}/+/ack (Not authorized): answers to alerts cannot arrive" in words
        deliver(sink, readings_entry())
        assert broker.accepted.get(timeout=WAIT_S)
        assert "answers to alerts cannot arrive" in sink.fault()


def test_a_subscription_that_a_real_broker_refuses_is_said_with_what_follows(
    tmp_path: Path,
) -> None:
    """Its access list grants every subscription; its plugin for access refuses this one."""
    plugin = next(Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"), None)
    if plugin is None:
        pytest.skip("no mosquitto_dynamic_security.so on this machine (Debian package mosquitto)")
    kinds = ("publishClientSend", "publishClientReceive", "subscribe", "unsubscribe")
    right = {"acltype": "subscribePattern", "topic": f"{ROOT}/+/context", "allow": True}
    rights = tmp_path / "rights.json"
    rights.write_text(
        json.dumps(
            {
                "defaultACLAccess": {kind: kind != "subscribe" for kind in kinds},
                "roles": [{"rolename": "gateway", "acls": [right]}],
                "groups": [{"groupname": "anyone", "roles": [{"rolename": "gateway"}]}],
                "anonymousGroup": "anyone",
            }
        )
    )
    settings = ("allow_anonymous true", f"plugin {plugin}", f"plugin_opt_config_file {rights}")
    with mosquitto(tmp_path, *settings) as broker, connected(broker.port, Ward()) as sink:
        words = wait_for_words(sink, "answers to alerts cannot arrive")
        assert f"refuses to subscribe to {ROOT}/+/ack (Not authorized)" in words
        assert "/+/context" not in words
        deliver(sink, readings_entry())


def test_another_client_with_our_id_is_named_by_both(tmp_path: Path) -> None:
    """The real broker only hangs up; the other one's word on our own topic gives it away."""
    with mosquitto(tmp_path) as broker, connected(broker.port, Ward()) as first:
        deliver(first, readings_entry())
        theirs = replace(IDENTITY, boot_id="another run")
        second = MqttSink(config(broker.port), theirs, Ward().callbacks())
        second.start()
        words = wait_for_words(first, "another client uses the id 'gateway-gw'")
        assert "two gateways with one id" in words
        wait_for_words(second, "another client uses the id 'gateway-gw'")
        second.close()


def test_an_earlier_run_of_the_same_gateway_is_no_other_client(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        earlier = MqttSink(
            config(broker.port), replace(IDENTITY, boot_id="earlier"), Ward().callbacks()
        )
        earlier.start()
        deliver(earlier, readings_entry())
        earlier.close()
        with connected(broker.port, Ward()) as sink:
            for _ in range(2):
                deliver(sink, readings_entry())
                assert sink.fault() == ""
                break_link(sink)
                wait_for_words(sink, "connection lost")


def test_a_session_that_is_said_to_be_taken_over_is_named() -> None:
    taken_over = bytes.fromhex("e0028e00")
    manners = Manners(lambda topic, _: CLOSE if topic.endswith("vitals") else 0)
    with (
        misbehaving_broker(replace(manners, disconnect=taken_over)) as broker,
        connected(broker.port, Ward()) as sink,
    ):
        break_at_a_delivery(sink)
        wait_for_words(sink, "another client uses the id 'gateway-gw'")
        assert broker.connections == 1


def break_at_a_delivery(sink: MqttSink) -> None:
    """Deliver, once connected, what the broker hangs up at."""
    pace = threading.Event()
    for _ in range(int(WAIT_S * 50)):
        try:
            sink.deliver([readings_entry()])
        except DeliveryError as error:
            if isinstance(error, PartialDeliveryError) and error.unanswered:
                return
            pace.wait(0.02)
    pytest.fail(f"the link did not break: {sink.fault()}")


def test_a_broker_that_takes_the_states_without_an_answer_is_given_up() -> None:
    def answer(_topic: str, _count: int) -> int:
        return NOTHING if broker.connections == 1 else 0

    with (
        misbehaving_broker(Manners(answer)) as broker,
        connected(broker.port, Ward(), lambda c: replace(c, keepalive_s=1)) as sink,
    ):
        wait_for_words(sink, "no PUBACK in")
        deliver(sink, readings_entry())
