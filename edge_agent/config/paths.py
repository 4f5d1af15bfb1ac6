"""Relative paths in a gateway.toml: they start at the folder of that file.

A gateway is started from a terminal and by a service manager, each in a folder of its own; the
journal must be the same for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

_MADE: Final = (("journal", "path"), ("board", "accounts"))
"""Files that the program makes."""
_READ: Final = {
    "rules": ("folder",),
    "ward": ("file",),
    "mqtt": ("password_file", "tls_ca", "tls_cert", "tls_key"),
    "influx": ("token_file", "password_file"),
    "board": ("tls_cert", "tls_key", "protocol_file"),
}
"""Keys of each section that name a file or folder to read."""
_READ_BY_LINE: Final = ("profile_file",)
_READ_BY_WAY: Final = (
    *("secret_file", "password_file", "urls_file"),
    *("tls_ca", "tls_cert", "tls_key"),
)


def with_whole_paths(tables: Mapping[str, object], folder: Path) -> dict[str, object]:
    """Return the tables with their paths completed.

    A file to read that is not in the folder keeps its relative path, which then starts at the
    working directory, as in any other program; the path of the journal, which may not exist yet,
    never does.
    """
    found = dict(tables)
    found |= {name: _completed(found.get(name), keys, folder) for name, keys in _READ.items()}
    for section, key in _MADE:
        found[section] = _completed(found.get(section), (key,), folder, may_be_new=True)
    beds = found.get("beds")
    if isinstance(beds, list):
        found["beds"] = [_bed(bed, folder) for bed in beds]
    ways = found.get("ways")
    if isinstance(ways, list):
        found["ways"] = [_completed(way, _READ_BY_WAY, folder) for way in ways]
    return {name: content for name, content in found.items() if name in tables}


def _bed(bed: object, folder: Path) -> object:
    bed = _completed(bed, _READ_BY_LINE, folder)
    if isinstance(bed, dict) and isinstance(bed.get("devices"), list):
        devices = [_completed(device, _READ_BY_LINE, folder) for device in bed["devices"]]
        return bed | {"devices": devices}
    return bed


def _completed(
    table: object, keys: tuple[str, ...], folder: Path, *, may_be_new: bool = False
) -> object:
    """Return a table with these paths completed; return anything else unchanged."""
    if not isinstance(table, dict):
        return table
    paths = {key: table[key] for key in keys if isinstance(table.get(key), str)}
    whole = {key: folder / text for key, text in paths.items() if text}
    return table | {k: str(p) for k, p in whole.items() if may_be_new or is_there(p)}


def is_there(path: Path) -> bool:
    """Return True if a path names an existing file or folder; False if that is unknown."""
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, in a folder without access, or with a zero byte
        return False
