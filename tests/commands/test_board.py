"""`crswatch board`: the board of a whole ward, as a process, with a real broker."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edge_agent.config.gateway_file import load_board_config
from edge_agent.model.errors import ConfigError
from edge_agent.model.measurements import VitalKind
from tests.support.board_bodies import (
    alert_body,
    gateway_body,
    report,
    status_body,
    vitals_body,
)
from tests.support.board_ward import now_ms
from tests.support.brokers import Watcher, mosquitto
from tests.support.made_alerts import ORGAN_SIGN
from tests.support.served_board import WAIT_S, Screen, requested

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_agent.board.feed import FeedBody

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "crswatch/v1/hospital/ward-7"
CONFIG = """
[gateway]
id = "{board}"
site = "hospital"
ward = "ward-7"
zone = "Europe/Berlin"
[mqtt]
host = "127.0.0.1"
port = {port}
[board]
port = 0
"""
VALUES: dict[VitalKind, float | None] = {VitalKind.HEART_RATE: 91.0}


def is_assessed(bed: Any) -> bool:  # noqa: ANN401 - JSON
    return bool(bed["assessment"]["state"] == "assessing")


def topic_of(body: FeedBody) -> str:
    """Return the topic on which gateways publish a body."""
    if body.kind == "gateway":
        return f"{PREFIX}/_gateway/{body.gateway_id}"
    rule = f"/{body.subject}" if body.kind == "alerts" else ""
    return f"{PREFIX}/{body.bed_id}/{body.kind}{rule}"


@contextmanager
def serving(folder: Path, port: int, board: str = "board-1") -> Iterator[int]:
    """Run the command; yield the port of its board, and check that it ends soon."""
    config = folder / "board.toml"
    config.write_text(CONFIG.format(port=port, board=board))
    command = [sys.executable, "-m", "edge_agent", "board", "--config", str(config)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            lines = iter(process.stderr.readline, "")
            found = (re.search(r"board at http://127\.0\.0\.1:(\d+)/", line) for line in lines)
            yield int(next(match for match in found if match)[1])
        finally:
            begun_s = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(WAIT_S) == 0
    assert time.monotonic() - begun_s < 5.0


def test_one_board_serves_the_beds_of_many_gateways_and_sends_answers_to_them(
    tmp_path: Path,
) -> None:
    with mosquitto(tmp_path) as broker, serving(tmp_path, broker.port) as port:
        ward = Watcher(broker.port, f"{PREFIX}/+/ack")

        def publish(*bodies: FeedBody) -> None:
            for body in bodies:
                is_state = body.kind != "vitals"
                ward.publish(topic_of(body), body.payload, retain=is_state)

        at_ms = now_ms()
        publish(
            gateway_body("online", ("bed-01",), "gw-1"),
            gateway_body("online", ("bed-02",), "gw-2"),
            status_body(report("bed-01", at_ms), gateway_id="gw-1"),
            status_body(report("bed-02", at_ms), gateway_id="gw-2"),
        )
        with Screen(port) as screen:
            raised = ORGAN_SIGN.alert("bed-02", at_ms)
            publish(alert_body(raised, "gw-2"))
            bed = screen.bed("bed-02", lambda bed: bed["problem"])
            assert (bed["gateway"], bed["assessment"]["state"]) == ("gw-2", "assessing")
            csrf = requested(port, "GET", "/api/me").content["csrf"]
            fields = {"kind": "reject", "answer_id": "a-1", "by": "nurse 7", "reason": "busy"}
            answer = requested(
                port,
                "POST",
                "/api/beds/bed-02/answer",
                json.dumps(fields).encode(),
                {"X-CSRF-Token": csrf},
            )
            assert answer.status == 202
            command = ward.next_json("bed-02/ack")
            assert (command["by"], command["kind"], command["seen"]) == ("nurse 7", "reject", [])
            publish(vitals_body("bed-01", VALUES, now_ms(), "gw-1"))
            vitals = screen.until("vitals").content["beds"]["bed-01"]["vitals"]
            assert vitals["heart_rate"]["text"] == "91"
            publish(gateway_body("lost", (), "gw-1"))
            bed = screen.bed("bed-01", lambda bed: bed["assessment"]["state"] == "not_assessing")
            assert bed["assessment"]["words"]["en"] == "not assessed: gateway lost"
        ward.close()


def test_without_its_broker_the_board_says_that_nothing_is_known_and_recovers(
    tmp_path: Path,
) -> None:
    with mosquitto(tmp_path) as broker, serving(tmp_path, broker.port) as port:
        ward = Watcher(broker.port)
        birth = gateway_body("online", ("bed-01",), "gw-1")
        status = status_body(report("bed-01", now_ms()))
        for body in (birth, status):
            ward.publish(topic_of(body), body.payload, retain=True)
        with Screen(port) as screen:
            screen.bed("bed-01", is_assessed)
            ward.close()
            broker.stop()
            bed = screen.bed("bed-01", lambda bed: not is_assessed(bed))
            assert "gateway lost" in bed["assessment"]["words"]["en"]
            csrf = requested(port, "GET", "/api/me").content["csrf"]
            form = b'{"kind":"acknowledge","answer_id":"a-1","by":"nurse 7"}'
            path = "/api/beds/bed-01/answer"
            for _ in range(2):
                answer = requested(port, "POST", path, form, {"X-CSRF-Token": csrf})
                assert answer.status == 503, "it was not sent, and may be sent again"
            broker.start()
            ward = Watcher(broker.port)
            ward.publish(topic_of(birth), birth.payload, retain=True)
            fresh = status_body(report("bed-01", now_ms()))
            ward.publish(topic_of(fresh), fresh.payload, retain=True)
            screen.bed("bed-01", is_assessed)
            ward.close()


def test_every_mistake_of_the_configuration_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "board.toml"
    path.write_text('[board]\nport = "x"\naddress = "0.0.0.0"\n')
    with pytest.raises(ConfigError) as caught:
        load_board_config(path)
    keys = [mistake.key for mistake in caught.value.mistakes]
    assert {"gateway", "mqtt", "board.tls_cert", "board.port"} <= set(keys)
    assert len(keys) == len(set(keys))


def test_a_whole_gateway_file_will_do(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    beds = '[[beds]]\nid = "bed-01"\nport = "/dev/ttyUSB0"\ndriver = "masimo_ascii"\n'
    path.write_text(CONFIG.format(port=1883, board="board-1") + beds)
    config = load_board_config(path)
    assert config.beds == ()
    assert config.board is not None
