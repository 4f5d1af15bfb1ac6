"""Recordings of a real monitor through a pseudo-terminal, the agent and a real broker."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from edge_agent.__main__ import main
from tests.support.brokers import mosquitto, watcher
from tests.support.gateways import BED, SITE, WARD, journalled_vitals, write_config
from tests.support.shared_data import shared_data
from tests.support.system_binaries import system_binary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.broker]

TOPIC = f"crswatch/v1/{SITE}/{WARD}/{BED}"
LOW_OXYGEN = "captures/intellivue_mp90/1B_spo2_low.bin"
NORMAL = "captures/intellivue_mp90/1A_normal_sinus.bin"


class Line:
    """One message as mosquitto_sub printed it."""

    def __init__(self, text: str) -> None:
        self.topic, _, payload = text.partition(" ")
        self.body: dict[str, Any] = json.loads(payload) if payload else {}


@contextmanager
def mosquitto_sub(port: int, printed: list[Line]) -> Iterator[None]:
    """Subscribe with the broker's own client to everything of the bed until the end."""
    binary = system_binary("mosquitto_sub", "mosquitto-clients")
    command = [binary, "-V", "5", "-q", "1", "-p", str(port), "-v", "-t", f"{TOPIC}/#", "-t", "end"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with watcher(port, "end") as other:
        # Retained, so that it comes as soon as the subscription stands.
        other.publish("end", b'{"begun": true}', retain=True)
        assert process.stdout.readline().startswith("end")
        yield
        other.publish("end", b'{"over": true}')
    for text in process.stdout:
        line = Line(text)
        if line.topic == "end":
            break
        printed.append(line)
    process.terminate()
    process.stdout.close()
    process.wait()


def replay(folder: Path, name: str) -> list[Line]:
    """Return what the subscriber saw of a recording, played thirty times as fast."""
    recording = shared_data(name)
    lines: list[Line] = []
    with mosquitto(folder) as broker:
        config = write_config(folder, "/dev/null", broker_port=broker.port)
        with mosquitto_sub(broker.port, lines):
            arguments = ["replay", "--driver", "philips_intellivue", "--bed", BED]
            more = ["--config", str(config), "--speed", "30", str(recording)]
            assert main([*arguments, *more]) == 0
    return lines


def alerts_of(lines: list[Line], kind: str) -> list[dict[str, Any]]:
    states = [line.body for line in lines if line.topic.startswith(f"{TOPIC}/alerts/")]
    return [state for state in states if state["kind"] == kind]


@pytest.mark.untraced
def test_low_oxygen_arrives_as_one_high_problem_with_its_evidence(tmp_path: Path) -> None:
    lines = replay(tmp_path, LOW_OXYGEN)
    (alert,) = alerts_of(lines, "physiological")
    assert alert["rule_id"] == "vital.severe_hypoxia"
    assert (alert["state"], alert["priority"]) == ("raised", "high")
    assert 86.0 <= alert["evidence"][0]["value"] < 87.0
    assert alert["evidence"][0]["kind"] == "spo2"
    cuff = [
        vital
        for line in lines
        if line.topic == f"{TOPIC}/vitals"
        for vital in line.body["vitals"]
        if vital["kind"].startswith("nibp")
    ]
    assert sorted(vital["kind"] for vital in cuff) == [
        "nibp_diastolic",
        "nibp_mean",
        "nibp_systolic",
    ]
    assert {vital["validity"] for vital in cuff} == {"not_available"}
    assert {vital["value"] for vital in cuff} == {None}
    received = {line.body["seq"] for line in lines if line.topic == f"{TOPIC}/vitals"}
    assert received >= {seq for seq, _ in journalled_vitals(tmp_path / "journal.db")}


@pytest.mark.untraced
def test_a_normal_recording_raises_no_physiological_alert(tmp_path: Path) -> None:
    lines = replay(tmp_path, NORMAL)
    assert alerts_of(lines, "physiological") == []
    assert sum(line.topic == f"{TOPIC}/vitals" for line in lines) == 238
