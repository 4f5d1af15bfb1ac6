"""`crswatch check-config`: all mistakes in a gateway.toml, reported at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from edge_agent.clients.tls import tls_context
from edge_agent.config.gateway_file import AgentConfig, InfluxSection, load_config
from edge_agent.config.ward_file import load_ward_plan, scope_of
from edge_agent.config.ward_warnings import plan_warnings
from edge_agent.config.warnings import config_warnings
from edge_agent.drivers.registry import faults
from edge_agent.gateway.admission import unsafe_board
from edge_agent.gateway.ward_ways import way_mistakes
from edge_agent.journal.ownership import journal_mistake
from edge_agent.model.duty import WardPlan
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.texts import read_secret
from edge_agent.rulebook.rule_set import read_rulebook


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Report every mistake of a configuration at once, each with its key, the "
        "value seen and what is allowed, and warn of probable mistakes. Passwords, "
        "tokens and certificates are read as well. Exit status 0: fine, 2: wrong."
    )
    parser.add_argument("file", type=Path, help="the configuration, such as gateway.toml")


def run(arguments: argparse.Namespace) -> int:
    """Check the file and print a summary of it."""
    config = load_config(arguments.file)
    mistakes = [*_secret_mistakes(config), *way_mistakes(config)]
    wrong = journal_mistake(config.journal.path)
    if wrong:
        mistakes.append(
            Mistake(str(arguments.file), "journal.path", f"{config.journal.path} {wrong}")
        )
    plan = WardPlan()
    if config.ward is not None:
        try:
            plan = load_ward_plan(config.ward.file, scope_of(config))
        except ConfigError as error:
            mistakes += error.mistakes
    mistakes += unsafe_board(config, str(arguments.file))
    if mistakes:
        raise ConfigError(tuple(mistakes))
    book = read_rulebook(config.rules.folder, config.gateway.language)
    sinks = [name for name in ("mqtt", "influx") if getattr(config, name) is not None]
    warnings = config_warnings(config)
    if config.ward is not None:
        ward = str(config.ward.file)
        warnings += [f"{ward}: {words}" for words in plan_warnings(plan, scope_of(config).beds)]
    for warning in warnings:
        sys.stdout.write(f"{arguments.file}: warning: {warning}\n")
    count = "" if not warnings else f", {len(warnings)} warning{'s' if len(warnings) > 1 else ''}"
    sys.stdout.write(
        f"{arguments.file}: fine{count}. Ward {config.gateway.site}/{config.gateway.ward}, "
        f"{len(config.beds)} beds, {len(book.rules)} rules, "
        f"sinks: {', '.join(sinks) or 'none'}, people: {len(plan.people) or 'none'}, "
        f"ways out: {', '.join(way.name for way in config.ways) or 'none'}\n"
    )
    for fault in faults():
        sys.stderr.write(f"note: driver {fault.name!r} cannot be used: {fault.reason}\n")
    return 0


def _secret_mistakes(config: AgentConfig) -> list[Mistake]:
    """Return the mistakes in passwords, tokens and certificates that a sink could not use."""
    mqtt, influx = config.mqtt, config.influx
    checks: list[Callable[[], object]] = []
    if mqtt is not None:
        checks.append(partial(tls_context, mqtt))
    if mqtt is not None and mqtt.password_file is not None:
        checks.append(partial(read_secret, mqtt.password_file))
    secret = None if influx is None else _used_secret(influx)
    if secret is not None:
        checks.append(partial(read_secret, secret, is_ascii=True))
    mistakes: list[Mistake] = []
    for check in checks:
        try:
            check()
        except ConfigError as error:
            mistakes += error.mistakes
    return mistakes


def _used_secret(influx: InfluxSection) -> Path | None:
    return influx.token_file if influx.api == "v2" else influx.password_file
