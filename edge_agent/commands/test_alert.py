"""`crswatch test-alert`: a test of the whole chain, from the gateway to a person's answer."""

from __future__ import annotations

import argparse
import sys

from edge_agent.commands.subcommand import add_config_argument
from edge_agent.commands.ward_access import (
    add_language_argument,
    bed_meant,
    checked_name,
    labels_of,
    reader_of,
)
from edge_agent.config.gateway_file import load_config
from edge_agent.model.errors import LinkError
from edge_agent.ward_client.bed_names import plain
from edge_agent.ward_client.local_ward import LocalWard


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Raise an alert that is marked TEST at a bed of the agent on this machine. It is called "
        "out as any other, and ends once somebody answers it, or after five minutes. The board "
        "shows the newest test that was answered. Exit status 0: raised, 1: refused, with the "
        "reason, 2: wrong usage, or no agent runs here."
    )
    parser.add_argument("--bed", required=True, metavar="BED")
    parser.add_argument("--by", required=True, metavar="NAME", help="your name or staff id")
    add_config_argument(parser)
    add_language_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Begin the test."""
    by = checked_name(arguments.by)
    config = load_config(arguments.config)
    ward = LocalWard(config.journal.path)
    if not ward.is_there():
        message = (
            "no agent of this configuration runs on this machine; a test begins at its gateway"
        )
        raise LinkError(message, retryable=True)
    snapshot = ward.snapshot()
    bed = bed_meant(arguments.bed, snapshot.beds, "--bed")
    reader = reader_of(snapshot, arguments.language)
    effect = ward.test(bed.id, by)
    for refusal in effect.refused:
        sys.stderr.write(f"{plain(refusal.reason)}\n")
    if effect.changed:
        label = labels_of(snapshot, reader)[bed.id]
        sys.stdout.write(f"{reader.say('tested', bed=label, by=by)}\n")
    return 0 if effect.changed else 1
