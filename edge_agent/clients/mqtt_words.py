"""Messages about a broker that cannot be reached, refuses, or allows less than is needed."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import Final

from paho.mqtt.reasoncodes import ReasonCode

SESSION_TAKEN_OVER: Final = 0x8E
RETAIN_NOT_SUPPORTED: Final = 0x9A
QOS_NOT_SUPPORTED: Final = 0x9B
"""Reason codes of MQTT 5 table 2-6, as all in this module."""
_UNSUPPORTED_VERSION: Final = 0x84
_KEEP_ALIVE: Final = 0x8D
_PACKET_TOO_LARGE: Final = 0x95
_LOGIN: Final = frozenset({0x86, 0x87, 0x8C})
RETAIN_NOTE: Final = (
    "the broker holds no retained messages: whoever connects later does not see open alerts"
)
QOS_NOTE: Final = "the broker takes QoS 0 only: nothing that is sent is confirmed"


_TLS_RECORDS: Final = (b"\x15\x03", b"\x16\x03")
"""Beginnings of a TLS alert and handshake, with the major version (RFC 8446 section 5.1)."""
_OLD_CONNACK: Final = b"\x20\x02"
"""Beginning of an older CONNACK (MQTT 3.1.1 section 3.2): two bytes follow; MQTT 5 has more."""
_WORD_BYTES: Final = 4
"""Printable bytes that are text instead of MQTT: a CONNACK begins with a space and its length."""
_PLAIN_NOT_TLS: Final = "a port without TLS (usually 1883) takes no mqtt.tls_ca"


def connect_words(address: str, error: BaseException | None, *, is_tls: bool = False) -> str:
    """Return why no connection was made."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{address}: its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"{address} does not speak TLS with us: {error.reason}; {_PLAIN_NOT_TLS}"
    if is_tls and isinstance(error, ConnectionResetError | BrokenPipeError):
        return f"{address} hangs up when we begin TLS; {_PLAIN_NOT_TLS}"
    problem = getattr(error, "strerror", None) or error
    return f"{address} does not answer" + (f": {problem}" if problem else "")


def refusal_words(address: str, reason: ReasonCode) -> str:
    """Return why a broker refused the connection."""
    words = f"{address}: the broker refused the connection: {reason}"
    if reason.value == _UNSUPPORTED_VERSION:
        return f"{words}; MQTT 5 is needed, as older versions do not say which messages are refused"
    if reason.value == _PACKET_TOO_LARGE:
        return f"{words}; its largest packet (max_packet_size) is smaller than our first one"
    if reason.value in _LOGIN:
        return f"{words}; check mqtt.username, mqtt.password_file and the certificate"
    return words


def no_broker_words(address: str, received: bytes, sent_bytes: int, reason: object) -> str:
    """Return why the other side is no MQTT 5 broker, judged by its first answer.

    Parameters
    ----------
    received
        Beginning of its first answer; empty where it sent nothing.
    sent_bytes
        Size of our CONNECT; 0 where none was sent.
    reason
        Reason that the client library gives.
    """
    if not sent_bytes:
        problem = str(reason)
    elif received:
        problem = (
            _answer_words(received) or f"{reason}; its first bytes are {received[:8].hex(' ')}"
        )
    elif getattr(reason, "value", None) == _KEEP_ALIVE:
        problem = "it sends nothing; a web server may wait like that"
    else:
        problem = (
            f"it hangs up on our CONNECT of {sent_bytes} bytes without a word; "
            "either the port wants TLS (mqtt.tls_ca), "
            "or the broker's largest packet (max_packet_size) is smaller"
        )
    return f"{address} does not answer as an MQTT 5 broker does: {problem}"


def _answer_words(received: bytes) -> str:
    """Return the protocol of an answer, in words; empty where it is unknown."""
    if received.startswith(b"HTTP/"):
        return "it answers as a web server (HTTP), not as MQTT"
    if received.startswith(_TLS_RECORDS):
        return "it speaks TLS; set mqtt.tls_ca, or take the port without TLS (usually 1883)"
    if received.startswith(_OLD_CONNACK):
        return "it speaks an MQTT of before version 5"
    text = received.decode("ascii", "replace").splitlines()[0]
    if len(text) >= _WORD_BYTES and text.isascii() and text.isprintable():
        return f"it answers in text, not in MQTT: {text!r}"
    return ""


def namesake_words(address: str, client_id: str) -> str:
    """Return the meaning of another client with our id."""
    return (
        f"another client uses the id {client_id!r} at {address}: two gateways with one id, or one "
        "configuration that runs twice"
    )


def subscription_words(filters: Sequence[str], reasons: Sequence[ReasonCode]) -> dict[str, str]:
    """Return the consequence of each subscription that the broker refuses, by filter."""
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
