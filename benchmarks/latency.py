"""Latency from the bytes of a reading at the serial port to its alert at an MQTT subscriber.

32 simulated monitors at 1 Hz on pseudo-terminals, the agent as a process of its own with every
shipped rule, a real broker. One more rule holds when the median of a step of 10 s steps up, so an
alert waits for the end of that step. Two times are measured. `reading_` counts from the last byte
of the first high reading, the wait included. `p50_ms`, `p99_ms` and `max_ms` count from the moment
at which the gateway could first know: the last byte of the first message with readings after the
step, or the step's end where the gateway's own clock closed the step first. An answer without
readings, as to the keep-alive of an IntelliVue monitor, closes no step.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks.report import Promise, parser_of, show
from benchmarks.stepped_gateway import RULE_ID, gateway_file, stepped_beds
from benchmarks.stepped_monitors import SteppedMonitor, SteppedWard
from edge_agent.config.gateway_file import MqttSection
from edge_agent.model.alerts import AlertState
from edge_agent.payloads.alerts import decode_alert
from edge_agent.ward_client.client import WardClient
from simulators.links.embedded_broker import EmbeddedBroker, free_port

BEDS: Final = 32
_BROKER: Final = """
listener {port} 127.0.0.1
allow_anonymous true
set_tcp_nodelay true
log_type error
log_type warning
"""
_PROMISES: Final = {
    "p50_ms": Promise(20),
    "p99_ms": Promise(100),
    "cpu_percent": Promise(15),
    "rss_mb": Promise(150),
}


@contextmanager
def _broker() -> Iterator[tuple[str, int]]:
    """Run mosquitto where it is installed, else the embedded broker."""
    mosquitto = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if mosquitto is None:
        with EmbeddedBroker() as broker:
            yield broker.host, broker.port
        return
    port = free_port()
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as config:
        config.write(_BROKER.format(port=port))
        config.flush()
        process = subprocess.Popen([mosquitto, "-c", config.name])
        try:
            yield "127.0.0.1", port
        finally:
            process.terminate()
            process.wait()


@dataclass(frozen=True, slots=True)
class _Latency:
    """Delay of one alert, in milliseconds."""

    gateway_ms: float
    reading_ms: float


def _collect(
    client: WardClient, beds: Sequence[SteppedMonitor], seconds: float, enough: int
) -> list[_Latency]:
    """Return the delay of every raised alert, of at most `enough` alerts."""
    by_name = {bed.name: bed for bed in beds}
    found: list[_Latency] = []
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s and len(found) < enough:
        for arrival in client.messages(0.2):
            alert, at_ns = decode_alert(arrival.payload), arrival.monotonic_ns
            bed = by_name[alert.bed_id]
            if alert.state is AlertState.RAISED and bed.sent_ns is not None:
                gateway_ms = (at_ns - bed.knowable_ns(at_ns)) / 1e6
                found.append(_Latency(gateway_ms, (at_ns - bed.sent_ns) / 1e6))
    if not found:
        raise RuntimeError(f"no alert of {RULE_ID} in {seconds:g} s; want one for each step")
    return found


def measure(
    beds_count: int, seconds: float, warm_up_s: float, enough: int = sys.maxsize
) -> dict[str, float]:
    """Return the figures of one run, which ends at `enough` alerts."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        host, port = stack.enter_context(_broker())
        beds = stepped_beds(stack, beds_count)
        section = f'[mqtt]\nhost = "{host}"\nport = {port}'
        config = gateway_file(folder, beds, section)
        ward = SteppedWard(beds)
        ward.start()
        stack.callback(ward.stop)
        command = [sys.executable, "-m", "edge_agent", "run", "--config", str(config)]
        agent = subprocess.Popen(command)
        stack.callback(agent.wait)
        stack.callback(agent.terminate)
        topic = f"crswatch/v1/bench/ward/+/alerts/{RULE_ID}"
        client = stack.enter_context(WardClient(MqttSection(host=host, port=port), topic))
        time.sleep(warm_up_s)
        process = psutil.Process(agent.pid)
        ward.begin_to_step()
        begun_s, cpu_before = time.monotonic(), process.cpu_times()
        found = _collect(client, beds, seconds, enough)
        cpu, passed_s = process.cpu_times(), time.monotonic() - begun_s
        used_s = cpu.user + cpu.system - cpu_before.user - cpu_before.system
        latencies_ms = sorted(latency.gateway_ms for latency in found)
        readings_ms = [latency.reading_ms for latency in found]
        return {
            "p50_ms": statistics.median(latencies_ms),
            "p99_ms": latencies_ms[int(0.99 * (len(latencies_ms) - 1))],
            "max_ms": latencies_ms[-1],
            "reading_p50_s": statistics.median(readings_ms) / 1e3,
            "reading_max_s": max(readings_ms) / 1e3,
            "alerts": len(found),
            "cpu_percent": 100 * used_s / passed_s,
            "rss_mb": process.memory_info().rss / 1e6,
        }


def main(texts: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = parser_of(__doc__, "one bed until its first alert")
    parser.add_argument("--beds", type=int, default=BEDS)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--warm-up", type=float, default=10.0)
    arguments = parser.parse_args(texts)
    # The subscriber's thread must not wait for the simulated monitors of the same process.
    sys.setswitchinterval(0.0005)
    if arguments.quick:
        figures = measure(1, 60.0, 1.0, enough=1)
    else:
        figures = measure(arguments.beds, arguments.seconds, arguments.warm_up)
    show(figures, _PROMISES, as_json=arguments.json)


if __name__ == "__main__":
    main()
