"""`crswatch replay`: a recording played into an agent, or its bytes into a port."""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import threading
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from edge_agent.commands.numbers import number_within
from edge_agent.commands.subcommand import add_table_arguments
from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.registry import driver
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.model.clock import Instant, ScaledClock
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.replay.line_plan import (
    LineFile,
    ReplayPlan,
    paced,
    plan_line,
    plan_ward,
    read_line_file,
)
from edge_agent.replay.player import FeedClock, Player
from edge_agent.replay.run import Replayed, no_lines, play
from edge_agent.replay.vitals_plan import holds_vitals, idle_options, plan_vitals
from edge_agent.rulebook.rule_set import read_rulebook
from edge_agent.ward_client.alert_line import alert_line
from simulators.links.port_link import PortLink
from simulators.links.replay import Piece, Replay

_MAX: Final = "max"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Play recordings of monitors' lines, made by `crswatch record` or as raw "
        "bytes, into an agent on the time of the recording: everything is evaluated and stored at "
        "its recorded moment, and the same recording gives the same result at any speed. Raw bytes "
        "are played at the pace of the time in them or, where they hold none, of the line, from "
        "2000-01-01 UTC on; standard error says which. With "
        "--config the agent has that file's journal, sinks and rules; without, it has a temporary "
        "journal and prints its alerts. With --port no agent is started: the bytes go to that port "
        "alone. Exit status 0: played to the end, 1: ended early, something was not evaluated, or "
        "a sink did not accept everything."
    )
    parser.add_argument(
        "--driver", metavar="D", help="see `crswatch drivers`; default: as recorded"
    )
    parser.add_argument("--bed", metavar="B", help="the bed the file stands for")
    parser.add_argument(
        "--ward",
        type=Path,
        metavar="FOLDER",
        help="play every recording in FOLDER side by side, each named after its bed (bed-07.rec)",
    )
    parser.add_argument("--config", type=Path, metavar="F", help="a gateway.toml")
    parser.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="X",
        help="times as fast as recorded (1), or max: as fast as the agent can evaluate",
    )
    parser.add_argument(
        "--from",
        type=number_within(0, 1e9),
        dest="from_s",
        default=0.0,
        metavar="SECONDS",
        help="begin this far into the recording; the agent knows nothing of what came before",
    )
    parser.add_argument("--port", metavar="P", help="feed only this port")
    parser.add_argument(
        "file",
        type=Path,
        nargs="?",
        help="the recording of one line; or vital signs: a table (.csv, .csv.gz, .parquet), WFDB "
        "numerics (.hea), a gateway's journal (.db), an export of the database (.lp, .lp.gz)",
    )
    _add_vitals_arguments(parser)


