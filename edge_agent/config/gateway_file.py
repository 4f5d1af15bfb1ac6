"""The configuration: gateway.toml as a frozen `AgentConfig`; all mistakes are reported at once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import field
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from edge_agent.config.board import BoardSection, accounts_beside, board_mistakes
from edge_agent.config.cross_checks import bed_mistakes, sink_mistakes
from edge_agent.config.fields import (
    Checked,
    FileToRead,
    Flag,
    FolderToRead,
    Host,
    JournalPath,
    Name,
    Text,
    WebAddress,
    Zone,
    whole_of,
)
from edge_agent.config.paths import with_whole_paths
from edge_agent.config.ways import WaySection, read_ways
from edge_agent.config.words import in_our_words, with_bed
from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.language import Language
from edge_agent.model.measurements import REQUIRED_SIGNALS, RequiredSignal
from edge_agent.model.texts import read_text, toml_of
from edge_agent.model.toml_table import member_of, number_from, whole_from, word_of

_STRICT: Final = ConfigDict(extra="forbid", str_strip_whitespace=True)
_Signal = Annotated[RequiredSignal, Checked(word_of(REQUIRED_SIGNALS))]


@dataclass(frozen=True, slots=True, config=_STRICT)
class GatewaySection:
    """Identity of this gateway, its site and ward."""

    id: Name
    site: Name
    ward: Name
    zone: Zone = "UTC"
    """Time zone of the ward, for times of day in alerts."""
    language: Annotated[Language, Checked(member_of(Language))] = Language.EN
    """Language in which alerts carry their text; the board shows each in the reader's own."""


@dataclass(frozen=True, slots=True, config=_STRICT)
class JournalSection:
    """The durable journal on this gateway's disk."""

    path: JournalPath
    retention_h: Annotated[float, Checked(number_from(0, 24 * 366, is_open=True))] = 72.0


@dataclass(frozen=True, slots=True, config=_STRICT)
class MqttSection:
    """The broker that receives alerts and vitals."""

    host: Host
    port: Annotated[int, Checked(whole_from(1, 65_535))] = 1883
    username: Text = ""
    password_file: FileToRead | None = None
    tls_ca: FileToRead | None = None
    tls_cert: FileToRead | None = None
    tls_key: FileToRead | None = None


@dataclass(frozen=True, slots=True, config=_STRICT)
class InfluxSection:
    """The database that stores the streams; api v2 for InfluxDB 1.8 and newer, v1 for older."""

    url: WebAddress
    api: Annotated[Literal["v1", "v2"], Checked(word_of(("v1", "v2")))]
    org: Text = ""
    bucket: Text = ""
    token_file: FileToRead | None = None
    database: Text = ""
    username: Text = ""
    password_file: FileToRead | None = None
    timeout_s: Annotated[float, Checked(number_from(0, 300, is_open=True))] = 10.0


@dataclass(frozen=True, slots=True, config=_STRICT)
class SerialSection:
    """Line settings that override the driver's own; None keeps the driver's."""

    baud: Annotated[int, Checked(whole_from(300, 4_000_000))] | None = None
    byte_size: Annotated[Literal[7, 8], Checked(whole_of(7, 8))] | None = None
    parity: Annotated[Literal["N", "E", "O"], Checked(word_of("NEO"))] | None = None
    stop_bits: Annotated[Literal[1, 2], Checked(whole_of(1, 2))] | None = None
    rts_cts: Flag | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class LineSection:
    """The line to one device, and the settings for reading it."""

    port: Annotated[Text, StringConstraints(min_length=1)]
    """Device path, usb: address, socket:// or rfc2217:// address, or mllp://HOST:PORT, an address
    to which the device connects."""
    driver: Text
    listen_only: Flag = False
    profile: Text = ""
    """One of the driver's profiles; empty: its default."""
    profile_file: FileToRead | None = None
    """Profile from a file; None for one that the driver ships."""
    clock_zone: Zone = "UTC"
    """Time zone of the device's wall clock if it sends none."""
    origin: Text = ""
    """Device's name for its bed, where several devices share a port; see the guide."""
    serial: SerialSection = field(default_factory=SerialSection)


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class DeviceSection(LineSection):
    """One more device of a bed, such as a thermometer."""

    name: Name
    """Name that separates it from the bed's other devices."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class BedSection(LineSection):
    """One bed and its monitor."""

    id: Name
    required_signals: tuple[_Signal, ...] = REQUIRED_SIGNALS
    """Signals whose loss raises an alert at this bed."""
    devices: tuple[DeviceSection, ...] = ()
    """Further devices of the patient."""

    def lines(self) -> dict[DevicePlace, LineSection]:
        """Return every line of the bed, by bed and device."""
        more = {DevicePlace(self.id, f"{self.id}.{d.name}"): d for d in self.devices}
        return {DevicePlace(self.id, self.id): self, **more}


@dataclass(frozen=True, slots=True, config=_STRICT)
class RulesSection:
    """Source of the detection rules."""

    folder: FolderToRead | None = None
    """None for the rules shipped with the program."""


@dataclass(frozen=True, slots=True, config=_STRICT)
class WardSection:
    """People who are called."""

    file: FileToRead
    """The ward file: people, shifts and steps of the calls."""
    needs_screen: Flag = False
    """True if it is an alert that no screen of the ward's boards, this gateway's own and those on
    other machines, can sound."""


@dataclass(frozen=True, slots=True, config=_STRICT)
class AgentConfig:
    """The whole configuration of one gateway."""

    gateway: GatewaySection
    journal: JournalSection
    beds: tuple[BedSection, ...]
    mqtt: MqttSection | None = None
    """None without a broker; alerts stay on the gateway."""
    influx: InfluxSection | None = None
    """None if the journal is the only store."""
    rules: RulesSection = field(default_factory=RulesSection)
    ward: WardSection | None = None
    """None where alerts stay on the board, and nobody is called."""
    board: BoardSection | None = None
    """None without a nurses' board on this gateway."""
    ways: tuple[WaySection, ...] = ()
    """Ways out, over which people are called."""


