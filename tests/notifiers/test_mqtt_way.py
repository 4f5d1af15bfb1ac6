"""Details of the way over MQTT: subscribers, replies, logins, and servers that are no broker."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.model.answers import AnswerKind
from edge_agent.model.calls import ReceiptFact
from edge_agent.model.errors import DeliveryError
from edge_agent.notifiers.mqtt import MqttWay, MqttWayConfig
from tests.notifiers.case import PLACE
from tests.support.brokers import Mosquitto, mosquitto, watcher
from tests.support.notices import AT, Heard, a_notice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.broker
NOTICES = "crswatch/v1/st-anna/w3/bed-1/notices"
ANSWERS = "crswatch/v1/st-anna/w3/bed-1/answers"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path) as found:
        yield found


def config(port: int) -> MqttWayConfig:
    return MqttWayConfig("apps", "127.0.0.1", port, PLACE, "crswatch-gw-1-apps", timeout_s=2.0)


@contextmanager
def opened(settings: MqttWayConfig, heard: Heard | None = None) -> Iterator[MqttWay]:
    way = MqttWay(settings, (heard or Heard()).events())
    try:
        yield way
    finally:
        way.close()


def failure(settings: MqttWayConfig) -> str:
    with opened(settings) as way, pytest.raises(DeliveryError) as caught:
        way.beat(AT)
    assert caught.value.retryable
    return str(caught.value)


def reply(fact: str, **fields: str) -> bytes:
    return json.dumps({"notice_id": "n-1", "fact": fact} | fields).encode()


def test_a_notice_says_where_the_reply_belongs_and_is_not_held(broker: Mosquitto) -> None:
    with watcher(broker.port, "crswatch/#") as handset, opened(config(broker.port)) as way:
        way.notify(a_notice(1, way="apps"))
        message = handset.next("/notices")
        assert message.topic == NOTICES
        assert not message.retain
        assert message.properties is not None
        properties = vars(message.properties)
        assert properties["ResponseTopic"] == ANSWERS
        assert properties["CorrelationData"] == b"n-1"
        assert properties["ContentType"] == "application/json"
        assert 0 < properties["MessageExpiryInterval"] <= 3600
        with watcher(broker.port, "crswatch/#") as later:
            way.beat(AT)
            assert later.next().topic.endswith("/ways/apps")  # nothing old was held for it


def test_a_notice_to_which_nobody_subscribes_is_not_delivered(broker: Mosquitto) -> None:
    with opened(config(broker.port)) as way:
        with pytest.raises(DeliveryError, match=f"nobody subscribes to {NOTICES}") as caught:
            way.notify(a_notice(1))
        assert caught.value.retryable
        way.beat(AT)  # the broker itself is well
        with watcher(broker.port, "crswatch/#"):
            way.notify(a_notice(1))


def test_the_heartbeat_is_held_until_the_next_one_is_overdue(broker: Mosquitto) -> None:
    with opened(config(broker.port)) as way:
        way.beat(AT)
        with watcher(broker.port, "crswatch/#") as later:
            message = later.next("/_gateway/gw-1/ways/apps")
            assert message.retain
            assert json.loads(message.payload)["next_within_s"] == 30.0
            assert message.properties is not None
            assert 0 < vars(message.properties)["MessageExpiryInterval"] <= 30


def test_a_nurse_answers_over_the_broker(broker: Mosquitto) -> None:
    heard = Heard()
    with watcher(broker.port, "crswatch/#") as handset, opened(config(broker.port), heard) as way:
        way.notify(a_notice(1, way="apps"))
        handset.publish(ANSWERS, reply("delivered"))
        handset.publish(ANSWERS, reply("seen", by="nurse-7"))
        handset.publish(ANSWERS, reply("rejected", by="nurse-7", reason="in CT"))
        facts = [heard.next() for _ in range(3)]
        assert [(r.fact, r.by, r.detail) for r in facts] == [
            (ReceiptFact.DELIVERED, "", ""),
            (ReceiptFact.SEEN, "nurse-7", ""),
            (ReceiptFact.REJECTED, "nurse-7", "in CT"),
        ]
        answer = heard.next_answer()
        assert (answer.kind, answer.reason) == (AnswerKind.REJECT, "in CT")
        assert answer.seen == a_notice(1).seen


def test_what_is_no_reply_to_a_notice_of_the_bed_is_ignored(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard()
    heard.refusal = "nobody of that name is on duty"
    with watcher(broker.port, "crswatch/#") as handset, opened(config(broker.port), heard) as way:
        way.notify(a_notice(1, way="apps"))
        handset.publish(ANSWERS.replace("bed-1", "bed-2"), reply("seen"))
        handset.publish(ANSWERS, b'{"notice_id": "n-1", "fact": "eaten"}')
        handset.publish(ANSWERS, b'{"notice_id": "n-9", "fact": "seen"}')
        handset.publish(ANSWERS, reply("accepted", by="x"))
        handset.publish(ANSWERS, reply("delivered"))
        assert heard.next().fact is ReceiptFact.DELIVERED
        assert heard.receipts.empty()
    words = [record.getMessage() for record in caplog.records]
    assert [text.partition(": a reply is ")[2] for text in words] == [
        "not accepted: it names no notice of this bed",
        "ignored: not a reply: Invalid enum value 'eaten' - at `$.fact`",
        "not accepted: it names no notice of this bed",
        "not accepted: nobody of that name is on duty",
    ]


def test_a_reply_that_the_broker_held_is_of_some_other_time(broker: Mosquitto) -> None:
    heard = Heard()
    with watcher(broker.port, "crswatch/#") as handset:
        handset.publish(ANSWERS, reply("accepted", by="nurse-7"), retain=True)
        with opened(config(broker.port), heard) as way:
            way.notify(a_notice(1, way="apps"))
            handset.publish(ANSWERS, reply("seen", by="nurse-8"))
            assert heard.next().by == "nurse-8"
            assert heard.answers.empty()


def test_a_login_that_is_refused_or_cannot_be_read_is_said(tmp_path: Path) -> None:
    with mosquitto(tmp_path, "allow_anonymous false") as broker:
        words = failure(config(broker.port))
        assert "refused the connection: Not authorized" in words
        secret = tmp_path / "password"
        settings = replace(config(broker.port), username="gw", password_file=secret)
        assert "password: cannot be read" in failure(settings)


def test_topics_that_are_refused_are_said(tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic write $SYS/x\n")
    with mosquitto(tmp_path, "allow_anonymous true", f"acl_file {acl}") as broker:
        assert "refuses a message on" in failure(config(broker.port))
        way = MqttWay(config(broker.port), Heard().events())
        with pytest.raises(DeliveryError, match="Not authorized"):
            way.notify(a_notice(1))
        way.close()


def test_a_broker_of_quality_0_confirms_nothing_and_is_not_used(tmp_path: Path) -> None:
    with mosquitto(tmp_path, "allow_anonymous true", "max_qos 0") as broker:
        assert "nothing that is sent is confirmed" in failure(config(broker.port))


def test_another_server_is_no_broker() -> None:
    def answer(server: socket.socket) -> None:
        for _ in range(2):
            client = server.accept()[0]
            client.recv(100)
            client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            client.close()

    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        thread = threading.Thread(target=answer, args=(server,), daemon=True)
        thread.start()
        words = failure(config(server.getsockname()[1]))
    assert "does not answer as an MQTT 5 broker does" in words


def test_a_server_that_is_silent_is_no_broker() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        assert failure(config(server.getsockname()[1]))
