"""Texts that one run stores for the next, and of these the ones not on disk yet."""

from __future__ import annotations

from edge_agent.journal.store import Store


class Texts:
    """Texts that this run has read or set; they outlive a file that is damaged or removed."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._unsaved: set[str] = set()

    def get(self, name: str) -> str | None:
        """Return a text of this run; None where this run has neither read nor set it."""
        return self._texts.get(name)

    def read(self, name: str, store: Store) -> str | None:
        """Return a text of an earlier run, and remember it; None where there is none."""
        stored = store.meta(name)
        if stored is not None:
            self._texts[name] = stored
        return stored

    def set(self, name: str, text: str) -> None:
        """Store a text with the next commit."""
        self._texts[name] = text
        self._unsaved.add(name)

    def unsaved(self) -> dict[str, str]:
        """Return the texts that are not on disk."""
        return {name: self._texts[name] for name in self._unsaved}

    def saved(self) -> None:
        """Record that `unsaved` is on disk."""
        self._unsaved.clear()

    def forget_saved(self) -> None:
        """Record that no text is on disk any longer."""
        self._unsaved = set(self._texts)
