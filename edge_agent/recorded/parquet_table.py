"""Tables in Parquet, read row by row."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.recorded.cells import TableRow

_BATCH_ROWS: Final = 65_536


class ParquetTable:
    """A Parquet file.

    Raises
    ------
    ConfigError
        If it is no Parquet file, or the library for Parquet is missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # imported late: a gateway does not need it
        try:
            parquet = importlib.import_module("pyarrow.parquet")
        except ModuleNotFoundError as error:
            message = f"needs {error.name}, of the study extra: pip install 'crswatch[study]'"
            raise ConfigError((Mistake(str(path), "-", message),)) from error
        try:
            self._file = parquet.ParquetFile(path)
        except ValueError as error:
            raise self._unreadable(error) from error
        self.header: Sequence[str] = self._file.schema_arrow.names
        """Names of the columns."""
        self.is_plain = True
        """True where any reader of Parquet reads the file the same way."""
        self.separator = ""
        """Separator of the cells; empty, as a typed table needs none."""

    def rows(self) -> Iterator[TableRow]:
        """Yield each row with its number.

        Raises
        ------
        ConfigError
            If the file is damaged after its first part.
        """
        line = 0
        try:
            for batch in self._file.iter_batches(batch_size=_BATCH_ROWS):
                for row in batch.to_pylist():
                    line += 1
                    yield line, row, ""
        except (ValueError, OSError, NotImplementedError) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> ConfigError:
        problem = str(error).partition("\n")[0]
        return ConfigError(
            (Mistake(str(self._path), "-", f"cannot be read as Parquet: {problem}"),)
        )
