"""`crswatch simulate`: simulated monitors on pseudo-terminals, for an agent of yours."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

from edge_agent.app import read_system_clock
from edge_agent.commands.run import clock
from edge_agent.commands.until_told import until_told
from edge_agent.model.clock import ScaledClock
from simulators.bedside import SimulatedBed, SimulatedWard
from simulators.catalog import MONITORS, connects
from simulators.pty_link import PtyLink
from simulators.scenario_file import load_scenario, scenario_names
from simulators.tcp_link import TcpLink

if TYPE_CHECKING:
    from edge_agent.commands.parsers import Subparsers

DEFAULT_MONITOR: Final = "philips_intellivue"
DEMO_SCENARIOS: Final = ("baseline", "fever_only", "probe_off", "crs_grade_2")
"""Dealt out to the beds in turn unless others are asked for."""


def add_parser(subparsers: Subparsers) -> None:
    """Add the subcommand."""
    known = scenario_names()
    parser = subparsers.add_parser(
        "simulate",
        help="put simulated monitors on pseudo-terminals",
        description="Run monitors with simulated patients until Ctrl-C. Prints one line per bed "
        "(name, port, scenario, monitor) and then the clock, for `crswatch run --clock`. Point any "
        "host that speaks the protocol at the ports; monitors on the network connect to "
        "--connect, and give the bed's name as their place.",
    )
    parser.add_argument(
        "--monitor",
        action="append",
        choices=sorted(MONITORS),
        metavar="DRIVER[:PROFILE]",
        help="dealt out to the beds in turn; may be given several times (default "
        f"{DEFAULT_MONITOR}; there are {', '.join(sorted(MONITORS))})",
    )
    parser.add_argument(
        "--connect",
        type=_address,
        metavar="HOST:PORT",
        help="where monitors on the network find their host (default 127.0.0.1:2575)",
        default=("127.0.0.1", 2575),
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


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}; want HOST:PORT")
    return host, int(port)


def run(arguments: argparse.Namespace) -> int:
    """Run the ward."""
    shared = arguments.clock
    ward_clock = shared or ScaledClock(read_system_clock, read_system_clock(), arguments.speed)
    names = arguments.scenario or DEMO_SCENARIOS
    monitors = arguments.monitor or (DEFAULT_MONITOR,)
    beds = []
    for i in range(arguments.beds):
        scenario, monitor = names[i % len(names)], monitors[i % len(monitors)]
        bed_id, seed = f"bed-{i + 1:02}", arguments.seed + i
        view = load_scenario(scenario, seed).patient.vitals_at
        device = MONITORS[monitor](bed_id, view, seed, ward_clock.now())
        link = TcpLink(*arguments.connect) if connects(monitor) else PtyLink()
        beds.append(SimulatedBed(bed_id, device, link))
        sys.stdout.write(f"{bed_id} {link.path} {scenario} {monitor}\n")
    sys.stdout.write(f"clock {ward_clock.spec()}\n")
    sys.stdout.flush()
    is_over = until_told()
    with SimulatedWard(beds, ward_clock):
        is_over.wait()
    return 0
