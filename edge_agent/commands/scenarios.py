"""`crswatch scenarios`: the named courses of simulated patients, as a list and as pictures."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console
from rich.table import Column, Table

from edge_agent.commands.numbers import SEED
from edge_agent.commands.pictures import add_picture_options, write_pictures
from simulators.files.durations import format_duration
from simulators.scenarios.scenario_file import load_scenario, scenario_names


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "List the shipped scenarios, each with the right output. `show` draws one: "
        "vital signs, treatment and truth on one page."
    )
    shows = parser.add_subparsers(metavar="show")
    show = shows.add_parser("show", help="draw one, as PNG and HTML")
    show.add_argument("name", choices=scenario_names(), metavar="NAME")
    show.add_argument("--seed", type=SEED, default=1, help="seed of the noise (default 1)")
    add_picture_options(show)
    show.set_defaults(run=_show)


def run(_arguments: argparse.Namespace) -> int:
    """Print the table."""
    table = Table(
        Column("scenario", no_wrap=True),
        "what it is",
        "lasts",
        "the right output",
        "must be raised",
    )
    for name in scenario_names():
        scenario = load_scenario(name, 1)
        length = format_duration(scenario.patient.plan.length_s)
        raises = ", ".join(scenario.raises)
        table.add_row(name, scenario.title, length, scenario.expects, raises)
    Console().print(table)
    return 0


def _show(arguments: argparse.Namespace) -> int:
    """Draw one scenario."""
    scenario = load_scenario(arguments.name, arguments.seed)
    note = f"Right output: {scenario.expects}."
    for path in write_pictures(
        scenario.patient, scenario.name, scenario.title, note, arguments.out
    ):
        sys.stdout.write(f"{path}\n")
    return 0
