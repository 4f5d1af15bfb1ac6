"""Checks of the ports in a gateway.toml: their form, and conflicts between them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from edge_agent.config.fields import is_host
from edge_agent.config.paths import is_there
from edge_agent.model.errors import LinkError, Mistake
from edge_agent.sources.port_names import check_address, device_of, is_usb_address, serial_ports

CONNECTIONS: Final = "mllp://"
"""Prefix of a port on which the gateway listens."""
_SCHEMES: Final = ("mllp", "socket", "rfc2217", "loop", "spy", "alt", "hwgrep", "cp2110")
"""Schemes of ports: mllp is ours; the others are pyserial's."""
_WINDOWS: Final = re.compile(r"(?:\\\\\.\\)?COM\d{1,3}", re.IGNORECASE)
_BARE: Final = re.compile(r"(?:tty|cu)[.A-Z][A-Za-z0-9._-]*")
"""Name of a device below /dev."""
_TERMINAL_SERVERS: Final = frozenset({"socket", "rfc2217"})
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})


def port_mistakes(source: str, ports: Mapping[str, str]) -> Iterator[Mistake]:
    """Yield the mistakes in the ports.

    Parameters
    ----------
    ports
        Ports by the key of the line.
    """
    for key, port in ports.items():
        if wrong := _wrong(port):
            yield Mistake(source, f"{key}.port", f"is {port!r}; {wrong}")
    yield from _clashes(source, ports)
    yield from _namesakes(source, ports)


def listens_everywhere(port: str) -> bool:
    """Return True if a port accepts connections from every network of this machine."""
    return port.startswith(CONNECTIONS) and urlsplit(port).hostname in _EVERYWHERE


def _wrong(port: str) -> str:
    """Return the reason why a text is not a port; empty if it may be one."""
    scheme, sign, _ = port.partition("://")
    if sign and scheme not in _SCHEMES:
        return f"want a path such as /dev/ttyUSB0, or one of {', '.join(_SCHEMES[:3])} before ://"
    if port.startswith(CONNECTIONS):
        return "" if _is_address(port) else f"want {CONNECTIONS}HOST:PORT, PORT from 1 to 65535"
    if _WINDOWS.fullmatch(port):
        return "a port of Windows; want a path such as /dev/ttyUSB0"
    if _BARE.fullmatch(port) and not is_there(Path(port)):
        return f"want a whole path: /dev/{port}"
    try:
        check_address(port)
    except LinkError as error:
        return str(error).partition("; ")[2]
    return ""


def _is_address(port: str) -> bool:
    try:
        parts = urlsplit(port)
        number = parts.port
    except ValueError:
        return False
    has_more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    return bool(number) and is_host(parts.hostname or "") and not has_more


def _clashes(source: str, ports: Mapping[str, str]) -> Iterator[Mistake]:
    """Yield the listening addresses that exclude one another."""
    listened: dict[int, str] = {}
    for key, port in ports.items():
        if not port.startswith(CONNECTIONS) or not _is_address(port):
            continue
        number = urlsplit(port).port or 0
        other = listened.setdefault(number, port)
        if other != port and (listens_everywhere(port) or listens_everywhere(other)):
            message = f"is {port!r}, and {other!r} listens at the same port; want one of the two"
            yield Mistake(source, f"{key}.port", message)


def _namesakes(source: str, ports: Mapping[str, str]) -> Iterator[Mistake]:
    """Yield the ports that are one port under two names; only one line can have it."""
    first: dict[str, tuple[str, str]] = {}
    for key, port in ports.items():
        real = _real_port(port)
        other_key, other = first.setdefault(real, (key, port))
        if real and other != port:
            message = f"is {port!r}, the same port as {other!r} of {other_key}; each needs its own"
            yield Mistake(source, f"{key}.port", message)


def _real_port(port: str) -> str:
    """Return one name for a port, the same for all its aliases; empty where that is unknown."""
    scheme, sign, rest = port.partition("://")
    if "\x00" in port:
        return ""
    if sign:
        return f"//{rest.casefold()}" if scheme in _TERMINAL_SERVERS else ""
    try:
        device = device_of(port, serial_ports()) if is_usb_address(port) else port
    except LinkError:  # not plugged in, or more than one
        return ""
    return os.path.realpath(device)
