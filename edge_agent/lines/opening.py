"""The lines of a configuration's beds."""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import chain

from edge_agent.config.gateway_file import AgentConfig, LineSection
from edge_agent.config.ports import CONNECTIONS
from edge_agent.drivers.registry import faults
from edge_agent.lines.serial_line import BedLine
from edge_agent.lines.shared_address import SharedLine
from edge_agent.model.bed_events import DevicePlace, FromDevice
from edge_agent.model.clock import Clock

_LOG = logging.getLogger(__name__)

Line = BedLine | SharedLine


def lines_of(config: AgentConfig, clock: Clock, report: Callable[[FromDevice], None]) -> list[Line]:
    """Return a line for each serial port and each address of a configuration.

    Raises
    ------
    LinkError
        If a port's address is one that no port has.
    """
    for fault in faults():
        _LOG.warning("driver %s cannot be used: %s", fault.name, fault.reason)
    lines: list[Line] = []
    shared: dict[str, dict[DevicePlace, LineSection]] = {}
    for place, line in chain.from_iterable(bed.lines().items() for bed in config.beds):
        if line.port.startswith(CONNECTIONS):
            shared.setdefault(line.port, {})[place] = line
        else:
            lines.append(BedLine(place, line, clock, report))
    return lines + [SharedLine(port, lines, clock, report) for port, lines in shared.items()]
