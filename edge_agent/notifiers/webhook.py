"""Way out to a web server: each notice and each heartbeat is one POST of JSON."""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from edge_agent.clients.http_post import Poster, unreachable_words
from edge_agent.clients.tls import tls_context
from edge_agent.model.calls import Notice
from edge_agent.model.clock import Instant
from edge_agent.model.errors import ConfigError, DeliveryError
from edge_agent.model.texts import read_secret
from edge_agent.notifiers.worker import LOST_S
from edge_agent.payloads.common import CONTENT_TYPE
from edge_agent.payloads.notices import GatewayPlace, beat_message, notice_message

_REFUSED: Final = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""Statuses that concern the notice itself; any other may be mended while it is current."""
_MAX_ANSWER: Final = 200
"""Characters of the server's own explanation that go into an error."""


@dataclass(frozen=True, slots=True)
class WebhookConfig:
    """Address of the server, and our credentials."""

    name: str
    url: str
    place: GatewayPlace
    secret_file: Path | None = None
    """File with the value of `secret_header`; None where the server wants no secret."""
    secret_header: str = "Authorization"
    tls_ca: Path | None = None
    """Certificate authority of the server; None for those that the system trusts."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    timeout_s: float = 5.0
    """Longest time for one POST and its answer."""


class Webhook:
    """A web server; a notice is delivered when it answers with a status of 200 to 299."""

    def __init__(self, config: WebhookConfig) -> None:
        self._config = config
        self.name = config.name
        scheme, _, rest = config.url.partition("://")
        host, _, path = rest.partition("/")
        self._server, self._target = f"{scheme}://{host}", f"/{path}"
        # The path stays out of messages: many services have a secret in it.
        self._poster = Poster(config.url, config.timeout_s, self._tls)

    def notify(self, notice: Notice) -> None:
        """Post a notice.

        Raises
        ------
        DeliveryError
            If the server did not accept it.
        """
        self._post(notice_message(notice, self._config.place))

    def beat(self, at: Instant) -> None:
        """Post a heartbeat.

        Raises
        ------
        DeliveryError
            If the server did not accept it.
        """
        self._post(beat_message(self.name, self._config.place, at, LOST_S))

    def close(self) -> None:
        """Make a POST under way, and all later ones, fail soon."""
        self._poster.interrupt()

    def _post(self, body: bytes) -> None:
        config = self._config
        headers = {"Content-Type": CONTENT_TYPE}
        try:
            secret = self._secret()
            if secret:
                headers[config.secret_header] = secret
            answer = self._poster.post(self._target, body, headers)
        except ConfigError as error:
            raise DeliveryError(str(error), retryable=True) from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            words = unreachable_words(self._server, config.timeout_s, error)
            raise DeliveryError(words, retryable=True) from error
        if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return
        words = f"{self._server} answered {answer.status}{_advice(answer.status)}"
        if answer.text:
            text = answer.text.replace(secret, "***") if secret else answer.text
            words += f": {text[:_MAX_ANSWER]}"
        raise DeliveryError(words, retryable=answer.status not in _REFUSED)

    def _secret(self) -> str:
        """Return the secret, read anew, as it may have changed; empty where none is wanted."""
        path = self._config.secret_file
        return "" if path is None else read_secret(path, is_ascii=True)

    def _tls(self) -> ssl.SSLContext:
        return tls_context(self._config) or ssl.create_default_context()


def _advice(status: int) -> str:
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return " (check secret_file and secret_header)"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return " (it sends us elsewhere; set the address that it means)"
    return ""
