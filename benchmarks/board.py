"""The nurses' board under load: 100 streams on a ward of 32 beds, and its page in a real browser.

32 simulated monitors at 1 Hz on pseudo-terminals and the agent as a process of its own with every
shipped rule, its journal and the board. One more rule holds when the median of a step of 10 s
steps up. `p50_ms`, `p99_ms` and `max_ms` count from the moment at which the gateway could first
know of a step to the arrival of the bed's event, over all streams. `cpu_percent` is the share of
one core that the agent takes with the streams and not without them; `agent_cpu_percent` is all of
it. `page_kb` is everything that a browser loads for the ward view, as it goes over the wire;
`paint_ms` is the time until every bed shows a number, in headless Chromium on loopback, median of
five loads.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import psutil

from benchmarks.board_page import load_page
from benchmarks.board_streams import Streams
from benchmarks.report import Promise, parser_of, show
from benchmarks.stepped_gateway import gateway_file, stepped_beds
from benchmarks.stepped_monitors import SteppedWard
from simulators.links.embedded_broker import free_port

BEDS: Final = 32
STREAMS: Final = 100
_PROMISES: Final = {
    "p99_ms": Promise(250),
    "cpu_percent": Promise(30),
    "page_kb": Promise(150),
    "paint_ms": Promise(1000),
}


def measure(beds_count: int, streams: int, seconds: float, warm_up_s: float) -> dict[str, float]:
    """Return the figures of one run; a run of no seconds ends at the first alert."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        beds = stepped_beds(stack, beds_count)
        port = free_port()
        config = gateway_file(folder, beds, f"[board]\nport = {port}")
        ward = SteppedWard(beds)
        ward.start()
        stack.callback(ward.stop)
        agent = subprocess.Popen(
            [sys.executable, "-m", "edge_agent", "run", "--config", str(config)]
        )
        stack.callback(agent.wait)
        stack.callback(agent.terminate)
        time.sleep(warm_up_s)
        process = psutil.Process(agent.pid)
        alone = _cpu_percent(process, lambda: time.sleep(warm_up_s))
        with Streams(port, streams, {bed.name: bed for bed in beds}) as clients:
            ward.begin_to_step()
            clients.watch(warm_up_s)  # snapshots are sent, and the first steps taken
            clients.latencies_ms.clear()
            together = _cpu_percent(process, lambda: clients.watch(seconds, enough=not seconds))
            latencies_ms = sorted(clients.latencies_ms)
        if not latencies_ms:
            raise RuntimeError(f"no alert reached a stream in {seconds:g} s")
        page = load_page(f"http://127.0.0.1:{port}/", beds_count, loads=5 if seconds else 1)
    return {
        "p50_ms": statistics.median(latencies_ms),
        "p99_ms": latencies_ms[int(0.99 * (len(latencies_ms) - 1))],
        "max_ms": latencies_ms[-1],
        "events": len(latencies_ms),
        "cpu_percent": max(0.0, together - alone),
        "agent_cpu_percent": together,
        "kb_per_stream_s": clients.kb_per_stream_s,
        "page_kb": page.kb,
        "paint_ms": page.paint_ms,
    }


def _cpu_percent(process: psutil.Process, act: object) -> float:
    """Return the share of one core that a process takes while something is done."""
    assert callable(act)
    begun_s, before = time.monotonic(), process.cpu_times()
    act()
    after, passed_s = process.cpu_times(), time.monotonic() - begun_s
    used_s = after.user + after.system - before.user - before.system
    return 100 * used_s / max(passed_s, 1e-3)


def main(texts: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = parser_of(__doc__, "two beds and three streams until their first alert")
    parser.add_argument("--beds", type=int, default=BEDS)
    parser.add_argument("--streams", type=int, default=STREAMS)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--warm-up", type=float, default=10.0)
    arguments = parser.parse_args(texts)
    # The streams' reader must not wait for the simulated monitors of the same process.
    sys.setswitchinterval(0.0005)
    if arguments.quick:
        figures = measure(2, 3, 0.0, 4.0)
    else:
        figures = measure(arguments.beds, arguments.streams, arguments.seconds, arguments.warm_up)
    show(figures, _PROMISES, as_json=arguments.json)


if __name__ == "__main__":
    main()