_ADAPTER: Final = TypeAdapter(AgentConfig)
_OF_BOARD: Final = ("gateway", "journal", "mqtt", "board")
"""Sections that a board for a whole ward reads."""
_NEEDED: Final = {"mqtt", "board"}
_NO_JOURNAL: Final = "crswatch-board.db"
"""Name beside which such a board keeps its accounts; there is no such file."""


def load_config(path: Path) -> AgentConfig:
    """Return the configuration of a file.

    Raises
    ------
    ConfigError
        For all mistakes of the file together: key, value seen and values allowed.
    """
    return parse_config(read_text(path), source=str(path), folder=path.parent)


def parse_config(text: str, *, source: str, folder: Path = Path()) -> AgentConfig:
    """Return the configuration of a text.

    Parameters
    ----------
    folder
        Folder of relative paths.

    Raises
    ------
    ConfigError
        For all mistakes of the text together: key, value seen and values allowed.
    """
    tables = with_whole_paths(toml_of(text, source), folder)
    ways, mistakes = read_ways(source, tables)
    config = None
    try:
        config = _ADAPTER.validate_python(tables | {"ways": ways})
    except ValidationError as error:
        mistakes += [in_our_words(source, dict(e), AgentConfig) for e in error.errors()]
    mistakes += [*bed_mistakes(source, tables), *sink_mistakes(source, tables)]
    mistakes += board_mistakes(source, tables)
    if config is None or mistakes:
        raise ConfigError(tuple(with_bed(m, tables.get("beds"), text) for m in mistakes))
    return config


def load_board_config(path: Path) -> AgentConfig:
    """Return the configuration of a board for a whole ward, without any bed of its own.

    It is written like that of a gateway, of which only these sections count.

    Raises
    ------
    ConfigError
        For all mistakes of the file together: key, value seen and values allowed.
    """
    source, text = str(path), read_text(path)
    found = with_whole_paths(toml_of(text, source), path.parent)
    tables: dict[str, object] = {name: found[name] for name in _OF_BOARD if name in found}
    missing = [Mistake(source, name, "missing; want a table") for name in _NEEDED - tables.keys()]
    mistakes = sorted(missing, key=str) + list(board_mistakes(source, tables))
    tables.setdefault("journal", {"path": path.parent.resolve() / _NO_JOURNAL})
    config = None
    try:
        config = _ADAPTER.validate_python(tables | {"beds": ()})
    except ValidationError as error:
        mistakes += [in_our_words(source, dict(e), AgentConfig) for e in error.errors()]
    if config is None or mistakes:
        raise ConfigError(tuple(dict.fromkeys(mistakes)))
    return config


def accounts_path(config: AgentConfig) -> Path:
    """Return the path of the ward's accounts, with or without a board."""
    board = config.board
    if board is None or board.accounts is None:
        return accounts_beside(config.journal.path)
    return board.accounts


def config_hash(config: AgentConfig, rule_texts: Sequence[str]) -> str:
    """Return the short hash of beds, profiles and rules that every alert carries.

    Raises
    ------
    ConfigError
        If a profile's file cannot be read.
    """
    digest = hashlib.sha256(repr((config.gateway, config.beds)).encode())
    profiles = [line.profile_file for bed in config.beds for line in bed.lines().values()]
    texts = [read_text(path) for path in profiles if path is not None]
    for text in (*texts, *rule_texts):
        digest.update(b"\0" + text.encode())
    return digest.hexdigest()[:12]
