"""The file of the hospital's own protocol: a text for each grade, with its version."""

from __future__ import annotations

from pathlib import Path

from edge_agent.model.protocol import GRADES, ProtocolCard
from edge_agent.model.texts import read_text
from edge_agent.model.toml_table import TEXT, TomlTable, read_toml, whole_from


def read_protocol(path: Path) -> ProtocolCard:
    """Return the protocol in a file.

    Raises
    ------
    ConfigError
        For all mistakes of the file together.
    """
    return parse_protocol(read_text(path), str(path))


def parse_protocol(text: str, source: str) -> ProtocolCard:
    """Return the protocol in a text; raise ConfigError for all mistakes together."""
    return read_toml(text, source, _protocol)


def _protocol(file: TomlTable) -> ProtocolCard:
    version, title = file.get("version", whole_from(1)), file.get("title", TEXT)
    texts = file.table("grades", is_required=True)
    return ProtocolCard(version, title, {grade: texts.get(str(grade), TEXT) for grade in GRADES})
