"""`crswatch run`: monitoring of the ward until stopped."""

from __future__ import annotations

import argparse

from edge_agent.commands.subcommand import add_config_argument, stop_event
from edge_agent.config.gateway_file import load_config
from edge_agent.gateway.admission import refuse_unsafe_board
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.system_clock import clock, system_clock
from edge_agent.rulebook.rule_set import read_rulebook


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Read the monitors, store their readings, evaluate the rules and publish, "
        "until SIGTERM or Ctrl-C. Exit status 0: stopped as requested, 2: the configuration is "
        "wrong."
    )
    add_config_argument(parser)
    parser.add_argument(
        "--clock",
        type=clock,
        default=None,
        metavar="MONOTONIC_NS:UTC_NS:FACTOR",
        help="use the accelerated clock that a `crswatch simulate` on this machine printed",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the agent."""
    config = load_config(arguments.config)
    refuse_unsafe_board(config, str(arguments.config))
    book = read_rulebook(config.rules.folder, config.gateway.language)
    agent = Agent(config, book, arguments.clock or system_clock())
    is_over = stop_event()
    agent.start()
    while not is_over.wait(1.0):
        agent.supervise()
    agent.stop()
    return 0
