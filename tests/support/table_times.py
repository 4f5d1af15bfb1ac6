"""Stays read from tables of times, and what is said of those that cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.model.errors import ConfigError
from edge_agent.recorded.stay_file import StayFile, read_stay

if TYPE_CHECKING:
    from pathlib import Path


START_S = 1_772_352_902  # 2026-03-01T08:15:02Z
START_NS = START_S * 10**9
UNDATED_NS = 946_684_800_000_000_000


def stay_of(folder: Path, times: list[str], mapping: str | None = None) -> StayFile:
    path = folder / "table.csv"
    path.write_text("time,spo2\n" + "".join(f'"{time}",97\n' for time in times))
    source = None
    if mapping is not None:
        source = str(folder / "m.toml")
        (folder / "m.toml").write_text(mapping)
    return read_stay(path, UNDATED_NS, source)


def seconds(stay: StayFile) -> list[float]:
    (column,) = stay.recording.columns.values()
    return [round(at_s, 6) for at_s in column.times_s.tolist()]


def refusal(folder: Path, times: list[str], mapping: str | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        stay_of(folder, times, mapping)
    return [mistake.message for mistake in caught.value.mistakes]
