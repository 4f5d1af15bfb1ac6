"""gateway.toml to a frozen `AgentConfig`; every mistake is reported at once, each with its key."""

from __future__ import annotations

import hashlib
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

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

from edge_agent.config_checks import bed_mistakes, sink_mistakes
from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.texts import read_text, toml_of

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


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ValueError("no such time zone; want a name such as Europe/Berlin") from error
    return name


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class LineSection:
    """The line to one device, and how to read what comes over it."""

    port: Annotated[str, StringConstraints(min_length=1)]
    """Device path, usb: address, socket:// or rfc2217:// address, or an address that the device
    connects to: mllp://HOST:PORT."""
    driver: str
    listen_only: bool = False
    profile: str = ""
    """One of the driver's profiles; empty: its default."""
    profile_file: FilePath | None = None
    """A profile of one's own; None: one that the driver ships."""
    clock_zone: Annotated[str, AfterValidator(_is_zone)] = "UTC"
    """Zone of the device's wall clock where it sends none."""
    origin: str = ""
    """What the device calls its place, where several devices share a port; see the guide."""
    serial: SerialSection = field(default_factory=SerialSection)


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class DeviceSection(LineSection):
    """One more device at a bed, such as a thermometer."""

    name: Name
    """Tells it from the bed's other devices."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class BedSection(LineSection):
    """One bed and the monitor beside it."""

    id: Name
    required_signals: tuple[Signal, ...] = ALL_SIGNALS
    """Signals whose loss is an alert at this bed."""
    devices: tuple[DeviceSection, ...] = ()
    """What else is connected to the patient."""

    def lines(self) -> dict[DevicePlace, LineSection]:
        """Return every line of the bed by the place it carries for."""
        more = {DevicePlace(self.id, f"{self.id}.{d.name}"): d for d in self.devices}
        return {DevicePlace(self.id, self.id): self, **more}


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
    return parse_config(read_text(path), source=str(path))


def parse_config(text: str, *, source: str) -> AgentConfig:
    """Return the configuration in a text; `source` names it in mistakes.

    Raises
    ------
    ConfigError
        With every mistake of the text: its key, the value seen and what is allowed.
    """
    tables = toml_of(text, source)
    mistakes: list[Mistake] = []
    config = None
    try:
        config = _ADAPTER.validate_python(tables)
    except ValidationError as error:
        mistakes += [_in_our_words(source, dict(e)) for e in error.errors()]
    mistakes += bed_mistakes(source, tables) + sink_mistakes(source, tables)
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
