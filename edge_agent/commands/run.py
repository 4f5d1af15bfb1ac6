"""`crswatch run`: monitoring of the ward until stopped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edge_agent.app import Agent, read_system_clock
from edge_agent.commands.until_told import until_told
from edge_agent.config import load_config
from edge_agent.model.clock import ScaledClock
from edge_agent.rulebook import read_rulebook

if TYPE_CHECKING:
    import argparse

    from edge_agent.commands.parsers import Subparsers
    from edge_agent.model.clock import Clock


def add_parser(subparsers: Subparsers) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "run",
        description="Read the monitors, store their readings, evaluate the rules and publish, "
        "until SIGTERM or Ctrl-C. Exit status 0: stopped as requested, 2: the configuration is "
        "wrong.",
    )
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    parser.add_argument(
        "--clock",
        type=clock,
        default=None,
        metavar="MONOTONIC_NS:UTC_NS:FACTOR",
        help="use the accelerated clock that a `crswatch simulate` on this machine printed",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the agent."""
    config = load_config(arguments.config)
    book = read_rulebook(config.rules.folder)
    agent = Agent(config, book, arguments.clock or system_clock())
    is_over = until_told()
    agent.start()
    while not is_over.wait(1.0):
        agent.watch()
    agent.stop()
    return 0


def system_clock() -> Clock:
    """Return the clock of the real ward."""
    return ScaledClock(read_system_clock, read_system_clock())


def clock(spec: str) -> Clock:
    """Return the clock of a simulation on this machine."""
    return ScaledClock.from_spec(spec, read_system_clock)
