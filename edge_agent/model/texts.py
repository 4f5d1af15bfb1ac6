"""Reader of files that people write: TOML texts, and secrets.

Editors save text in several ways. Every reader of a file that a person wrote uses this module, so
that all accept the same files and report the same causes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from edge_agent.model.errors import ConfigError, Mistake

LARGEST_TEXT_BYTES: Final = 16 * 1024 * 1024
"""Largest text file; a larger one was not written by a person and is a wrong file."""
LARGEST_WHOLE: Final = 2**63 - 1
"""Source: toml.io/en/v1.0.0, Integer: 64 bits, signed."""
LARGEST_SECRET_BYTES: Final = 64 * 1024
BYTE_ORDER_MARK: Final = "\ufeff"
_UTF_8_MARK: Final = b"\xef\xbb\xbf"
_WIDE_MARKS: Final = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
"""Marks of a text that is not UTF-8; longer ones first, because one mark begins like another."""
_TYPOGRAPHIC: Final = re.compile("[\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb]")
_TWICE: Final = ("Cannot overwrite a value", "Cannot declare")
"""Messages of `tomllib` for a key or a table that already exists."""


def read_text(path: Path | Traversable, source: str | None = None) -> str:
    """Return the text of a UTF-8 file, with or without a byte order mark.

    Parameters
    ----------
    source
        Name in messages; None for the path.

    Raises
    ------
    ConfigError
        If it cannot be read or is not UTF-8, with the likely cause.
    """
    name = str(path) if source is None else source
    return text_of(_content(path, name, LARGEST_TEXT_BYTES), name)


def text_of(data: bytes, source: str) -> str:
    """Return bytes as text, without a byte order mark.

    Raises
    ------
    ConfigError
        If they are not UTF-8, with the likely cause.
    """
    if encoding := wide_encoding(data):
        raise _wrong(source, f"is saved as {encoding}; save it as UTF-8")
    try:
        return data.removeprefix(_UTF_8_MARK).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = (
            f"cannot be read: line {line} holds the byte {data[error.start]:#04x}, which is no "
            "UTF-8; save it as UTF-8 (it may be Latin-1 or another older encoding)"
        )
        raise _wrong(source, message) from error


def wide_encoding(data: bytes) -> str:
    """Return the name of an encoding with two or four bytes per character; empty for others."""
    for mark, name in _WIDE_MARKS.items():
        if data.startswith(mark):
            return name
    # without a mark: every other byte of plain text is zero
    is_wide = len(data) >= 4 and (not any(data[1:8:2]) or not any(data[0:8:2]))
    return "UTF-16" if is_wide and any(data[:8]) else ""


def toml_of(text: str, source: str) -> dict[str, object]:
    """Return the content of a TOML text.

    Raises
    ------
    ConfigError
        If it is not TOML, with the line and the likely cause; or if it has numbers that TOML does
        not allow, with their keys.
    """
    try:
        table = tomllib.loads(text.removeprefix(BYTE_ORDER_MARK))
    except tomllib.TOMLDecodeError as error:
        raise _wrong(source, f"is not TOML: {error}{_hint(text, str(error))}") from error
    except RecursionError as error:
        raise _wrong(source, "is not TOML that a person wrote: nested too deep") from error
    if keys := list(_of_too_many_bits(table, "")):
        message = f"want whole numbers from {-LARGEST_WHOLE - 1} to {LARGEST_WHOLE}"
        raise ConfigError(tuple(Mistake(source, key, message) for key in keys))
    return table


def _of_too_many_bits(content: object, key: str) -> Iterator[str]:
    """Yield the keys of whole numbers that TOML cannot hold although Python reads them."""
    if isinstance(content, dict):
        for name, value in content.items():
            yield from _of_too_many_bits(value, f"{key}.{name}" if key else str(name))
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield from _of_too_many_bits(value, f"{key}[{index}]")
    elif isinstance(content, int) and not -LARGEST_WHOLE - 1 <= content <= LARGEST_WHOLE:
        yield key


def read_secret(path: Path, *, is_ascii: bool = False) -> str:
    """Return the secret on the first line of a file, without blanks around it.

    Parameters
    ----------
    is_ascii
        True for a secret that must be ASCII, such as one in an HTTP header.

    Raises
    ------
    ConfigError
        If there is none, or it cannot be sent. No message holds a part of the secret.
    """
    first = _secret_lines(path)[0].strip(" \t")
    if not first:
        raise _wrong(str(path), "its first line is empty; want a secret there")
    if not first.isprintable():
        raise _wrong(str(path), "holds a character that cannot be printed; want a secret of text")
    if is_ascii and not first.isascii():
        raise _wrong(str(path), "holds a character that is not ASCII; the secret cannot be sent so")
    return first


def secret_has_more_lines(path: Path) -> bool:
    """Return True if a secret's file has text after the first line, which is ignored.

    Raises
    ------
    ConfigError
        If it cannot be read.
    """
    return any(line.strip() for line in _secret_lines(path)[1:])


def _secret_lines(path: Path) -> list[str]:
    data = _content(path, str(path), LARGEST_SECRET_BYTES)
    if wide_encoding(data):
        raise _wrong(str(path), f"is saved as {wide_encoding(data)}; save it as UTF-8")
    try:
        text = data.removeprefix(_UTF_8_MARK).decode("utf-8")
    except UnicodeDecodeError:
        # not chained: the error holds the bytes, and they are the secret
        raise _wrong(str(path), "is no UTF-8; save it as UTF-8") from None
    return re.split("\r\n|\r|\n", text)


def _content(path: Path | Traversable, source: str, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data: bytes = file.read(most + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a zero byte
        reason = error.strerror if isinstance(error, OSError) else None
        raise _wrong(source, f"cannot be read: {reason or error}") from error
    if len(data) > most:
        raise _wrong(source, f"is over {most} bytes; want a text that a person wrote")
    return data


def _hint(text: str, error: str) -> str:
    """Return the likely cause of a TOML error as a second clause; often empty."""
    if found := _TYPOGRAPHIC.search(text):
        line = text.count("\n", 0, found.start()) + 1
        return f"; line {line} has the typographic quote {found[0]}, want \" or '"
    if any(words in error for words in _TWICE):
        return "; a table or key stands there twice. A list of tables is written [[name]]"
    if "\r" in text.replace("\r\n", ""):
        return "; its lines end with CR alone, want LF or CR LF"
    return ""


def _wrong(source: str, message: str) -> ConfigError:
    return ConfigError((Mistake(source, "-", message),))
