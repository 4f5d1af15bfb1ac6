"""`crswatch decode`: a recording, or raw bytes, as CSV on standard output."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edge_agent.drivers.base import DriverSpec, SessionOptions
from edge_agent.drivers.registry import driver
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import FrameRejected, NumericsReceived, SessionEvent
from edge_agent.recorded.line_file import LineRecording, is_recording, read_recording

_CHUNK: Final = 65536


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Decode a recording of a monitor's serial line, made by `crswatch record` or "
        "as raw bytes, to CSV on standard output: one row per numeric, missing values as NaN. "
        "Bytes that belong to no frame are counted on standard error. Exit status 0: all decoded, "
        "1: bytes were discarded."
    )
    parser.add_argument("--driver", required=True, metavar="NAME", help="see `crswatch drivers`")
    parser.add_argument(
        "--profile", default="", metavar="P", help="one of the driver's; default: the recording's"
    )
    parser.add_argument("file", type=Path, help="the recording; - for standard input")


def run(arguments: argparse.Namespace) -> int:
    """Decode the file."""
    spec = driver(arguments.driver)
    data = sys.stdin.buffer.read() if arguments.file == Path("-") else arguments.file.read_bytes()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(spec.csv_header)
    discarded = 0
    for event in _events(spec, data, arguments.profile):
        if isinstance(event, NumericsReceived):
            writer.writerows(spec.csv_row(numeric, event.device_now) for numeric in event.numerics)
        elif isinstance(event, FrameRejected):
            discarded += len(event.raw)
            what = f"discarded {len(event.raw)} bytes" if event.raw else "note"
            sys.stderr.write(f"{what}: {event.reason}\n")
    return 1 if discarded else 0


def _events(spec: DriverSpec, data: bytes, profile: str) -> Iterator[SessionEvent]:
    """Yield the events of a listening session."""
    recording = read_recording(data) if is_recording(data) else None
    if recording is not None:
        profile = profile or recording.header.profile_for(spec.name)
        if recording.cut_bytes:
            sys.stderr.write(f"the last line is cut; left out {recording.cut_bytes} bytes\n")
    options = SessionOptions("recording", listen_only=True, profile=profile)
    session = spec.open_session(options)
    at = Instant(0, 0)
    for piece, at in _raw(data) if recording is None else _timed(recording):
        yield from session.tick(at)  # settles a half frame after a silence
        yield from session.receive(piece, at)
    yield from session.tick(at.plus(spec.silence_s + 1.0))


def _raw(data: bytes) -> Iterator[tuple[bytes, Instant]]:
    """Yield raw bytes at one fixed moment, as the rows carry the device's own time."""
    for begin in range(0, len(data), _CHUNK):
        yield data[begin : begin + _CHUNK], Instant(0, 0)


def _timed(recording: LineRecording) -> Iterator[tuple[bytes, Instant]]:
    start = Instant(0, recording.header.started_utc_ns)
    for piece in recording.received():
        yield piece.data, start.plus(piece.offset_s)
