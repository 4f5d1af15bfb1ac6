"""Latency from the bytes of a reading at the serial port to its alert at an MQTT subscriber.

32 simulated monitors at 1 Hz on pseudo-terminals, the agent as a process of its own with every
shipped rule, a real broker. One more rule holds when the median of a step of 10 s steps up, so an
alert waits for the end of that step. Two times are measured. `reading_` counts from the last byte
of the first high reading, the wait included. `p50_ms`, `p99_ms` and `max_ms` count from the moment
at which the gateway could first know: the last byte of the first message after the step, or the
step's end where the gateway's own clock closed the step first.
"""

from __future__ import annotations

import selectors
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Final

import psutil

from benchmarks.report import Promise, parser_of, show
from edge_agent.config.gateway_file import MqttSection
from edge_agent.detect.grid import STEP_NS
from edge_agent.model.alerts import AlertState
from edge_agent.payloads.alerts import decode_alert
from edge_agent.ward_client.client import WardClient
from simulators.links.embedded_broker import EmbeddedBroker, free_port
from simulators.links.pty_link import PtyLink
from simulators.links.system_clock import read_system_clock
from simulators.monitors.device import PowerOn
from simulators.monitors.intellivue.monitor import IntellivueMonitor, IntellivueSettings
from simulators.patients.patient import Patient
from simulators.patients.vitals import TrueVitals
from simulators.scenarios.scenario_file import load_scenario

BEDS: Final = 32
STEP_EVERY_S: Final = 20.0
"""Seconds of a cycle, half of it up, so that the median of one step is high each time."""
_CYCLE_S: Final = 1.024
"""Seconds between two measurements of an IntelliVue monitor."""
_STEP_TO: Final = 130
_STEP_ON_THE_WIRE: Final = bytes.fromhex("0AA0") + _STEP_TO.to_bytes(4, "big")
"""Unit /min and the FLOAT of the stepped heart rate, which need no escape on the wire."""
RULE_ID: Final = "bench.step"
_CONDITION: Final = (
    'vital = "heart_rate", op = ">", value = 120, unit = "/min", at_least_s = 10, window_s = 10'
)
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
_STORED_WRITES: Final = 64
"""Write times stored for a bed: about a minute, and no alert is older."""
RULE: Final = f"""
[rule]
id = "{RULE_ID}"
version = 1
kind = "physiological"
priority = "high"
text = "The heart rate stepped up."
source = "benchmark"
status = "unvalidated"
latch_s = 0
[when]
all = [
  {{ {_CONDITION} }},
]
for_s = 0
clear_for_s = 0
"""


@dataclass(slots=True)
class _SteppedMonitor:
    """A monitor whose patient's heart rate steps up on command."""

    name: str
    course: Patient
    link: PtyLink
    monitor: IntellivueMonitor = field(init=False)
    is_high: bool = False
    sent_ns: int | None = None
    """Time at which the last byte of the first message with the step was written; None before."""
    writes_ns: deque[int] = field(default_factory=lambda: deque(maxlen=_STORED_WRITES))
    """Times at which the last byte of each message was written."""

    def view(self, patient_s: float) -> TrueVitals:
        """Return the patient's true vitals."""
        vitals = self.course.vitals_at(patient_s)
        if not self.is_high:
            return vitals
        # A step that the pulse confirms is believed at once.
        return replace(vitals, heart_rate=_STEP_TO, pulse_rate=_STEP_TO)

    def serve(self) -> None:
        """Run the monitor, and record the time at which the step is sent."""
        at = read_system_clock()
        received = self.link.read()
        if received:
            self.monitor.receive(received, at)
        self.monitor.tick(at)
        due = self.monitor.bytes_to_send()
        self.link.write(due)
        if due:
            self.writes_ns.append(time.monotonic_ns())
        if self.is_high and self.sent_ns is None and _STEP_ON_THE_WIRE in due:
            self.sent_ns = time.monotonic_ns()

    def step(self, *, up: bool) -> None:
        """Step up or back down; the time of the last step up is stored until the next one."""
        self.is_high = up
        if up:
            self.sent_ns = None

    def knowable_ns(self, alert_ns: int) -> int:
        """Return the earliest moment at which the gateway could know what an alert says."""
        end_ns = alert_ns // STEP_NS * STEP_NS
        after = [at for at in tuple(self.writes_ns) if end_ns <= at <= alert_ns]
        return min(after, default=end_ns)


class _Ward(threading.Thread):
    """Thread that serves every bed and steps each in turn."""

    def __init__(self, beds: Sequence[_SteppedMonitor]) -> None:
        super().__init__(name="bench-ward", daemon=True)
        self._beds = beds
        self._random = Random(1)
        self._is_over = threading.Event()
        self._is_stepping = threading.Event()

    def begin_to_step(self) -> None:
        """Step each bed up and down from now on."""
        self._is_stepping.set()

    def stop(self) -> None:
        """Stop the thread and wait for its end."""
        self._is_over.set()
        self.join()

    def run(self) -> None:
        """Serve all beds until stopped."""
        selector = selectors.DefaultSelector()
        for bed in self._beds:
            selector.register(bed.link, selectors.EVENT_READ)
        due_s: dict[str, float] = {}
        while not self._is_over.is_set():
            selector.select(0.05)
            for bed in self._beds:
                bed.serve()
                if self._is_stepping.is_set():
                    self._step(bed, due_s)

    def _step(self, bed: _SteppedMonitor, due_s: dict[str, float]) -> None:
        now_s = time.monotonic()
        if now_s >= due_s.setdefault(bed.name, now_s + self._random.uniform(0, STEP_EVERY_S)):
            bed.step(up=not bed.is_high)
            due_s[bed.name] = now_s + STEP_EVERY_S / 2


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


def _config(folder: Path, beds: Sequence[_SteppedMonitor], host: str, port: int) -> Path:
    rules = folder / "rules"
    shutil.copytree(str(files("edge_agent") / "rules"), rules)
    (rules / "step.toml").write_text(RULE, encoding="utf-8")
    lines = [
        '[gateway]\nid = "gw-bench"\nsite = "bench"\nward = "ward"',
        f'[journal]\npath = "{folder / "journal.db"}"',
        f'[mqtt]\nhost = "{host}"\nport = {port}',
        f'[rules]\nfolder = "{rules}"',
        *(
            f'[[beds]]\nid = "{bed.name}"\nport = "{bed.link.path}"\ndriver = "philips_intellivue"'
            for bed in beds
        ),
    ]
    path = folder / "gateway.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _beds(stack: ExitStack, count: int) -> list[_SteppedMonitor]:
    phases = Random(2)  # monitors that were switched on at different moments
    beds = []
    for i in range(count):
        course = load_scenario("baseline", seed=i).patient
        bed = _SteppedMonitor(f"bed-{i + 1:02}", course, stack.enter_context(PtyLink()))
        settings = IntellivueSettings(bed_label=bed.name)
        powered_at = read_system_clock().plus(-phases.uniform(0.0, _CYCLE_S))
        bed.monitor = IntellivueMonitor(PowerOn(bed.view, powered_at), settings, i)
        beds.append(bed)
    return beds


@dataclass(frozen=True, slots=True)
class _Latency:
    """Delay of one alert, in milliseconds."""

    gateway_ms: float
    reading_ms: float


def _collect(
    client: WardClient, beds: Sequence[_SteppedMonitor], seconds: float, enough: int
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
        beds = _beds(stack, beds_count)
        config = _config(folder, beds, host, port)
        ward = _Ward(beds)
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
