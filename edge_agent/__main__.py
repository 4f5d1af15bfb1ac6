"""The `crswatch` command line, with one module for each subcommand."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import platform
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from types import MappingProxyType, ModuleType
from typing import Final

from edge_agent.model.errors import ConfigError, CrswatchError, RuleError

COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "demo": "show the whole path at work on simulated monitors",
        "run": "monitor the ward of a gateway.toml",
        "board": "serve the nurses' board of a whole ward, fed by the broker",
        "status": "show the state of a running gateway and its devices",
        "alerts": "list what is open on the ward",
        "answer": "answer the problem of a bed",
        "top": "show the ward in this terminal",
        "test-alert": "test the whole chain from an alert to a person's answer",
        "broker": "write the setup of a site's broker, and its certificates",
        "sinks": "list entries that broker or database refused, or offer them again",
        "accounts": "add and change accounts of the staff, and end their sessions",
        "audit": "check the audit trail against its checkpoints, or show it",
        "context": "enter facts about a bed's patient, or list them",
        "probe": "list serial ports, or identify the protocol on a line",
        "record": "record the traffic on a monitor's line, with its timing",
        "replay": "play a recording into the agent",
        "simulate": "put a ward of simulated monitors on pseudo-terminals",
        "scenarios": "list and draw the courses of simulated patients",
        "cohort": "make and draw simulated patients by the thousand",
        "detect": "run the detector over a recorded patient",
        "evaluate": "score a set of rules on simulated patients and on real recordings",
        "decode": "decode a recording to CSV",
        "drivers": "list the device drivers and their protocols",
        "install": "make the agent a service of this machine",
        "example-config": "print a commented gateway.toml",
        "check-config": "check a gateway.toml and the rules it names",
        "check-rules": "check rule files and run their vectors",
    }
)
"""Each subcommand, in the order of the help, and its help line."""
_ABOUT: Final = """\
crswatch reads bedside monitors, stores every reading, publishes vitals and alerts over MQTT,
stores them in InfluxDB, and watches for patterns compatible with cytokine release syndrome
(CRS) or infection after CAR-T therapy. It is decision support, not a medical device, and never
replaces the monitor's own alarms.
"""
_AFTERWARDS: Final = """\
first steps:
  crswatch demo                              see the whole way work; nothing to install or connect
  crswatch example-config > gateway.toml     then edit it: beds, ports, broker, database
  crswatch check-config gateway.toml         every mistake at once
  crswatch run --config gateway.toml         monitor the ward
  crswatch alerts                            what is open; crswatch answer 4 --by N12 answers bed 4

exit status: 0 fine, 1 something was found, 2 wrong usage or configuration
"""


class _ShowVersion(argparse.Action):
    """Prints the versions of this program and of what its journal depends on, and ends."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:  # noqa: A002 - argparse's own name
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_rest: object) -> None:
        python, sqlite = platform.python_version(), sqlite3.sqlite_version
        words = f"crswatch {version('crswatch')} (Python {python}, SQLite {sqlite})"
        sys.stdout.write(f"{words}\n")
        parser.exit()


def build_parser(subcommand: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the command line.

    Parameters
    ----------
    subcommand
        The subcommand whose module is imported and whose arguments are added. None: no arguments,
        only the list of subcommands.
    """
    parser = argparse.ArgumentParser(
        prog="crswatch",
        description=_ABOUT,
        epilog=_AFTERWARDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--verbose", action="store_true", help="log debug messages, too")
    parser.add_argument(
        "--version", action=_ShowVersion, help="print the version, for a question to support"
    )
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, line in COMMANDS.items():
        if name == subcommand:
            module = command_module(name)
            chosen = subparsers.add_parser(name)
            chosen.set_defaults(run=module.run)
            module.add_arguments(chosen)
        else:
            subparsers.add_parser(name, help=line, add_help=False)
    return parser


def command_module(name: str) -> ModuleType:
    """Return the module of a subcommand."""
    return importlib.import_module(f"edge_agent.commands.{name.replace('-', '_')}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    subcommand = next((word for word in words if not word.startswith("-")), None)
    chosen = build_parser(subcommand).parse_args(words)
    logging.basicConfig(
        level=logging.DEBUG if chosen.verbose else getattr(chosen, "log_level", logging.INFO),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    try:
        status: int = chosen.run(chosen)
    except (ConfigError, RuleError) as error:
        for mistake in error.mistakes:
            sys.stderr.write(f"{mistake}\n")
        return 2
    except (CrswatchError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            # The reader of our output has closed the pipe: discard the rest.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        sys.stderr.write(f"crswatch: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return status


if __name__ == "__main__":
    sys.exit(main())
