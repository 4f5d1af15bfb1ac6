"""Journals started at a path, whatever lies there."""

from __future__ import annotations

from pathlib import Path

from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.writer import Journal


def start(path: Path) -> Journal:
    journal = Journal(JournalSettings(path, (), 1e9))
    journal.start()
    return journal
