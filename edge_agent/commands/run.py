"""`crswatch run`: monitoring of the ward until stopped."""

from __future__ import annotations

import argparse
import sys

from edge_agent.commands.subcommand import add_config_argument, ignore_hangup, stop_event
from edge_agent.config.gateway_file import load_config
from edge_agent.gateway.admission import refuse_unsafe_board
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.supervisor import Supervisor
from edge_agent.gateway.system_clock import clock, system_clock
from edge_agent.model.errors import JournalInUseError, LinkError
from edge_agent.ops.service_manager import ServiceManager
from edge_agent.ops.service_watch import ServiceWatch
from edge_agent.ops.ward_line import ward_line
from edge_agent.rulebook.rule_set import read_rulebook


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Read the monitors, store their readings, evaluate the rules and publish, "
        "until SIGTERM or Ctrl-C. Exit status 0: stopped as requested, 1: cannot start now and may "
        "be started again (another agent uses the journal, an address is not free), 2: the "
        "configuration is wrong. Under systemd it reports when it is ready, and feeds the watchdog."
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
    ignore_hangup()
    beds = len(config.beds)
    watch = ServiceWatch(ServiceManager(), agent.pulse, lambda: ward_line(agent.status(), beds))
    beside = Supervisor([watch])
    beside.start()
    try:
        agent.start()
    except (JournalInUseError, LinkError) as error:
        sys.stderr.write(f"crswatch: {error}\n")
        return 1
    while not is_over.wait(1.0):
        agent.supervise()
        beside.supervise()
    beside.stop()
    agent.stop()
    return 0
