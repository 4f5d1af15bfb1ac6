"""The sections `[[ways]]`: what they mean, and every mistake at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.config.gateway_file import AgentConfig, parse_config
from edge_agent.config.warnings import config_warnings
from edge_agent.config.ways import (
    AcmSection,
    AppriseSection,
    MqttWaySection,
    SyslogSection,
    WebhookSection,
)
from edge_agent.model.errors import ConfigError

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
BROKER = '[mqtt]\nhost = "broker"\n'


def config_of(text: str, folder: Path = Path()) -> AgentConfig:
    return parse_config(GATEWAY + text, source="gateway.toml", folder=folder)


def mistakes_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        config_of(text)
    return [str(m).removeprefix("gateway.toml: ") for m in caught.value.mistakes]


def test_a_gateway_without_ways_calls_nobody() -> None:
    assert config_of("").ways == ()


def test_each_kind_has_its_own_keys_and_defaults(tmp_path: Path) -> None:
    for name in ("secret", "urls", "ca.pem"):
        (tmp_path / name).write_text("x")
    config = config_of(
        """
        [[ways]]
        name = "pager"
        kind = "webhook"
        url = "https://paging.example/x"
        secret_file = "secret"
        [[ways]]
        name = "log"
        kind = "syslog"
        host = "log.example"
        transport = "tls"
        tls_ca = "ca.pem"
        watchdog = true
        [[ways]]
        name = "apps"
        kind = "mqtt"
        host = "apps.example"
        [[ways]]
        name = "handsets"
        kind = "acm"
        host = "alerts.example"
        port = 2575
        [[ways]]
        name = "phones"
        kind = "apprise"
        urls_file = "urls"
        """,
        tmp_path,
    )
    pager, log, apps, handsets, phones = config.ways
    assert isinstance(pager, WebhookSection)
    assert (pager.secret_file, pager.secret_header) == (tmp_path / "secret", "Authorization")
    assert isinstance(log, SyslogSection)
    assert (log.used_port, log.facility, log.tls_ca) == (6514, 16, tmp_path / "ca.pem")
    assert (log.watchdog, pager.watchdog) == (True, False)
    assert isinstance(apps, MqttWaySection)
    assert (apps.port, apps.timeout_s) == (1883, 5.0)
    assert isinstance(handsets, AcmSection)
    assert (handsets.recipient, handsets.listen) == ("obr28", "")
    assert (handsets.status_trigger, handsets.status_structure) == ("R41", "ORA_R41")
    assert isinstance(phones, AppriseSection)
    assert (phones.urls_file, phones.has_heartbeat) == (tmp_path / "urls", True)


@pytest.mark.parametrize(("transport", "port"), [("udp", 514), ("tcp", 601), ("tls", 6514)])
def test_syslog_has_the_usual_port_of_its_transport(transport: str, port: int) -> None:
    text = f'[[ways]]\nname = "l"\nkind = "syslog"\nhost = "h"\ntransport = "{transport}"\n'
    way, other = config_of(text).ways[0], config_of(text + "port = 1514\n").ways[0]
    assert isinstance(way, SyslogSection)
    assert isinstance(other, SyslogSection)
    assert (way.used_port, other.used_port) == (port, 1514)


def test_every_mistake_of_every_way_is_reported_at_once() -> None:
    found = mistakes_of(
        """
        [[ways]]
        name = "pager"
        kind = "webhook"
        url = "ftp://paging.example"
        secret = "hunter2"
        tls_cert = "gone.pem"
        timeout_s = 0
        [[ways]]
        name = "pager"
        kind = "pigeon"
        [[ways]]
        kind = "syslog"
        host = "log example"
        transport = "smoke"
        facility = 24
        [[ways]]
        name = "handsets"
        kind = "acm"
        host = "alerts.example"
        port = 0
        eui64 = "0030"
        recipient = "zz"
        listen = "tcp://192.0.2.1:1"
        status_trigger = ""
        """
    )
    text = "\n".join(found)
    for expected in (
        "ways.0.url: 'ftp://paging.example'; want http://HOST:PORT or https://HOST:PORT",
        "ways.0.secret: unknown key, and its value is not shown; want secret_file",
        "ways.0.tls_cert: 'gone.pem'; no such file",
        "ways.0.tls_cert: and tls_key go together",
        "ways.0.timeout_s: 0; want a number above 0 to 60",
        "ways.1.kind: 'pigeon'; want one of webhook, syslog, mqtt, acm, apprise",
        "ways.2.name: missing",
        "ways.2.host: 'log example'",
        "ways.2.transport: 'smoke'; want one of udp, tcp, tls",
        "ways.2.facility: 24; want a whole number from 0 to 23",
        "ways.3.port: 0; want a whole number from 1 to 65535",
        "ways.3.eui64: '0030'; want 16 hexadecimal digits",
        "ways.3.recipient: 'zz'; want one of obr28, prt, none",
        "ways.3.listen: 'tcp://192.0.2.1:1'; want mllp://HOST:PORT",
        "ways.3.status_trigger: ''; want 1 to 20 letters, digits and underscores, as in MSH-9",
        "ways.name: is 'pager' for 2 ways; each needs its own",
    ):
        assert expected in text, text
    assert "hunter2" not in text


@pytest.mark.parametrize(
    ("keys", "mistake"),
    [
        ("", "ways.0.kind: missing; want one of webhook, syslog, mqtt, acm, apprise"),
        ('kind = "webhook"', "ways.0.url: missing"),
        (
            'kind = "syslog"\nhost = "h"\ntransport = "tcp"\ntls_ca = "/dev/null"',
            'ways.0.tls_ca: is used with transport = "tls" only; want that, or no tls_ca',
        ),
        (
            'kind = "acm"\nhost = "h"\nport = 1\ntls_cert = "x"\ntls_key = "x"',
            "ways.0.tls_ca: is missing; without it there is no TLS, and tls_cert is not used",
        ),
        (
            'kind = "mqtt"\nhost = "h"\npassword_file = "/dev/null"',
            "ways.0.username: is missing; without it the password is not used",
        ),
        (
            'kind = "webhook"\nurl = "http://paging.example"\nsecret_file = "x"',
            "ways.0.url: begins with http://, and the secret would be read on the way; want https://",
        ),
        ("kind = []", "ways.0.kind: []; want one of webhook, syslog, mqtt, acm, apprise"),
        ('kind = {x = "y"}', "ways.0.kind: {'x': 'y'}; want one of webhook, syslog, mqtt"),
        (
            'kind = "webhook"\nurl = "http://[h"\nsecret_file = "x"',
            "ways.0.url: 'http://[h'; want http://HOST:PORT or https://HOST:PORT",
        ),
        (
            'kind = "acm"\nhost = "h"\nport = 1\nlisten = "mllp://[h"',
            "ways.0.listen: 'mllp://[h'; want mllp://HOST:PORT, an address of this gateway",
        ),
        ('kind = "mqtt"', "ways.0.host: is missing; want a broker here, or a section [mqtt]"),
        (
            'kind = "webhook"\nurl = "http://h"\nsecret_header = "a b"',
            "ways.0.secret_header: its value is not shown; want the name of an HTTP header, such as"
            " Authorization",
        ),
        (
            'kind = "acm"\nhost = "h"\nport = 1\nlisten = "mllp://h:99999"',
            "ways.0.listen: 'mllp://h:99999'; want mllp://HOST:PORT, an address of this gateway",
        ),
    ],
)
def test_one_mistake_is_told_with_what_to_do(keys: str, mistake: str) -> None:
    assert mistake in "\n".join(mistakes_of(f'[[ways]]\nname = "w"\n{keys}\n'))


def test_a_way_over_the_gateways_own_broker_has_its_login_there() -> None:
    way = config_of(f'{BROKER}[[ways]]\nname = "w"\nkind = "mqtt"\n').ways[0]
    assert isinstance(way, MqttWaySection)
    assert way.host is None
    found = mistakes_of(f'{BROKER}[[ways]]\nname = "w"\nkind = "mqtt"\nusername = "u"\n')
    assert found == [
        "ways.0.username: is that of [mqtt] while host is missing; want host, or no username"
    ]


def test_what_is_no_list_of_tables_is_said() -> None:
    assert mistakes_of('[ways]\nname = "w"\n') == [
        "ways: its value is not shown; want a list of tables [[ways]]"
    ]
    with pytest.raises(ConfigError, match=r"ways\.0: is no table"):
        parse_config("ways = [1]\n" + GATEWAY, source="gateway.toml")


def test_a_secret_to_this_machine_may_go_without_tls(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    text = '[[ways]]\nname = "w"\nkind = "webhook"\nurl = "http://127.0.0.1:1"\n'
    assert config_of(text + 'secret_file = "secret"\n', tmp_path).ways


def test_what_is_probably_not_meant_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x\ny\n")
    text = """
        [[ways]]
        name = "pager"
        kind = "webhook"
        url = "https://paging.example"
        secret_file = "secret"
        [[ways]]
        name = "plain"
        kind = "webhook"
        url = "http://paging.example"
        [[ways]]
        name = "log"
        kind = "syslog"
        host = "127.0.0.1"
        transport = "udp"
        [[ways]]
        name = "far"
        kind = "syslog"
        host = "log.example"
        transport = "tcp"
        [[ways]]
        name = "handsets"
        kind = "acm"
        host = "alerts.example"
        port = 1
        listen = "mllp://0.0.0.0:2576"
        [[ways]]
        name = "phones"
        kind = "apprise"
        urls_file = "secret"
        """
    found = [w for w in config_warnings(config_of(text, tmp_path)) if w.startswith("ways")]
    plain = "without TLS, so notices go over the network in plain text"
    assert found == [
        f"ways.pager.secret_file: {tmp_path / 'secret'} has more than one line; only the first is "
        "the secret",
        f"ways.plain: {plain}",
        "ways.log.transport: udp, so nothing confirms that a notice has arrived",
        f"ways.far: {plain}",
        f"ways.handsets: {plain}",
        "ways.handsets.listen: 'mllp://0.0.0.0:2576' listens on every network of this machine",
    ]
