"""The speed of a replay changes no alert and no vital."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.journal.entries import Lane
from simulators.scenarios.scenario_file import load_scenario
from tests.support.played_patients import bodies, played

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.untraced
def test_alerts_and_vitals_are_equal_at_250_and_at_1000_times(tmp_path: Path) -> None:
    patient = load_scenario("crs_with_probe_off", 4).patient
    replayed = [
        played(patient, (0, 2400), tmp_path / name, speed)
        for name, speed in (("slow", 250.0), ("fast", 1000.0))
    ]
    assert all(one.is_whole for one in replayed)
    assert {a.rule_id for a in replayed[0].alerts} >= {"crs.fever", "crs.organ_sign"}
    assert replayed[0].alerts == replayed[1].alerts
    for lane in Lane:
        assert bodies(tmp_path / "slow", lane) == bodies(tmp_path / "fast", lane)
