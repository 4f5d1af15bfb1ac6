"""Messages to systemd over the socket that it names in the environment; see sd_notify(3)."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import MutableMapping
from typing import Final

_SOCKET: Final = "NOTIFY_SOCKET"
_LIMIT: Final = "WATCHDOG_USEC"
_PROCESS: Final = "WATCHDOG_PID"
_MEGA: Final = 1_000_000
_LOG = logging.getLogger(__name__)


class ServiceManager:
    """The manager that started this process, or nobody; telling it something never waits.

    Its variables are removed from the environment: no program that the agent starts may speak in
    its name.
    """

    def __init__(self, environment: MutableMapping[str, str] = os.environ) -> None:
        name = environment.pop(_SOCKET, "")
        limit_us = environment.pop(_LIMIT, "")
        process = environment.pop(_PROCESS, "") or str(os.getpid())
        is_ours = process == str(os.getpid()) and limit_us.isascii() and limit_us.isdigit()
        self.limit_s = int(limit_us) / _MEGA if is_ours and name else 0.0
        """Longest silence of the watchdog's feed, seconds; 0 without a watchdog."""
        # An "@" stands for the zero byte of an abstract name; source: sd_notify(3).
        self._address = f"\0{name[1:]}" if name.startswith("@") else name
        self._has_failed = False

    @property
    def is_there(self) -> bool:
        """True if a manager listens."""
        return bool(self._address)

    def tell_ready(self) -> None:
        """Tell that the ward is monitored."""
        self._tell("READY=1")

    def tell_alive(self) -> None:
        """Feed the watchdog."""
        self._tell("WATCHDOG=1")

    def tell_stopping(self) -> None:
        """Tell that the agent stops as requested."""
        self._tell("STOPPING=1")

    def tell_status(self, words: str) -> None:
        """Show a line of text in `systemctl status`."""
        self._tell(f"STATUS={words}")

    def ask_for_time(self, wait_s: float) -> None:
        """Ask for a start that may last for another `wait_s`."""
        self._tell(f"EXTEND_TIMEOUT_USEC={round(wait_s * _MEGA)}")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.sendto(message.encode(), socket.MSG_DONTWAIT, self._address)
        except OSError as error:
            if not self._has_failed:
                _LOG.warning("the service manager cannot be told %r: %s", message, error)
            self._has_failed = True
        else:
            self._has_failed = False
