"""Reader of TOML tables that collects all mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge_agent.model.errors import ConfigError, Mistake
from simulators.files.durations import parse_duration

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    Table = Mapping[str, object]

_DURATION: Final = 'a duration such as "90 s", "10 min", "2 h" or "1 d 6 h"'


class TomlReader:
    """Reads keys of tables; notes a mistake and continues with a stand-in value.

    Parameters
    ----------
    source
        Name of the file in messages.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._mistakes: list[Mistake] = []

    def raise_mistakes(self) -> None:
        """Raise the mistakes, if there are any.

        Raises
        ------
        ConfigError
            With every mistake.
        """
        if self._mistakes:
            raise ConfigError(tuple(self._mistakes))

    def wrong(self, key: str, message: str) -> None:
        """Note a mistake."""
        self._mistakes.append(Mistake(self._source, key, message))

    def known(self, table: Table, where: str, allowed: Collection[str]) -> None:
        """Note a mistake for every key that is not allowed."""
        for key in sorted(table.keys() - set(allowed)):
            self.wrong(f"{where}{key}", f"unknown key; have {', '.join(allowed)}")

    def words(self, table: Table, key: str, where: str = "", default: str | None = None) -> str:
        """Return a text; an empty one only where the default is empty."""
        value = table.get(key, default)
        if isinstance(value, str) and (value or default == ""):
            return value
        self.wrong(f"{where}{key}", f"{value!r}; want text")
        return ""

    def one_of(self, table: Table, key: str, allowed: Collection[str], where: str = "") -> str:
        """Return one of the allowed texts; the first of them where the text is another."""
        value = table.get(key)
        if isinstance(value, str) and value in allowed:
            return value
        self.wrong(f"{where}{key}", f"{value!r}; want one of {', '.join(allowed)}")
        return next(iter(allowed))

    def number(
        self,
        table: Table,
        key: str,
        limits: tuple[float, float],
        where: str = "",
        default: float | None = None,
    ) -> float:
        """Return a number within limits, both included."""
        value = table.get(key, default)
        low, high = limits
        if isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        self.wrong(f"{where}{key}", f"{value!r}; want a number from {low:g} to {high:g}")
        return low

    def duration(
        self, table: Table, key: str, where: str = "", default_s: float | None = None
    ) -> float:
        """Return a duration in seconds."""
        if key not in table and default_s is not None:
            return default_s
        value = table.get(key)
        seconds = parse_duration(value) if isinstance(value, str) else None
        if seconds is None:
            self.wrong(f"{where}{key}", f"{value!r}; want {_DURATION}")
            return 0.0
        return seconds

    def table(self, table: Table, key: str) -> dict[str, object]:
        """Return a table; an empty one where the key is missing."""
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.wrong(key, f"{value!r}; want a table")
        return {}

    def tables(self, table: Table, key: str, where: str = "") -> list[tuple[Table, str]]:
        """Return the tables of an array, each with its place; none where the key is missing."""
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.wrong(f"{where}{key}", f"{value!r}; want an array of tables")
            return []
        return [(entry, f"{where}{key}[{n}].") for n, entry in enumerate(value)]
