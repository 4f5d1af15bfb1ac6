"""Types of argparse that every subcommand needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import argparse


class Subparsers(Protocol):
    """Parser to which a subcommand adds itself."""

    def add_parser(self, name: str, *, description: str) -> argparse.ArgumentParser:
        """Return a new parser for the subcommand `name`."""
