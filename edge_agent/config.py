"""gateway.toml to a frozen `AgentConfig`; every mistake is reported at once, each with its key."""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    DirectoryPath,
    Field,
    FilePath,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic.dataclasses import dataclass

from edge_agent.drivers.registry import all_drivers
from edge_agent.model.errors import ConfigError, Mistake

if TYPE_CHECKING:
    from collections.abc import Sequence

_STRICT: Final = ConfigDict(extra="forbid", str_strip_whitespace=True)

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""A topic segment and a tag value: letters, digits, dot, dash and underscore."""

Signal = Literal["heart_rate", "spo2", "temperature", "blood_pressure"]
ALL_SIGNALS: Final[tuple[Signal, ...]] = ("heart_rate", "spo2", "temperature", "blood_pressure")


def _in_a_folder(path: Path) -> Path:
    if not path.parent.is_dir():
        raise ValueError(f"its folder {str(path.parent)!r} does not exist")
    return path


@dataclass(frozen=True, slots=True, config=_STRICT)
class GatewaySection:
    """Where this gateway stands."""

    id: Name
    site: Name
    ward: Name


@dataclass(frozen=True, slots=True, config=_STRICT)
class JournalSection:
    """The durable log on this gateway's disk."""

    path: Annotated[Path, AfterValidator(_in_a_folder)]
    retention_h: Annotated[float, Field(gt=0, le=24 * 366)] = 72.0


@dataclass(frozen=True, slots=True, config=_STRICT)
class MqttSection:
    """The broker alerts and vitals go to."""

    host: Annotated[str, StringConstraints(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    username: str = ""
    password_file: FilePath | None = None
    tls_ca: FilePath | None = None
    tls_cert: FilePath | None = None
    tls_key: FilePath | None = None


@dataclass(frozen=True, slots=True, config=_STRICT)
class InfluxSection:
    """The database that keeps the streams; api v2 for InfluxDB 1.8 and newer, v1 for older."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
    api: Literal["v1", "v2"]
    org: str = ""
    bucket: str = ""
    token_file: FilePath | None = None
    database: str = ""
    username: str = ""
    password_file: FilePath | None = None
    timeout_s: Annotated[float, Field(gt=0, le=300)] = 10.0


@dataclass(frozen=True, slots=True, config=_STRICT)
class SerialSection:
    """Line settings that override the driver's own; None keeps the driver's."""

    baud: Annotated[int, Field(ge=300, le=4_000_000)] | None = None
    byte_size: Literal[7, 8] | None = None
    parity: Literal["N", "E", "O"] | None = None
    stop_bits: Literal[1, 2] | None = None
    rts_cts: bool | None = None


@dataclass(frozen=True, slots=True, config=_STRICT)
class BedSection:
    """One bed and the monitor beside it."""

    id: Name
    port: Annotated[str, StringConstraints(min_length=1)]
    """Device path, or a socket:// or rfc2217:// address."""
    driver: str
    listen_only: bool = False
    required_signals: tuple[Signal, ...] = ALL_SIGNALS
    """Signals whose loss is an alert at this bed."""
    serial: SerialSection = field(default_factory=SerialSection)


@dataclass(frozen=True, slots=True, config=_STRICT)
class RulesSection:
    """Where the detection rules come from."""

    folder: DirectoryPath | None = None
    """None: the rules shipped with the program."""


@dataclass(frozen=True, slots=True, config=_STRICT)
class AgentConfig:
    """The whole configuration of one gateway."""

    gateway: GatewaySection
    journal: JournalSection
    beds: tuple[BedSection, ...]
    mqtt: MqttSection | None = None
    """None: no broker; alerts stay on the gateway."""
    influx: InfluxSection | None = None
    """None: the journal is the only store."""
    rules: RulesSection = field(default_factory=RulesSection)


_ADAPTER: Final = TypeAdapter(AgentConfig)


def load_config(path: Path) -> AgentConfig:
    """Return the configuration in a file.

    Raises
    ------
    ConfigError
        With every mistake of the file: its key, the value seen and what is allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((Mistake(str(path), "-", f"cannot be read: {error}"),)) from error
    return parse_config(text, source=str(path))


def parse_config(text: str, *, source: str) -> AgentConfig:
    """Return the configuration in a text; `source` names it in mistakes.

    Raises
    ------
    ConfigError
        With every mistake of the text: its key, the value seen and what is allowed.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((Mistake(source, "-", f"is not TOML: {error}"),)) from error
    mistakes: list[Mistake] = []
    config = None
    try:
        config = _ADAPTER.validate_python(tables)
    except ValidationError as error:
        mistakes += [_in_our_words(source, dict(e)) for e in error.errors()]
    mistakes += _bed_mistakes(source, tables) + _sink_mistakes(source, tables)
    if config is None or mistakes:
        raise ConfigError(tuple(mistakes))
    return config


def config_hash(config: AgentConfig, rule_texts: Sequence[str]) -> str:
    """Return the short hash that every alert carries: which beds and rules raised it."""
    digest = hashlib.sha256(repr((config.gateway, config.beds)).encode())
    for text in rule_texts:
        digest.update(b"\0" + text.encode())
    return digest.hexdigest()[:12]


def _in_our_words(source: str, error: dict[str, object]) -> Mistake:
    location = error["loc"]
    key = ".".join(str(part) for part in location) if isinstance(location, tuple) else "-"
    match error["type"]:
        case "missing":
            return Mistake(source, key, "is missing and required")
        case "unexpected_keyword_argument":
            return Mistake(source, key, f"is not a known key (value {error['input']!r})")
        case _:
            words = str(error["msg"]).removeprefix("Value error, ")
            return Mistake(source, key, f"is {str(error['input'])!r}; {words}")


def _bed_mistakes(source: str, tables: dict[str, object]) -> list[Mistake]:
    """Check across beds on the raw tables, so that one mistake does not hide the others."""
    beds = tables.get("beds")
    rows = [b for b in beds if isinstance(b, dict)] if isinstance(beds, list) else []
    mistakes = []
    if beds == []:
        mistakes.append(Mistake(source, "beds", "is empty; at least one [[beds]] is needed"))
    for key in ("id", "port"):
        counts = Counter(str(row[key]) for row in rows if key in row)
        mistakes += [
            Mistake(source, f"beds.{key}", f"is {value!r} for {n} beds; each bed needs its own")
            for value, n in counts.items()
            if n > 1
        ]
    known = all_drivers()
    for i, row in enumerate(rows):
        name = row.get("driver")
        if isinstance(name, str) and name not in known:
            allowed = ", ".join(sorted(known))
            mistakes.append(Mistake(source, f"beds.{i}.driver", f"is {name!r}; known: {allowed}"))
    return mistakes


def _sink_mistakes(source: str, tables: dict[str, object]) -> list[Mistake]:
    """Check what keys of one section ask of one another, on the raw tables."""
    mistakes = []
    mqtt, influx = tables.get("mqtt"), tables.get("influx")
    if isinstance(mqtt, dict) and ("tls_cert" in mqtt) != ("tls_key" in mqtt):
        mistakes.append(Mistake(source, "mqtt.tls_cert", "and mqtt.tls_key go together"))
    if isinstance(influx, dict):
        needed = {"v2": ("org", "bucket"), "v1": ("database",)}.get(str(influx.get("api")), ())
        mistakes += [
            Mistake(source, f"influx.{key}", f"is missing; api {influx['api']!r} needs it")
            for key in needed
            if not influx.get(key)
        ]
    return mistakes
