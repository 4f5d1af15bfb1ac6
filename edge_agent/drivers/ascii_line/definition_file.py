"""Reader of definition files that reports all mistakes of a file at once."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

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
from edge_agent.drivers.ascii_line.fields import TIME_TOKENS, read_field, time_tokens
from edge_agent.drivers.ascii_line.tables import Notes, Table
from edge_agent.drivers.ascii_line.vocabulary import KINDS, UNITS
from edge_agent.drivers.checksums import sum8
from edge_agent.model.errors import ConfigError
from edge_agent.model.texts import toml_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_TEXT: Final = 250
"""Longest line in bytes that a definition may describe; spot devices print one screen line of 80 or
less."""

_MAX_LINES: Final = 16
"""Largest number of line patterns: each line is tried against all of them, and no device known to
us prints as many kinds."""

_ENCODINGS: Final = ("latin-1", "cp1252", "cp437", "cp850", "utf-8", "ascii")
"""Character encodings of devices; the first applies where a definition names none."""

_NAME: Final = re.compile(r"(?=.{1,30}\Z)[a-z][a-z0-9]*(_[a-z0-9]+)*")


def xor8(data: bytes) -> int:
    """Return the exclusive or of all bytes."""
    result = 0
    for byte in data:
        result ^= byte
    return result


_CHECKSUMS: Final[Mapping[str, Callable[[bytes], int]]] = {"sum8": sum8, "xor8": xor8}


def read_definition(text: str, source: str) -> Definition:
    """Return the definition that a TOML text holds.

    Parameters
    ----------
    text
        The text.
    source
        Name of the text in error messages.

    Raises
    ------
    ConfigError
        With every mistake found: its key, the value seen, and the values allowed.
    """
    content = toml_of(text, source)
    encoding = content.get("encoding")
    notes = Notes(source, str(encoding) if encoding in _ENCODINGS else _ENCODINGS[0])
    definition = _definition(Table("", content, notes), notes)
    if notes.mistakes:
        raise ConfigError(notes.mistakes)
    return definition


def _definition(table: Table, notes: Notes) -> Definition:
    manufacturer, model = table.text("manufacturer"), table.text("model")
    title, _ = table.text("title", ""), table.text("source", "")
    table.whole("baud", 921_600)
    table.choice("encoding", _ENCODINGS, "")
    fields = _fields(table, notes)
    lines = _lines(table, fields, notes)
    quiet_s = table.positive("quiet_s")
    table.finish()
    used = {field.name for line in lines for field in line.fields}
    for name in fields:
        if lines and name not in used:
            notes.add(f"fields.{name}", "is in no pattern")
    has_value = any(isinstance(f, ValueField) for line in lines for f in line.fields)
    if not has_value and not notes.mistakes:
        notes.add("line", "no pattern holds a field with role = 'value'")
    return Definition(manufacturer, model, title, quiet_s, lines)


def _fields(table: Table, notes: Notes) -> dict[str, Field]:
    content = table.get("fields")
    if not isinstance(content, dict) or not content:
        table.wrong("fields", "missing; want a table [fields.NAME] for each {NAME} of a pattern")
        return {}
    for name in content:
        if not _NAME.fullmatch(name) or name == patterns.CHECKSUM:
            table.wrong(f"fields.{name}", "want a name of a-z, 0-9 and single _, not 'checksum'")
    return {
        name: read_field(name, Table(f"fields.{name}", values, notes))
        for name, values in content.items()
    }


def _lines(table: Table, fields: Mapping[str, Field], notes: Notes) -> tuple[LineShape, ...]:
    content = table.get("line")
    if not isinstance(content, list) or not 0 < len(content) <= _MAX_LINES:
        table.wrong("line", f"want 1 to {_MAX_LINES} tables [[line]]")
        return ()
    return tuple(
        _line(Table(f"line[{number}]", values, notes), fields, notes)
        for number, values in enumerate(content, 1)
    )


def _line(table: Table, fields: Mapping[str, Field], notes: Notes) -> LineShape:
    pattern = table.device_text("pattern")
    checksum = table.choice("checksum", _CHECKSUMS, "")
    table.finish()
    cut = patterns.pieces(pattern)
    names = [name for piece in cut if (name := patterns.field_name(piece))]
    is_last = bool(names) and names[-1] == patterns.CHECKSUM and bool(patterns.field_name(cut[-1]))
    if is_last != bool(checksum) or names.count(patterns.CHECKSUM) > 1:
        table.wrong("checksum", "want {checksum} as the last of the pattern, and checksum = KIND")
    _check_pieces(table, cut, fields)
    used = tuple(fields[name] for name in dict.fromkeys(names) if name in fields)
    _check_fields_agree(table, used)
    regex = re.compile(b"") if notes.mistakes else _regex(cut, fields)
    return LineShape(regex, used, _CHECKSUMS[checksum] if checksum else None)


def _check_pieces(table: Table, cut: list[str], fields: Mapping[str, Field]) -> None:
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


def _check_fields_agree(table: Table, used: tuple[Field, ...]) -> None:
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
    table: Table, field: ValueField, role: str, by_name: Mapping[str, Field]
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
