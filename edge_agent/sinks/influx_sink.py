"""Journalled vitals and alerts, written to InfluxDB 1.x, 2.x or 3.x.

Every line has a key of its own (measurement, tags, time) that never changes, so writing a batch
twice leaves one row each: whatever is in doubt is simply written again.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Literal, Protocol
from urllib.parse import urlencode

import urllib3

from edge_agent.journal.entries import Lane
from edge_agent.model.errors import ConfigError, DeliveryError
from edge_agent.model.measurements import CANONICAL_UNITS
from edge_agent.model.texts import read_secret
from edge_agent.payloads import decode_alert, decode_readings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from influxdb_client.client.influxdb_client import InfluxDBClient

    from edge_agent.journal.entries import Entry
    from edge_agent.model.alerts import Alert
    from edge_agent.model.measurements import Vital

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_TAG_SPECIAL: Final = re.compile(r"([,= ])")
_REFUSED: Final = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""Answers that are about the lines themselves: the same lines will never be taken."""
_MAX_ANSWER: Final = 300
"""Characters of the server's own explanation that go into an error."""


@dataclass(frozen=True, slots=True)
class InfluxConfig:
    """Where the database is and how to write there."""

    url: str
    api: Literal["v1", "v2"]
    """v2 for InfluxDB 1.8, 2.x and 3.x; v1 for servers before 1.8."""
    site: str
    ward: str
    org: str = ""
    """With v2 only."""
    bucket: str = ""
    """With v2 only."""
    token_file: Path | None = None
    """With v2 only; None where the server asks for no token."""
    database: str = ""
    """With v1 only."""
    username: str = ""
    """With v1 only; empty where the server asks for no login."""
    password_file: Path | None = None
    """With v1 only; None where the server asks for no login."""
    timeout_s: float = 10.0


class _Transport(Protocol):
    """One way to hand a body of line protocol to a server."""

    def write(self, body: bytes) -> None:
        """Write `body` or raise DeliveryError."""

    def close(self) -> None:
        """Let go of connections and secrets; the next `write` begins anew."""


