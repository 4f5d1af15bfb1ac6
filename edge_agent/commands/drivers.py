"""`crswatch drivers`: a table of the drivers and their protocols."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console
from rich.table import Column, Table

from edge_agent.drivers.registry import all_drivers, faults


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "List the drivers, built in and installed, with their line settings, the "
        "vital signs they produce and the document they were written from."
    )


def run(_arguments: argparse.Namespace) -> int:
    """Print the table."""
    table = Table(
        Column("driver", no_wrap=True),
        "speaks to",
        "line",
        Column("vital signs", overflow="fold"),
        "written from",
    )
    for name, spec in sorted(all_drivers().items()):
        line = spec.serial
        flow = " RTS/CTS" if line.rts_cts else ""
        table.add_row(
            name,
            spec.title,
            f"{line.baud} {line.byte_size}{line.parity}{line.stop_bits}{flow}",
            ", ".join(kind.value for kind in spec.produces),
            spec.source,
        )
    Console().print(table)
    for fault in faults():
        sys.stderr.write(f"{fault.name} cannot be used: {fault.reason}\n")
    return 0
