"""How much faster than its line a driver decodes, on recordings and on random bytes.

`python -m benchmarks.decode` prints a table, `--json` one JSON object on the last line.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.registry import all_drivers
from edge_agent.model.clock import Instant

if TYPE_CHECKING:
    from edge_agent.drivers.base import DriverSpec

RUNS: Final = 7
CHUNK: Final = 4096
BITS_PER_BYTE: Final = 10
"""Start, eight data and stop bit."""

_ROOT: Final = Path(__file__).resolve().parents[1]
_RECORDINGS: Final = _ROOT.parent / "shared" / "data" / "captures"
_GOLDEN: Final = _ROOT / "tests" / "drivers"
_FOLDERS: Final = {"philips_intellivue": "intellivue_mp90"}
"""Where the recordings of a driver are, where there are any."""


def main() -> None:
    """Measure every driver and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    wants_json = parser.parse_args().json
    noise = random.Random(1).randbytes(2_000_000)
    recorded, on_noise = {}, {}
    for name, spec in all_drivers().items():
        recorded[name] = times_line_rate(spec, stream(name))
        on_noise[name] = times_line_rate(spec, noise)
    if wants_json:
        result = {"times_line_rate": recorded, "times_line_rate_random": on_noise}
        sys.stdout.write(json.dumps(result) + "\n")
        return
    sys.stdout.write(f"{'driver':24}{'recorded':>12}{'random':>12}   times line rate, median\n")
    for name, speed in recorded.items():
        sys.stdout.write(f"{name:24}{speed:12.0f}{on_noise[name]:12.0f}\n")


def stream(name: str) -> bytes:
    """Return the recordings of a driver, or its golden frames many times over."""
    folder = _FOLDERS.get(name, name)
    recordings = sorted((_RECORDINGS / folder).glob("*.bin"))
    if recordings:
        return b"".join(path.read_bytes() for path in recordings)
    golden = sorted((_GOLDEN / name / "golden").glob("*.hex"))
    on_wire = [path for path in golden if ".unstuffed" not in path.name]
    return b"".join(bytes.fromhex(path.read_text()) for path in on_wire) * 1000


def times_line_rate(spec: DriverSpec, data: bytes) -> float:
    """Return the median speed of a whole session, as a multiple of the line's bytes per second."""
    line_rate = spec.serial.baud / BITS_PER_BYTE
    return statistics.median(len(data) / _seconds(spec, data) / line_rate for _ in range(RUNS))


def _seconds(spec: DriverSpec, data: bytes) -> float:
    session = spec.open_session(SessionOptions("benchmark", listen_only=True))
    at = Instant(0, 0)
    begin = time.perf_counter()
    for start in range(0, len(data), CHUNK):
        session.receive(data[start : start + CHUNK], at)
    session.tick(at.plus(spec.silence_s))
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
