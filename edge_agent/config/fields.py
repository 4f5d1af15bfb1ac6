"""Types of single keys of a gateway.toml, strict: no value is converted from another type."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, Strict, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""A topic segment and a tag value: letters, digits, dot, dash and underscore."""

Flag = Annotated[bool, Strict()]
"""true or false, and no text for either."""
Whole = Annotated[int, Strict()]
"""A whole number; text, fractions and true are mistakes."""
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
"""A finite number; text and true are mistakes."""

_NO_CHARACTER: Final = "\ufffd"
_HOST_CHARACTERS: Final = re.compile(r"[^\s/\\@?#:\[\]\"']+")
_DIGITS: Final = re.compile(r"[0-9.]+")
_USUAL: Final = "want a name or an address alone, such as broker.ward.example or 192.0.2.7"


def is_whole(seen: object) -> object:
    """Return the number; raise an error for true, although Python counts it as 1."""
    if type(seen) is not int:
        raise ValueError("want a whole number")
    return seen


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
    return bool(_HOST_CHARACTERS.fullmatch(host))


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


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ValueError("no such time zone; want a name such as Europe/Berlin") from error
    return name


def _in_a_folder(path: Path) -> Path:
    try:
        is_there, is_folder = path.parent.is_dir(), path.is_dir()
    except OSError as error:
        raise ValueError(f"cannot be used: {error.strerror}") from error
    if not is_there:
        raise ValueError(f"its folder {str(path.parent)!r} does not exist")
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
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_is_zone)]
JournalPath = Annotated[Path, AfterValidator(_in_a_folder)]
FileToRead = Annotated[Path, AfterValidator(_is_file)]
FolderToRead = Annotated[Path, AfterValidator(_is_folder)]
WholeChoice = BeforeValidator(is_whole)
"""Mark for a choice of whole numbers."""
