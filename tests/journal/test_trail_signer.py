"""The key of a trail and its signed checkpoints: made once, copied whole, readable by the owner."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from edge_agent.journal.trail import TrailTimes
from edge_agent.journal.trail_key import read_key, signing_key
from edge_agent.journal.trail_signer import TrailSigner, checkpoints_path
from edge_agent.model.errors import JournalRefusedError
from edge_agent.payloads.checkpoints import read_checkpoints
from tests.journal.test_trail import fill
from tests.journal.test_unwritable_journal import tmpfs
from tests.support.brokers import WAIT_S
from tests.support.trails import ORIGIN, START

if TYPE_CHECKING:
    from pathlib import Path

QUICK = TrailTimes(retry_s=0.02)


@pytest.mark.parametrize("content", [b"", b"my key", b"-----BEGIN PRIVATE KEY-----\n"])
def test_a_file_that_is_no_key_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(JournalRefusedError, match="holds no key"):
        signing_key(path)
    assert path.read_bytes() == content


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key = X25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    with pytest.raises(JournalRefusedError, match="want Ed25519"):
        read_key(path)


def test_two_programs_that_make_the_key_at_once_get_the_same_one(tmp_path: Path) -> None:
    found: list[bytes] = []
    start = threading.Barrier(8)

    def make() -> None:
        start.wait(WAIT_S)
        found.append(signing_key(tmp_path / "key").private_bytes_raw())

    makers = [threading.Thread(target=make) for _ in range(8)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join(WAIT_S)
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_checkpoint_is_copied_whole_or_not_at_all(tmp_path: Path) -> None:
    with tmpfs(tmp_path):
        signer = TrailSigner(tmp_path / "journal.db", ORIGIN)
        first = signer.sign(1, "ab" * 32, START.utc_ns)
        fill(tmp_path / "ballast")
        path = checkpoints_path(tmp_path / "journal.db")
        signed = 1
        with suppress(OSError):
            while signed < 100:  # until the file's own page is full
                signer.sign(1, "ab" * 32, START.utc_ns)
                signed += 1
        assert 1 < signed < 100
        assert path.read_text().count(first.text) == signed
        assert read_checkpoints(path.read_text())[1] == ""


def test_a_copy_of_the_checkpoints_that_was_torn_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    signer = TrailSigner(journal, ORIGIN)
    assert signer.newest() is None
    first = signer.sign(1, "ab" * 32, START.utc_ns)
    signer.sign(2, "cd" * 32, START.utc_ns)
    path = checkpoints_path(journal)
    path.write_bytes(path.read_bytes()[:-30])
    newest = TrailSigner(journal, ORIGIN).newest()
    assert newest is not None
    assert newest.text == first.text
    third = signer.sign(3, "ef" * 32, START.utc_ns)
    newest = TrailSigner(journal, ORIGIN).newest()
    assert newest is not None
    assert newest.text == third.text
