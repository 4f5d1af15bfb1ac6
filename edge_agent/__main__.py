"""The `crswatch` command line: hands over to one module per subcommand."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from typing import TYPE_CHECKING, Final

from edge_agent.commands import (
    check_config,
    check_rules,
    cohort,
    context,
    decode,
    demo,
    detect,
    drivers,
    evaluate,
    example_config,
    probe,
    record,
    replay,
    run,
    scenarios,
    simulate,
    sinks,
    status,
)
from edge_agent.model.errors import ConfigError, CrswatchError, RuleError

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS: Final = (
    demo,
    run,
    status,
    sinks,
    context,
    probe,
    record,
    replay,
    simulate,
    scenarios,
    cohort,
    detect,
    evaluate,
    decode,
    drivers,
    example_config,
    check_config,
    check_rules,
)
_ABOUT: Final = """\
crswatch reads bedside monitors, keeps every reading, publishes vitals and alerts over MQTT,
stores them in InfluxDB, and watches for patterns compatible with cytokine release syndrome
(CRS) or infection after CAR-T therapy. It is decision support, not a medical device, and never
replaces the monitor's own alarms.
"""
_AFTERWARDS: Final = """\
first steps:
  crswatch demo                              see the whole way work; nothing to install or connect
  crswatch example-config > gateway.toml     then edit it: beds, ports, broker, database
  crswatch check-config gateway.toml         every mistake at once
  crswatch run --config gateway.toml         watch the ward

exit status: 0 fine, 1 something was found, 2 wrong usage or configuration
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="crswatch",
        description=_ABOUT,
        epilog=_AFTERWARDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--verbose", action="store_true", help="log debug messages, too")
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status."""
    chosen = build_parser().parse_args(arguments)
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
            # The reader of our output has gone; what is left to write has nowhere to go.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        sys.stderr.write(f"crswatch: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return status


if __name__ == "__main__":
    sys.exit(main())
