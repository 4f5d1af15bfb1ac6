"""`crswatch run` and `simulate`: they work until told to stop, and stop in order."""

from __future__ import annotations

import json
import os
import signal
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.model.clock import ScaledClock
from edge_agent.model.measurements import VitalKind
from edge_agent.payloads.alerts import alert_message
from simulators.patients.patient import Patient
from simulators.scenarios.scenario_file import load_scenario
from simulators.wards.bedside import SimulatedWard
from tests.support.brokers import WAIT_S, Watcher, mosquitto, watcher
from tests.support.gateways import (
    BED,
    SITE,
    WARD,
    journalled_alerts,
    journalled_vitals,
    write_config,
)
from tests.support.intellivue_beds import intellivue_bed
from tests.support.samples import an_alert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.pty]

TOPIC = f"crswatch/v1/{SITE}/{WARD}/{BED}"
GATEWAY = f"crswatch/v1/{SITE}/{WARD}/_gateway/gw-01"


@pytest.fixture(autouse=True)
def _own_signal_handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def main_until(arguments: list[str], is_reached: Callable[[], object]) -> int:
    """Run a command, and tell it to stop once `is_reached` has returned."""
    before = signal.getsignal(signal.SIGTERM)

    def tell() -> None:
        pause = threading.Event()
        while signal.getsignal(signal.SIGTERM) is before:
            pause.wait(0.01)
        is_reached()
        os.kill(os.getpid(), signal.SIGTERM)

    teller = threading.Thread(target=tell)
    teller.start()
    status = main(arguments)
    teller.join(WAIT_S)
    return status


def raised(seen: Watcher, rule_id: str) -> dict[str, object]:
    while True:
        alert = seen.next_json(f"/alerts/{rule_id}")
        if alert["state"] == "raised":
            return alert


@pytest.mark.untraced
@pytest.mark.broker
def test_a_simulated_monitor_is_watched_and_an_alert_is_acknowledged_by_name(
    tmp_path: Path,
) -> None:
    clock = ScaledClock(read_system_clock, read_system_clock(), 60.0)
    bed = intellivue_bed(BED, load_scenario("crs_grade_2", 3).patient, clock, 3)
    with mosquitto(tmp_path) as broker, watcher(broker.port) as seen:
        config = write_config(tmp_path, bed.path, broker_port=broker.port, listen_only=False)

        def until_acknowledged() -> None:
            assert seen.next_json(GATEWAY)["state"] == "online"
            fever = raised(seen, "crs.fever")
            command = {"alert_id": fever["alert_id"], "by": "nurse 7"}
            seen.publish(f"{TOPIC}/ack", b'{"alert_id": "x"}')
            seen.publish(f"{TOPIC}/ack", json.dumps(command).encode())
            acknowledged = seen.next_json("/alerts/crs.fever")
            assert (acknowledged["state"], acknowledged["acknowledged_by"]) == (
                "acknowledged",
                "nurse 7",
            )

        with SimulatedWard([bed], clock):
            arguments = ["run", "--config", str(config), "--clock", clock.spec()]
            assert main_until(arguments, until_acknowledged) == 0
            assert seen.next_json(GATEWAY)["state"] == "stopped"
    journal = tmp_path / "journal.db"
    assert "crs.fever" in {alert.rule_id for alert in journalled_alerts(journal)}
    usable = [vital for _, vital in journalled_vitals(journal) if vital.is_usable]
    values = {vital.kind.value for vital in usable}
    assert {"heart_rate", "spo2", "temperature", "nibp_systolic"} <= values
    cuff = [v.device_time.wall_ns for v in usable if v.kind is VitalKind.NIBP_SYSTOLIC]
    assert len(cuff) == len(set(cuff)) >= 3


@pytest.mark.untraced
@pytest.mark.broker
def test_an_alert_reaches_the_broker_although_the_disk_takes_nothing(tmp_path: Path) -> None:
    (tmp_path / "journal.db").symlink_to(tmp_path / "gone" / "journal.db")
    clock = ScaledClock(read_system_clock, read_system_clock(), 60.0)
    patient = load_scenario("probe_off", 3).patient
    off = tuple(replace(f, to_s=patient.plan.length_s) for f in patient.plan.faults)
    stays_off = Patient(patient.person, replace(patient.plan, faults=off), patient.seed)
    bed = intellivue_bed(BED, stays_off, clock, 3)
    before = replace(an_alert(), bed_id=BED, rule_id="crs.before")
    with mosquitto(tmp_path) as broker, watcher(broker.port) as seen:
        seen.publish(f"{TOPIC}/alerts/crs.before", alert_message(before, "gw-01"), retain=True)
        config = write_config(tmp_path, bed.path, broker_port=broker.port, listen_only=False)
        with SimulatedWard([bed], clock):
            arguments = ["run", "--config", str(config), "--clock", clock.spec()]

            def until_the_disk_is_back() -> None:
                raised(seen, "signal.lost.spo2")
                (tmp_path / "gone").mkdir()
                seen.next_json("/vitals")

            assert main_until(arguments, until_the_disk_is_back) == 0
        with watcher(broker.port) as later:
            # An alert of an earlier run stays: what the disk knows of it was never read.
            assert later.next_json("/alerts/crs.before")["alert_id"] == before.alert_id


def test_an_agent_without_sinks_keeps_a_journal(tmp_path: Path) -> None:
    clock = ScaledClock(read_system_clock, read_system_clock())
    bed = intellivue_bed(BED, load_scenario("baseline", 1).patient, clock, 1)
    config = write_config(tmp_path, bed.path, listen_only=False)
    with SimulatedWard([bed], clock):

        def until_released() -> None:
            pause = threading.Event()
            while not bed.monitor.is_associated:
                pause.wait(0.01)
            pause.wait(2.5)

        assert main_until(["run", "--config", str(config)], until_released) == 0
        assert not bed.monitor.is_associated
    assert journalled_vitals(tmp_path / "journal.db")


def test_simulated_monitors_announce_their_ports(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["simulate", "--beds", "2", "--scenario", "fever_only", "--speed", "10"]
    assert main_until(arguments, lambda: None) == 0
    first, second, clock = capsys.readouterr().out.splitlines()
    assert first.startswith("bed-01 /dev/")
    assert second.endswith(" fever_only philips_intellivue")
    assert clock.endswith(":10.0")
