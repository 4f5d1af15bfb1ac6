"""A person at the gateway's command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_agent.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class CommandDesk:
    """Runs commands about one configuration, and keeps what they print."""

    def __init__(self, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config = config
        self._capsys = capsys

    def run(self, *words: str) -> tuple[int, str]:
        """Run a command in English; return its exit status and what it printed."""
        status = main([*words, "--language", "en", "--config", str(self.config)])
        printed = self._capsys.readouterr()
        return status, printed.out + printed.err
