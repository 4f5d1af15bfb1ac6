"""Cables that are pulled, put back and swapped, on real pseudo-terminals, seen by a subscriber."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from edge_agent.config.gateway_file import (
    AgentConfig,
    BedSection,
    GatewaySection,
    JournalSection,
    MqttSection,
)
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.model.clock import ScaledClock
from edge_agent.rulebook.rule_set import read_rulebook
from simulators.links.pty_link import PtyLink
from simulators.monitors.catalog import MONITORS
from simulators.monitors.device import PowerOn
from simulators.scenarios.scenario_file import load_scenario
from simulators.wards.bedside import SimulatedBed, SimulatedWard
from tests.support.brokers import Watcher, mosquitto, watcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from simulators.monitors.device import MonitorDevice

pytestmark = [pytest.mark.pty, pytest.mark.broker]

BED: Final = "bed-01"
ROOT: Final = f"crswatch/v1/hospital/cart-1/{BED}"
SPEED: Final = 15.0
PULLED_S: Final = 30.0
LINK_LIMIT_S: Final = 20.0
"""Ward seconds in which a lost link is told: held for 10, judged every 5, one retry of the port."""


@dataclass
class Ward:
    """One bed whose cable the test plugs and pulls."""

    folder: Path
    clock: ScaledClock
    agent: Agent
    seen: Watcher

    @property
    def port(self) -> Path:
        """Where the agent looks for the adapter: a name that stays, as of /dev/serial/by-id."""
        return self.folder / "adapter"

    def monitor(self, name: str, seed: int) -> MonitorDevice:
        """Return a monitor that is switched on now."""
        course = load_scenario("crs_grade_2", seed).patient
        return MONITORS[name](BED, seed, PowerOn(course.vitals_at, self.clock.now()))

    @contextmanager
    def plugged(self, monitor: MonitorDevice) -> Iterator[None]:
        """Keep a monitor on the cable for a while."""
        bed = SimulatedBed(BED, monitor, PtyLink())
        self.port.unlink(missing_ok=True)
        self.port.symlink_to(bed.path)
        with SimulatedWard([bed], self.clock):
            yield
        self.port.unlink()

    def wait(self, seconds: float) -> None:
        """Let ward time pass."""
        until = self.clock.now().plus(seconds)
        pause = threading.Event()
        while self.clock.now() < until:
            self.agent.supervise()
            pause.wait(0.02)

    def next(self, topic: str, **wanted: object) -> dict[str, Any]:
        """Return the next message on a topic that has these fields."""
        while True:
            found = self.seen.next_json(topic)
            if all(found.get(key) == value for key, value in wanted.items()):
                return found

    def vital(self, kind: str) -> dict[str, Any]:
        """Return the next value of a kind, usable or not."""
        while True:
            for vital in self.seen.next_json("/vitals")["vitals"]:
                if vital["kind"] == kind:
                    found: dict[str, Any] = vital
                    return found

    def link(self) -> str:
        """Return the next state of the bed's link."""
        while not (links := self.seen.next_json("/status")["links"]):
            pass
        state: str = links[0]["state"]
        return state

    def drop_what_came(self) -> list[str]:
        """Forget what was published so far; return the topics."""
        self.seen.publish("end", b"")
        topics = []
        while (topic := self.seen.next().topic) != "end":
            topics.append(topic)
        return topics


@contextmanager
def ward(folder: Path, driver: str) -> Iterator[Ward]:
    """Give a bed that is watched; its port is not there yet."""
    clock = ScaledClock(read_system_clock, read_system_clock(), SPEED)
    with mosquitto(folder) as broker, watcher(broker.port) as seen:
        bed = BedSection(id=BED, port=str(folder / "adapter"), driver=driver)
        config = AgentConfig(
            gateway=GatewaySection(id="gw-01", site="hospital", ward="cart-1"),
            journal=JournalSection(path=folder / "journal.db"),
            beds=(bed,),
            mqtt=MqttSection(host="127.0.0.1", port=broker.port),
        )
        agent = Agent(config, read_rulebook(None), clock)
        agent.start()
        try:
            yield Ward(folder, clock, agent, seen)
        finally:
            agent.stop()


