"""Stream on which the contract of all drivers is checked."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any, Final

SOURCES: Final[dict[str, dict[str, Any]]] = tomllib.loads(
    (resources.files(__package__ or "") / "golden.toml").read_text()
)
"""By origin: the device, how the frames were obtained, and the frames."""


def golden(name: str) -> bytes:
    """Return the golden frame called `name`."""
    (frame,) = [entry["frames"][name] for entry in SOURCES.values() if name in entry["frames"]]
    return bytes.fromhex(frame)


CONTRACT: Final = (
    golden("values") + b"noise" + golden("no_flow") + golden("sensor_off") + golden("temperature"),
    True,  # the stream holds a zero that the device vouches for
    6,  # number of first bytes that end in the middle of a frame
    b"noise",  # bytes in the stream that belong to no frame
    True,  # messages carry the device's own time
)
