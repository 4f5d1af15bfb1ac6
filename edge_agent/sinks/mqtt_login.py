"""How a client shows the broker who it is."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from paho.mqtt.client import Client


class Login(Protocol):
    """Name, password and certificates, of which any may be missing."""

    @property
    def username(self) -> str:
        """Empty where the broker asks for none."""

    @property
    def password_file(self) -> Path | None:
        """Holds the password on its first line."""

    @property
    def tls_ca(self) -> Path | None:
        """Certificate authority of the broker; None for a line without TLS."""

    @property
    def tls_cert(self) -> Path | None:
        """Our certificate; None where the broker asks for none."""

    @property
    def tls_key(self) -> Path | None:
        """The key of our certificate."""


def log_in(client: Client, login: Login) -> None:
    """Have the client use this login from its next connection on."""
    if login.username:
        secret = login.password_file.read_text() if login.password_file else ""
        client.username_pw_set(login.username, secret.partition("\n")[0] or None)
    if login.tls_ca is not None:
        context = ssl.create_default_context(cafile=login.tls_ca)
        if login.tls_cert is not None:
            context.load_cert_chain(login.tls_cert, login.tls_key)
        client.tls_set_context(context)
