"""Where a driver says on which stream it is to be checked, whether it is built in or installed."""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import NamedTuple

from edge_agent.drivers.registry import ENTRY_POINT_GROUP


class Contract(NamedTuple):
    """Facts about a driver that the checks need: `CONTRACT` in its module `contract`.

    A stream holds whole frames, with `noise` somewhere between two of them.
    """

    stream: bytes
    """Holds a missing value and a zero that the device vouches for, if its protocol knows one."""
    has_zero: bool
    half_bytes: int
    """So many first bytes of the stream end in the middle of a frame."""
    noise: bytes = b"noise"
    """Bytes in the stream that belong to no frame."""
    has_device_time: bool = True
    """True if its messages carry a time of the device."""


def contract_of(name: str) -> Contract:
    """Return the contract of the driver called `name`.

    That of a built-in driver is `tests/drivers/<name>/contract.py`, that of an installed one the
    module `contract` in the package that its entry point names.
    """
    package = f"tests.drivers.{name}"
    if find_spec(package) is None:
        points = entry_points(group=ENTRY_POINT_GROUP, name=name)
        assert points, f"no tests/drivers/{name}/contract.py, and no entry point {name}"
        (point,) = points
        package = point.module
    return Contract(*importlib.import_module(f"{package}.contract").CONTRACT)
