"""Mistakes of a gateway.toml in words: what is wrong, the value seen, and the values allowed.

A value that may be a secret is never repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, get_args, get_origin, get_type_hints

from edge_agent.config.fields import Checked
from edge_agent.model import toml_table
from edge_agent.model.errors import Mistake

_SECRET: Final = re.compile("pass|secret|token|credential|api_?key", re.IGNORECASE)
"""Keys under which people write secrets."""
_LOGIN: Final = re.compile(r"(?<=//)[^/@]*@")
_INDEX: Final = re.compile(r"\.\d+")
_OF_BED: Final = re.compile(r"beds\.(\d+)\.")
_BED_TABLE: Final = re.compile(r"\s*\[\[\s*beds\s*\]\]")
_ALLOWED: Final = {
    "path_type": "want a path",
    "string_type": f"want {toml_table.ANY_TEXT.want}",
    "string_too_short": f"want {toml_table.TEXT.want}",
    "tuple_type": "want a list",
}
"""Allowed values by type of error, where the library's own message is about Python."""
_BARE: Final = ("missing", "tuple_type")
"""Types of error that do not tell whether a table was wanted."""


def in_our_words(source: str, error: Mapping[str, object], top: type) -> Mistake:
    """Return a validation error as a mistake.

    Parameters
    ----------
    top
        Section of the whole file.
    """
    location = error["loc"]
    *path, last = location if isinstance(location, tuple) and location else ("-",)
    key = ".".join(map(str, (*path, last)))
    hints = _hints_at(top, path)
    if error["type"] == "unexpected_keyword_argument":
        return Mistake(source, key, _unknown(str(last), tuple(hints)))
    want = _want(error, key, hints.get(str(last)))
    if error["type"] == "missing":
        return Mistake(source, key, f"missing; {want}")
    seen = error["input"]
    is_table = isinstance(seen, dict | list) or want.startswith(("want a table", "want a list"))
    if is_table or _SECRET.search(str(last)):
        return Mistake(source, key, f"its value is not shown; {want}")
    return Mistake(source, key, f"{_LOGIN.sub('***@', toml_table.shown(seen))}; {want}")


def _want(error: Mapping[str, object], key: str, hint: object) -> str:
    """Return what is allowed; `hint` is the type of a key, None for an item of a list."""
    kind, header = str(error["type"]), _INDEX.sub("", key)
    if kind.startswith("dataclass") or (kind in _BARE and any(_sections(hint))):
        is_list = get_origin(hint) is tuple
        want = f"a list of tables [[{header}]]" if is_list else f"a table [{header}]"
        return f"want {want if hint else 'a table'}"
    if kind == "missing":
        return f"want {next((check.kind.want for check in _checks(hint)), toml_table.TEXT.want)}"
    return _ALLOWED.get(kind, str(error["msg"]).removeprefix("Value error, "))


def _checks(hint: object) -> Iterator[Checked]:
    """Yield the field types in a type."""
    if isinstance(hint, Checked):
        yield hint
    for part in get_args(hint):
        yield from _checks(part)


def with_bed(mistake: Mistake, beds: object, text: str) -> Mistake:
    """Return a mistake about a bed's line with the bed's id and the line of its table."""
    found = _OF_BED.match(mistake.key)
    if found is None or not isinstance(beds, list):
        return mistake
    number = int(found[1])
    bed = beds[number]
    begins = [n for n, line in enumerate(text.splitlines(), 1) if _BED_TABLE.match(line)]
    where = [f"line {begins[number]}"] if len(begins) == len(beds) else []
    name = [str(bed["id"])] if isinstance(bed, dict) and isinstance(bed.get("id"), str) else []
    return replace(mistake, source=", ".join([mistake.source, *where, *name]))


def _hints_at(section: type, path: Sequence[object]) -> dict[str, object]:
    """Return the allowed keys, with their types, of the section at a path of the configuration."""
    for part in path:
        if isinstance(part, str):
            hint = get_type_hints(section).get(part)
            section = next(_sections(hint), section)
    return get_type_hints(section, include_extras=True)


def _sections(hint: object) -> Iterator[type]:
    """Yield the sections in a type: itself, or those in a union or a list."""
    if isinstance(hint, type) and hasattr(hint, "__dataclass_fields__"):
        yield hint
    for part in get_args(hint):
        yield from _sections(part)


def _unknown(key: str, known: Sequence[str]) -> str:
    files = [name for name in known if name.endswith("_file") and _SECRET.search(name)]
    if _SECRET.search(key) and files:
        want = f"want {' or '.join(files)}: secrets are in files, never here"
        return f"unknown key, and its value is not shown; {want}"
    return toml_table.unknown_key(key, known)
