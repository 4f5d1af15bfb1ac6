"""`crswatch replay`: a recording, or a raw stream, through a pseudo-terminal into the agent."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from edge_agent.app import Agent, read_system_clock
from edge_agent.commands.ward_view import alert_line
from edge_agent.config import AgentConfig, BedSection, GatewaySection, JournalSection, load_config
from edge_agent.drivers.registry import driver
from edge_agent.model.clock import ScaledClock
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.recording import is_recording, read_recording
from edge_agent.rulebook import read_rulebook
from simulators.port_link import PortLink
from simulators.pty_link import PtyLink
from simulators.replay import Piece, Replay, cut_evenly, cut_intellivue

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from edge_agent.commands.parsers import Subparsers
    from edge_agent.drivers.base import DriverSpec
    from edge_agent.recording import Recording
    from simulators.replay import Cable

_BITS_PER_BYTE: Final = 10  # start, eight data, stop
_PLACE: Final = GatewaySection(id="gw-replay", site="replay", ward="replay")
_OPENED_WITHIN_S: Final = 5.0  # wall; then it is played to whoever comes
_LOOK_S: Final = 0.005
_DRAIN_S: Final = 30.0  # wall: a sink that is away keeps its entries in the journal


def add_parser(subparsers: Subparsers) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "replay",
        help="play a recording into the agent",
        description="Play a recording of a monitor's line, made by `crswatch record` or as raw "
        "bytes, through a pseudo-terminal into an agent that listens only, with the recorded "
        "timing; raw bytes go at the pace of the time stamps in them, or of the line. "
        "With --config the agent has that file's journal, sinks and rules, and the recording "
        "stands for bed B; without, it keeps a journal for the moment and prints its alerts. With "
        "--port no agent is started: the bytes go to that port alone. Exit status 0: played to "
        "the end, 1: ended before or a sink did not take all.",
    )
    parser.add_argument("--driver", required=True, metavar="D", help="see `crswatch drivers`")
    parser.add_argument("--bed", required=True, metavar="B", help="the bed it stands for")
    parser.add_argument("--config", type=Path, metavar="F", help="a gateway.toml")
    parser.add_argument(
        "--speed", type=float, default=1.0, metavar="X", help="times as fast as recorded (1)"
    )
    parser.add_argument("--port", metavar="P", help="feed only this port")
    parser.add_argument("file", type=Path, help="the recording")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Play the file."""
    spec = driver(arguments.driver)
    data = arguments.file.read_bytes()
    recording = read_recording(data) if is_recording(data) else None
    pieces = _cut(spec, data) if recording is None else _timed(recording)
    profile = "" if recording is None else recording.header.profile_for(spec.name)
    clock = ScaledClock(read_system_clock, read_system_clock(), arguments.speed)
    with ExitStack() as stack:
        if arguments.port is not None:
            port = PortLink(arguments.port, spec.serial.baud, spec.serial.parity)
            return _play(pieces, stack.enter_context(port), clock)
        link = stack.enter_context(PtyLink())
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="crswatch-replay-"))
        config = _config(arguments, link.path, Path(folder), profile)
        agent = Agent(config, read_rulebook(config.rules.folder), clock)
        agent.start()
        try:
            _wait_for_host(link)
            status = _play(pieces, link, clock)
            if not agent.drain(_DRAIN_S):
                sys.stderr.write("not everything reached every sink; the journal keeps it\n")
                status = 1
        finally:
            agent.stop()
        _summarise(agent)
    return status


def _wait_for_host(link: PtyLink) -> None:
    """Return when the agent has opened its end, which throws away what waits there."""
    pause = threading.Event()
    give_up_s = time.monotonic() + _OPENED_WITHIN_S
    while time.monotonic() < give_up_s and not link.was_flushed():
        pause.wait(_LOOK_S)
        link.read()


def _timed(recording: Recording) -> Sequence[Piece]:
    if recording.cut_bytes:
        sys.stderr.write(f"the last line is cut; left out {recording.cut_bytes} bytes\n")
    return [Piece(piece.data, piece.offset_s) for piece in recording.received()]


def _cut(spec: DriverSpec, data: bytes) -> Sequence[Piece]:
    if spec.name == "philips_intellivue":
        return list(cut_intellivue(data))
    return list(cut_evenly(data, spec.serial.baud / _BITS_PER_BYTE))


def _config(arguments: argparse.Namespace, port: str, folder: Path, profile: str) -> AgentConfig:
    """Return the configuration with the recording in the place of one bed's monitor."""
    if arguments.config is None:
        journal = JournalSection(path=folder / "journal.db")
        bed = BedSection(
            id=arguments.bed,
            port=port,
            driver=arguments.driver,
            profile=profile,
            listen_only=True,
        )
        return AgentConfig(gateway=_PLACE, journal=journal, beds=(bed,))
    config = load_config(arguments.config)
    found = [bed for bed in config.beds if bed.id == arguments.bed]
    if not found:
        allowed = ", ".join(bed.id for bed in config.beds)
        mistake = Mistake(str(arguments.config), "beds", f"has no {arguments.bed!r}; has {allowed}")
        raise ConfigError((mistake,))
    played = replace(found[0], port=port, driver=arguments.driver, listen_only=True)
    return replace(config, beds=(played,))


def _play(pieces: Sequence[Piece], link: Cable, clock: ScaledClock) -> int:
    """Play with a progress bar; return the exit status."""
    console = Console(stderr=True)
    columns = (TextColumn("playing"), BarColumn(), TextColumn("{task.percentage:.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("", total=sum(len(piece.data) for piece in pieces))
        replay = Replay(
            pieces,
            link,
            clock,
            on_progress=lambda done, _all: progress.update(task, completed=done),
        )
        is_whole: list[bool] = []
        player = threading.Thread(target=lambda: is_whole.append(replay.run()), daemon=True)
        player.start()
        try:
            player.join()
        except KeyboardInterrupt:
            replay.stop()
            player.join()
    return 0 if is_whole == [True] else 1


def _summarise(agent: Agent) -> None:
    console = Console(file=sys.stdout)
    told = agent.told_alerts()
    console.print(f"{agent.readings_kept} messages with numerics kept, {len(told)} alerts told")
    for alert in told:
        console.print(alert_line(alert))
    for device in agent.device_status():
        for given_up in device.rejections:
            size = given_up.size_bytes
            console.print(f"{device.device_id}: gave up {size} bytes: {given_up.reason}")
