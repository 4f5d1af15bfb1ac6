"""`crswatch status`: the state of a running gateway, its devices, its broker and its database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edge_agent.commands.subcommand import add_config_argument
from edge_agent.config.gateway_file import load_config
from edge_agent.gateway.status_file import (
    WRITE_EVERY_S,
    AssessedBed,
    GatewayStatus,
    RunState,
    SinkStatus,
    decode_status,
    encode_status,
    has_ended,
    newest_status,
    status_paths,
)
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.model.clock import Instant
from edge_agent.model.device_status import DeviceStatus
from edge_agent.model.session_events import LinkState

_OLD_S: Final = 6 * WRITE_EVERY_S
_ALERT_WAITS_S: Final = 10.0
"""Seconds after which a waiting alert is reported, whatever else is known of the sink; design start
value, unvalidated."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Show the last status of the agent with this configuration: each device's "
        "link, identity, clock and readings, and what was discarded, with its reason. "
        "Exit status 0: all is well, 1: a link, the broker, the database or the journal is not, or "
        "the agent does not run."
    )
    add_config_argument(parser)
    parser.add_argument("--json", action="store_true", help="print the status for programs")


def run(arguments: argparse.Namespace) -> int:
    """Show the status."""
    paths = status_paths(load_config(arguments.config).journal.path)
    try:
        body, written_s = newest_status(paths)
        status = decode_status(body)
    except (OSError, msgspec.MsgspecError) as error:
        sys.stderr.write(f"no status to show, is the agent running? {paths[0]}: {error}\n")
        return 1
    if status.state is not RunState.STOPPED and has_ended(status):
        status = replace(status, state=RunState.GONE)
    age_s = read_system_clock().utc_ns / 1e9 - written_s
    idle = _why_it_does_not_run(status, age_s)
    problems = [idle, *_of_sinks(status)] if idle else list(_problems(status))
    if arguments.json:
        sys.stdout.write(encode_status(status).decode() + "\n")
    else:
        _show(status, problems, is_running=not idle)
    if idle:
        sys.stderr.write(f"{idle}\n")
    return 1 if problems else 0


def _why_it_does_not_run(status: GatewayStatus, age_s: float) -> str:
    """Return why the status is no longer current; empty where it is."""
    ago = f"{age_s:.0f} s ago"
    if status.state is RunState.STOPPED:
        return f"the agent does not run: it stopped as requested, {ago}"
    if status.state is RunState.STOPPING:
        return f"the agent began to stop {ago}"
    if status.state is RunState.GONE:
        return f"the agent does not run: process {status.pid} ended unexpectedly; last status {ago}"
    if age_s <= _OLD_S:
        return ""
    if status.process_key and not has_ended(status):
        return f"process {status.pid} runs, but its last status is from {ago}: does its disk hang?"
    return f"the agent does not run: its last status is from {ago}"


def _problems(status: GatewayStatus) -> Iterator[str]:
    """Yield the problems that need somebody's attention, the most urgent first."""
    yield from _of_sinks(status)
    if status.journal_fault:
        yield f"the journal does not accept entries: {status.journal_fault}"
    if status.unrestored:
        yield (
            f"memory of before the start was not read ({status.unrestored}): restart the gateway "
            "once its disk answers"
        )
    if status.audit_fault:
        yield f"audit trail: {status.audit_fault}"
    if status.lost_readings:
        yield f"{status.lost_readings} readings lost, the disk failed for too long"
    if status.journal_lost_aside:
        yield (
            f"{status.journal_lost_aside} refused entries deleted from the journal, the oldest "
            "first: too many were set aside"
        )
    for device in status.devices:
        if not _is_whole(device):
            yield f"{device.device_id}: {_link_words(device)}"


def _of_sinks(status: GatewayStatus) -> Iterator[str]:
    for sink in status.sinks:
        yield from _sink_problems(sink, status.written_at)


def _sink_problems(sink: SinkStatus, now: Instant) -> Iterator[str]:
    if sink.fault:
        yield f"{sink.name}: {sink.fault}{_for_how_long(sink.since, now)}"
    if sink.oldest_alert_at is not None:
        waits_s = _age_s(sink.oldest_alert_at, now)
        if sink.fault or waits_s >= _ALERT_WAITS_S:
            yield f"{sink.name}: an alert has waited for {waits_s:.0f} s"
    if sink.refused:
        yield (
            f"{sink.name}: {sink.refused} entries refused and set aside (`crswatch sinks list`), "
            f"the newest: {sink.refused_reason}"
        )


def _for_how_long(since: Instant | None, now: Instant) -> str:
    return "" if since is None else f" (for {_age_s(since, now):.0f} s)"


def _age_s(at: Instant, now: Instant) -> float:
    """Return the age by the wall clock, the only clock that a sink records."""
    return max(0.0, (now.utc_ns - at.utc_ns) / 1e9)


