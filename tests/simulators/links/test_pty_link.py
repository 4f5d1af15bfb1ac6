"""The pseudo-terminal behaves as a serial cable that loses nothing."""

from __future__ import annotations

import errno
import os
import select
import threading
from typing import TYPE_CHECKING

import pytest

from simulators.links.pty_link import PtyLink
from tests.support.serial_host import PATIENCE_S, SerialHost

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pty
ALL_BYTES = bytes(range(256))


def test_every_byte_value_passes_both_ways() -> None:
    with PtyLink() as link, SerialHost(link.path) as host:
        link.write(ALL_BYTES)
        assert host.read(256) == ALL_BYTES
        host.write(ALL_BYTES)
        assert link.read() == ALL_BYTES
        assert link.read() == b""


def test_bytes_wait_while_no_host_has_the_port_open() -> None:
    with PtyLink() as link:
        link.write(b"before")
        with SerialHost(link.path) as host:
            assert host.read(3) == b"bef"
        link.write(b" and after")
        with SerialHost(link.path) as host:
            assert host.read(13) == b"ore and after"


def test_a_full_cable_takes_nothing_more_and_loses_nothing() -> None:
    with PtyLink() as link:
        block = ALL_BYTES * 16
        taken = 0
        while count := link.write_some(block[taken % len(block) :]):
            taken += count
        assert taken >= 4096
        with SerialHost(link.path) as host:
            assert host.read(taken) == (block * (taken // len(block) + 1))[:taken]


def test_writing_waits_for_the_reader() -> None:
    data = ALL_BYTES * 2000
    with PtyLink() as link:
        writer = threading.Thread(target=link.write, args=(data,))
        writer.start()
        with SerialHost(link.path) as host:
            assert host.read(1000) == data[:1000]
            assert writer.is_alive()
            assert host.read(len(data) - 1000) == data[1000:]
        writer.join(PATIENCE_S)
        assert not writer.is_alive()


def test_unread_counts_what_waits_for_the_host() -> None:
    with PtyLink() as link, SerialHost(link.path) as host:
        assert link.unread() == 0
        link.write(b"abc")
        assert host.read(1) == b"a"
        assert link.unread() == 2


def test_bytes_that_the_kernel_has_not_handed_over_yet_are_unread_as_well() -> None:
    with PtyLink() as link, SerialHost(link.path) as host:
        for _ in range(200):
            link.write(b"abc")
            assert link.unread() == 3
            host.read(3)


def test_a_closed_cable_is_gone_and_may_be_closed_again() -> None:
    link = PtyLink()
    device = link.fileno()
    link.close()
    link.close()
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(device)


def test_writing_nothing_takes_nothing() -> None:
    with PtyLink() as link:
        assert link.write_some(b"") == 0


def test_a_host_that_flushes_its_input_is_noticed_once() -> None:
    with PtyLink() as link:
        link.write(b"lost")
        assert not link.was_flushed()
        with SerialHost(link.path, flush=True) as host:
            host.write(b"hello")
            got = b""
            while not got.endswith(b"hello"):
                got += link.read()
            assert link.was_flushed()
            assert not link.was_flushed()


def is_over(port: int) -> bool:
    """Return whether a host that has a port open is told that it ended."""
    try:
        return os.read(port, 1) == b""
    except OSError as error:
        return error.errno == errno.EIO


def test_an_unplugged_cable_ends_for_its_host_and_comes_back_under_its_name(
    tmp_path: Path,
) -> None:
    name = tmp_path / "bed-01"
    with PtyLink(name) as link:
        descriptor = link.fileno()
        port = os.open(link.path, os.O_RDWR | os.O_NOCTTY)
        link.write(b"lost")
        link.unplug()
        has_ended = is_over(port)
        os.close(port)
        assert has_ended
        assert not name.is_symlink()
        assert (link.read(), link.write_some(b"nobody")) == (b"", 6)
        link.plug_in()
        assert (link.path, link.fileno()) == (str(name), descriptor)
        with SerialHost(link.path) as host:
            link.write(b"back")
            assert host.read(4) == b"back"
            host.write(b"hello")
            ready, _, _ = select.select((link,), (), (), PATIENCE_S)
            assert ready == [link]
            assert link.read() == b"hello"
    assert not name.is_symlink()


def test_an_unplugged_cable_is_idle_and_may_be_closed() -> None:
    with PtyLink() as link:
        link.unplug()
        assert select.select((link,), (), (), 0) == ([], [], [])
    assert link.fileno() == -1
