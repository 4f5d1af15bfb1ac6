"""A ring of number columns whose newest columns are always available as one view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge_agent.detect.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of a ring, oldest first."""

    newest: int
    """Number of the last column."""
    numbers: FloatArray
    """Shape (rows, span)."""


class Ring:
    """At least the newest `span` columns of a table; NaN before the first.

    Appending takes amortised constant time. A returned window is a view, valid until the next
    column is appended.

    Parameters
    ----------
    rows
        Number of values in a column.
    span
        Number of columns that a window may reach back, >= 1.
    """

    def __init__(self, rows: int, span: int) -> None:
        self._span = span
        self._table = np.full((rows, span + span // 4 + 1), np.nan)
        self._end = span
        self.newest = 0
        """Number of the newest column."""

    def begin(self, newest: int) -> None:
        """Clear the table and make the column after `newest` the next."""
        self._table.fill(np.nan)
        self._end = self._span
        self.newest = newest

    def record(self) -> Columns:
        """Return the newest `span` columns, as a view valid until the next one is appended."""
        return Columns(self.newest, self.windows(self._span))

    def restore(self, columns: Columns) -> None:
        """Restore the columns of a ring of the same shape."""
        self.begin(columns.newest)
        self._table[:, : self._span] = columns.numbers

    def append(self, count: int = 1) -> FloatArray:
        """Append columns of NaN, at most `span`, and return them, to be filled in place."""
        if self._end + count > self._table.shape[1]:
            kept = self._span - count
            newest = self._table[:, self._end - kept : self._end].copy()
            self._table[:, :kept], self._end = newest, kept
        columns = self._table[:, self._end : self._end + count]
        columns.fill(np.nan)
        self._end += count
        self.newest += count
        return columns

    def column(self, number: int) -> FloatArray:
        """Return one of the newest `span` columns, to be read or changed in place."""
        return self._table[:, self._end - 1 - (self.newest - number)]

    def window(self, row: int, length: int) -> FloatArray:
        """Return the newest `length` numbers of a row, newest last."""
        return self._table[row, self._end - length : self._end]

    def windows(self, length: int) -> FloatArray:
        """Return the newest `length` columns, shape (rows, length)."""
        return self._table[:, self._end - length : self._end]
