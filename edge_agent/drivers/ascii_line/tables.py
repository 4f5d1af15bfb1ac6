"""Reader of a definition's tables that notes every mistake with its key and the values allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge_agent.model.errors import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterable


class Notes:
    """Mistakes found so far in one file."""

    def __init__(self, source: str, encoding: str) -> None:
        self.encoding = encoding
        """Character encoding of the device."""
        self._source = source
        self._found: list[Mistake] = []

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """All mistakes, in the order found."""
        return tuple(self._found)

    def add(self, key: str, message: str) -> None:
        """Note a mistake at `key`."""
        self._found.append(Mistake(self._source, key, message))


class Table:
    """One table of the file, read key by key; `finish` notes the keys that were not read."""

    def __init__(self, place: str, values: object, notes: Notes) -> None:
        self.place = place
        self._notes = notes
        self._read_keys: set[str] = set()
        self._values: dict[str, object] = values if isinstance(values, dict) else {}
        if not isinstance(values, dict):
            notes.add(place, f"{values!r}; want a table")

    def wrong(self, key: str, message: str) -> None:
        """Note a mistake at one key of the table."""
        self._notes.add(f"{self.place}.{key}" if self.place else key, message)

    def get(self, key: str) -> object:
        """Return the value at `key`; None where the key is missing."""
        self._read_keys.add(key)
        return self._values.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text of printable ASCII; without a default the key is required."""
        value = self.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and value and value.isascii() and value.isprintable():
            return value
        self.wrong(key, f"{_seen(value)}; want a text of printable ASCII characters")
        return default or ""

    def device_text(self, key: str) -> str:
        """Return a required text as the device sends it, one character for each byte."""
        value = self.get(key)
        if (sent := self._sent(value)) is not None:
            return sent
        self.wrong(key, f"{_seen(value)}; want {self._allowed('a text')}")
        return ""

    def device_texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts as the device sends them; empty where the key is missing."""
        value = self.get(key)
        if value is None:
            return ()
        sent = [self._sent(text) for text in value] if isinstance(value, list) else [None]
        if None not in sent:
            return tuple(dict.fromkeys(text for text in sent if text is not None))
        self.wrong(key, f"{_seen(value)}; want {self._allowed('a list of texts')}")
        return ()

    def _sent(self, value: object) -> str | None:
        """Return a device's text, one character for each byte; None where no line can hold it."""
        if not isinstance(value, str) or not value or "\r" in value or "\n" in value:
            return None
        try:
            return value.encode(self._notes.encoding).decode("latin-1")
        except UnicodeEncodeError:
            return None

    def _allowed(self, what: str) -> str:
        return f"{what} without line ends that {self._notes.encoding} can write"

    def choice(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """Return one of the allowed texts."""
        value, among = self.get(key), tuple(allowed)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and value in among:
            return value
        self.wrong(key, f"{_seen(value)}; want one of: {', '.join(among)}")
        return default or ""

    def whole(self, key: str, highest: int, default: int = 0) -> int:
        """Return a whole number from 1 to `highest`; `default` where the key is missing."""
        value = self.get(key)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= highest:
            return value
        self.wrong(key, f"{_seen(value)}; want a whole number from 1 to {highest}")
        return default

    def positive(self, key: str) -> float | None:
        """Return a number above zero; None where the key is missing."""
        value = self.get(key)
        if value is None:
            return None
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e9:
            return float(value)
        self.wrong(key, f"{_seen(value)}; want a number above 0")
        return None

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false; `default` where the key is missing."""
        value = self.get(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.wrong(key, f"{_seen(value)}; want true or false")
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; empty where the key is missing."""
        value = self.get(key)
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(v, str) and _is_word(v) for v in value):
            return tuple(dict.fromkeys(value))
        self.wrong(key, f"{_seen(value)}; want a list of texts of printable ASCII characters")
        return ()

    def words(self, key: str, allowed: Iterable[str] | None) -> dict[str, str]:
        """Return a table of words with their meanings; any name where `allowed` is None."""
        value, meanings = self.get(key), {}
        if not isinstance(value, dict) or not value:
            self.wrong(key, f"{_seen(value)}; want a table of words with their meanings")
            return {}
        among = None if allowed is None else tuple(allowed)
        for word, meaning in value.items():
            sent = self._sent(word)
            if sent is None or len(sent) > _LONGEST_WORD:
                self.wrong(f"{key}.{word}", f"want {self._allowed('a word')}, at most 40 bytes")
            elif isinstance(meaning, str) and (among is None or meaning in among):
                meanings[sent] = meaning
            else:
                want = "a text" if among is None else f"one of: {', '.join(among)}"
                self.wrong(f"{key}.{word}", f"{_seen(meaning)}; want {want}")
        return meanings

    def finish(self) -> None:
        """Note the keys that have no meaning in this table."""
        allowed = ", ".join(sorted(self._read_keys))
        for key in self._values:
            if key not in self._read_keys:
                self.wrong(key, f"unknown key; there are: {allowed}")


_LONGEST_WORD: Final = 40


def _is_word(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_WORD and text.isascii() and text.isprintable()


def _seen(value: object) -> str:
    return "missing" if value is None else repr(value)
