"""Brokers that allow less, or speak otherwise: the words, and what still goes."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.model.alerts import AlertState
from edge_agent.model.errors import DeliveryError, PartialDeliveryError
from edge_agent.sinks.mqtt_link import MqttConfig
from edge_agent.sinks.mqtt_sink import MqttSink
from tests.sinks.test_mqtt_faults import make_certificate
from tests.support.brokers import WAIT_S, mosquitto, watcher
from tests.support.misbehaving_broker import CLOSE, NOTHING, Manners, listening, misbehaving_broker
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
    wire,
)
from tests.support.samples import an_alert

pytestmark = pytest.mark.broker


def wait_for_words(sink: MqttSink, words: str) -> str:
    """Return what the sink says once these words are in it."""
    pace = threading.Event()
    for _ in range(int(WAIT_S * 50)):
        if words in sink.fault():
            return sink.fault()
        pace.wait(0.02)
    pytest.fail(f"{words!r} not in {sink.fault()!r}")


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


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("20020001", "MQTT 5 is needed"),
        ("20020000", "speaks an MQTT of before version 5"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".hex(), "answers as a web server (HTTP), not as MQTT"),
        (b"SSH-2.0-x\r\n".hex(), "answers in text, not in MQTT: 'SSH-2.0-x'"),
        (b"+OK\r\n".hex(), "its first bytes are 2b 4f 4b 0d 0a"),
        ("15030300020246", "it speaks TLS; set mqtt.tls_ca"),
        ("16030100", "it speaks TLS; set mqtt.tls_ca"),
        ("2003009500", "largest packet (max_packet_size) is smaller than our first one"),
        ("", "has not answered yet; an MQTT 5 broker answers at once"),
        ("2003008700", "refused the connection: Not authorized; check mqtt.username"),
        (
            "ff" * 64,
            "does not answer as an MQTT 5 broker does: Protocol error; its first bytes are",
        ),
    ],
)
def test_what_is_no_mqtt_5_broker_is_said_to_be_none(answer: str, words: str) -> None:
    data = bytes.fromhex(answer)
    with (
        listening(data, hang_up=bool(data)) as port,
        connected(port, Ward(), lambda c: replace(c, keepalive_s=1)) as sink,
    ):
        assert f"127.0.0.1:{port}" in wait_for_words(sink, words)


def test_what_sends_nothing_until_the_keepalive_is_said_to_be_mute() -> None:
    with (
        listening(b"") as port,
        connected(port, Ward(), lambda c: replace(c, keepalive_s=1)) as sink,
    ):
        wait_for_words(sink, "it sends nothing; a web server may wait like that")


def test_a_broker_whose_largest_packet_is_below_our_first_one_is_named(tmp_path: Path) -> None:
    """A real one hangs up without a word, as does a port that wants TLS."""
    with (
        mosquitto(tmp_path, "allow_anonymous true", "max_packet_size 100") as broker,
        connected(broker.port, Ward()) as sink,
    ):
        words = wait_for_words(sink, "largest packet (max_packet_size) is smaller")
        size = int(words.partition("our CONNECT of ")[2].partition(" ")[0])
        assert 150 < size < 300  # one CONNECT, however often it was tried


# As above; and the real broker's reset.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_port_with_tls_and_one_without_are_told_apart_from_a_broker(tmp_path: Path) -> None:
    for name in ("plain", "tls"):
        (tmp_path / name).mkdir()
    certificate, key = make_certificate(tmp_path)
    with (
        mosquitto(
            tmp_path / "tls", "allow_anonymous true", f"certfile {certificate}", f"keyfile {key}"
        ) as broker,
        connected(broker.port, Ward()) as sink,
    ):
        wait_for_words(sink, "either the port wants TLS (mqtt.tls_ca)")
    with (
        mosquitto(tmp_path / "plain") as broker,
        connected(broker.port, Ward(), lambda c: replace(c, tls_ca=certificate)) as sink,
    ):
        wait_for_words(sink, "a port without TLS (usually 1883) takes no mqtt.tls_ca")


def test_a_broker_that_becomes_one_later_is_found_without_a_restart(tmp_path: Path) -> None:
    """Nonsense ends the network's thread of the client library; it begins anew."""
    with mosquitto(tmp_path) as broker:
        port = broker.port
        broker.stop()
        with socket.create_server(("127.0.0.1", port)) as server, connected(port, Ward()) as sink:
            for answer, words in (
                (bytes.fromhex("20020000"), "an MQTT of before version 5"),
                (b"HTTP/1.1 400 Bad Request\r\n\r\n", "a web server"),
            ):
                sock, _ = server.accept()
                with sock:
                    sock.recv(4096)
                    sock.sendall(answer)
                wait_for_words(sink, words)
            server.close()
            broker.start()
            deliver(sink, readings_entry())
            assert sink.fault() == ""


def test_an_address_that_none_can_have_is_said_and_tried_again() -> None:
    with connected(1883, Ward(), lambda c: replace(c, host="no..such")) as sink:
        wait_for_words(sink, "no..such:1883 does not answer")
        wait_for_words(sink, "label")


# The client library leaves the socket of a refused certificate to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_certificate_that_is_not_trusted_is_said(tmp_path: Path) -> None:
    for name in ("theirs", "other"):
        (tmp_path / name).mkdir()
    certificate, key = make_certificate(tmp_path / "theirs")
    other, _ = make_certificate(tmp_path / "other")

    def with_tls(plain: MqttConfig) -> MqttConfig:
        return replace(plain, tls_ca=other)

    settings = ("allow_anonymous true", f"certfile {certificate}", f"keyfile {key}")
    with mosquitto(tmp_path, *settings) as broker:
        with connected(broker.port, Ward(), with_tls) as sink:
            wait_for_words(sink, "its certificate is not trusted: ")
        with connected(broker.port, Ward(), lambda c: replace(c, host="no.such.invalid")) as sink:
            wait_for_words(sink, "no.such.invalid")


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
