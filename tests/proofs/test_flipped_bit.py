"""One bit of the journal's files is flipped: it opens, continues, and says what it has lost."""

from __future__ import annotations

import random
import sys
from collections import Counter
from typing import TYPE_CHECKING, Final

import pytest

from tests.proofs.test_power_cut import PROGRAM, disk, library
from tests.support.flipped_bits import opened, trail_report
from tests.support.power_cuts import Cut, Names, Writes, after_each
from tests.support.recorded_disk import record, write_files

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["disk", "library"]
JOURNAL: Final = ("journal.db", "journal.db-wal")
TRAIL: Final = ("journal.db.audit.jsonl", "journal.db.audit.checkpoints", "journal.db.audit.key")
A_PAGE: Final = 12
"""Entries that one page of 4096 bytes holds at most, about."""


def states(library: Path, folder: Path, seed: int, steps: int) -> list[dict[str, bytes]]:
    """Return the files of a gateway in mid-run, with a log, and of one that stopped."""
    run = folder / "run"
    write_files(run, {})
    recording = record(library, run, PROGRAM, [str(seed), str(steps)])
    last_kept = max(
        at
        for at, op in enumerate(recording.operations)
        if op.kind == "A" and b'"kept"' in op.content
    )
    cut = Cut(last_kept + 1, Writes.ALL, Names.ALL)
    [(_, running, _)] = after_each(recording, [cut], random.Random(seed))
    return [running, {path.name: path.read_bytes() for path in run.iterdir()}]


def flipped(files: dict[str, bytes], name: str, choice: random.Random) -> dict[str, bytes]:
    """Return the files with another bit somewhere in one of them; a third are at its begin."""
    content = bytearray(files[name])
    end = len(content) if choice.random() < 2 / 3 else min(len(content), 100)
    content[choice.randrange(end)] ^= 1 << choice.randrange(8)
    return files | {name: bytes(content)}


def judged(
    files: dict[str, bytes], folder: Path, choice: random.Random, count: int
) -> Counter[str]:
    """Return how often the journal lost nothing, said what it lost, and did neither."""
    left = folder / "left"
    write_files(left, files)
    whole = opened(left)
    assert whole.names
    assert not whole.report
    found: Counter[str] = Counter()
    for _ in range(count):
        name = choice.choice([name for name in JOURNAL if name in files])
        write_files(left, flipped(files, name, choice))
        after = opened(left)
        lost = whole.names - after.names
        match bool(lost), bool(after.report):
            case _, True:
                found["reported"] += 1
            case False, False:
                found["nothing lost"] += 1
            case _ if len(lost) <= A_PAGE:
                found["rows of the damaged page, or the newest commit"] += 1
            case _ if after.hidden:
                found["in the file, but not found by its index"] += 1
            case _:
                found["not reported"] += 1
    return found


def judged_trail(
    files: dict[str, bytes], folder: Path, choice: random.Random, count: int
) -> Counter[str]:
    """Return how often a flipped bit of each file of the trail was reported."""
    left = folder / "left"
    found: Counter[str] = Counter()
    for _ in range(count):
        name = choice.choice(TRAIL)
        write_files(left, flipped(files, name, choice))
        found[f"{name} {'reported' if trail_report(left) else 'harmless'}"] += 1
    return found


def tried(library: Path, disk: Path, seed: int, steps: int, count: int) -> None:
    choice = random.Random(seed)
    running, stopped = states(library, disk, seed, steps)
    found = judged(running, disk, choice, count) + judged(stopped, disk, choice, count)
    trail = judged_trail(stopped, disk, choice, count // 3)
    sys.stdout.write(f"seed {seed}: {dict(found)}; {dict(trail)}\n")
    assert not found["not reported"]
    assert found["in the file, but not found by its index"] <= count / 50
    assert not trail["journal.db.audit.jsonl harmless"]


def test_a_flipped_bit_is_reported_or_costs_the_rows_of_its_page(library: Path, disk: Path) -> None:
    tried(library, disk, 5, 40, 27)


@pytest.mark.proof
@pytest.mark.parametrize("seed", [6, 7])
def test_many_flipped_bits(library: Path, disk: Path, seed: int) -> None:
    tried(library, disk, seed, 200, 250)
