"""`crswatch simulate`: simulated monitors on pseudo-terminals, for an agent of yours."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from edge_agent.app import read_system_clock
from edge_agent.commands.run import clock
from edge_agent.commands.until_told import until_told
from edge_agent.model.clock import ScaledClock
from simulators.bedside import SimulatedWard, intellivue_bed
from simulators.scenario_file import load_course, scenario_names

if TYPE_CHECKING:
    import argparse

    from edge_agent.commands.parsers import Subparsers

DEMO_SCENARIOS: Final = ("baseline", "fever_only", "probe_off", "crs_grade_2")
"""Dealt out to the beds in turn unless others are asked for."""


def add_parser(subparsers: Subparsers) -> None:
    """Add the subcommand."""
    known = scenario_names()
    parser = subparsers.add_parser(
        "simulate",
        help="put simulated monitors on pseudo-terminals",
        description="Run Philips IntelliVue monitors with simulated patients until Ctrl-C. Prints "
        "one line per bed (name, port, scenario) and then the clock, for `crswatch run --clock`. "
        "Point any host that speaks the protocol at the ports.",
    )
    parser.add_argument("--beds", type=int, default=4, metavar="N", help="how many (default 4)")
    parser.add_argument(
        "--scenario",
        action="append",
        choices=known,
        help=f"dealt out to the beds in turn; may be given several times ({', '.join(known)})",
    )
    parser.add_argument("--seed", type=int, default=1, help="chooses the patients (default 1)")
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument(
        "--speed", type=float, default=1.0, metavar="X", help="ward seconds per second (default 1)"
    )
    pace.add_argument("--clock", type=clock, metavar="SPEC", help="share a clock another printed")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the ward."""
    shared = arguments.clock
    ward_clock = shared or ScaledClock(read_system_clock, read_system_clock(), arguments.speed)
    names = arguments.scenario or DEMO_SCENARIOS
    beds = []
    for i in range(arguments.beds):
        name, seed = names[i % len(names)], arguments.seed + i
        bed = intellivue_bed(f"bed-{i + 1:02}", load_course(name, seed), ward_clock, seed)
        beds.append(bed)
        sys.stdout.write(f"{bed.name} {bed.path} {name}\n")
    sys.stdout.write(f"clock {ward_clock.spec()}\n")
    sys.stdout.flush()
    is_over = until_told()
    with SimulatedWard(beds, ward_clock):
        is_over.wait()
    return 0