@pytest.mark.untraced
@pytest.mark.parametrize("name", ["philips_intellivue", "nonin:df2"])
def test_an_adapter_pulled_for_half_a_minute_is_told_and_the_bed_is_watched_again(
    tmp_path: Path, name: str
) -> None:
    with ward(tmp_path, name.partition(":")[0]) as bed:
        monitor = bed.monitor(name, seed=3)
        with bed.plugged(monitor):
            while bed.vital("spo2")["validity"] != "valid":
                pass
        pulled_at = bed.clock.now()
        while bed.link() != "lost":
            pass
        alert = bed.next("/alerts/system.link", state="raised")
        raised_ns = alert["raised_at"]["monotonic_ns"]
        assert (raised_ns - pulled_at.monotonic_ns) / 1e9 <= LINK_LIMIT_S
        bed.drop_what_came()
        bed.wait(PULLED_S - bed.clock.now().seconds_since(pulled_at))
        assert not [topic for topic in bed.drop_what_came() if topic.endswith("/vitals")]
        with watcher(bed.seen.port, f"{ROOT}/#") as late:
            late.publish("crswatch/end", b"")
            late.publish(f"{ROOT}/end", b"")
            topics = []
            while (message := late.next()).topic != f"{ROOT}/end":
                topics.append(message.topic)
            assert f"{ROOT}/alerts/system.link" in topics
            assert not [topic for topic in topics if topic.endswith("/vitals")]
        back_at = bed.clock.now()
        with bed.plugged(monitor):
            while bed.link() != "connected":
                pass
            while (vital := bed.vital("spo2"))["validity"] != "valid":
                pass
            assert vital["stored_ns"] >= back_at.utc_ns
            bed.next("/alerts/system.link", state="resolved")
        (device,) = bed.agent.device_status()
        assert device.is_confirmed
        assert bed.agent.status().restarts == 0


def test_a_cable_swapped_between_two_monitors_is_told_and_confirmed_by_name(
    tmp_path: Path,
) -> None:
    with ward(tmp_path, "masimo_ascii") as bed:
        with bed.plugged(bed.monitor("masimo_ascii", seed=3)):
            while bed.vital("spo2")["validity"] != "valid":
                pass
        bed.drop_what_came()
        swapped_at = bed.clock.now()
        with bed.plugged(bed.monitor("masimo_ascii", seed=4)):
            alert = bed.next("/alerts/system.monitor_changed", state="raised")
            while (vital := bed.vital("spo2"))["stored_ns"] < swapped_at.utc_ns:
                pass  # of the monitor before: an alert overtakes vitals
            assert (vital["validity"], vital["reason"]) == (
                "questionable",
                "another monitor than before, not confirmed",
            )
            assert vital["value"] is not None
            command = {"alert_id": alert["alert_id"], "by": "nurse 7"}
            bed.seen.publish(f"{ROOT}/ack", json.dumps(command).encode())
            bed.next("/alerts/system.monitor_changed", state="resolved")
            while bed.vital("spo2")["validity"] != "valid":
                pass


def test_a_cable_put_back_needs_nobody(tmp_path: Path) -> None:
    with ward(tmp_path, "masimo_ascii") as bed:
        ours = bed.monitor("masimo_ascii", seed=3)
        with bed.plugged(ours):
            while bed.vital("spo2")["validity"] != "valid":
                pass
        with bed.plugged(bed.monitor("masimo_ascii", seed=4)):
            bed.next("/alerts/system.monitor_changed", state="raised")
        with bed.plugged(ours):
            bed.next("/alerts/system.monitor_changed", state="resolved")
            while bed.vital("spo2")["validity"] != "valid":
                pass


def test_a_monitor_that_reboots_is_the_same_monitor(tmp_path: Path) -> None:
    with ward(tmp_path, "philips_intellivue") as bed:
        monitor: Any = bed.monitor("philips_intellivue", seed=3)
        with bed.plugged(monitor):
            while bed.vital("spo2")["validity"] != "valid":
                pass
            bed.drop_what_came()
            monitor.reboot(bed.clock.now())
            while bed.link() != "lost":
                pass
            while bed.link() != "connected":
                pass
            while bed.vital("spo2")["validity"] != "valid":
                pass
        topics = bed.drop_what_came()
        assert not [topic for topic in topics if topic.endswith("monitor_changed")]
