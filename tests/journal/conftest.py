"""A journal of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.writer import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(JournalSettings(tmp_path / "journal.db", ("fake",), 1e9))
    made.start()
    yield made
    made.stop()
