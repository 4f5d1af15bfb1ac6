"""The rows of a table that are read, chosen by the texts in its columns."""

from __future__ import annotations

from collections.abc import Iterable

from edge_agent.model.errors import ConfigError, Mistake


def chosen_rows(command: str, texts: Iterable[str]) -> dict[str, str]:
    """Return the columns that select rows, each with the text wanted there.

    Raises
    ------
    ConfigError
        With every text that is not COLUMN=VALUE.
    """
    pairs = [text.partition("=") for text in texts]
    mistakes = [
        Mistake(command, "--where", f"is {name + sign + value!r}; want COLUMN=VALUE")
        for name, sign, value in pairs
        if not sign or not name
    ]
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return {name: value for name, _, value in pairs}
