"""The pages of `docs/` as tests read them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))

_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """One fenced block."""

    language: str
    name: str
    """Text after the language: a file's name or the kind of block; else empty."""
    text: str


class Command(NamedTuple):
    """One command of a console block."""

    line: str
    output: tuple[str, ...]
    """Lines that its output contains."""


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def blocks(name: str) -> list[Block]:
    """Return the fenced blocks of a page, in its order."""
    return [Block(*found) for found in _BLOCK.findall(page(name))]


def block(name: str, what: str) -> str:
    """Return the text of the one block of a page that is named `what`."""
    (found,) = [b.text for b in blocks(name) if b.name == what]
    return found


def commands(text: str) -> list[Command]:
    """Return the commands of a console block, each after a `$`."""
    parts = [part.splitlines() for part in re.split(r"^\$ ", text, flags=re.MULTILINE) if part]
    return [Command(line, tuple(output)) for line, *output in parts]


def rows(name: str) -> dict[str, list[str]]:
    """Return the cells of the table rows of a page that begin with a word in backquotes."""
    found = re.findall(r"^\| `([^`]+)`(.*)\|$", page(name), re.MULTILINE)
    return {key: [cell.strip() for cell in rest.split("|")[1:]] for key, rest in found}


def code(name: str) -> list[str]:
    """Return what a page shows as code: the lines of its blocks and the spans in backquotes."""
    lines = [line for b in blocks(name) for line in b.text.splitlines()]
    return lines + re.findall(r"`([^`]+)`", _BLOCK.sub("", page(name)))
