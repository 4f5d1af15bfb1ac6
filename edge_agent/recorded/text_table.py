"""Tables as text, as spreadsheets and devices write them: CSV with any separator, also gzipped."""

from __future__ import annotations

import _csv
import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.texts import wide_encoding
from edge_agent.recorded.cells import TableRow

_HEAD_BYTES: Final = 65_536
_UNREADABLE: Final = (csv.Error, UnicodeError, EOFError, zlib.error, gzip.BadGzipFile)
_OTHER_FILES: Final = {
    b"PK\x03\x04": "is a spreadsheet or an archive; save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "is a spreadsheet; save the sheet as CSV",
    b"PAR1": "is Parquet; give it the ending .parquet",
    b"\x1f\x8b": "is gzipped; give it the ending .csv.gz",
    b"SQLite format 3": "is a database; a journal has the ending .db",
}
"""Message for files of other formats, by their first bytes."""
_GUESSED: Final = (";", "\t", "|")
"""Separators that are looked for where there are no commas."""
_COMMENT: Final = "#"
"""Beginning of lines that devices write before the names of the columns."""
_SEP_LINE: Final = "sep="
"""Beginning of a first line that spreadsheets write for one another."""


class TextTable:
    """A file of lines whose cells are separated by one character.

    Parameters
    ----------
    path
        CSV, gzipped where the name ends with `.gz`.
    separator
        Empty: guessed from the first line.
    encoding
        Empty: UTF-8.

    Raises
    ------
    ConfigError
        If the file is no text in that encoding, with the likely cause.
    """

    def __init__(self, path: Path, separator: str = "", encoding: str = "") -> None:
        self._path = path
        self._is_zipped = path.name.casefold().endswith(".gz")
        self._encoding = encoding
        self._check(self._head())
        with self._opened() as lines:
            first = next(lines, "")
            self._skipped_lines = 0
            while first.startswith(_COMMENT):
                self._skipped_lines += 1
                first = next(lines, "")
            declared = _declared_separator(first)
            self._skipped_lines += 1 if declared else 0
            first = next(lines, "") if declared else first
        self.separator = separator or declared or _guessed_separator(first)
        """Separator of two cells."""
        with self._opened() as lines:
            raw: list[str] = next(self._reader(lines), [])
        self.header: Sequence[str] = [name.strip() for name in raw]
        """Names of the columns."""
        if not any(raw):
            raise self._wrong("is empty; want a line of column names")
        self.is_plain = self.separator == "," and list(self.header) == raw
        """True where any reader of CSV reads the file the same way."""
        self.is_plain = self.is_plain and not encoding and not self._skipped_lines

    def rows(self) -> Iterator[TableRow]:
        """Yield each row with its line in the file, and the reason where it cannot be read."""
        width = len(self.header)
        with self._opened() as lines:
            reader = self._reader(lines)
            next(reader)
            for cells in reader:
                # some devices write a separator after the last cell
                while len(cells) > width and not cells[-1].strip():
                    cells.pop()
                if len(cells) == width:
                    row = dict(zip(self.header, cells, strict=True))
                    yield reader.line_num + self._skipped_lines, row, ""
                elif cells:
                    why = _why_no_row(cells, width)
                    yield reader.line_num + self._skipped_lines, {}, why

    def _reader(self, lines: Iterator[str]) -> _csv.Reader:
        for _ in range(self._skipped_lines):
            next(lines, "")
        return csv.reader(lines, delimiter=self.separator)

    def _head(self) -> bytes:
        opener = gzip.open if self._is_zipped else open
        try:
            with opener(self._path, "rb") as file:
                return bytes(file.read(_HEAD_BYTES))
        except _UNREADABLE as error:
            raise self._wrong(f"cannot be read: {error}; want CSV in UTF-8") from error

    def _check(self, head: bytes) -> None:
        for begin, what in _OTHER_FILES.items():
            if head.startswith(begin):
                raise self._wrong(f"cannot be read: {what}")
        wide = wide_encoding(head)
        if wide and not self._encoding:
            known = ', or set encoding = "utf-16" in a mapping' if wide == "UTF-16" else ""
            raise self._wrong(f"is saved as {wide}; save it as UTF-8{known}")

    @contextmanager
    def _opened(self) -> Iterator[Iterator[str]]:
        opener = gzip.open if self._is_zipped else open
        # spreadsheets put a mark before the first column's name
        encoding = {"": "utf-8-sig", "utf-8": "utf-8-sig"}.get(self._encoding, self._encoding)
        try:
            with opener(self._path, "rt", encoding=encoding, newline="") as lines:
                yield lines
        except UnicodeDecodeError as error:
            byte = error.object[error.start]
            message = (
                f"cannot be read: holds the byte {byte:#04x}, which is no {error.encoding}; want "
                'CSV in UTF-8, or set its encoding in a mapping, such as "cp1252"'
            )
            raise self._wrong(message) from error
        except _UNREADABLE as error:
            raise self._wrong(f"cannot be read: {error}; want CSV in UTF-8") from error

    def _wrong(self, message: str) -> ConfigError:
        return ConfigError((Mistake(str(self._path), "-", message),))


def _declared_separator(first: str) -> str:
    """Return the separator that a first line names, empty where it names none."""
    text = first.strip().strip('"')
    is_declared = text.casefold().startswith(_SEP_LINE) and len(text) == len(_SEP_LINE) + 1
    return text[-1] if is_declared else "\t" if first.casefold().rstrip("\r\n") == "sep=\t" else ""


def _guessed_separator(first: str) -> str:
    """Return the separator in a line of column names."""
    outside = "".join(first.split('"')[::2])
    most = max(_GUESSED, key=outside.count)
    return most if outside.count(most) > outside.count(",") else ","


def _why_no_row(cells: Sequence[str], width: int) -> str:
    if all(set(cell) <= {"\x00"} for cell in cells):
        return "holds zero bytes; was the file cut off while it was written?"
    return f"has {len(cells)} cells; want {width}"
