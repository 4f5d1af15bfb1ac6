"""What every subcommand needs of argparse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import argparse


class Subparsers(Protocol):
    """Where a subcommand adds itself."""

    def add_parser(self, name: str, *, help: str, description: str) -> argparse.ArgumentParser:  # noqa: A002 - argparse's own name
        """Return a new parser for the subcommand `name`."""
