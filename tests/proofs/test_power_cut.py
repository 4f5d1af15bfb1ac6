"""The power is cut at every sync of the journal and the audit trail: nothing acknowledged is lost.

The product's code runs as a program of its own while a library records its writes; from these the
disk is rebuilt as a loss of power may leave it, and the product opens it.
"""

from __future__ import annotations

import random
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pytest

from edge_agent.journal.salvage import salvaged
from tests.support.journal_mistakes import LOG_IN_DOUBT, MISTAKES
from tests.support.power_cuts import after_each, cuts_of
from tests.support.power_words import heard, name_in
from tests.support.recorded_disk import record, recorder_library, write_files
from tests.support.restarted_journal import wrong_after_cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.support.power_words import Said
    from tests.support.recorded_disk import Recording

PROGRAM: Final = "tests.support.journal_program"
STEPS: Final = 40
PAGE_BYTES: Final = 4096
EVERY: Final = 1_000_000
"""More trials than any recording has cuts."""
TWO_SYNCS_OF_THE_LOG_FAIL: Final = "-wal 20 2"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorder_library(tmp_path_factory.mktemp("recorder"))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a folder in memory where there is one: the model of the disk needs no real sync."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)


@dataclass(frozen=True)
class Earlier:
    """A run before the journal was damaged."""

    lines: list[str]
    salvaged: frozenset[str]
    """Entries that a new journal has to take over."""

    def followed_by(self, lines: list[str]) -> Said:
        """Return what has to be there once the next run said something, too."""
        said = heard([*self.lines, *lines])
        return replace(said, kept=heard(lines).kept | self.salvaged)


def damaged(library: Path, folder: Path, seed: int) -> Earlier:
    """Run the program, then damage an index of its journal."""
    lines = recorded(library, folder, (seed, STEPS)).lines
    journal = folder / "run" / "journal.db"
    salvageable = frozenset(name_in(entry.body) for entry in salvaged(journal))
    assert {name for name in heard(lines).kept if name.startswith("e")} <= salvageable
    with closing(sqlite3.connect(journal)) as database:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'entry_by_time'"
        ((page,),) = database.execute(query).fetchall()
    with journal.open("r+b") as file:
        file.seek((page - 1) * PAGE_BYTES)
        file.write(b"\xa5" * PAGE_BYTES)
    return Earlier(lines, salvageable)


def recorded(library: Path, folder: Path, arguments: Sequence[object], fail: str = "") -> Recording:
    """Run the program once in the folder `run`, on what an earlier run left there."""
    run = folder / "run"
    run.mkdir(exist_ok=True)
    return record(library, run, PROGRAM, [str(argument) for argument in arguments], fail)


def trials(
    recording: Recording, folder: Path, seed: int, count: int, earlier: Earlier | None = None
) -> Iterator[list[str]]:
    """Yield what is wrong after each of some cuts, the earliest first.

    Parameters
    ----------
    earlier
        The run that filled a journal damaged since; None where the recording began with nothing.
    """
    choice = random.Random(seed)
    every = cuts_of(recording)
    chosen = choice.sample(every, min(count, len(every)))
    by_way = Counter(f"writes {cut.writes.value}, names {cut.names.value}" for cut in chosen)
    sys.stdout.write(f"seed {seed}: {len(chosen)} of {len(every)} cuts; {dict(by_way)}\n")
    for cut, files, lines in after_each(recording, chosen, choice):
        left = folder / "left"
        write_files(left, files)
        said = heard(lines) if earlier is None else earlier.followed_by(lines)
        wrong = wrong_after_cut(left, said, was_damaged=earlier is not None)
        yield [f"{cut}: {words}" for words in wrong]


@pytest.mark.parametrize(
    ("seed", "fail", "count"), [(1, "", 70), (2, TWO_SYNCS_OF_THE_LOG_FAIL, 40)]
)
def test_a_power_cut_loses_nothing_that_was_acknowledged(
    library: Path, disk: Path, seed: int, fail: str, count: int
) -> None:
    recording = recorded(library, disk, (seed, STEPS), fail)
    assert [op.kind for op in recording.operations].count("F") == (2 if fail else 0)
    assert [wrong for wrong in trials(recording, disk, seed, count) if wrong] == []


def test_a_power_cut_while_a_damaged_journal_is_set_aside_loses_nothing_of_it(
    library: Path, disk: Path
) -> None:
    earlier = damaged(library, disk, 3)
    recording = recorded(library, disk, (4, 1))
    assert "R" in {op.kind for op in recording.operations}
    assert [wrong for wrong in trials(recording, disk, 4, 60, earlier) if wrong] == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found(library: Path, disk: Path, mistake: str) -> None:
    earlier = damaged(library, disk, 3) if mistake == "damaged-file-forgotten" else None
    recording = recorded(library, disk, (1, 1 if earlier else STEPS, mistake))
    assert any(trials(recording, disk, 1, 150, earlier))


@pytest.mark.proof
def test_a_log_that_a_failed_sync_left_in_doubt_cannot_be_used_as_it_is(
    library: Path, disk: Path
) -> None:
    for first in range(16, 60, 4):
        write_files(disk / "run", {})
        recording = recorded(library, disk, (1, STEPS, LOG_IN_DOUBT), f"-wal {first} 2")
        if any(trials(recording, disk, 1, EVERY)):
            return
    pytest.fail("no cut shows it")


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(10, 22))
def test_many_power_cuts_lose_nothing(library: Path, disk: Path, seed: int) -> None:
    recording = recorded(library, disk, (seed, STEPS if seed % 4 else 10 * STEPS))
    assert [wrong for wrong in trials(recording, disk, seed, 250) if wrong] == []


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(60, 64))
def test_many_power_cuts_lose_nothing_of_a_damaged_journal(
    library: Path, disk: Path, seed: int
) -> None:
    earlier = damaged(library, disk, seed)
    recording = recorded(library, disk, (seed + 10, 2))
    assert [wrong for wrong in trials(recording, disk, seed, 250, earlier) if wrong] == []


@pytest.mark.proof
@pytest.mark.parametrize(
    "fail",
    [
        f"{ending} {first} {count}"
        for ending in ("-wal", "journal.db", ".jsonl", "-journal")
        for first, count in ((1, 1), (2, 3), (5, 2), (20, 4))
    ],
)
def test_many_failed_syncs_lose_nothing(library: Path, disk: Path, fail: str) -> None:
    seed = 40 + sum(fail.encode()) % 50
    recording = recorded(library, disk, (seed, STEPS), fail)
    assert [wrong for wrong in trials(recording, disk, seed, 60) if wrong] == []
