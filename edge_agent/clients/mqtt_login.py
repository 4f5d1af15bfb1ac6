"""Credentials and TLS of an MQTT client."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from paho.mqtt.client import Client

from edge_agent.clients.tls import TlsFiles, tls_context
from edge_agent.model.texts import read_secret


class Login(TlsFiles, Protocol):
    """Name, password and certificates, any of which may be missing."""

    @property
    def username(self) -> str:
        """User name; empty where the broker wants none."""

    @property
    def password_file(self) -> Path | None:
        """File with the password on its first line."""


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
