"""Addresses of serial ports that stay the same when adapters are plugged in another order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from serial.tools import list_ports

from edge_agent.model.errors import LinkError

_LINKS: Final = (Path("/dev/serial/by-id"), Path("/dev/serial/by-path"))
"""Folders in which Linux (udev) links lasting names to ports."""
_USB: Final = re.compile(r"usb:(?P<id>[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4})(?::(?P<serial>.+))?")
_USB_PATH: Final = re.compile(r"usb-path:(?P<path>\d+-\d+(?:\.\d+)*(?P<interface>:\d+\.\d+)?)")
_NETWORK: Final = ("socket", "rfc2217")
_FORMS: Final = {
    "usb": "usb:VENDOR:PRODUCT or usb:VENDOR:PRODUCT:SERIAL, such as usb:0403:6001:A50285BI",
    "usb-path": "usb-path:BUS-PORT, such as usb-path:1-1.4 or, of an adapter with several ports, "
    "usb-path:1-1.4:1.0",
}


@dataclass(frozen=True, slots=True)
class SerialPort:
    """One serial port of this machine."""

    device: str
    """Path of the port; may change at the next start of the machine."""
    description: str
    usb_id: str = ""
    """Vendor and product, such as 0403:6001; the USB fields are empty for a port that is not on
    USB."""
    usb_serial: str = ""
    """Serial number of the adapter; empty where it has none."""
    usb_path: str = ""
    """Socket into which the adapter is plugged, such as 1-1.4 or 1-1.4:1.0."""
    links: tuple[str, ...] = ()
    """Names that udev links to the port."""

    def addresses(self) -> tuple[str, ...]:
        """Return the addresses that a configuration may use for this port, the most lasting first.

        The serial number identifies an adapter best; two alike without a number differ only by
        their socket.
        """
        by_path = tuple(link for link in self.links if "/by-path/" in link)
        by_id = tuple(link for link in self.links if link not in by_path)
        at = (f"usb-path:{self.usb_path}",) if self.usb_path else ()
        if self.usb_serial:
            number = f"usb:{self.usb_id}:{self.usb_serial}"
            return (*by_id, number, *by_path, *at, self.device)
        return (*by_path, *at, *by_id, self.device)


def serial_ports(link_folders: Iterable[Path] = _LINKS) -> list[SerialPort]:
    """Return the serial ports of this machine, by path."""
    links: dict[str, list[str]] = {}
    for folder in link_folders:
        for link in sorted(folder.glob("*")):
            links.setdefault(str(link.resolve()), []).append(str(link))
    try:
        found = sorted(list_ports.comports())
    except TypeError:  # pyserial, when an adapter is unplugged during the search
        found = []
    return [
        SerialPort(
            device=port.device,
            description=port.description or "",
            usb_id="" if port.vid is None else f"{port.vid:04x}:{port.pid or 0:04x}",
            usb_serial=port.serial_number or "",
            usb_path=port.location or "",
            links=tuple(links.get(str(Path(port.device).resolve()), ())),
        )
        for port in found
    ]


def is_usb_address(address: str) -> bool:
    """Return whether an address has to be looked up at each opening."""
    return address.partition(":")[0] in _FORMS


def check_address(address: str) -> None:
    """Reject an address that no port can have.

    Raises
    ------
    LinkError
        With the value seen and the values allowed; not retryable.
    """
    form = _FORMS.get(address.partition(":")[0])
    if form and not (_USB.fullmatch(address) or _USB_PATH.fullmatch(address)):
        raise LinkError(f"{address!r}; want {form}", retryable=False)
    scheme = address.partition("://")[0]
    if scheme in _NETWORK:
        try:
            parts = urlsplit(address)
            is_whole = bool(parts.hostname) and bool(parts.port)
        except ValueError:  # a port that is not a number, or out of range
            is_whole = False
        if not is_whole:
            raise LinkError(f"{address!r}; want {scheme}://HOST:PORT", retryable=False)


def device_of(address: str, ports: Sequence[SerialPort]) -> str:
    """Return the path of the port with an address; it changes as adapters come and go.

    Raises
    ------
    LinkError
        If none of the ports has the address, or more than one has; retryable.
    """
    fitting = [port for port in ports if _fits(port, address)]
    if not fitting:
        there = ", ".join(f"{p.usb_id} at {p.usb_path}" for p in ports if p.usb_id) or "none"
        what = address.partition(":")[2]
        where = "in socket " if address.startswith("usb-path:") else ""
        message = f"no USB serial adapter {where}{what} is plugged in; there are: {there}"
        raise LinkError(message, retryable=True)
    if len(fitting) > 1:
        names = ", ".join(f"usb-path:{port.usb_path}" for port in fitting)
        message = f"{address} fits {len(fitting)} ports; say which: {names}"
        raise LinkError(message, retryable=True)
    return fitting[0].device


def _fits(port: SerialPort, address: str) -> bool:
    if found := _USB.fullmatch(address):
        serial = found["serial"]
        return port.usb_id == found["id"].lower() and serial in {None, port.usb_serial}
    if found := _USB_PATH.fullmatch(address):
        socket = port.usb_path if found["interface"] else port.usb_path.partition(":")[0]
        return socket == found["path"]
    return False
