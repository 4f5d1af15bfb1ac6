"""Time until a killed gateway of 32 beds assesses again: `python -m benchmarks.restart [--json]`.

An agent evaluates twelve minutes of 1 Hz. It is killed at the worst moment, just before its
beds are stored again. Measured is the time of a new agent from its start until every bed is
assessed on a new message, once with the stored beds and once from the journal alone, and the
time that Python takes to load the program.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.report import Promise, parser_of, show
from benchmarks.signs import USUAL
from edge_agent.config.gateway_file import AgentConfig, BedSection, GatewaySection, JournalSection
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.outcomes import SNAPSHOT_EVERY_S
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.model.assessment import AssessmentState
from edge_agent.model.bed_events import DevicePlace, FromDevice
from edge_agent.model.clock import Instant, ScaledClock
from edge_agent.model.measurements import VitalKind
from edge_agent.recorded.mapping import canonical_unit
from edge_agent.recorded.moments import FileMoment, as_feed, value_of
from edge_agent.rulebook.rule_set import read_rulebook

OFF_S: Final = 5.0
_CUFF: Final = (
    (VitalKind.NIBP_SYSTOLIC, 118.0, ""),
    (VitalKind.NIBP_DIASTOLIC, 74.0, ""),
    (VitalKind.NIBP_MEAN, 89.0, ""),
)


@dataclass(frozen=True, slots=True)
class RestartSize:
    """Size of a measurement."""

    beds: int = 32
    monitored_s: float = 4 * SNAPSHOT_EVERY_S - 1
    runs: int = 5


QUICK: Final = RestartSize(beds=2, monitored_s=SNAPSHOT_EVERY_S + 20, runs=1)


@dataclass(slots=True)
class Hand:
    """Clock set by hand."""

    at: Instant

    def read(self) -> Instant:
        """Return the present moment."""
        return self.at


def main(texts: Sequence[str] | None = None) -> None:
    """Measure, and print a table or one JSON object."""
    arguments = parser_of(__doc__, "two beds, once").parse_args(texts)
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder), QUICK if arguments.quick else RestartSize())
    show(found, {"restart_s": Promise(5)}, as_json=arguments.json)


def measured(folder: Path, size: RestartSize) -> dict[str, float]:
    """Return the seconds that a restart takes, medians of several runs."""
    begun = read_system_clock()
    left = folder / "left.db"
    monitor(folder / "watched.db", left, begun, size)
    at = begun.plus(size.monitored_s + OFF_S)
    load_s = [loading_s() for _ in range(size.runs)]
    restored_s = [restart_s(left, folder / f"kept-{n}.db", at, size) for n in range(size.runs)]
    forget(left)
    read_s = [restart_s(left, folder / f"read-{n}.db", at, size) for n in range(size.runs)]
    load = float(np.median(load_s))
    return {
        "beds": float(size.beds),
        "load_s": load,
        "restart_s": load + float(np.median(restored_s)),
        "restart_without_snapshot_s": load + float(np.median(read_s)),
    }


def monitor(journal: Path, left: Path, begun: Instant, size: RestartSize) -> None:
    """Run an agent, and copy its journal as a kill at the end would leave it."""
    hand = Hand(begun)
    agent = agent_of(journal, hand, size)
    agent.start()
    draw = np.random.default_rng(1)
    for second in range(1, round(size.monitored_s) + 1):
        hand.at = begun.plus(second)
        play(agent, messages(second, begun, draw, size))
    agent.drain(60.0)
    for path in journal.parent.glob(f"{journal.name}*"):
        shutil.copy(path, path.with_name(path.name.replace(journal.name, left.name)))
    agent.stop()


def restart_s(left: Path, journal: Path, at: Instant, size: RestartSize) -> float:
    """Return the seconds that a new agent takes until every bed is assessed on a new message."""
    for path in left.parent.glob(f"{left.name}*"):
        shutil.copy(path, path.with_name(path.name.replace(left.name, journal.name)))
    hand, draw = Hand(at), np.random.default_rng(2)
    begun = time.perf_counter()
    agent = agent_of(journal, hand, size)
    agent.start()
    took_s = 0.0
    for second in (0, 11, 17):  # messages, the end of their step, the next look at the states
        hand.at = at.plus(second)
        play(agent, messages(second, at, draw, size))
        took_s = took_s if second == 17 else time.perf_counter() - begun
    states = [bed.assessment.state for bed in agent.status().beds]
    if states != [AssessmentState.ASSESSING] * size.beds:
        raise RuntimeError(f"not every bed is assessed: {states}")
    agent.stop()
    return took_s


def play(agent: Agent, together: list[FromDevice]) -> None:
    """Pass messages to the agent and wait until all are evaluated."""
    for message in together:
        agent.pipeline_thread.put(message)
    if not agent.pipeline_thread.wait_until_idle():
        raise RuntimeError("the judge died")


def forget(journal: Path) -> None:
    """Remove the stored beds from a journal that no program has open."""
    with closing(sqlite3.connect(journal)) as file, file:
        file.execute("DELETE FROM bed_snapshot")


def agent_of(journal: Path, hand: Hand, size: RestartSize) -> Agent:
    """Return an agent whose messages the benchmark supplies."""
    beds = [
        BedSection(id=f"bed-{n:02}", port="/dev/null", driver="philips_intellivue")
        for n in range(size.beds)
    ]
    place = GatewaySection(id="gw-01", site="site", ward="ward")
    config = AgentConfig(place, JournalSection(journal), tuple(beds))
    clock = ScaledClock(hand.read, hand.at)
    return Agent(config, read_rulebook(None), clock, lambda *_: [])


def messages(
    second: int, start: Instant, draw: np.random.Generator, size: RestartSize
) -> list[FromDevice]:
    """Return the messages of all beds' monitors in one second, with a cuff reading every 15 min."""
    found: list[FromDevice] = []
    for n in range(size.beds):
        shown = (*USUAL, *_CUFF) if second % 900 == n else USUAL
        noise = float(draw.integers(-1, 2)) * 0.1
        values = tuple(
            value_of(kind, site, usual + noise, canonical_unit(kind)) for kind, usual, site in shown
        )
        place = DevicePlace(f"bed-{n:02}", f"bed-{n:02}")
        found += as_feed([FileMoment(second + n / 64, values)], place, start)
    return found


def loading_s() -> float:
    """Return the seconds that Python takes to load the program."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import edge_agent.commands.run"], check=True)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