def _is_whole(device: DeviceStatus) -> bool:
    if not device.bed_id:
        return True
    return device.link is LinkState.CONNECTED and device.is_confirmed


def _show(status: GatewayStatus, problems: Sequence[str], *, is_running: bool) -> None:
    console = Console()
    verdict = "NOT well:" if problems else "all is well"
    for line in (f"{status.gateway_id}: {verdict}", *(f"  {problem}" for problem in problems)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if not is_running:
        console.print("its last status:")
    up_h = status.written_at.seconds_since(status.started_at) / 3600
    console.print(
        f"{status.gateway_id}: crswatch {status.version}, monitoring for {up_h:.1f} h, "
        f"{status.restarts} parts restarted, {status.journal_pending} entries to write"
    )
    for line in _setbacks(status):
        console.print(line)
    console.print(_device_table(status))
    if status.sinks:
        console.print(_sink_table(status))
    for bed in status.beds:
        console.print(_bed_line(bed, status.written_at))
    for line in (*_discarded(status), *_unused(status)):
        console.print(line)


def _device_table(status: GatewayStatus) -> Table:
    table = Table("device", "link", "monitor", "messages", "last", "monitor's clock")
    for device in status.devices:
        if device.bed_id:
            table.add_row(*_row(device, status.written_at))
    return table


def _setbacks(status: GatewayStatus) -> Iterator[str]:
    """Yield the failures inside the agent since its start."""
    if status.newest_death:
        yield f"a part of the agent died, the newest: {status.newest_death}"
    if status.mishaps:
        yield f"{status.mishaps} messages or steps were not evaluated, the newest: " + (
            status.newest_mishap
        )
    if status.journal_damaged_rows:
        yield (
            f"{status.journal_damaged_rows} rows of the journal are damaged and left out, "
            f"the newest: {status.journal_damage}"
        )
    for name in status.journal_set_aside:
        yield f"the journal was damaged; it is now {name}, and a new one was begun"


def _bed_line(bed: AssessedBed, now: Instant) -> str:
    assessment = bed.assessment
    why = [assessment.reason] if assessment.reason else []
    if assessment.missing:
        why.append(f"missing: {', '.join(assessment.missing)}")
    word = assessment.state.value.replace("_", " ")
    since_s = now.seconds_since(assessment.since)
    return "; ".join([f"{bed.bed_id}: {word} for {since_s:.0f} s", *why])


def _sink_table(status: GatewayStatus) -> Table:
    table = Table("to", "state", "waiting", "oldest alert", "set aside", "accepted")
    for sink in status.sinks:
        oldest = sink.oldest_alert_at
        age_s = None if oldest is None else _age_s(oldest, status.written_at)
        state = sink.fault or ("accepts entries" if sink.since is not None else "nothing yet")
        table.add_row(
            sink.name,
            escape(f"{state}{_for_how_long(sink.since, status.written_at)}"),
            str(sink.waiting),
            "none" if age_s is None else f"{age_s:.0f} s",
            str(sink.refused),
            str(sink.taken),
        )
    return table


def _link_words(device: DeviceStatus) -> str:
    words = f"{device.link.value}: {device.link_reason}".removesuffix(": ")
    return words if device.is_confirmed else f"{words}; another monitor than before, not confirmed"


def _row(device: DeviceStatus, now: Instant) -> tuple[str, ...]:
    identity = "unknown" if device.identity is None else str(device.identity)
    if not device.is_confirmed:
        identity += " (another than before, not confirmed)"
    heard_at = device.heard_at
    return (
        device.device_id,
        f"{device.link.value}: {device.link_reason}".removesuffix(": "),
        identity,
        f"{device.messages} with {device.numerics} values",
        "never" if heard_at is None else f"{now.seconds_since(heard_at):.0f} s ago",
        _clock_words(device, now),
    )


def _clock_words(device: DeviceStatus, now: Instant) -> str:
    if device.clock is None:
        return "none"
    words = [f"{device.clock.offset_s:+.1f} s"]
    if device.clock.drift_s_per_day is not None:
        words.append(f"{device.clock.drift_s_per_day:+.1f} s a day")
    if device.clock_step is not None:
        ago_s = now.seconds_since(device.clock_step.at)
        words.append(f"set by {device.clock_step.by_s:+.0f} s {ago_s:.0f} s ago")
    return ", ".join(words)


def _discarded(status: GatewayStatus) -> Iterator[str]:
    """Yield the rejected input, by device and reason."""
    for device in status.devices:
        for rejection in sorted(device.rejections, key=lambda r: -r.times):
            yield (
                f"{device.device_id}: discarded {rejection.times} times, "
                f"{rejection.size_bytes} bytes: {rejection.reason}"
            )


def _unused(status: GatewayStatus) -> Iterator[str]:
    """Yield the numerics of each device that no rule uses."""
    for device in status.devices:
        if device.unused:
            names = ", ".join(device.unused)
            yield f"{device.device_id}: received, stored and not evaluated: {names}"
