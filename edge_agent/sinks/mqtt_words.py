"""What is said when a broker cannot be reached, refuses, or allows less than is needed."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paho.mqtt.reasoncodes import ReasonCode

SESSION_TAKEN_OVER: Final = 0x8E
RETAIN_NOT_SUPPORTED: Final = 0x9A
QOS_NOT_SUPPORTED: Final = 0x9B
"""MQTT 5 table 2-6, as all reason codes here."""
_UNSUPPORTED_VERSION: Final = 0x84
_LOGIN: Final = frozenset({0x86, 0x87, 0x8C})
RETAIN_NOTE: Final = (
    "the broker holds no retained messages: whoever connects later does not see open alerts"
)
QOS_NOTE: Final = "the broker takes QoS 0 only: nothing that is sent is confirmed"


def connect_words(address: str, error: BaseException | None) -> str:
    """Return why no connection came about."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{address}: its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"{address} does not speak TLS with us: {error.reason}"
    said = getattr(error, "strerror", None) or error
    return f"{address} does not answer" + (f": {said}" if said else "")


def refusal_words(address: str, reason: ReasonCode) -> str:
    """Return why a broker refused the connection."""
    words = f"{address}: the broker refused the connection: {reason}"
    if reason.value == _UNSUPPORTED_VERSION:
        return f"{words}; MQTT 5 is needed, as older versions do not say which messages are refused"
    if reason.value in _LOGIN:
        return f"{words}; check mqtt.username, mqtt.password_file and the certificate"
    return words


def loss_words(address: str, reason: ReasonCode, *, was_up: bool) -> str:
    """Return why a connection ended."""
    if not was_up:
        return f"{address} does not answer as an MQTT 5 broker does: {reason}"
    return f"connection lost: {reason}"


def namesake_words(address: str, client_id: str) -> str:
    """Return what it means that another client uses our id."""
    return (
        f"another client uses the id {client_id!r} at {address}: two gateways with one id, or one "
        "configuration that runs twice"
    )


def subscription_words(filters: Sequence[str], reasons: Sequence[ReasonCode]) -> dict[str, str]:
    """Return by filter what follows where a broker refuses a subscription."""
    what_follows = {
        "ack": "answers to alerts cannot arrive",
        "context": "entries about patients cannot arrive",
        "+": "alerts that nobody owns any longer stay with the broker",
    }
    otherwise = "another gateway with our id would not be noticed"
    return {
        topic: f"the broker refuses to subscribe to {topic} ({reason}): "
        f"{what_follows.get(topic.rpartition('/')[2], otherwise)}"
        for topic, reason in zip(filters, reasons, strict=False)
        if reason.is_failure
    }
