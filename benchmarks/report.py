"""Figures of a benchmark as a table, each with the promise about it, or as one JSON object."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Promise:
    """Limit of a figure."""

    limit: float
    is_least: bool = False
    """True where the figure must be at least the limit, False where at most."""

    def verdict(self, value: float) -> str:
        """Return the limit, and a remark where the figure breaks it."""
        is_kept = value >= self.limit if self.is_least else value <= self.limit
        side = "at least" if self.is_least else "at most"
        return f"{side} {self.limit:g}" + ("" if is_kept else ": NOT KEPT")


def parser_of(description: str | None, quick: str) -> argparse.ArgumentParser:
    """Return a parser with the options of every benchmark; `quick` describes the short form."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument("--quick", action="store_true", help=quick)
    return parser


def show(
    figures: Mapping[str, float],
    promises: Mapping[str, Promise],
    *,
    as_json: bool,
    result: Mapping[str, object] | None = None,
) -> None:
    """Print the figures as a table, and as JSON on the last line where asked.

    Parameters
    ----------
    figures
        Values by name.
    promises
        Limits by name; a figure without one is printed for comparison.
    as_json
        True for the JSON object.
    result
        The JSON object; None for the figures.
    """
    table = Table("figure", "value", "promise")
    for name, value in figures.items():
        promise = promises.get(name)
        table.add_row(name, f"{value:,.2f}", promise.verdict(value) if promise else "")
    Console().print(table)
    if as_json:
        rounded = {name: round(value, 3) for name, value in figures.items()}
        sys.stdout.write(json.dumps(result or rounded) + "\n")
