"""Messages to a service manager; one that is not there is no fault."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from edge_agent.ops.service_manager import ServiceManager

if TYPE_CHECKING:
    from pathlib import Path


def test_the_messages_are_those_of_the_protocol(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        listener.settimeout(10)
        environment = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "60000000"}
        manager = ServiceManager(environment)
        assert environment == {}
        assert (manager.is_there, manager.limit_s) == (True, 60.0)
        manager.ask_for_time(1.5)
        manager.tell_ready()
        manager.tell_alive()
        manager.tell_status("4 beds: 4 assessing")
        manager.tell_stopping()
        assert [listener.recv(100).decode() for _ in range(5)] == [
            "EXTEND_TIMEOUT_USEC=1500000",
            "READY=1",
            "WATCHDOG=1",
            "STATUS=4 beds: 4 assessing",
            "STOPPING=1",
        ]


def test_an_abstract_socket_is_reached() -> None:
    name = f"crswatch-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{name}")
        listener.settimeout(10)
        ServiceManager({"NOTIFY_SOCKET": f"@{name}"}).tell_ready()
        assert listener.recv(100) == b"READY=1"


@pytest.mark.parametrize(
    ("limit_us", "process", "limit_s"),
    [("2000000", "ours", 2.0), ("2000000", "1", 0.0), ("soon", "", 0.0), ("", "", 0.0)],
)
def test_a_watchdog_of_another_process_is_not_ours(
    limit_us: str, process: str, limit_s: float
) -> None:
    process = str(os.getpid()) if process == "ours" else process
    environment = {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": limit_us, "WATCHDOG_PID": process}
    assert ServiceManager(environment).limit_s == limit_s


def test_without_a_manager_nothing_is_told() -> None:
    manager = ServiceManager({"WATCHDOG_USEC": "2000000"})
    manager.tell_ready()
    assert (manager.is_there, manager.limit_s) == (False, 0.0)


def test_a_manager_that_has_gone_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    manager = ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    manager.tell_alive()
    manager.tell_alive()
    assert caplog.text.count("the service manager cannot be told 'WATCHDOG=1'") == 1
