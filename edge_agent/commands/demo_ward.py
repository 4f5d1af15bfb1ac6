"""The ward of the demonstration: simulated monitors, and the configuration of its gateway."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from edge_agent.config.board import BoardSection
from edge_agent.config.gateway_file import (
    AgentConfig,
    BedSection,
    GatewaySection,
    JournalSection,
    MqttSection,
)
from edge_agent.model.clock import Instant, ScaledClock
from edge_agent.model.errors import LinkError
from simulators.wards.ward_file import demo_ward, parse_ward
from simulators.wards.ward_plan import WardPlan

_PLACE: Final = GatewaySection(id="gw-demo", site="demo", ward="ward")
_BOARD: Final = BoardSection(port=0, needs_screen=False)
"""On the loopback interface, at a free port."""
_SOURCE: Final = "demo.toml"
_GATEWAY: Final = "gateway.toml"
"""Configuration for commands that speak with the agent, such as `crswatch alerts`."""


def demo_plan(seed: int) -> WardPlan:
    """Return the plan of the demonstration's ward."""
    return parse_ward(demo_ward(seed), _SOURCE, Path())


@dataclass(frozen=True, slots=True)
class DemoWard:
    """A ward whose monitors are switched on."""

    plan: WardPlan
    ports: dict[str, str]
    """Port by bed."""
    began: Instant
    """Ward time at which the monitors were switched on."""

    def config(self, folder: Path, mqtt: MqttSection) -> AgentConfig:
        """Return the configuration of a gateway that monitors the ward.

        Parameters
        ----------
        folder
            Folder of its journal.
        """
        return AgentConfig(
            gateway=_PLACE,
            journal=JournalSection(path=folder / "journal.db"),
            beds=tuple(
                BedSection(id=bed.bed_id, port=self.ports[bed.bed_id], driver=bed.monitor)
                for bed in self.plan.beds
            ),
            mqtt=mqtt,
            board=_BOARD,
        )

    def store_config(self, config: AgentConfig) -> Path:
        """Store the configuration for commands in another terminal; return its path."""
        place, journal = config.gateway, config.journal.path
        tables = [
            f'[gateway]\nid = "{place.id}"\nsite = "{place.site}"\nward = "{place.ward}"',
            f"[journal]\npath = {json.dumps(str(journal))}",
            *(
                f'[[beds]]\nid = "{bed.id}"\nport = "{bed.port}"\ndriver = "{bed.driver}"'
                for bed in config.beds
            ),
        ]
        path = journal.with_name(_GATEWAY)
        path.write_text("\n\n".join(tables) + "\n", encoding="utf-8")
        return path


@contextmanager
def switched_on(plan: WardPlan, seed: int, clock: ScaledClock, folder: Path) -> Iterator[DemoWard]:
    """Run the ward's monitors in a process of their own, on the same clock.

    Raises
    ------
    LinkError
        If they cannot be switched on.
    """
    file = folder / _SOURCE
    file.write_text(demo_ward(seed), encoding="utf-8")
    command = (sys.executable, "-m", "edge_agent", "simulate", str(file), "--clock", clock.spec())
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as monitors:
        try:
            assert monitors.stdout is not None, "it is a pipe"
            ports = dict(_announced(monitors.stdout))
            if ports.keys() != {bed.bed_id for bed in plan.beds}:
                raise LinkError("the simulated monitors cannot be switched on", retryable=False)
            yield DemoWard(plan, ports, clock.now())
        finally:
            monitors.terminate()


def _announced(lines: IO[str]) -> Iterator[tuple[str, str]]:
    """Yield each bed with its port, up to the line that all are switched on."""
    for line in lines:
        words = line.split()
        if words[0] == "clock":
            return
        yield words[0], words[1]