def _add_vitals_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that only apply to recorded vital signs."""
    add_table_arguments(parser)
    parser.add_argument(
        "--patient", metavar="ID", help="a patient of a cohort in place of a file: test-00017"
    )
    parser.add_argument("--cohort", metavar="SPEC", help="default: the cohort named in the id")
    parser.add_argument(
        "--to",
        type=number_within(0, 1e9),
        dest="to_s",
        metavar="SECONDS",
        help="end this far into recorded vital signs; default: at the last one",
    )


def run(arguments: argparse.Namespace) -> int:
    """Replay the file, or the folder."""
    _check(arguments)
    if arguments.port is not None:
        file = read_line_file(arguments.file, arguments.driver)
        return _feed_port(paced(file, SessionOptions(arguments.port)), arguments)
    with tempfile.TemporaryDirectory(prefix="crswatch-replay-") as folder:
        return _play_plan(_plan(arguments, Path(folder) / "journal.db"), arguments.speed)


def _speed(text: str) -> float:
    return math.inf if text == _MAX else number_within(0, 1e6, is_open=True)(text)


def _check(arguments: argparse.Namespace) -> None:
    """Refuse arguments that do not go together."""
    if idle := idle_options(arguments):
        raise ConfigError(tuple(idle))
    if holds_vitals(arguments):
        _check_vitals(arguments)
        return
    wanted = [] if arguments.ward is not None else ["file"]
    wanted += ["bed"] if arguments.ward is None and arguments.port is None else []
    barred = ["file", "bed", "driver", "port"] if arguments.ward is not None else []
    if arguments.port is not None:
        barred += ["config"]
    names = {name: "FILE" if name == "file" else f"--{name}" for name in (*wanted, *barred)}
    is_given = {name: getattr(arguments, name) is not None for name in names}
    mistakes = [
        Mistake("replay", names[name], "is needed, or --ward FOLDER")
        for name in wanted
        if not is_given[name]
    ]
    other = "--ward" if arguments.ward is not None else "--port"
    mistakes += [
        Mistake("replay", names[name], f"is {getattr(arguments, name)}; does not go with {other}")
        for name in barred
        if is_given[name]
    ]
    if arguments.port is not None and math.isinf(arguments.speed):
        mistakes.append(Mistake("replay", "--speed", f"is {_MAX}; a port needs a number"))
    if mistakes:
        raise ConfigError(tuple(mistakes))


def _check_vitals(arguments: argparse.Namespace) -> None:
    """Refuse arguments that do not go together with vital signs."""
    barred = {name: getattr(arguments, name) for name in ("ward", "driver", "port")}
    if arguments.patient is not None:
        barred["file"] = arguments.file
    mistakes = [
        Mistake("replay", f"--{name}", f"is {value}; does not go with vital signs")
        for name, value in barred.items()
        if value is not None
    ]
    if mistakes:
        raise ConfigError(tuple(mistakes))


def _plan(arguments: argparse.Namespace, journal: Path) -> ReplayPlan:
    if holds_vitals(arguments):
        return plan_vitals(arguments, journal)
    if arguments.ward is not None:
        return plan_ward(arguments.ward, arguments.config, journal, arguments.from_s)
    file = read_line_file(arguments.file, arguments.driver)
    return plan_line(file, arguments.bed, arguments.config, journal, arguments.from_s)


def _play_plan(plan: ReplayPlan, speed: float) -> int:
    """Replay into an agent with a progress bar; return the exit status."""
    clock = FeedClock(plan.span.start, speed)
    book = read_rulebook(plan.config.rules.folder, plan.config.gateway.language)
    agent = Agent(plan.config, book, clock, no_lines)
    with _bar("replaying") as progress:
        task = progress.add_task("", total=plan.span.end.seconds_since(plan.span.start))

        def show(at: Instant) -> None:
            progress.update(task, completed=at.seconds_since(plan.span.start))

        player = Player(plan.feeds, clock, agent.pipeline_thread, show)
        replayed = play(agent, player, plan.span.end)
    if not replayed.is_delivered:
        sys.stderr.write("not everything reached every sink; it stays in the journal\n")
    has_refused = _report_sinks(agent)
    mishaps = agent.pipeline_thread.failures
    if mishaps.total:
        words = (
            f"{mishaps.total} messages or steps were not evaluated, the newest: {mishaps.newest}"
        )
        sys.stderr.write(f"{words}\n")
    _summarise(agent, replayed)
    return 0 if replayed.is_whole and replayed.is_delivered and not has_refused else 1


def _report_sinks(agent: Agent) -> bool:
    """Write what is wrong with each sink; return True where one refused entries."""
    health = agent.delivery_health()
    for sink in health:
        if sink.fault:
            sys.stderr.write(f"{sink.sink}: {sink.fault}\n")
        if sink.refused:
            sys.stderr.write(
                f"{sink.sink}: {sink.refused} entries refused and set aside, "
                f"the newest: {sink.reason}\n"
            )
    return any(sink.refused for sink in health)


def _bar(words: str) -> Progress:
    columns = (TextColumn(words), BarColumn(), TextColumn("{task.percentage:.0f} %"))
    return Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True))


def _summarise(agent: Agent, replayed: Replayed) -> None:
    console = Console(file=sys.stdout)
    reported = agent.reported_alerts()
    console.print(
        f"{replayed.readings_stored} messages with numerics stored, {len(reported)} alerts reported"
    )
    for alert in reported:
        console.print(alert_line(alert))
    for device in agent.device_status():
        for rejection in device.rejections:
            size = rejection.size_bytes
            what = f"discarded {size} bytes" if size else "note"
            console.print(f"{device.device_id}: {what}: {rejection.reason}")


def _feed_port(file: LineFile, arguments: argparse.Namespace) -> int:
    """Replay into a port, for a reader at its other end; return the exit status."""
    spec = driver(file.driver)
    pieces = [
        Piece(piece.data, piece.offset_s - arguments.from_s)
        for piece in file.pieces
        if piece.offset_s >= arguments.from_s
    ]
    clock = ScaledClock(read_system_clock, read_system_clock(), arguments.speed)
    with (
        PortLink(arguments.port, spec.serial.baud, spec.serial.parity) as link,
        _bar("playing") as progress,
    ):
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
