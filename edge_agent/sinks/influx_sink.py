"""Sink that writes journalled vitals and alerts to InfluxDB 1.x, 2.x or 3.x.

After any doubt a line is simply written again: see `line_protocol`.
"""

from __future__ import annotations

import base64
import http.client
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlencode

from edge_agent.clients.http_post import Poster, unreachable_words
from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.model.errors import ConfigError, DeliveryError, PartialDeliveryError, Refusal
from edge_agent.model.texts import read_secret
from edge_agent.payloads.alerts import decode_alert
from edge_agent.payloads.checkpoints import GATEWAY_BED, CheckpointEvent
from edge_agent.payloads.common import UNREADABLE
from edge_agent.payloads.events import decode_event
from edge_agent.payloads.readings import decode_readings
from edge_agent.sinks.line_protocol import alert_line, checkpoint_line, vital_line

_REFUSED: Final = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""Statuses that concern the lines themselves, unless the server gives them to every line."""
_MAX_ANSWER: Final = 300
"""Characters of the server's own explanation that go into an error."""


@dataclass(frozen=True, slots=True)
class InfluxConfig:
    """Address of the database, and the way of writing there."""

    url: str
    api: Literal["v1", "v2"]
    """v2 for InfluxDB 1.8, 2.x and 3.x; v1 for servers before 1.8."""
    site: str
    ward: str
    org: str = ""
    """Organisation; v2 only."""
    bucket: str = ""
    """Bucket; v2 only."""
    token_file: Path | None = None
    """File of the token; v2 only; None where the server wants no token."""
    database: str = ""
    """Database; v1 only."""
    username: str = ""
    """Name of the user; v1 only; empty where the server wants no login."""
    password_file: Path | None = None
    """File of the password; v1 only; None where the server wants no login."""
    timeout_s: float = 10.0


class InfluxSink:
    """Writer of vitals, alerts and checkpoints as line protocol, one body per batch."""

    name = "influx"

    def __init__(self, config: InfluxConfig) -> None:
        self._config = config
        self._ward_tags = {"site": config.site, "ward": config.ward}
        self._poster = Poster(config.url, config.timeout_s)

    def deliver(self, entries: Sequence[JournalEntry]) -> int:
        """Write `entries`; return their number, 0 where none of them holds a line to write.

        Raises
        ------
        DeliveryError
            If the database did not accept them; not retryable where it refuses a line of the batch.
            It may have accepted the other lines of such a batch; writing them again does no harm.
        """
        lines: list[bytes] = []
        unreadable: list[Refusal] = []
        for index, entry in enumerate(entries):
            try:
                lines += [line.encode() for line in self._lines(entry)]
            except UNREADABLE as error:
                reason = f"entry {entry.seq} cannot be read: {error}"
                unreadable.append(Refusal(index, reason, is_final=True))
        refused = {refusal.index for refusal in unreadable}
        accepted = frozenset(range(len(entries))) - refused
        if lines:
            self._write(b"\n".join(lines), accepted)
        if unreadable:
            written = accepted if lines else frozenset[int]()
            raise PartialDeliveryError(
                unreadable[0].reason, retryable=False, accepted=written, refused=tuple(unreadable)
            )
        return len(entries) if lines else 0

    def fault(self) -> str:
        """Return an empty text: only a delivery finds out whether the database is well."""
        return ""

    def tend(self) -> None:
        """Do nothing: a database needs nothing but entries."""

    def interrupt(self) -> None:
        """Make a write under way, and all later ones, fail soon."""
        self._poster.interrupt()

    def close(self) -> None:
        """Do nothing: no connection outlives its write."""

    def _lines(self, entry: JournalEntry) -> list[str]:
        if entry.lane is Lane.READINGS:
            return [vital_line(self._ward_tags, v) for v in decode_readings(entry.body).vitals]
        if entry.lane is Lane.ALERTS:
            return [alert_line(self._ward_tags, decode_alert(entry.body))]
        if entry.bed_id == GATEWAY_BED:
            event = decode_event(entry.body)
            if isinstance(event, CheckpointEvent):
                return [checkpoint_line(self._ward_tags, event, entry.at_ns)]
        return []

    def _write(self, body: bytes, sent: frozenset[int]) -> None:
        config = self._config
        try:
            answer = self._poster.post(self._target(), body, self._headers())
        except (ssl.SSLError, ConnectionRefusedError, ValueError) as error:
            raise _unreachable(config, error) from error
        except (TimeoutError, ConnectionError, http.client.HTTPException) as error:
            # The lines may be what broke the server.
            words = str(_unreachable(config, error))
            raise PartialDeliveryError(words, retryable=True, unanswered=sent) from error
        except OSError as error:
            raise _unreachable(config, error) from error
        if answer.status == HTTPStatus.NO_CONTENT:
            return
        words = _refusal(config, answer.status, answer.text)
        if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PartialDeliveryError(words, retryable=True, unanswered=sent)
        raise DeliveryError(words, retryable=answer.status not in _REFUSED)

    def _target(self) -> str:
        config = self._config
        base = "/" + config.url.partition("://")[2].partition("/")[2]
        if config.api == "v2":
            query = {"org": config.org, "bucket": config.bucket, "precision": "ns"}
            return f"{base.rstrip('/')}/api/v2/write?{urlencode(query)}"
        return f"{base.rstrip('/')}/write?{urlencode({'db': config.database, 'precision': 'ns'})}"

    def _headers(self) -> dict[str, str]:
        """Return the headers with credentials; secrets are read anew, as they may have changed."""
        config, headers = self._config, {"Content-Type": "text/plain; charset=utf-8"}
        if config.api == "v2" and config.token_file:
            headers["Authorization"] = f"Token {_secret(config.token_file)}"
        if config.api == "v1" and config.username and config.password_file:
            login = f"{config.username}:{_secret(config.password_file)}"
            headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
        return headers


def _secret(path: Path) -> str:
    try:
        return read_secret(path, is_ascii=True)
    except ConfigError as error:
        raise DeliveryError(str(error), retryable=True) from error


def _unreachable(config: InfluxConfig, error: Exception) -> DeliveryError:
    return DeliveryError(unreachable_words(config.url, config.timeout_s, error), retryable=True)


def _refusal(config: InfluxConfig, status: int, answer: str) -> str:
    problem = answer[:_MAX_ANSWER]
    return f"{config.url} answered {status} ({_advice(config, status, answer)}): {problem}"


def _advice(config: InfluxConfig, status: int, answer: str) -> str:
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return _login_advice(config)
    if status == HTTPStatus.NOT_FOUND:
        store = f"database {config.database!r}"
        if config.api == "v2":
            store = f"bucket {config.bucket!r}"
        return f"check that {store} exists and that the server speaks api {config.api}"
    if "HTTPS server" in answer:
        return "the server speaks TLS: write https://"
    if status in _REFUSED:
        is_plain = config.url.startswith("http://") and not answer
        return "a line is refused" + (", or the server wants https://" if is_plain else "")
    if status < HTTPStatus.BAD_REQUEST:
        return "want 204: is this InfluxDB?"
    return "the server is in trouble"


def _login_advice(config: InfluxConfig) -> str:
    is_v2 = config.api == "v2"
    secret = config.token_file if is_v2 else config.password_file
    if secret is not None:
        return f"check {secret} and its rights"
    keys = "influx.token_file" if is_v2 else "influx.username and influx.password_file"
    return f"it wants a login: set {keys}"
