"""Warnings about parts of a valid gateway.toml that are probably not intended."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from edge_agent.config.gateway_file import AgentConfig, BedSection, InfluxSection, MqttSection
from edge_agent.config.paths import is_there
from edge_agent.config.ports import listens_everywhere
from edge_agent.config.ways import (
    AcmSection,
    MqttWaySection,
    SyslogSection,
    WaySection,
    WebhookSection,
)
from edge_agent.model.texts import secret_has_more_lines

_PLAIN_PORT: Final = 1883
_TLS_PORT: Final = 8883
_OWN_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_USED_BY: Final = {"v1": ("database", "username", "password_file"), "v2": ("org", "token_file")}
"""Keys of `[influx]` that only one API version uses."""


def config_warnings(config: AgentConfig) -> list[str]:
    """Return the warnings; an agent with this configuration runs."""
    found = list(_of_broker(config.mqtt))
    if config.influx is not None:
        found += _of_database(config.influx)
    folder = config.journal.path.parent
    if not os.access(folder, os.W_OK):
        found.append(f"journal.path: this user may not write in {str(folder)!r}")
    for way in config.ways:
        found += _of_way(way)
    for bed in config.beds:
        found += _of_bed(bed)
    folded = Counter(bed.id.casefold() for bed in config.beds)
    found += [
        f"beds.id: {bed.id!r} and another bed differ only in capital letters"
        for bed in config.beds
        if folded[bed.id.casefold()] > 1
    ]
    ports = dict.fromkeys(line.port for bed in config.beds for line in bed.lines().values())
    found += [
        f"beds.port: {port!r} listens on every network of this machine; better use the address "
        "in the network of the monitors"
        for port in ports
        if listens_everywhere(port)
    ]
    return found


def _of_broker(mqtt: MqttSection | None) -> Iterator[str]:
    if mqtt is None:
        yield "no [mqtt]: no alert leaves this machine"
        return
    is_plain = mqtt.tls_ca is None
    if is_plain and mqtt.port == _TLS_PORT:
        yield f"mqtt.tls_ca: missing, and port {_TLS_PORT} is usually for TLS"
    if not is_plain and mqtt.port == _PLAIN_PORT:
        yield f"mqtt.port: {_PLAIN_PORT} is usually without TLS, and tls_ca is given"
    if is_plain and mqtt.host not in _OWN_HOSTS:
        yield "mqtt.tls_ca: missing, so everything goes over the network in plain text"
    if mqtt.username and mqtt.password_file is None:
        yield "mqtt.password_file: missing, so the broker gets no password"
    yield from _of_secret("mqtt.password_file", mqtt.password_file)


def _of_database(influx: InfluxSection) -> Iterator[str]:
    parts = urlsplit(influx.url)
    if parts.scheme == "http" and parts.hostname not in _OWN_HOSTS:
        yield "influx.url: http, so everything goes over the network in plain text"
    other = _USED_BY["v1" if influx.api == "v2" else "v2"]
    unused = [key for key in other if getattr(influx, key)]
    yield from (f"influx.{key}: not used with api {influx.api!r}" for key in unused)
    if influx.api == "v2":
        yield from _of_secret("influx.token_file", influx.token_file)
    else:
        yield from _of_secret("influx.password_file", influx.password_file)


def _of_way(way: WaySection) -> Iterator[str]:
    key = f"ways.{way.name}"
    if not _is_private(way):
        yield f"{key}: without TLS, so notices go over the network in plain text"
    if isinstance(way, SyslogSection) and way.transport == "udp":
        yield f"{key}.transport: udp, so nothing confirms that a notice has arrived"
    if isinstance(way, AcmSection) and way.listen and listens_everywhere(way.listen):
        yield f"{key}.listen: {way.listen!r} listens on every network of this machine"
    for name in ("secret_file", "password_file"):
        yield from _of_secret(f"{key}.{name}", getattr(way, name, None))


def _is_private(way: WaySection) -> bool:
    """Return True unless others on the network can read what goes over a way."""
    if isinstance(way, WebhookSection):
        parts = urlsplit(way.url)
        return parts.scheme == "https" or parts.hostname in _OWN_HOSTS
    if isinstance(way, SyslogSection):
        return way.transport == "tls" or way.host in _OWN_HOSTS
    if isinstance(way, MqttWaySection | AcmSection):
        return way.host is None or way.tls_ca is not None or way.host in _OWN_HOSTS
    return True


def _of_secret(key: str, path: Path | None) -> Iterator[str]:
    if path is not None and secret_has_more_lines(path):
        yield f"{key}: {path} has more than one line; only the first is the secret"


def _of_bed(bed: BedSection) -> Iterator[str]:
    if not bed.required_signals:
        yield f"{bed.id}: required_signals is empty, so no signal that is lost is an alert"
    for place, line in bed.lines().items():
        is_path = ":" not in line.port and not line.port.startswith("/")
        if is_path and not is_there(Path(line.port)):
            yield f"{place.device_id}: port {line.port!r} is not here; want a path such as /dev/..."
