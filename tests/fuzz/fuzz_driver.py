"""Fuzz one driver, guided by the coverage that inputs reach: `python -m tests.fuzz.fuzz_driver`.

An input chooses the profile and where the stream is cut; the rest are a device's bytes. Whatever
they are: nothing raises, any cut gives the same events, what was given up on is in the stream in
order, and a missing value is never good. A finding ends the run and is written down by the fuzzer.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Final

import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]

from edge_agent.model.clock import Instant
from edge_agent.model.measurements import Validity
from edge_agent.model.session_events import FrameRejected, NumericsReceived

_INSTALLED: Final = [point.module for point in entry_points(group="crswatch.drivers")]

with atheris.instrument_imports(include=["edge_agent.drivers", *_INSTALLED]):
    from edge_agent.drivers.base import SessionOptions
    from edge_agent.drivers.registry import all_drivers
    from tests.drivers.contracts import contract_of

    _DRIVERS: Final = all_drivers()  # loads the installed ones, which have to be instrumented too

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_agent.drivers.base import DriverSpec
    from edge_agent.model.session_events import SessionEvent

_START: Final = Instant(10**15, 1_800_000_000 * 10**9)
_HEAD: Final = 3
"""Bytes of an input before the stream: the profile, and where it is cut."""
_LONGEST: Final = 16384


class _Fuzzed:
    """Counts what was fed and ends the run when that is enough."""

    def __init__(self, spec: DriverSpec, enough_bytes: int) -> None:
        self._spec = spec
        self._profiles = tuple(spec.profiles) or ("",)
        self._enough = enough_bytes
        self._fed = self._inputs = self._messages = 0

    def __call__(self, data: bytes) -> None:
        """Take one input."""
        if len(data) <= _HEAD:
            return
        profile = self._profiles[data[0] % len(self._profiles)]
        stream = data[_HEAD:]
        cut = int.from_bytes(data[1:_HEAD], "big") % (len(stream) + 1)
        listening = SessionOptions("fuzzed", listen_only=True, profile=profile)
        whole = self._decode((stream,), listening)
        if whole != self._decode((stream[:cut], stream[cut:]), listening):
            raise AssertionError(f"a cut at {cut} changes what is decoded")
        _check(whole, stream)
        _check(self._decode((stream,), SessionOptions("fuzzed", profile=profile)), stream)
        self._fed += len(stream)
        self._inputs += 1
        self._messages += sum(isinstance(event, NumericsReceived) for event in whole)
        if self._fed >= self._enough:
            sys.stdout.write(
                f"{self._spec.name}: {self._fed} bytes in {self._inputs} inputs, "
                f"{self._messages} messages with numerics, nothing found\n"
            )
            sys.stdout.flush()
            os._exit(0)  # the fuzzer's own loop has no end but this

    def _decode(self, chunks: Sequence[bytes], options: SessionOptions) -> list[SessionEvent]:
        session = self._spec.open_session(options)
        events = [event for chunk in chunks if chunk for event in session.receive(chunk, _START)]
        events += session.tick(_START.plus(self._spec.silence_s))
        session.bytes_to_send()
        return events


def _check(events: list[SessionEvent], stream: bytes) -> None:
    begin = 0
    for event in events:
        if isinstance(event, FrameRejected):
            at = stream.find(event.raw, begin)
            if at < 0:
                raise AssertionError(f"given up on what did not come: {event.raw[:40]!r}")
            begin = at + len(event.raw)
        elif isinstance(event, NumericsReceived):
            for numeric in event.numerics:
                if numeric.value is None and numeric.validity is Validity.VALID:
                    raise AssertionError(f"missing and valid: {numeric}")
                if numeric.value is not None and not math.isfinite(numeric.value):
                    raise AssertionError(f"not a number: {numeric}")


def main() -> None:
    """Fuzz until enough bytes were fed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("driver", nargs="?", help="see `crswatch drivers`")
    parser.add_argument("--list", action="store_true", help="name the drivers and end")
    parser.add_argument("--megabytes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.list:
        sys.stdout.write("\n".join(sorted(_DRIVERS)) + "\n")
        return
    if arguments.driver not in _DRIVERS:
        parser.error(f"driver is {arguments.driver!r}; there are: {', '.join(sorted(_DRIVERS))}")
    spec = _DRIVERS[arguments.driver]
    stream = contract_of(spec.name).stream
    with tempfile.TemporaryDirectory() as folder:
        for profile in range(max(len(spec.profiles), 1)):
            path = Path(folder) / f"seed-{profile}"
            path.write_bytes(bytes([profile, 0, 9]) + stream[: _LONGEST - _HEAD])
        options = [f"-max_len={_LONGEST}", "-len_control=0", f"-seed={arguments.seed}"]
        quiet = ["-verbosity=0", f"-artifact_prefix={tempfile.gettempdir()}/crswatch-fuzz-"]
        fuzzed = _Fuzzed(spec, round(arguments.megabytes * 1_000_000))
        atheris.Setup([sys.argv[0], *options, *quiet, folder], fuzzed)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
