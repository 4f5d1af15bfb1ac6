"""`crswatch simulate`: simulated monitors on pseudo-terminals, for an agent of yours."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, TextIO

from edge_agent.commands.numbers import LONGEST_S, SEED, SPEED, whole_within
from edge_agent.commands.simulated_gateway import GATEWAY_BEGIN, gateway_toml
from edge_agent.commands.subcommand import stop_event
from edge_agent.gateway.system_clock import clock, read_system_clock
from edge_agent.model.clock import ScaledClock
from edge_agent.model.errors import ConfigError, Mistake
from simulators.files.durations import parse_duration
from simulators.links.pty_link import PtyLink
from simulators.links.tcp_link import TcpLink
from simulators.monitors.catalog import MONITORS, connects
from simulators.scenarios.scenario_file import scenario_names
from simulators.wards.bedside import PlugLink, SimulatedWard
from simulators.wards.line_faults import FaultSpan
from simulators.wards.ward_bed import WardBed
from simulators.wards.ward_file import example_ward, load_ward, parse_address
from simulators.wards.ward_plan import DEFAULT_ADDRESS, Address, BedPlan, PatientChoice, WardPlan

_DEFAULT_MONITOR: Final = "philips_intellivue"
_DEMO_SCENARIOS: Final = ("baseline", "fever_only", "probe_off", "crs_grade_2")
"""Scenarios assigned to the beds in turn where no option names others."""
_TRUTH_BEGIN: Final = b'{"bed": "'
"""Beginning of each line of `--truth`."""
_QUICK: Final = ("monitor", "connect", "beds", "scenario", "seed")
"""Options that define a ward without a file."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Run monitors with simulated patients until Ctrl-C: those of a ward file, or "
        "those that the options define. Prints one line per bed (name, port, patient, monitor) "
        "and then the clock, for `crswatch run --clock`. Point any host that speaks the protocol "
        "at the ports; monitors on the network connect to their host by themselves, and give the "
        "bed's name as their place. docs/wards.md describes the ward file."
    )
    parser.add_argument("ward", type=Path, nargs="?", metavar="WARD.TOML", help="the ward")
    parser.add_argument("--example", action="store_true", help="print a ward file, and end")
    _add_quick(parser)
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument(
        "--speed", type=SPEED, metavar="X", help="ward seconds per second (default 1)"
    )
    pace.add_argument(
        "--clock", type=clock, metavar="SPEC", help="use the clock that another printed"
    )
    parser.add_argument(
        "--for",
        dest="for_s",
        type=_duration,
        metavar="DURATION",
        help='end after this much ward time, such as "2 h" (default: when stopped)',
    )
    parser.add_argument(
        "--truth", type=Path, metavar="FILE", help="write each fault of a line, as JSON lines"
    )
    parser.add_argument(
        "--gateway", type=Path, metavar="FILE", help="write a gateway.toml that monitors this ward"
    )


def _add_quick(parser: argparse.ArgumentParser) -> None:
    known = scenario_names()
    quick = parser.add_argument_group("a ward without a file")
    quick.add_argument(
        "--monitor",
        action="append",
        choices=sorted(MONITORS),
        metavar="DRIVER[:PROFILE]",
        help="assigned to the beds in turn; may be given several times (default "
        f"{_DEFAULT_MONITOR}; there are {', '.join(sorted(MONITORS))})",
    )
    quick.add_argument(
        "--connect",
        type=_address,
        metavar="HOST:PORT",
        help="where monitors on the network find their host (default 127.0.0.1:2575)",
    )
    quick.add_argument(
        "--beds", type=whole_within(1, 1000), metavar="N", help="number of beds (default 4)"
    )
    quick.add_argument(
        "--scenario",
        action="append",
        choices=known,
        help=f"assigned to the beds in turn; may be given several times ({', '.join(known)})",
    )
    quick.add_argument("--seed", type=SEED, help="seed of the patients (default 1)")


def _address(text: str) -> Address:
    found = parse_address(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r}; want HOST:PORT")
    return found


def _duration(text: str) -> float:
    seconds = parse_duration(text)
    if not seconds or seconds > LONGEST_S:
        want = 'want a duration such as "90 s" or "2 h", at most 366 d'
        raise argparse.ArgumentTypeError(f"{text!r}; {want}")
    return seconds


