"""Decoding speed of each driver relative to its line, on monitors' bytes and on random ones.

`python -m benchmarks.decode [--json]`: multiples of the line rate, medians.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.report import Promise, parser_of, show
from edge_agent.drivers.base import DriverSpec, SessionOptions
from edge_agent.drivers.registry import all_drivers
from edge_agent.model.clock import Instant
from simulators.monitors.catalog import MONITORS
from simulators.monitors.device import PowerOn
from simulators.scenarios.scenario_file import load_scenario
from tests.drivers.contracts import contract_of

RUNS: Final = 7
CHUNK: Final = 4096
BITS_PER_BYTE: Final = 10
"""Start bit, eight data bits and stop bit."""

NETWORK_BAUD: Final = 115200
"""Line speed assumed for a driver of network devices, baud."""
RECORDED_S: Final = 900.0
"""Seconds of a simulated monitor that are decoded."""
SPOT_RECORDED_S: Final = 4 * 3600.0
"""Seconds of a device that sends only now and then."""
LEAST_BYTES: Final = 100_000
QUICK_BYTES: Final = 20_000
_PROMISE: Final = Promise(100, is_least=True)
_STEP_S: Final = 0.25

_ROOT: Final = Path(__file__).resolve().parents[1]
_RECORDINGS: Final = _ROOT.parent / "shared" / "data" / "captures" / "intellivue_mp90"
"""Real recordings, of the one driver that has any; simulated ones where they are absent."""


def main(texts: Sequence[str] | None = None) -> None:
    """Measure every driver and print the result."""
    arguments = parser_of(__doc__, "a few bytes of each, once").parse_args(texts)
    runs, most_bytes = (1, QUICK_BYTES) if arguments.quick else (RUNS, sys.maxsize)
    noise = random.Random(1).randbytes(2_000_000)[:most_bytes]
    drivers = all_drivers()
    recorded: dict[str, float] = {}
    on_noise: dict[str, float] = {}
    simulated = {monitor.partition(":")[0] for monitor in MONITORS}
    for monitor in (*MONITORS, *sorted(drivers.keys() - simulated)):
        name, _, profile = monitor.partition(":")
        options = SessionOptions("benchmark", listen_only=True, profile=profile)
        sent = stream(monitor, 30.0 if arguments.quick else None)[:most_bytes]
        recorded[monitor] = times_line_rate(drivers[name], options, sent, runs)
        on_noise[monitor] = times_line_rate(drivers[name], options, noise, runs)
    all_speeds = recorded | {f"{monitor}, random": speed for monitor, speed in on_noise.items()}
    result = {
        "times_line_rate": slowest_of_each(recorded),
        "times_line_rate_random": slowest_of_each(on_noise),
        "times_line_rate_by_profile": recorded,
    }
    show(all_speeds, dict.fromkeys(all_speeds, _PROMISE), as_json=arguments.json, result=result)


def slowest_of_each(speeds: Mapping[str, float]) -> dict[str, float]:
    """Return the speed of each driver's slowest profile."""
    slowest: dict[str, float] = {}
    for monitor, speed in speeds.items():
        name = monitor.partition(":")[0]
        slowest[name] = min(speed, slowest.get(name, speed))
    return slowest


def stream(monitor: str, simulated_s: float | None = None) -> bytes:
    """Return the bytes that a monitor sends to its host: recorded from a real one, else simulated.

    An installed driver has no simulated monitor here; its contract's stream is used.

    Parameters
    ----------
    monitor
        Driver, and profile after a colon.
    simulated_s
        Seconds for which a simulated monitor sends; None: long enough to measure.
    """
    recordings = sorted(_RECORDINGS.glob("*.bin")) if monitor == "philips_intellivue" else []
    if recordings:
        return b"".join(path.read_bytes() for path in recordings)
    if monitor not in MONITORS:
        contract = contract_of(monitor).stream
        return contract * (LEAST_BYTES // len(contract) + 1)
    name, _, profile = monitor.partition(":")
    start = Instant(10**12, 1_800_000_000 * 10**9)
    session = all_drivers()[name].open_session(SessionOptions("benchmark", profile=profile))
    course = load_scenario("crs_grade_2", 1).patient
    device = MONITORS[monitor]("ICU^^1", 1, PowerOn(course.vitals_at, start))
    sent = bytearray()
    usual_s = SPOT_RECORDED_S if name == "ascii_line" else RECORDED_S
    span_s = usual_s if simulated_s is None else simulated_s
    for step in range(round(span_s / _STEP_S)):
        at = start.plus(step * _STEP_S)
        device.tick(at)
        wire = device.bytes_to_send()
        session.receive(wire, at)
        session.tick(at)
        device.receive(session.bytes_to_send(), at)
        sent += wire
    return bytes(sent) * max(1, LEAST_BYTES // max(len(sent), 1))


def times_line_rate(
    spec: DriverSpec, options: SessionOptions, data: bytes, runs: int = RUNS
) -> float:
    """Return the median speed of a whole session, as a multiple of the line's bytes per second."""
    baud = NETWORK_BAUD if spec.takes_connections else spec.serial.baud
    seconds = statistics.median(_seconds(spec, options, data) for _ in range(runs))
    return len(data) / seconds / (baud / BITS_PER_BYTE)


def _seconds(spec: DriverSpec, options: SessionOptions, data: bytes) -> float:
    session = spec.open_session(options)
    at = Instant(0, 0)
    begin = time.perf_counter()
    for start in range(0, len(data), CHUNK):
        session.receive(data[start : start + CHUNK], at)
    session.tick(at.plus(spec.silence_s))
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
