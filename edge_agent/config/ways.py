"""The sections `[[ways]]`: ways out, over which people are called; one section for each kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from edge_agent.config.board import is_loopback
from edge_agent.config.fields import (
    Checked,
    FileToRead,
    Flag,
    Host,
    Name,
    Text,
    WebAddress,
    is_host,
)
from edge_agent.config.words import in_our_words
from edge_agent.model.errors import Mistake
from edge_agent.model.toml_table import number_from, shown, whole_from, word_of

_STRICT: Final = ConfigDict(extra="forbid", str_strip_whitespace=True)
_HEADER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_EUI64: Final = re.compile(r"[0-9A-Fa-f]{16}")
_WORD: Final = re.compile(r"\w{1,20}", re.ASCII)
_SYSLOG_PORTS: Final = {"udp": 514, "tcp": 601, "tls": 6514}
"""Ports of RFC 5426, RFC 3195 (as RFC 6587 has none of its own) and RFC 5425."""
_RECIPIENTS: Final = ("obr28", "prt", "none")


def _is_header(text: str) -> str:
    if not _HEADER.fullmatch(text):
        raise ValueError("want the name of an HTTP header, such as Authorization")
    return text


def _is_eui64(text: str) -> str:
    if text and not _EUI64.fullmatch(text):
        raise ValueError("want 16 hexadecimal digits")
    return text


def _is_word(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise ValueError("want 1 to 20 letters, digits and underscores, as in MSH-9")
    return text


def _is_listener(text: str) -> str:
    want = "want mllp://HOST:PORT, an address of this gateway"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(want) from None
    if text and (parts.scheme != "mllp" or not port or not is_host(parts.hostname or "")):
        raise ValueError(want)
    return text


_Timeout = Annotated[float, Checked(number_from(0, 60, is_open=True))]
_Port = Annotated[int, Checked(whole_from(1, 65_535))]
_Word = Annotated[Text, AfterValidator(_is_word)]


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class _WaySection:
    """Keys that every way out has."""

    name: Name
    """Name of the way, as the ward file names it."""
    watchdog: Flag = False
    """True where its heartbeat is the auditor's, sent only while every alert reaches people."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class _TlsSection(_WaySection):
    """Keys of a way over a connection."""

    tls_ca: FileToRead | None = None
    tls_cert: FileToRead | None = None
    tls_key: FileToRead | None = None
    timeout_s: _Timeout = 5.0
    """Longest time for one message."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class WebhookSection(_TlsSection):
    """A web server that takes JSON."""

    kind: Literal["webhook"]
    url: WebAddress
    secret_file: FileToRead | None = None
    """File with the value of `secret_header`."""
    secret_header: Annotated[Text, AfterValidator(_is_header)] = "Authorization"


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class SyslogSection(_TlsSection):
    """A syslog receiver."""

    kind: Literal["syslog"]
    host: Host
    transport: Annotated[Literal["udp", "tcp", "tls"], Checked(word_of(tuple(_SYSLOG_PORTS)))]
    port: _Port | None = None
    """None for the usual one of the transport."""
    facility: Annotated[int, Checked(whole_from(0, 23))] = 16
    """Facility of RFC 5424; 16 is local0."""

    @property
    def used_port(self) -> int:
        """Port of the receiver."""
        return _SYSLOG_PORTS[self.transport] if self.port is None else self.port


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class MqttWaySection(_TlsSection):
    """An MQTT broker to which handsets subscribe."""

    kind: Literal["mqtt"]
    host: Host | None = None
    """None for the broker of `[mqtt]`, with the login there."""
    port: _Port = 1883
    username: Text = ""
    password_file: FileToRead | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class AcmSection(_TlsSection):
    """An alert manager (IHE PCD ACM)."""

    kind: Literal["acm"]
    host: Host
    port: _Port
    eui64: Annotated[Text, AfterValidator(_is_eui64)] = ""
    """Identifier of the gateway; empty for one made from its name."""
    receiving_application: Text = ""
    receiving_facility: Text = ""
    recipient: Annotated[Literal["obr28", "prt", "none"], Checked(word_of(_RECIPIENTS))] = "obr28"
    """Field that names the person to notify."""
    listen: Annotated[Text, AfterValidator(_is_listener)] = ""
    """Address at which reports of status arrive; empty where they come over the connection."""
    status_trigger: _Word = "R41"
    status_structure: _Word = "ORA_R41"


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class AppriseSection(_WaySection):
    """Services that the library apprise knows."""

    kind: Literal["apprise"]
    urls_file: FileToRead
    """Addresses, PERSON=SERVICE://... on each line."""
    has_heartbeat: Flag = True
    """False where no address is for the heartbeat; then only a failed notice shows a fault."""
    timeout_s: _Timeout = 10.0
    """Longest time for one notice."""


