"""Credentials and TLS of an MQTT client."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Protocol

from paho.mqtt.client import Client

from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.texts import read_secret


class Login(Protocol):
    """Name, password and certificates, any of which may be missing."""

    @property
    def username(self) -> str:
        """User name; empty where the broker wants none."""

    @property
    def password_file(self) -> Path | None:
        """File with the password on its first line."""

    @property
    def tls_ca(self) -> Path | None:
        """Certificate authority of the broker; None for a line without TLS."""

    @property
    def tls_cert(self) -> Path | None:
        """Our certificate; None where the broker wants none."""

    @property
    def tls_key(self) -> Path | None:
        """Key of our certificate."""


def log_in(client: Client, login: Login) -> None:
    """Set this login for the client's next connections.

    Raises
    ------
    ConfigError
        If the password or a certificate cannot be read.
    """
    if login.username:
        secret = read_secret(login.password_file) if login.password_file else None
        client.username_pw_set(login.username, secret)
    context = tls_context(login)
    if context is not None:
        client.tls_set_context(context)


def tls_context(login: Login) -> ssl.SSLContext | None:
    """Return the TLS settings of the login, None for a line without TLS.

    Raises
    ------
    ConfigError
        If a certificate or key cannot be read, or the two do not belong together.
    """
    if login.tls_ca is None:
        return None
    try:
        context = ssl.create_default_context(cafile=login.tls_ca)
    except (OSError, ValueError) as error:
        raise _refused(login.tls_ca, error, "a certificate authority in PEM") from error
    if login.tls_cert is not None:
        try:
            # A key that asks for a pass phrase would wait for one at the terminal.
            context.load_cert_chain(login.tls_cert, login.tls_key, password="")
        except (OSError, ValueError) as error:
            for path in (login.tls_cert, login.tls_key):
                _check_readable(path)
            pair = f"{login.tls_cert} and {login.tls_key}"
            wanted = "a certificate in PEM and its own key, without a pass phrase"
            raise _refused(pair, error, wanted) from error
    return context


def _check_readable(path: Path | None) -> None:
    if path is None:
        return
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise _refused(path, error, "a file that this user may read") from error


def _refused(what: Path | str, error: Exception, wanted: str) -> ConfigError:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    return ConfigError((Mistake(str(what), "-", f"cannot be used: {reason}; want {wanted}"),))
