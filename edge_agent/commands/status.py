"""`crswatch status`: how a running gateway and each of its devices fare."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from rich.console import Console
from rich.table import Table

from edge_agent.app import read_system_clock
from edge_agent.config import load_config
from edge_agent.model.session_events import LinkState
from edge_agent.status import WRITE_EVERY_S, decode_status, status_path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from edge_agent.commands.parsers import Subparsers
    from edge_agent.model.clock import Instant
    from edge_agent.model.device_status import DeviceStatus
    from edge_agent.status import AssessedBed, GatewayStatus

_OLD_S: Final = 6 * WRITE_EVERY_S


def add_parser(subparsers: Subparsers) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "status",
        help="show how a running gateway and its devices fare",
        description="Show what the agent with this configuration last said of itself: each "
        "device's link, identity, clock and readings, and what was given up on, with its reason. "
        "Exit status 0: all links are whole, 1: one is not or the agent says nothing.",
    )
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print the status as it was written")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show the status."""
    path = status_path(load_config(arguments.config).journal.path)
    try:
        body = path.read_bytes()
        status = decode_status(body)
    except (OSError, msgspec.MsgspecError) as error:
        sys.stderr.write(f"no status to show, is the agent running? {path}: {error}\n")
        return 1
    if arguments.json:
        sys.stdout.write(body.decode() + "\n")
    else:
        _show(status)
    age_s = (read_system_clock().utc_ns - path.stat().st_mtime_ns) / 1e9
    if age_s > _OLD_S:
        sys.stderr.write(f"the agent last said this {age_s:.0f} s ago: it does not run\n")
        return 1
    return 0 if all(_is_whole(device) for device in status.devices) else 1


def _is_whole(device: DeviceStatus) -> bool:
    if not device.bed_id:
        return True
    return device.link is LinkState.CONNECTED and device.is_confirmed


def _show(status: GatewayStatus) -> None:
    console = Console()
    up_h = status.written_at.seconds_since(status.started_at) / 3600
    console.print(
        f"{status.gateway_id}: crswatch {status.version}, watching for {up_h:.1f} h, "
        f"{status.restarts} parts started again, {status.journal_pending} entries to write"
    )
    if status.journal_fault:
        console.print(f"the journal does not take entries: {status.journal_fault}")
    if status.lost_readings:
        console.print(f"{status.lost_readings} readings lost, the disk failed for too long")
    for line in _setbacks(status):
        console.print(line)
    table = Table("device", "link", "monitor", "messages", "last", "monitor's clock")
    for device in status.devices:
        if device.bed_id:
            table.add_row(*_row(device, status.written_at))
    console.print(table)
    for bed in status.beds:
        console.print(_bed_line(bed, status.written_at))
    for line in (*_given_up(status), *_unused(status)):
        console.print(line)


def _setbacks(status: GatewayStatus) -> Iterator[str]:
    """Yield what went wrong inside the agent since its start."""
    if status.newest_death:
        yield f"a part of the agent died, the newest: {status.newest_death}"
    if status.mishaps:
        yield f"{status.mishaps} messages or steps were not judged, the newest: " + (
            status.newest_mishap
        )
    if status.journal_damaged_rows:
        yield (
            f"{status.journal_damaged_rows} rows of the journal are damaged and left out, "
            f"the newest: {status.journal_damage}"
        )
    for name in status.journal_set_aside:
        yield f"the journal was damaged; it is now {name}, and a new one was begun"
    if status.unrestored:
        yield f"nothing of earlier runs is known until the next start: {status.unrestored}"


def _bed_line(bed: AssessedBed, now: Instant) -> str:
    assessment = bed.assessment
    why = [assessment.reason] if assessment.reason else []
    if assessment.missing:
        why.append(f"missing: {', '.join(assessment.missing)}")
    word = assessment.state.value.replace("_", " ")
    since_s = now.seconds_since(assessment.since)
    return "; ".join([f"{bed.bed_id}: {word} for {since_s:.0f} s", *why])


def _row(device: DeviceStatus, now: Instant) -> tuple[str, ...]:
    identity = "unknown" if device.identity is None else str(device.identity)
    if not device.is_confirmed:
        identity += " (another than before, not confirmed)"
    heard = device.heard_at
    return (
        device.device_id,
        f"{device.link.value}: {device.link_reason}".removesuffix(": "),
        identity,
        f"{device.messages} with {device.numerics} values",
        "never" if heard is None else f"{now.seconds_since(heard):.0f} s ago",
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


def _given_up(status: GatewayStatus) -> Iterator[str]:
    """Yield what was given up on, by device and reason."""
    for device in status.devices:
        for given_up in sorted(device.rejections, key=lambda r: -r.times):
            yield (
                f"{device.device_id}: given up {given_up.times} times, "
                f"{given_up.size_bytes} bytes: {given_up.reason}"
            )


def _unused(status: GatewayStatus) -> Iterator[str]:
    """Yield what each device measures besides the vitals that are judged."""
    for device in status.devices:
        if device.unused:
            yield f"{device.device_id}: received, kept and not judged: {', '.join(device.unused)}"
