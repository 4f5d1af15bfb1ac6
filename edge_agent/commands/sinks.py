"""`crswatch sinks`: entries that a broker or a database refused, and a way to offer them again."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edge_agent.commands.subcommand import add_config_argument
from edge_agent.config.gateway_file import AgentConfig, load_config
from edge_agent.journal.reader import AsideGroup, read_aside, wish_retry
from edge_agent.model.errors import ConfigError, JournalError, Mistake

_LIST: Final = "list"
_RETRY: Final = "retry"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "An entry that the broker or the database refuses, while it accepts others, is "
        "set aside in the journal. Alerts are offered again automatically, at most ten minutes "
        "later, anything else every hour. `list` shows what is set aside and why; `retry` offers "
        "all of it again now, for instance after rights were corrected: by the running agent, or "
        "at its next start. Exit status 0: nothing is set aside, or it is offered again, "
        "1: something is set aside, or there is no journal to look at."
    )
    parser.add_argument("action", choices=(_LIST, _RETRY))
    add_config_argument(parser)
    parser.add_argument("--sink", metavar="NAME", help="mqtt or influx; default: both")


def run(arguments: argparse.Namespace) -> int:
    """List or retry."""
    config = load_config(arguments.config)
    names = _names(config, arguments.sink)
    try:
        groups = [g for g in read_aside(config.journal.path) if _is_meant(g, arguments)]
        if arguments.action == _LIST:
            _show(groups)
            return 1 if groups else 0
        wish_retry(config.journal.path, names)
    except JournalError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    count = sum(group.count for group in groups if group.sink in names)
    sys.stdout.write(
        f"{count} entries are offered again to {' and '.join(names)}, by the running agent or at "
        "its next start; `crswatch status` shows the result\n"
    )
    return 0


def _names(config: AgentConfig, wanted: str | None) -> list[str]:
    """Return the sinks that the command applies to."""
    sections = {"mqtt": config.mqtt, "influx": config.influx}
    names = [name for name, section in sections.items() if section is not None]
    if wanted is not None and wanted not in names:
        known = ", ".join(names) or "none"
        message = f"is {wanted!r}; this configuration has: {known}"
        raise ConfigError((Mistake("sinks", "--sink", message),))
    return names if wanted is None else [wanted]


def _is_meant(group: AsideGroup, arguments: argparse.Namespace) -> bool:
    return arguments.sink is None or group.sink == arguments.sink


def _show(groups: list[AsideGroup]) -> None:
    console = Console()
    if not groups:
        console.print("nothing is set aside")
        return
    table = Table("to", "what", "bed", "entries", "from", "until", "newest reason")
    for group in groups:
        cells = (group.sink, group.lane, group.bed_id, str(group.count))
        times = (_time(group.first_ns), _time(group.last_ns))
        table.add_row(*(escape(cell) for cell in (*cells, *times, group.reason)))
    console.print(table)


def _time(utc_ns: int) -> str:
    try:
        return f"{datetime.fromtimestamp(utc_ns / 1e9, UTC):%Y-%m-%d %H:%M:%S}Z"
    except (ValueError, OverflowError, OSError):
        return f"{utc_ns} ns"
