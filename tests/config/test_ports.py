"""One port under two names is found before two beds wait for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.config.ports import port_mistakes


def clashes(*ports: str) -> list[str]:
    named = {f"beds.{n}": port for n, port in enumerate(ports)}
    found = port_mistakes("gateway.toml", named)
    return [f"{mistake.key}: {mistake.message}" for mistake in found]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/dev/pts/3", "/dev/pts/../pts/3"),
        ("/dev/ttyUSB0", "/dev/./ttyUSB0"),
        ("/dev/ttyUSB0", "//dev/ttyUSB0"),
        ("socket://Terminal:4001", "socket://terminal:4001"),
        ("socket://terminal:4001", "rfc2217://terminal:4001"),
    ],
)
def test_one_port_under_two_names_is_refused(one: str, other: str) -> None:
    assert clashes(one, "/dev/ttyS0", other) == [
        f"beds.2.port: is {other!r}, the same port as {one!r} of beds.0; each needs its own"
    ]


def test_a_link_and_the_port_that_it_leads_to_are_one(tmp_path: Path) -> None:
    port, link, other = (str(tmp_path / name) for name in ("ttyUSB0", "monitor", "ttyUSB1"))
    Path(port).touch()
    Path(other).touch()
    Path(link).symlink_to(port)
    (told,) = clashes(port, link, other)
    assert told.startswith(f"beds.1.port: is {link!r}, the same port as {port!r} of beds.0")


def test_a_relative_path_means_a_file_of_this_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (told,) = clashes("tty", str(tmp_path / "tty"))
    assert "the same port as 'tty' of beds.0" in told


@pytest.mark.parametrize(
    "ports",
    [
        ("/dev/ttyUSB0", "/dev/ttyUSB1"),
        ("socket://terminal:4001", "socket://terminal:4002"),
        ("usb:0403:6001:A50285BI", "usb:0403:6001:A50285BJ"),
        ("usb-path:1-1.4", "usb-path:1-1.5"),
        ("mllp://10.0.0.1:2575", "mllp://10.0.0.2:2575"),
        ("mllp://10.0.0.1:2575", "mllp://10.0.0.1:2575"),
    ],
)
def test_other_ports_stand_side_by_side(ports: tuple[str, ...]) -> None:
    assert clashes(*ports) == []