def run(arguments: argparse.Namespace) -> int:
    """Run the ward, or print the example."""
    if arguments.example:
        sys.stdout.write(example_ward())
        return 0
    plan = _plan(arguments)
    if arguments.gateway:
        _refuse_other(arguments.gateway, GATEWAY_BEGIN.encode(), "--gateway")
    if arguments.truth:
        _refuse_other(arguments.truth, _TRUTH_BEGIN, "--truth")
    speed = arguments.speed or plan.speed
    ward_clock = arguments.clock or ScaledClock(read_system_clock, read_system_clock(), speed)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crswatch-ward-")))
        note_fault = None
        if arguments.truth:
            file = stack.enter_context(arguments.truth.open("w", encoding="utf-8"))
            note_fault = _writer(file)
        began = ward_clock.now()
        beds = [
            WardBed(bed, _link(bed, plan, folder), plan.seed, began, note_fault)
            for bed in plan.beds
        ]
        for made in beds:
            stack.callback(made.close)
        _announce(beds, ward_clock, arguments.gateway)
        is_over = stop_event()
        with SimulatedWard(beds, ward_clock):
            wall_s = arguments.for_s / ward_clock.factor if arguments.for_s else None
            is_over.wait(wall_s)
    return 0


def _refuse_other(path: Path, begin: bytes, option: str) -> None:
    """Refuse to overwrite a file that does not begin as the files of this command do."""
    if not path.exists():
        return
    is_ours = False
    if path.is_file():
        with path.open("rb") as file:
            is_ours = file.read(len(begin)) in {b"", begin}
    if not is_ours:
        message = f"is {path}, which simulate has not written; want a path where there is no file"
        raise ConfigError((Mistake("simulate", option, message),))


def _plan(arguments: argparse.Namespace) -> WardPlan:
    """Return the ward of the file, or of the options."""
    if arguments.ward is None:
        return _quick_plan(arguments)
    given = [name for name in _QUICK if getattr(arguments, name) is not None]
    if given:
        message = "makes a ward without a file; the file says it"
        raise ConfigError(tuple(Mistake("command line", f"--{name}", message) for name in given))
    return load_ward(arguments.ward)


def _quick_plan(arguments: argparse.Namespace) -> WardPlan:
    names = arguments.scenario or _DEMO_SCENARIOS
    monitors = arguments.monitor or (_DEFAULT_MONITOR,)
    count = 4 if arguments.beds is None else arguments.beds
    seed = 1 if arguments.seed is None else arguments.seed
    beds = tuple(
        BedPlan(
            bed_id=f"bed-{i + 1:02}",
            monitor=monitors[i % len(monitors)],
            patient=PatientChoice(scenario=names[i % len(names)]),
            seed=seed + i,
        )
        for i in range(count)
    )
    return WardPlan(beds, seed, connect=arguments.connect or DEFAULT_ADDRESS)


def _link(bed: BedPlan, plan: WardPlan, folder: Path) -> PlugLink:
    """Return a bed's line; one that can be unplugged has a permanent name in `folder`."""
    if connects(bed.monitor):
        return TcpLink(*plan.connect)
    is_faulty = bool(bed.faults or bed.random_faults.spans)
    return PtyLink(folder / bed.bed_id if is_faulty else None)


def _writer(file: TextIO) -> Callable[[FaultSpan], None]:
    def note_fault(span: FaultSpan) -> None:
        file.write(json.dumps(span.record()) + "\n")
        file.flush()

    return note_fault


def _announce(beds: list[WardBed], ward_clock: ScaledClock, gateway: Path | None) -> None:
    """Write the gateway's file, then print where everything is."""
    if gateway:
        journal = gateway.with_suffix(".db").absolute()
        text = gateway_toml(beds, journal, source=str(gateway))
        gateway.write_text(text, encoding="utf-8")
    for bed in beds:
        plan = bed.plan
        sys.stdout.write(f"{plan.bed_id} {bed.link.path} {plan.patient} {plan.monitor}\n")
    sys.stdout.write(f"clock {ward_clock.spec()}\n")
    sys.stdout.flush()
