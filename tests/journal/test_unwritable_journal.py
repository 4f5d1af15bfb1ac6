"""Folders and disks on which a journal cannot be written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from edge_agent.journal.ownership import journal_mistake
from edge_agent.model.errors import JournalRefusedError
from tests.support.gateways import opened
from tests.support.started_journals import start


@contextmanager
def tmpfs(folder: Path) -> Iterator[None]:
    """Mount a file system of 1 MB on a folder."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def test_where_nothing_can_be_written_a_check_says_so(tmp_path: Path) -> None:
    assert journal_mistake(tmp_path / "new.db") == ""
    assert "holds no files of ours" in journal_mistake(Path("/proc/crswatch.db"))
    (tmp_path / "link.db").symlink_to(tmp_path / "gone" / "x.db")
    assert "is no folder" in journal_mistake(tmp_path / "link.db")
    assert "cannot be read" in journal_mistake(tmp_path / ("x" * 300))
    (tmp_path / "folder").symlink_to(tmp_path / "gone")
    assert "is no folder" in journal_mistake(tmp_path / "folder" / "x.db")
    (tmp_path / "file").write_bytes(b"x")
    assert "Not a directory" in journal_mistake(tmp_path / "file" / "x.db")


@pytest.mark.parametrize("name", ["/proc/x.db", "proc.db", "x" * 300, "file/x.db"])
def test_an_agent_does_not_start_where_no_journal_can_ever_be(name: str, tmp_path: Path) -> None:
    (tmp_path / "proc.db").symlink_to("/proc/x.db")
    (tmp_path / "file").write_bytes(b"x")
    path = tmp_path / name
    with pytest.raises(JournalRefusedError, match=re.escape(f"{path} {journal_mistake(path)}")):
        start(path)


def test_an_agent_starts_before_the_disk_of_its_journal_is_mounted(tmp_path: Path) -> None:
    (tmp_path / "x.db").symlink_to(tmp_path / "disk" / "x.db")
    journal = start(tmp_path / "x.db")
    assert journal.health().fault
    (tmp_path / "disk").mkdir()
    journal.flush()
    assert journal.health().fault == ""
    journal.stop()


def test_a_start_is_refused_in_no_folder_of_the_kernel_that_is_yet_to_be_made() -> None:
    with pytest.raises(JournalRefusedError, match="is in /proc, which holds no files of ours"):
        start(Path("/proc/new/x.db"))


def test_an_agent_starts_in_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    with opened(tmp_path / "new" / "folder" / "x.db") as journal:
        journal.flush()
        assert journal.health().fault == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
@pytest.mark.parametrize("is_known", [True, False])
def test_a_disk_that_became_read_only_stops_no_agent_that_had_its_journal_there(
    tmp_path: Path, *, is_known: bool
) -> None:
    """A file system is mounted to be read only after an error: alerts go on without the disk."""
    disk, path = tmp_path / "disk", tmp_path / "disk" / "x.db"
    disk.mkdir()
    with tmpfs(disk):
        if is_known:
            with opened(path):
                pass
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        if not is_known:
            with pytest.raises(JournalRefusedError, match="where nothing may be written"):
                start(path)
            return
        journal = start(path)
        assert "read" in journal.health().fault.lower()
        journal.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_full_disk_without_a_journal_stops_no_agent(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with tmpfs(disk):
        with suppress(OSError):
            (disk / "filler").write_bytes(bytes(2 * 1024 * 1024))
        journal = start(disk / "x.db")
        assert journal.health().fault
        journal.stop()


@pytest.mark.skipif(not Path("/usr/bin/setpriv").exists(), reason="setpriv is not there")
def test_where_an_agents_user_may_not_write_a_check_says_so(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if folder == Path(tempfile.gettempdir()):
            break
        folder.chmod(0o755)
    with opened(tmp_path / "ours.db"):
        pass
    (tmp_path / "ours.db").chmod(0o444)
    (tmp_path / "open").mkdir(mode=0o777)
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "ours.db").rename(tmp_path / "open" / "ours.db")
    submit = (
        "import sys; from pathlib import Path;"
        " from edge_agent.journal.ownership import journal_mistake;"
        " [print(journal_mistake(Path(p))) for p in sys.argv[1:]]"
    )
    nobody = ("/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    paths = [str(tmp_path / "new.db"), str(tmp_path / "open" / "ours.db")]
    done = subprocess.run(
        [*nobody, sys.executable, "-c", submit, *paths], capture_output=True, text=True, check=True
    )
    new, ours = done.stdout.splitlines()
    assert "nothing may be written" in new
    assert ours == "may not be written"