WaySection = WebhookSection | SyslogSection | MqttWaySection | AcmSection | AppriseSection
"""One way out, of any kind."""
_SECTIONS: Final[dict[str, type]] = {
    "webhook": WebhookSection,
    "syslog": SyslogSection,
    "mqtt": MqttWaySection,
    "acm": AcmSection,
    "apprise": AppriseSection,
}
_KIND: Final = word_of(tuple(_SECTIONS))


def read_ways(
    source: str, tables: Mapping[str, object]
) -> tuple[tuple[WaySection, ...], list[Mistake]]:
    """Return the ways of the raw tables of a gateway.toml, and every mistake in them.

    With mistakes, the ways are incomplete.
    """
    raw = tables.get("ways", [])
    if not isinstance(raw, list):
        return (), [
            Mistake(source, "ways", "its value is not shown; want a list of tables [[ways]]")
        ]
    ways: list[WaySection] = []
    mistakes: list[Mistake] = []
    for index, table in enumerate(raw):
        way, wrong = _read_way(source, table)
        mistakes += [replace(m, key=f"ways.{index}.{m.key}".removesuffix(".-")) for m in wrong]
        ways += [way] if way is not None else []
    mistakes += _name_mistakes(source, raw)
    return tuple(ways), [*mistakes, *_broker_mistakes(source, raw, tables)]


def _read_way(source: str, table: object) -> tuple[WaySection | None, list[Mistake]]:
    if not isinstance(table, dict):
        return None, [Mistake(source, "-", "is no table; want [[ways]]")]
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in _SECTIONS:
        seen = "missing" if kind is None else shown(kind)
        return None, [Mistake(source, "kind", f"{seen}; want {_KIND.want}")]
    section = _SECTIONS[kind]
    wrong = list(_tls_mistakes(source, table)) + list(_secret_mistakes(source, table))
    try:
        way: WaySection = TypeAdapter(section).validate_python(table)
    except ValidationError as error:
        return None, [*(in_our_words(source, dict(e), section) for e in error.errors()), *wrong]
    return way, wrong


def _name_mistakes(source: str, raw: list[object]) -> Iterator[Mistake]:
    """Yield the names that several ways have."""
    names = Counter(
        str(table["name"]) for table in raw if isinstance(table, dict) and "name" in table
    )
    for name, count in names.items():
        if count > 1:
            yield Mistake(source, "ways.name", f"is {name!r} for {count} ways; each needs its own")


def _tls_mistakes(source: str, table: Mapping[str, object]) -> Iterator[Mistake]:
    if ("tls_cert" in table) != ("tls_key" in table):
        yield Mistake(source, "tls_cert", "and tls_key go together")
    files = sorted(key for key in table if key.startswith("tls_"))
    if table.get("kind") == "syslog" and files and table.get("transport") != "tls":
        message = f'is used with transport = "tls" only; want that, or no {files[0]}'
        yield Mistake(source, files[0], message)
    if table.get("kind") in {"mqtt", "acm"} and "tls_cert" in table and "tls_ca" not in table:
        message = "is missing; without it there is no TLS, and tls_cert is not used"
        yield Mistake(source, "tls_ca", message)


def _secret_mistakes(source: str, table: Mapping[str, object]) -> Iterator[Mistake]:
    if "password_file" in table and not table.get("username"):
        message = "is missing; without it the password is not used"
        yield Mistake(source, "username", message)
    url = table.get("url")
    if "secret_file" not in table or not isinstance(url, str) or not url.startswith("http://"):
        return
    if not is_loopback(_host_of(url)):
        message = "begins with http://, and the secret would be read on the way; want https://"
        yield Mistake(source, "url", message)


def _host_of(url: str) -> str:
    """Return the host of a web address; empty where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _broker_mistakes(
    source: str, raw: list[object], tables: Mapping[str, object]
) -> Iterator[Mistake]:
    """Yield the ways over MQTT that name no broker where there is none."""
    for index, table in enumerate(raw):
        if not isinstance(table, dict) or table.get("kind") != "mqtt" or "host" in table:
            continue
        own = sorted(table.keys() & {"port", "username", "password_file", "tls_ca", "tls_cert"})
        if "mqtt" not in tables:
            message = "is missing; want a broker here, or a section [mqtt]"
            yield Mistake(source, f"ways.{index}.host", message)
        elif own:
            message = f"is that of [mqtt] while host is missing; want host, or no {own[0]}"
            yield Mistake(source, f"ways.{index}.{own[0]}", message)
