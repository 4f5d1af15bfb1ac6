"""`crswatch probe`: a list of the serial ports, or the protocol of an unknown line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Column, Table

from edge_agent.commands.numbers import BAUD, number_within
from edge_agent.commands.subcommand import stop_event
from edge_agent.drivers.base import SerialSettings, Session
from edge_agent.drivers.registry import all_drivers, driver
from edge_agent.gateway.system_clock import system_clock
from edge_agent.lines.talk import LineTalk, in_short
from edge_agent.lines.trial import Candidate, Trial, Turn, candidates_of, ranked, turns_of
from edge_agent.model.clock import Clock, Instant
from edge_agent.model.errors import LinkError
from edge_agent.model.session_events import Direction
from edge_agent.sources.port_names import serial_ports
from edge_agent.sources.serial_source import SerialSource

_LISTEN_S: Final = 6.0
"""Seconds of listening: longer than any known device pauses between two messages, or takes to
answer an association."""
_OPEN_S: Final = 15.0
"""Seconds to wait for a port: a terminal server takes several to agree, and to let go of the
connection before."""
_SAMPLE_BYTES: Final = 4096  # of each turn; enough to distinguish text from other bytes
_TEXT_SHARE: Final = 0.9
_PRINTABLE: Final = frozenset(range(0x20, 0x7F)) | frozenset(b"\t\r\n\x0b\x1c\x02\x03")


@dataclass(frozen=True, slots=True)
class _Received:
    """Bytes received in one turn."""

    settings: SerialSettings
    total: int
    sample: bytes

    @property
    def text_share(self) -> float:
        """Share of bytes that occur in text, 0 to 1."""
        return sum(byte in _PRINTABLE for byte in self.sample) / max(len(self.sample), 1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Without PORT, list the serial ports of this machine with names that do not "
        "change. With PORT, try every driver at its usual speeds, then at the others: first all "
        "listen together, then those that have to ask first, one after the other. Asking sends "
        "bytes to the device, and some oximeters change their output format when asked; "
        "--listen-only sends nothing. Ends at the first driver that clearly understands the "
        "device. Exit status 0: found, 1: nothing found, 2: the port cannot be used."
    )
    parser.add_argument("port", nargs="?", metavar="PORT", help="as in gateway.toml")
    parser.add_argument(
        "--seconds",
        type=number_within(0, 3600, is_open=True),
        default=_LISTEN_S,
        metavar="N",
        help="seconds for each try (default 6)",
    )
    parser.add_argument("--listen-only", action="store_true", help="send nothing")
    parser.add_argument(
        "--driver",
        action="append",
        metavar="NAME",
        help="try this driver; may be given several times",
    )
    parser.add_argument(
        "--baud", action="append", type=BAUD, metavar="N", help="try this speed instead of others"
    )
    parser.add_argument("--all", action="store_true", help="try all, even after one was found")


def run(arguments: argparse.Namespace) -> int:
    """List the ports, or probe one."""
    if arguments.port is None:
        return _list_ports()
    names = arguments.driver or sorted(all_drivers())
    candidates = candidates_of(driver(name) for name in names)
    turns = turns_of(
        candidates,
        arguments.baud or (),
        listen_only=arguments.listen_only,
        has_settings=not arguments.port.startswith("socket://"),
    )
    probe = _PortProbe(arguments.port, arguments.seconds, system_clock())
    trials: list[Trial] = []
    for turn in turns:
        trials += probe.try_turn(turn)
        if probe.is_over.is_set() or (not arguments.all and any(t.is_clear for t in trials)):
            break
    found = ranked(trials)
    if found:
        _print_found(found, arguments.port)
        return 0
    _print_not_found(probe.received)
    return 1


class _PortProbe:
    """Repeated openings of one port."""

    def __init__(self, port: str, seconds: float, clock: Clock) -> None:
        self._port = port
        self._seconds = seconds
        self._clock = clock
        self.is_over = stop_event()
        self.received: list[_Received] = []

    def try_turn(self, turn: Turn) -> list[Trial]:
        """Try one turn.

        Raises
        ------
        LinkError
            If the port does not open.
        """
        verb = "listening as" if turn.listen_only else "asking as"
        names = ", ".join(str(candidate) for candidate in turn.candidates)
        sys.stderr.write(f"{in_short(turn.settings)}: {verb} {names}\n")
        sample = bytearray()

        def note(direction: Direction, data: bytes, _at: Instant) -> None:
            if direction is Direction.FROM_DEVICE:
                sample.extend(data[: _SAMPLE_BYTES - len(sample)])

        openers = [_opener(candidate, turn) for candidate in turn.candidates]
        talk = LineTalk(openers, note)
        source = SerialSource(
            self._port, turn.settings, talk.converse, talk.link_changed, self._clock
        )
        source.start()
        try:
            self._await_opening(talk)
            self.is_over.wait(self._seconds)
            talk.leave()
        finally:
            source.stop()
        self.received.append(_Received(turn.settings, talk.received_bytes, bytes(sample)))
        return [
            Trial(candidate, turn, counts, talk.received_bytes)
            for candidate, counts in zip(turn.candidates, talk.counts, strict=True)
        ]

    def _await_opening(self, talk: LineTalk) -> None:
        """Wait for the port; where it has opened before, for longer than one refusal."""
        tried = talk.has_opened if self.received else talk.was_tried
        tried.wait(_OPEN_S)
        if talk.error is not None:
            raise talk.error
        if not talk.has_opened.is_set():
            raise LinkError(f"{self._port} does not open within {_OPEN_S:g} s", retryable=True)


def _opener(candidate: Candidate, turn: Turn) -> Callable[[], Session]:
    return lambda: candidate.open_session(listen_only=turn.listen_only)


def _list_ports() -> int:
    ports = serial_ports()
    for port in ports:
        best, *others = port.addresses()
        sys.stdout.write(f"{port.device}  {port.description}\n  port = {json.dumps(best)}\n")
        sys.stdout.writelines(f"  or     {json.dumps(address)}\n" for address in others)
    if not ports:
        sys.stdout.write("This machine has no serial port; is the adapter plugged in?\n")
    return 0 if ports else 1


def _print_found(found: Sequence[Trial], port: str) -> None:
    line = Column("line", no_wrap=True)
    table = Table("driver", "profile", line, "asked", "sound", "numerics", "bytes that made sense")
    for trial in found:
        counts = trial.counts
        table.add_row(
            trial.candidate.spec.name,
            trial.candidate.profile or "-",
            in_short(trial.turn.settings),
            "no" if trial.turn.listen_only else "yes",
            str(counts.sound),
            str(counts.numerics),
            f"{trial.share:.0%} of {trial.received_bytes}",
        )
    Console(file=sys.stdout).print(table)
    sys.stdout.write("For gateway.toml:\n\n")
    sys.stdout.writelines(f"{line}\n" for line in _config_lines(found[0], port))


def _config_lines(trial: Trial, port: str) -> list[str]:
    device = Path(port).resolve()
    lasting = [p.addresses()[0] for p in serial_ports() if Path(p.device).resolve() == device]
    spec, profile = trial.candidate.spec, trial.candidate.profile
    lines = [
        "[[beds]]",
        'id = "bed-01"',
        f"port = {json.dumps(lasting[0] if lasting else port)}",
        f"driver = {json.dumps(spec.name)}",
    ]
    if profile:
        lines.append(f"profile = {json.dumps(profile)}")
    if trial.turn.settings.baud != spec.serial.baud:
        lines += ["[beds.serial]", f"baud = {trial.turn.settings.baud}"]
    return lines


def _print_not_found(received: Sequence[_Received]) -> None:
    sys.stdout.write("No driver understands the data.\n")
    for one in received:
        sys.stdout.write(f"{in_short(one.settings)}: {one.total} bytes")
        sys.stdout.write(f", {one.text_share:.0%} text\n" if one.total else "\n")
    sys.stdout.write(f"{_hint(received)}\n")


def _hint(received: Sequence[_Received]) -> str:
    """Return the most likely cause."""
    if not any(one.total for one in received):
        return (
            "Nothing received: is the device on, its serial output switched on, and the cable the "
            "right one (straight or crossed)? Some devices send only while the host holds RTS, "
            "others only when asked."
        )
    text = [one for one in received if one.total and one.text_share >= _TEXT_SHARE]
    if text:
        return (
            f"At {in_short(text[0].settings)} the device sends text, in a form that no driver "
            "reads: look at it with `crswatch record`."
        )
    return (
        "The bytes are no text: most likely another speed or parity (--baud tries more speeds), or "
        "a protocol that no driver reads."
    )
