"""Options for the columns and rows of a table, the same for each command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_agent.model.errors import ConfigError, Mistake

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable


def add_table_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--mapping", metavar="M", help="meaning of a table's columns: a name or a file"
    )
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help="only rows of a table that have this; may be given several times",
    )


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
