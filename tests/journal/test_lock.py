"""One agent for one journal, whatever it calls the file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from edge_agent.journal.entries import Lane
from edge_agent.journal.lock import is_remote
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.writer import Journal
from edge_agent.model.errors import JournalRefusedError
from tests.support.gateways import opened

if TYPE_CHECKING:
    from pathlib import Path

HOLDER = """
import sys
from pathlib import Path
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.writer import Journal
journal = Journal(JournalSettings(Path(sys.argv[1]), (), 1e9))
journal.start()
print("held", flush=True)
sys.stdin.read()
"""


def start(path: Path) -> Journal:
    journal = Journal(JournalSettings(path, (), 1e9))
    journal.start()
    return journal


def test_a_journal_that_another_process_uses_is_refused_under_every_name(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        (tmp_path / "linked.db").symlink_to(path)
        os.link(path, tmp_path / "same.db")
        before = path.read_bytes()
        for name in ("journal.db", "linked.db", "same.db"):
            with pytest.raises(JournalRefusedError, match=rf"process {holder.pid}\)"):
                start(tmp_path / name)
        assert path.read_bytes() == before
        holder.send_signal(signal.SIGKILL)
    with opened(path) as journal:
        journal.append(Lane.EVENTS, "bed", 1, b"mine")


def test_a_lock_goes_with_the_file_that_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with opened(path):
        pass
    path.write_bytes(path.read_bytes()[:5000])
    with opened(path) as journal:
        assert len(journal.health().set_aside) == 1
        with pytest.raises(JournalRefusedError, match="another agent"):
            start(path)
    start(path).stop()


def test_one_folder_holds_the_journals_of_many_agents(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db"), opened(tmp_path / "b.db") as journal:
        journal.append(Lane.EVENTS, "bed", 1, b"b")
        journal.flush()


MOUNTS = """\
20 1 8:16 / /far rw,relatime shared:1 - nfs4 server:/far rw
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
31 22 0:45 / /ward rw,relatime shared:2 - nfs4 server:/ward rw,vers=4.2
32 22 0:46 / /tmp rw - tmpfs tmpfs rw
cut
"""


@pytest.mark.parametrize(
    ("major", "minor", "expected"), [(8, 1, False), (0, 45, True), (0, 46, False), (9, 9, False)]
)
def test_a_network_file_system_is_known_by_its_mount(
    major: int, minor: int, *, expected: bool
) -> None:
    assert is_remote(MOUNTS, os.makedev(major, minor)) == expected
