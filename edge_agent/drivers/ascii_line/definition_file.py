"""Reader of definition files that reports all mistakes of a file at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final

from edge_agent.drivers.ascii_line import patterns
from edge_agent.drivers.ascii_line.definition import (
    Definition,
    Field,
    LineShape,
    TextField,
    TimeField,
    ValueField,
    WordField,
)
from edge_agent.drivers.ascii_line.fields import (
    PRINTABLE,
    TIME_TOKENS,
    device_text,
    read_field,
    time_tokens,
)
from edge_agent.drivers.ascii_line.vocabulary import KINDS, UNITS
from edge_agent.drivers.checksums import sum8
from edge_agent.model.toml_table import TomlTable, number_from, read_toml, whole_from, word_of

MAX_TEXT: Final = 250
"""Longest line in bytes that a definition may describe; spot devices print one screen line of 80 or
less."""

_MAX_LINES: Final = 16
"""Largest number of line patterns: each line is tried against all of them, and no device known to
us prints as many kinds."""

_ENCODINGS: Final = ("latin-1", "cp1252", "cp437", "cp850", "utf-8", "ascii")
"""Character encodings of devices; the first applies where a definition names none."""

_BAUD: Final = whole_from(1, 921_600)
_QUIET: Final = number_from(0, is_open=True)
_NAME: Final = re.compile(r"(?=.{1,30}\Z)[a-z][a-z0-9]*(_[a-z0-9]+)*")


def xor8(data: bytes) -> int:
    """Return the exclusive or of all bytes."""
    result = 0
    for byte in data:
        result ^= byte
    return result


_CHECKSUMS: Final[Mapping[str, Callable[[bytes], int]]] = {"sum8": sum8, "xor8": xor8}
_CHECKSUM: Final = word_of(_CHECKSUMS)


def read_definition(text: str, source: str) -> Definition:
    """Return the definition that a TOML text holds.

    Raises
    ------
    ConfigError
        With every mistake found: its key, the value seen, and the values allowed.
    """
    return read_toml(text, source, _definition)


def _definition(file: TomlTable) -> Definition:
    manufacturer, model = file.get("manufacturer", PRINTABLE), file.get("model", PRINTABLE)
    title, _ = file.get("title", PRINTABLE, ""), file.get("source", PRINTABLE, "")
    file.find("baud", _BAUD)
    encoding = file.get("encoding", word_of(_ENCODINGS), _ENCODINGS[0])
    fields = _fields(file, encoding)
    lines = _lines(file, fields, encoding)
    used = {field.name for line in lines for field in line.fields}
    for name in fields:
        if lines and name not in used:
            file.wrong(f"fields.{name}", "is in no pattern")
    has_value = any(isinstance(f, ValueField) for line in lines for f in line.fields)
    if not has_value and not file.any_wrong():
        file.wrong("line", "no pattern holds a field with role = 'value'")
    return Definition(manufacturer, model, title, file.find("quiet_s", _QUIET), lines)


def _fields(file: TomlTable, encoding: str) -> dict[str, Field]:
    table = file.table("fields")
    if not list(table) and not file.refused("fields"):
        file.wrong("fields", "missing; want a table [fields.NAME] for each {NAME} of a pattern")
    for name in table:
        if not _NAME.fullmatch(name) or name == patterns.CHECKSUM:
            table.wrong(name, "want a name of a-z, 0-9 and single _, not 'checksum'")
    return {name: read_field(name, table.table(name), encoding) for name in table}


def _lines(file: TomlTable, fields: Mapping[str, Field], encoding: str) -> tuple[LineShape, ...]:
    tables = file.tables("line", is_required=True)
    if len(tables) > _MAX_LINES:
        file.wrong("line", f"{len(tables)} tables; want at most {_MAX_LINES}")
    return tuple(_line(table, fields, encoding) for table in tables)


def _line(table: TomlTable, fields: Mapping[str, Field], encoding: str) -> LineShape:
    pattern = table.get("pattern", device_text(encoding))
    checksum = table.get("checksum", _CHECKSUM, "")
    cut = patterns.pieces(pattern)
    names = [name for piece in cut if (name := patterns.field_name(piece))]
    is_last = bool(names) and names[-1] == patterns.CHECKSUM and bool(patterns.field_name(cut[-1]))
    is_one = is_last == bool(checksum) and names.count(patterns.CHECKSUM) < 2
    if not is_one and not table.refused("pattern", "checksum"):
        table.wrong("checksum", "want {checksum} as the last of the pattern, and checksum = KIND")
    _check_pieces(table, cut, fields)
    used = tuple(fields[name] for name in dict.fromkeys(names) if name in fields)
    _check_fields_agree(table, used)
    regex = re.compile(b"") if table.any_wrong() else _regex(cut, fields)
    return LineShape(regex, used, _CHECKSUMS[checksum] if checksum else None)


def _check_pieces(table: TomlTable, cut: list[str], fields: Mapping[str, Field]) -> None:
    names = [name for piece in cut if (name := patterns.field_name(piece))]
    for name in dict.fromkeys(names):
        if name not in fields and name != patterns.CHECKSUM:
            table.wrong("pattern", f"{{{name}}} has no table [fields.{name}]")
        if names.count(name) > 1:
            table.wrong("pattern", f"{{{name}}} occurs in it more than once")
    if "{" in cut or "}" in cut:
        table.wrong("pattern", "a lone brace; want {name}, or {{ and }} for braces of the device")
    for piece, following in pairwise(cut):
        field = fields.get(patterns.field_name(piece))
        is_open = isinstance(field, TextField) and field.shortest != field.longest
        if is_open and patterns.field_name(following):
            table.wrong("pattern", f"{piece}{following}; want a character between the two")
    length = sum(
        patterns.longest_text(fields[name])
        if (name := patterns.field_name(piece)) in fields
        else len(patterns.literal(piece))
        for piece in cut
    )
    if length > MAX_TEXT:
        table.wrong("pattern", f"lines of up to {length} characters; want at most {MAX_TEXT}")


def _check_fields_agree(table: TomlTable, used: tuple[Field, ...]) -> None:
    """Check that the fields of one line agree with each other."""
    by_name = {field.name: field for field in used}
    for field in used:
        if isinstance(field, ValueField):
            _check_partner(table, field, "unit", by_name)
            _check_partner(table, field, "site", by_name)
        elif isinstance(field, WordField):
            values = {f.name for f in used if isinstance(f, ValueField)}
            for name in sorted(field.applies_to - values):
                table.wrong("pattern", f"status {field.name} applies to {name}, no value in it")
    for of in ("line", "reading"):
        times = [f for f in used if isinstance(f, TimeField) and f.of == of]
        tokens = [t for f in times for t in time_tokens(f.format) if t in TIME_TOKENS]
        for token in sorted({t for t in tokens if tokens.count(t) > 1}):
            table.wrong("pattern", f"{token} of the time of the {of} occurs in it more than once")


def _check_partner(
    table: TomlTable, field: ValueField, role: str, by_name: Mapping[str, Field]
) -> None:
    partner_name = field.unit_from if role == "unit" else field.site_from
    if not partner_name or not field.kind:
        return
    partner = by_name.get(partner_name)
    if not isinstance(partner, WordField) or partner.role != role:
        message = f"{field.name}.{role}_from is {partner_name!r}"
        table.wrong("pattern", f"{message}; want a field with role = '{role}' of the same pattern")
        return
    stem = field.kind.partition("@")[0]
    dimensions = {k.dimension for n, k in KINDS.items() if n.partition("@")[0] == stem}
    for word, meaning in partner.words.items():
        fits = f"{field.kind}@{meaning}" in KINDS
        if role == "unit":
            fits = all(meaning in UNITS[dimension] for dimension in dimensions)
        if not fits:
            table.wrong("pattern", f"{partner_name} {word!r} is {meaning}, no {role} of {stem}")


def _regex(cut: list[str], fields: Mapping[str, Field]) -> re.Pattern[bytes]:
    """Return the expression that matches the line of a pattern without mistakes."""
    parts = []
    for index, piece in enumerate(cut):
        name = patterns.field_name(piece)
        if name == patterns.CHECKSUM:
            parts.append(f"(?P<{name}>[0-9A-Fa-f]{{2}})")
        elif name:
            following = patterns.literal(cut[index + 1]) if index + 1 < len(cut) else ""
            parts.append(patterns.expression(fields[name], following[:1]))
        else:
            parts.append(re.escape(patterns.literal(piece)))
    return re.compile("".join(parts).encode("latin-1") + b" {0,8}+")
