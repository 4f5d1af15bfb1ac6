"""`crswatch record`: the traffic on one line, with its timing, in a file."""

from __future__ import annotations

import argparse
import errno
import os
import sys
import threading
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path
from typing import Final

from edge_agent.commands.numbers import BAUD, DURATION_S
from edge_agent.commands.subcommand import stop_event
from edge_agent.config.gateway_file import LineSection, load_config
from edge_agent.drivers.base import DriverSpec, SerialSettings, SessionOptions
from edge_agent.drivers.registry import driver
from edge_agent.gateway.system_clock import system_clock
from edge_agent.lines.settings import session_options
from edge_agent.lines.talk import LineTalk, in_short
from edge_agent.model.clock import Clock, Instant
from edge_agent.model.errors import ConfigError, CrswatchError, Mistake
from edge_agent.model.session_events import Direction
from edge_agent.recorded.line_file import LineHeader, encode_header, encode_piece
from edge_agent.sources.serial_source import SerialSource

_LOOK_EVERY_S: Final = 1.0
_SHOWN_REASONS: Final = 3


@dataclass(frozen=True, slots=True)
class _RecordedLine:
    """Line to record, with its settings."""

    port: str
    spec: DriverSpec
    settings: SerialSettings
    options: SessionOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Record the traffic on a line until Ctrl-C, SIGTERM or --for, as text lines "
        "with the time of each piece; `crswatch decode` and `crswatch replay` read them. "
        "Meanwhile the driver talks to the device, as some monitors send only when asked; "
        "with --listen-only nothing is sent. A recording holds all that the monitor sends, which "
        "may include a patient's name or number: treat it as a patient record. Exit status 0: "
        "recorded, 1: the device sent nothing."
    )
    parser.add_argument("port", nargs="?", metavar="PORT", help="as in gateway.toml")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    parser.add_argument("--force", action="store_true", help="overwrite FILE where it exists")
    parser.add_argument("--driver", metavar="NAME", help="see `crswatch drivers`")
    parser.add_argument("--profile", default="", metavar="P", help="one of the driver's profiles")
    parser.add_argument("--listen-only", action="store_true", help="send nothing")
    parser.add_argument("--for", type=DURATION_S, dest="for_s", metavar="SECONDS")
    _add_line_arguments(parser)
    parser.add_argument(
        "--config", type=Path, metavar="F", help="take port, driver and settings from this file"
    )
    parser.add_argument("--bed", metavar="B", help="the bed, or one of its devices, in that file")


def _add_line_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("line settings, where they differ from the driver's")
    group.add_argument("--baud", type=BAUD, metavar="N")
    group.add_argument("--byte-size", type=int, choices=(7, 8))
    group.add_argument("--parity", choices=("N", "E", "O"))
    group.add_argument("--stop-bits", type=int, choices=(1, 2))
    group.add_argument("--rts-cts", action=argparse.BooleanOptionalAction)


def run(arguments: argparse.Namespace) -> int:
    """Record the line."""
    line = _chosen(arguments)
    clock = system_clock()
    is_over = stop_event()
    start = clock.now()
    path: Path = arguments.output
    writer = _RecordingWriter(start, is_over)
    talk = LineTalk([lambda: line.spec.open_session(line.options)], writer.note)
    source = SerialSource(line.port, line.settings, talk.converse, talk.link_changed, clock)
    with _created(path, force=arguments.force) as file:
        writer.begin(file, _header(line, start))
        sys.stderr.write(f"recording {line.port} at {in_short(line.settings)}; Ctrl-C ends it\n")
        source.start()
        _record_until(talk, is_over, clock, arguments.for_s)
        talk.leave()
        source.stop()
        writer.settle(file)
    if writer.error is not None:
        raise CrswatchError(f"{path} could not be written to the end: {writer.error}")
    seconds = clock.now().seconds_since(start)
    sys.stdout.write(f"{path}: {seconds:.1f} s, {_summary(talk)}\n")
    return 0 if talk.received_bytes else 1


