"""`crswatch alerts`: everything that is open on the ward, one line for each bed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

import msgspec

from edge_agent.board.shapes import Snapshot
from edge_agent.commands.subcommand import add_config_argument
from edge_agent.commands.ward_access import (
    add_language_argument,
    labels_of,
    opened_ward,
    reader_of,
)
from edge_agent.config.gateway_file import load_config
from edge_agent.ward_client.problem_lines import open_problems, problem_line
from edge_agent.ward_client.reader import Reader
from edge_agent.ward_client.ward_faults import unwatched_beds, ward_faults


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "List what is open on the ward, the most urgent first: one line for each bed with its "
        "finding, values, suggested CRS grade, and who has taken it over. Beds that are not "
        "watched follow. The list is that of the agent on this machine, or else of the broker. "
        "Exit status 0: nothing is open and every bed is watched, 1: something is open or not "
        "watched, 2: the ward cannot be seen."
    )
    add_config_argument(parser)
    add_language_argument(parser)
    parser.add_argument("--json", action="store_true", help="print the open problems for programs")


def run(arguments: argparse.Namespace) -> int:
    """List what is open."""
    with opened_ward(load_config(arguments.config)) as ward:
        snapshot = ward.snapshot()
    reader = reader_of(snapshot, arguments.language)
    problems = list(_problems(snapshot, reader))
    if arguments.json:
        beds = tuple(bed for bed, _ in open_problems(snapshot.beds))
        shown = msgspec.structs.replace(snapshot, beds=beds)
        sys.stdout.buffer.write(msgspec.json.encode(shown) + b"\n")
    else:
        shown_ward = snapshot.ward
        watched = shown_ward.beds_assessed + shown_ward.beds_degraded
        count = reader.say("watched", count=watched, all=shown_ward.beds_total)
        quiet = f"{reader.say('none_open')}; {count}"
        sys.stdout.write("".join(f"{line}\n" for line in problems or [quiet]))
    return 1 if problems else 0


def _problems(snapshot: Snapshot, reader: Reader) -> Iterator[str]:
    """Yield a line for each open problem, each unwatched bed, and each fault of the watching."""
    labels = labels_of(snapshot, reader)
    for bed, problem in open_problems(snapshot.beds):
        yield problem_line(bed, problem, labels[bed.id], reader)
    for bed in unwatched_beds(snapshot.beds):
        yield f"{labels[bed.id]}  {reader.words(bed.assessment.words)}"
    yield from ward_faults(snapshot.ward, reader)
