"""A real port takes the place of a pseudo-terminal."""

from __future__ import annotations

import pytest

from simulators.links.port_link import PortLink
from simulators.links.pty_link import PtyLink

pytestmark = pytest.mark.pty


@pytest.mark.parametrize("parity", ["N", "E"])
def test_bytes_pass_both_ways_over_a_port(parity: str) -> None:
    with PtyLink() as far, PortLink(far.path, 115_200, parity) as port:
        assert port.write_some(b"\x00\x11\x13\xff") == 4
        got = b""
        while len(got) < 4:
            got += far.read()
        assert got == b"\x00\x11\x13\xff"
        far.write(b"\xc0\xc1")
        got = b""
        while len(got) < 2:
            got += port.read()
        assert got == b"\xc0\xc1"
        assert port.unread() == 0
        assert not port.was_flushed()


def test_a_port_that_is_not_there_is_an_error() -> None:
    with pytest.raises(OSError, match="no-such-port"):
        PortLink("/dev/no-such-port", 115_200, "N")
