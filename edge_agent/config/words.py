"""Mistakes of a gateway.toml in words: what is wrong, the value seen, and the values allowed.

A value that may be a secret is never repeated.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, get_args, get_type_hints

from edge_agent.model.errors import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SECRET: Final = re.compile("pass|secret|token|credential|api_?key", re.IGNORECASE)
"""Keys under which people write secrets."""
_LOGIN: Final = re.compile(r"(?<=//)[^/@]*@")
_OF_BED: Final = re.compile(r"beds\.(\d+)\.")
_BED_TABLE: Final = re.compile(r"\s*\[\[\s*beds\s*\]\]")
_LONGEST_SEEN: Final = 200
_ALLOWED: Final = {
    "string_pattern_mismatch": "want 1 to 64 letters, digits, dots, dashes and underscores, "
    "a letter or digit first; never the name of a patient",
    "path_type": "want a path",
    "string_type": "want text",
    "bool_type": "want true or false",
    "int_type": "want a whole number",
    "float_type": "want a number",
    "finite_number": "want a finite number",
    "tuple_type": "want a list",
}
"""Allowed values by type of error, where the library's own message is about Python."""
_TABLES: Final = "want [[{key}]] tables, one for each"
_TABLE: Final = "want one table [{key}]"


def in_our_words(source: str, error: Mapping[str, object], known: Sequence[str]) -> Mistake:
    """Return a validation error as a mistake.

    Parameters
    ----------
    source
        The file.
    error
        The error from the validation.
    known
        The keys that are allowed at that place.
    """
    location = error["loc"]
    parts = [str(part) for part in location] if isinstance(location, tuple) else []
    key = ".".join(parts) or "-"
    kind, seen = str(error["type"]), error["input"]
    if kind == "missing":
        return Mistake(source, key, "is missing and required")
    if kind == "unexpected_keyword_argument":
        return Mistake(source, key, _unknown(parts[-1], known))
    if kind.startswith("dataclass"):
        return Mistake(source, key, _TABLE.format(key=key))
    if isinstance(seen, dict | list):
        return Mistake(source, key, _TABLES.format(key=key) if key == "beds" else _words(error))
    if any(_SECRET.search(part) for part in parts[-1:]):
        return Mistake(source, key, f"{_words(error)} (its value is not shown)")
    return Mistake(source, key, f"is {shown(seen)}; {_words(error)}")


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


def shown(seen: object) -> str:
    """Return a value for a message: limited in length, and without a login."""
    text = _LOGIN.sub("***@", str(seen))
    return repr(text if len(text) <= _LONGEST_SEEN else f"{text[:_LONGEST_SEEN]}...")


def known_keys(section: type, location: Sequence[object]) -> list[str]:
    """Return the allowed keys of the section at a place of the configuration."""
    for part in location:
        if isinstance(part, int):
            continue
        section = next(_sections(get_type_hints(section).get(str(part), section)), section)
    return [field.name for field in fields(section)]


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
        return f"is not a known key (its value is not shown); {want}"
    near = get_close_matches(key, known, n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    return f"is not a known key; {guess}here: {', '.join(known)}"


def _words(error: Mapping[str, object]) -> str:
    return _ALLOWED.get(str(error["type"]), str(error["msg"]).removeprefix("Value error, "))
