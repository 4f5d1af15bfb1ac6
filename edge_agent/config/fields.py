"""Types of single keys of a gateway.toml, strict: no value is converted from another type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, GetCoreSchemaHandler, StringConstraints
from pydantic_core import core_schema

from edge_agent.model.local_time import ZONE
from edge_agent.model.toml_table import FLAG, NAME, FieldType


@dataclass(frozen=True, slots=True)
class Checked:
    """Mark for a key whose values are those of a field type."""

    kind: FieldType[object]

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def _check(self, seen: object) -> object:
        if self.kind.read(seen.strip() if isinstance(seen, str) else seen) is None:
            raise ValueError(f"want {self.kind.want}")
        return seen


def whole_of(*choices: int) -> FieldType[int]:
    """Return the type of a few whole numbers."""
    return FieldType(
        f"one of {', '.join(map(str, choices))}",
        lambda seen: seen if type(seen) is int and seen in choices else None,
        choices[0],
    )


Name = Annotated[str, Checked(NAME)]
Flag = Annotated[bool, Checked(FLAG)]

_NO_CHARACTER: Final = "\ufffd"
_HOST_CHARACTERS: Final = re.compile(r"[^\s/\\@?#:\[\]\"']+")
_DIGITS: Final = re.compile(r"[0-9.]+")
_USUAL: Final = "want a name or an address alone, such as broker.ward.example or 192.0.2.7"


def _is_text(text: str) -> str:
    if not text.isprintable():
        raise ValueError("holds a character that cannot be printed")
    if _NO_CHARACTER in text:
        raise ValueError("holds U+FFFD, which stands for a character that could not be read")
    return text


def _is_host(host: str) -> str:
    if "://" in host:
        raise ValueError(f"{_USUAL}, without {host.partition('://')[0]}://")
    if not is_host(host):
        raise ValueError(f"{_USUAL}; the port is a key of its own")
    return host


def is_host(host: str) -> bool:
    """Return True if a text has the form of a host name, or is an address."""
    if ":" in host or _DIGITS.fullmatch(host):
        try:
            ip_address(host.partition("%")[0])
        except ValueError:
            return False
        return True
    try:
        host.encode("idna")
    except UnicodeError:  # a label is empty or too long
        return False
    return host.isprintable() and bool(_HOST_CHARACTERS.fullmatch(host))


def _is_web_address(url: str) -> str:
    want = "want http://HOST:PORT or https://HOST:PORT"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(want) from None
    if parts.scheme not in {"http", "https"} or port == 0 or not is_host(parts.hostname or ""):
        raise ValueError(want)
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"{want}; a login has keys of its own, and its secret a file")
    if parts.query or parts.fragment:
        raise ValueError(f"{want}, without ? and #")
    return url


def _no_folder(path: Path) -> Path:
    if "\0" in str(path):
        raise ValueError("holds a zero byte; want the path of a file")
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise ValueError(f"cannot be used: {error.strerror}") from error
    if is_folder:
        raise ValueError("is a folder; want a file in it")
    return path


def _is_file(path: Path) -> Path:
    try:
        is_file, is_there = path.is_file(), path.exists()
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    if not is_file:
        raise ValueError("is no file" if is_there else "no such file")
    return path


def _is_folder(path: Path) -> Path:
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    if not is_folder:
        raise ValueError("no such folder")
    return path


Text = Annotated[str, StringConstraints(max_length=1024), AfterValidator(_is_text)]
"""Printable text on one line."""
Host = Annotated[str, StringConstraints(min_length=1, max_length=253), AfterValidator(_is_host)]
WebAddress = Annotated[str, StringConstraints(max_length=1024), AfterValidator(_is_web_address)]
Zone = Annotated[str, Checked(ZONE)]
JournalPath = Annotated[Path, AfterValidator(_no_folder)]
FileToRead = Annotated[Path, AfterValidator(_is_file)]
FolderToRead = Annotated[Path, AfterValidator(_is_folder)]
