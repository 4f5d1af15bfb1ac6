"""Ways out made from a configuration, and the mistakes in their secrets."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING

import pytest

from edge_agent.config.gateway_file import AgentConfig, parse_config
from edge_agent.gateway.ward_ways import way_mistakes, ways_of
from edge_agent.model.calls import ReceiptFact
from edge_agent.model.clock import ScaledClock
from tests.support.alert_manager import AlertManager
from tests.support.brokers import WAIT_S, mosquitto, watcher
from tests.support.notices import AT, Heard, a_notice
from tests.support.syslog_receiver import SyslogReceiver
from tests.support.web_receiver import WebReceiver

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.model.oversight import WayHealth

GATEWAY = """
[gateway]
id = "gw-1"
site = "st-anna"
ward = "w3"
[journal]
path = "journal.db"
[[beds]]
id = "bed-1"
port = "/dev/ttyUSB0"
driver = "masimo_ascii"
"""


def no_checkpoint() -> None:
    return None


def config_of(text: str, folder: Path) -> AgentConfig:
    return parse_config(GATEWAY + text, source="gateway.toml", folder=folder)


@pytest.mark.broker
def test_a_notice_goes_out_over_every_way_of_a_configuration(tmp_path: Path) -> None:
    web, log, manager = WebReceiver(), SyslogReceiver("udp"), AlertManager()
    for receiver in (web, log, manager):
        receiver.start()
    (tmp_path / "urls").write_text(f"nurse-7=json://127.0.0.1:{web.port}/apprise\n")
    (tmp_path / "secret").write_text("Bearer hunter2\n")
    heard = Heard()
    changes: queue.SimpleQueue[WayHealth] = queue.SimpleQueue()
    with mosquitto(tmp_path) as broker, watcher(broker.port, "crswatch/#") as handset:
        text = f"""
            [mqtt]
            host = "127.0.0.1"
            port = {broker.port}
            [[ways]]
            name = "pager"
            kind = "webhook"
            url = "http://127.0.0.1:{web.port}/pager"
            secret_file = "secret"
            [[ways]]
            name = "log"
            kind = "syslog"
            host = "127.0.0.1"
            port = {log.port}
            transport = "udp"
            [[ways]]
            name = "apps"
            kind = "mqtt"
            [[ways]]
            name = "handsets"
            kind = "acm"
            host = "127.0.0.1"
            port = {manager.port}
            [[ways]]
            name = "phones"
            kind = "apprise"
            urls_file = "urls"
            has_heartbeat = false
            [[ways]]
            name = "dog"
            kind = "webhook"
            url = "http://127.0.0.1:{web.port}/dog"
            watchdog = true
            """
        config = config_of(text, tmp_path)
        clock = ScaledClock(lambda: AT, AT)
        ways = ways_of(config, heard.events(), changes.put, clock, no_checkpoint)
        ways.start()
        names = [way.name for way in config.ways]
        for number, name in enumerate(names):
            ways.send(a_notice(number, way=name))
        facts = {heard.next().way: fact for fact in [ReceiptFact.DELIVERED] * len(names)}
        assert set(facts) == set(names)
        assert handset.next_json("/bed-1/notices")["notice_id"] == "n-2"
        assert manager.next().field("OBR", 2).startswith("n-3^")
        while (line := log.next()).kind != "notice":
            pass
        assert line.fields["notice"] == "n-1"
        posts = [web.next() for _ in range(4)]
        assert {post.path.rstrip("/") for post in posts} == {"/pager", "/apprise", "/dog"}
        assert {post.headers["Authorization"] for post in posts} == {"Bearer hunter2", None}
        beats = [post for post in posts if b"heartbeat" in post.body]
        assert [post.path for post in beats] == ["/pager"]
        ways.beat_watchdogs()
        assert web.next().json()["way"] == "dog"
        health = {changes.get(timeout=WAIT_S).name for _ in range(5)}
        assert health == {"pager", "apps", "handsets", "phones", "dog"}  # a datagram tells nothing
        ways.stop()
    for receiver in (web, log, manager):
        receiver.stop()


def test_every_secret_that_a_way_could_not_use_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    (tmp_path / "umlaut").write_text("ä")
    (tmp_path / "urls").write_text(
        "# comment\n\njson://127.0.0.1\nnurse-7=nowhere://x/hunter2\nnurse-8=json://127.0.0.1\n"
    )
    text = """
        [[ways]]
        name = "pager"
        kind = "webhook"
        url = "https://paging.example"
        secret_file = "umlaut"
        tls_ca = "empty"
        [[ways]]
        name = "apps"
        kind = "mqtt"
        host = "broker"
        username = "gw"
        password_file = "empty"
        [[ways]]
        name = "phones"
        kind = "apprise"
        urls_file = "urls"
        """
    found = [str(mistake) for mistake in way_mistakes(config_of(text, tmp_path))]
    assert found == [
        f"{tmp_path}/urls: line 3 names nobody; want PERSON=SERVICE://...",
        f"{tmp_path}/urls: line 4 is no address that apprise knows; want PERSON=SERVICE://...",
        f"{tmp_path}/urls: has no line heartbeat=SERVICE://...; add one, or set has_heartbeat ="
        " false",
        f"{tmp_path}/empty: cannot be used: NO_CERTIFICATE_OR_CRL_FOUND; want a certificate"
        " authority in PEM",
        f"{tmp_path}/umlaut: holds a character that is not ASCII; the secret cannot be sent so",
        f"{tmp_path}/empty: its first line is empty; want a secret there",
    ]
    assert "hunter2" not in "\n".join(found)


def test_an_unreadable_list_of_addresses_is_named(tmp_path: Path) -> None:
    (tmp_path / "urls").write_bytes("nurse-7=json://h".encode("utf-16"))
    text = '[[ways]]\nname = "p"\nkind = "apprise"\nurls_file = "urls"\n'
    [mistake] = way_mistakes(config_of(text, tmp_path))
    assert "saved as UTF-16" in str(mistake)


def test_a_secret_that_cannot_be_read_stops_no_gateway(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    text = """
        [[ways]]
        name = "apps"
        kind = "mqtt"
        host = "127.0.0.1"
        username = "gw"
        password_file = "empty"
        """
    heard = Heard()
    clock = ScaledClock(lambda: AT, AT)
    ways = ways_of(
        config_of(text, tmp_path), heard.events(), lambda _health: None, clock, no_checkpoint
    )
    ways.start()
    ways.send(a_notice(1, way="apps"))
    assert "its first line is empty" in heard.next().detail
    ways.stop()
