"""Numbers of many rows that come one column at a time, with the newest at hand as one view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge_agent.detect.window import FloatArray


@dataclass(frozen=True, slots=True)
class Columns:
    """What a ring holds, oldest column first."""

    newest: int
    """The number of the last column."""
    numbers: FloatArray
    """Shape (rows, span)."""


class Ring:
    """The newest columns of a table, `span` of them at least; NaN before the first.

    Appending costs amortised constant time. A window handed out is a view that is valid until the
    next column comes.

    Parameters
    ----------
    rows
        How many numbers a column has.
    span
        How many columns back a window may reach, >= 1.
    """

    def __init__(self, rows: int, span: int) -> None:
        self._span = span
        self._table = np.full((rows, 2 * span), np.nan)
        self._end = span
        self.newest = 0
        """The number of the newest column."""

    def begin(self, newest: int) -> None:
        """Have the next column be the one after `newest`; nothing is known of those before."""
        self._table.fill(np.nan)
        self._end = self._span
        self.newest = newest

    def held(self) -> Columns:
        """Return the newest `span` columns, as a view that is valid until the next column comes."""
        return Columns(self.newest, self.windows(self._span))

    def take_up(self, columns: Columns) -> None:
        """Hold what a ring of the same shape held."""
        self.begin(columns.newest)
        self._table[:, : self._span] = columns.numbers

    def add_row(self) -> int:
        """Return the index of a new row, NaN so far."""
        row = np.full((1, self._table.shape[1]), np.nan)
        self._table = np.concatenate((self._table, row))
        return self._table.shape[0] - 1

    def append(self) -> FloatArray:
        """Return the next column, NaN, to be filled in place."""
        if self._end == self._table.shape[1]:
            self._table[:, : self._span] = self._table[:, self._span :]
            self._end = self._span
        column = self._table[:, self._end]
        column.fill(np.nan)
        self._end += 1
        self.newest += 1
        return column

    def column(self, number: int) -> FloatArray:
        """Return one of the newest `span` columns, to be read or mended in place."""
        return self._table[:, self._end - 1 - (self.newest - number)]

    def window(self, row: int, length: int) -> FloatArray:
        """Return the newest `length` numbers of a row, newest last."""
        return self._table[row, self._end - length : self._end]

    def windows(self, length: int) -> FloatArray:
        """Return the newest `length` columns, shape (rows, length)."""
        return self._table[:, self._end - length : self._end]

    @property
    def nbytes(self) -> int:
        """Memory of the table."""
        return self._table.nbytes