class InfluxSink:
    """Writes the journal's vitals and alerts as line protocol, one body per batch."""

    name = "influx"

    def __init__(self, config: InfluxConfig) -> None:
        self._place = (("site", config.site), ("ward", config.ward))
        self._transport: _Transport = _V2(config) if config.api == "v2" else _V1(config)

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Write `entries`; return when the database has them.

        Raises
        ------
        DeliveryError
            If the database did not take them; not retryable where a line of the batch is refused.
            The other lines of such a batch may have been taken; writing them again does no harm.
        """
        lines = [line for entry in entries for line in self._lines(entry)]
        if lines:
            self._transport.write("\n".join(lines).encode())

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def _lines(self, entry: Entry) -> list[str]:
        if entry.lane is Lane.READINGS:
            vitals = decode_readings(entry.body).vitals
            return [_vital_line(dict(self._place), vital) for vital in vitals]
        if entry.lane is Lane.ALERTS:
            return [_alert_line(dict(self._place), decode_alert(entry.body))]
        return []


def _vital_line(place: Mapping[str, str], vital: Vital) -> str:
    tags = {
        **place,
        "bed": vital.bed_id,
        "device": vital.device_id,
        "kind": str(vital.kind),
        "probe": vital.site,
        "unit": CANONICAL_UNITS[vital.kind],
    }
    fields = {
        "validity": _quoted(vital.validity.value),
        "mode": _quoted(vital.mode.value),
        "reason": _quoted(vital.reason),
        "code": f"{vital.code}i",
        "measured_ns": f"{vital.measured_at.utc_ns}i",
        "received_ns": f"{vital.received_at.utc_ns}i",
    }
    if vital.value is not None:
        fields["value"] = repr(float(vital.value))
    return _line("vitals", tags, fields, vital.stored_ns)


def _alert_line(place: Mapping[str, str], alert: Alert) -> str:
    tags = {**place, "bed": alert.bed_id, "rule": alert.rule_id, "kind": alert.kind.value}
    fields = {
        "alert_id": _quoted(alert.alert_id),
        "n": f"{alert.n}i",
        "state": _quoted(alert.state.value),
        "priority": _quoted(alert.priority.name.lower()),
        "text": _quoted(alert.text),
        "by": _quoted(alert.acknowledged_by),
    }
    # two transitions may share a moment, never a number
    return _line("alerts", tags, fields, alert.changed_at.utc_ns + alert.n)


def _line(
    measurement: str, tags: Mapping[str, str], fields: Mapping[str, str], time_ns: int
) -> str:
    """Return one line; tags sorted as the server stores them, empty ones left out."""
    key = ",".join(
        [measurement, *(f"{name}={_tag(value)}" for name, value in sorted(tags.items()) if value)]
    )
    return f"{key} {','.join(f'{name}={text}' for name, text in fields.items())} {time_ns}"


def _tag(text: str) -> str:
    """Return a tag value, escaped.

    Line protocol cannot carry a line break or a backslash before a special character in a tag:
    control characters become spaces and backslashes slashes.
    """
    plain = _CONTROL.sub(" ", text).replace("\\", "/")
    return _TAG_SPECIAL.sub(r"\\\1", plain)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class _V1:
    """`/write` of InfluxDB 1.x."""

    def __init__(self, config: InfluxConfig) -> None:
        query = urlencode({"db": config.database, "precision": "ns"})
        self._config = config
        self._address = f"{config.url.rstrip('/')}/write?{query}"
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(total=config.timeout_s), retries=False
        )

    def write(self, body: bytes) -> None:
        config = self._config
        headers = {}
        if config.username and config.password_file:
            login = f"{config.username}:{_secret(config.password_file)}"
            headers = urllib3.make_headers(basic_auth=login)
        try:
            answer = self._pool.request("POST", self._address, body=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise _unreachable(config, error) from error
        if answer.status != HTTPStatus.NO_CONTENT:
            raise _refusal(config, answer.status, answer.data.decode(errors="replace"))

    def close(self) -> None:
        self._pool.clear()


class _V2:
    """`/api/v2/write` of InfluxDB 1.8, 2.x and 3.x, through its client library."""

    def __init__(self, config: InfluxConfig) -> None:
        self._config = config
        self._client: InfluxDBClient | None = None  # None until the first write and after close

    def write(self, body: bytes) -> None:
        # imported late: the library costs memory that a ward without this sink need not pay
        from influxdb_client.client.write_api import SYNCHRONOUS  # noqa: PLC0415 see above
        from influxdb_client.rest import ApiException  # noqa: PLC0415 see above

        config = self._config
        client = self._client = self._client or self._connect()
        try:
            client.write_api(write_options=SYNCHRONOUS).write(config.bucket, config.org, body)
        except ApiException as error:
            self.close()  # the token is read again, should it have been replaced
            raise _refusal(config, error.status or 0, str(error.body or error.reason)) from error
        except urllib3.exceptions.HTTPError as error:
            raise _unreachable(config, error) from error

    def close(self) -> None:
        if self._client is not None:
            with closing(self._client):
                self._client = None

    def _connect(self) -> InfluxDBClient:
        from influxdb_client.client.influxdb_client import (  # noqa: PLC0415 see `write`
            InfluxDBClient,
        )

        config = self._config
        token = _secret(config.token_file) if config.token_file else ""
        timeout_ms = round(config.timeout_s * 1000)
        return InfluxDBClient(
            config.url, token, org=config.org, timeout=timeout_ms, retries=urllib3.Retry(0)
        )


def _secret(path: Path) -> str:
    try:
        return read_secret(path, is_ascii=True)
    except ConfigError as error:
        raise DeliveryError(str(error), retryable=True) from error


def _unreachable(config: InfluxConfig, error: Exception) -> DeliveryError:
    return DeliveryError(f"{config.url} does not answer: {error}", retryable=True)


def _refusal(config: InfluxConfig, status: int, answer: str) -> DeliveryError:
    said = " ".join(answer.split())[:_MAX_ANSWER]
    message = f"{config.url} answered {status} ({_advice(config, status)}): {said}"
    return DeliveryError(message, retryable=status not in _REFUSED)


def _advice(config: InfluxConfig, status: int) -> str:
    is_v2 = config.api == "v2"
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return f"check {config.token_file if is_v2 else config.password_file} and its rights"
    if status == HTTPStatus.NOT_FOUND:
        place = f"bucket {config.bucket!r}" if is_v2 else f"database {config.database!r}"
        return f"check that {place} exists and that the server speaks api {config.api}"
    if status in _REFUSED:
        return "a line is refused"
    return "the server is in trouble"