class _RecordingWriter:
    """Writer of each piece as it passes; used by the port's thread between start and stop.

    A full disk ends the recording, and must not look like a failing line.
    """

    def __init__(self, start: Instant, is_over: threading.Event) -> None:
        self._file: FileIO | None = None  # None until the recording begins
        self._start = start
        self._is_over = is_over
        self.error: OSError | None = None  # None while writing succeeds

    def begin(self, file: FileIO, header: LineHeader) -> None:
        """Write into this file from now on."""
        self._file = file
        self._write(encode_header(header))

    def note(self, direction: Direction, data: bytes, at: Instant) -> None:
        """Write a piece of bytes with its time."""
        self._write(encode_piece(self._start, at, direction, data))

    def settle(self, file: FileIO) -> None:
        """Flush the file to the disk."""
        if self.error is None:
            os.fsync(file.fileno())

    def _write(self, line: bytes) -> None:
        """Write one line without buffering."""
        if self._file is None or self.error is not None:
            return
        try:
            if self._file.write(line) < len(line):
                self.error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            self.error = error
        if self.error is not None:
            self._is_over.set()


def _created(path: Path, *, force: bool) -> FileIO:
    """Return an unbuffered file that only its owner may read."""
    try:
        path.touch(mode=0o600, exist_ok=force)
    except FileExistsError as error:
        raise CrswatchError(f"{path} exists; --force overwrites it") from error
    return path.open("wb", buffering=0)


def _chosen(arguments: argparse.Namespace) -> _RecordedLine:
    """Return the line that the arguments, or a configuration, name."""
    if arguments.config is not None:
        line = _configured(arguments.config, arguments.bed)
        port = arguments.port or line.port
        spec = driver(arguments.driver or line.driver)
        options = session_options("recording", line)
        settings = spec.serial.overridden_by(line.serial)
    else:
        if arguments.port is None or arguments.driver is None:
            message = "are needed, or --config with --bed"
            raise ConfigError((Mistake("record", "PORT and --driver", message),))
        port, spec = arguments.port, driver(arguments.driver)
        options = SessionOptions("recording")
        settings = spec.serial
    listen_only = arguments.listen_only or options.listen_only
    options = replace(options, listen_only=listen_only)
    if arguments.profile:
        options = replace(options, profile=arguments.profile, profile_text="")
    return _RecordedLine(port, spec, settings.overridden_by(arguments), options)


def _configured(path: Path, name: str | None) -> LineSection:
    config = load_config(path)
    lines = {place.device_id: line for bed in config.beds for place, line in bed.lines().items()}
    if name not in lines:
        message = f"is {name!r}; {path} has {', '.join(lines)}"
        raise ConfigError((Mistake("record", "--bed", message),))
    return lines[name]


def _header(line: _RecordedLine, start: Instant) -> LineHeader:
    return LineHeader(
        driver=line.spec.name,
        profile=line.options.profile,
        port=line.port,
        baud=line.settings.baud,
        byte_size=line.settings.byte_size,
        parity=line.settings.parity,
        stop_bits=line.settings.stop_bits,
        rts_cts=line.settings.rts_cts,
        listen_only=line.options.listen_only,
        started_utc_ns=start.utc_ns,
    )


def _record_until(
    talk: LineTalk, is_over: threading.Event, clock: Clock, for_s: float | None
) -> None:
    """Show the counts until the recording ends."""
    start = clock.now()
    is_shown = sys.stderr.isatty()
    while True:
        left_s = _LOOK_EVERY_S
        if for_s is not None:
            left_s = min(left_s, for_s - clock.now().seconds_since(start))
        if left_s <= 0 or is_over.wait(left_s):
            break
        if is_shown:
            sys.stderr.write(f"\r\x1b[K{_summary(talk)}")
            sys.stderr.flush()
    if is_shown:
        sys.stderr.write("\r\x1b[K")


def _summary(talk: LineTalk) -> str:
    counts = talk.counts[0]
    parts = [
        f"{talk.received_bytes} bytes from the device, {talk.sent_bytes} to it",
        f"{counts.messages} messages with {counts.numerics} numerics",
    ]
    most = sorted(counts.rejected.items(), key=lambda item: item[1], reverse=True)
    parts += [
        f"discarded {count} bytes: {reason}" if count else reason
        for reason, count in most[:_SHOWN_REASONS]
    ]
    return "; ".join([*parts, *([str(talk.error)] if talk.error else [])])
