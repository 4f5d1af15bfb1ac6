"""Every shipped scenario raises the alerts it names, and reports none that it rules out."""

from __future__ import annotations

from functools import cache

import pytest

from edge_agent.batch.detector import BatchDetector
from edge_agent.evaluate.stays.recording import read_patient
from edge_agent.rulebook.rule_set import read_rulebook
from simulators.patients.context import patient_entries
from simulators.scenarios.scenario_file import load_scenario, scenario_names


@cache
def detector() -> BatchDetector:
    return BatchDetector(read_rulebook(None).rules)


@pytest.mark.untraced
@pytest.mark.parametrize("name", sorted(scenario_names()))
def test_a_scenario_raises_what_it_names_and_reports_nothing_that_it_rules_out(name: str) -> None:
    scenario = load_scenario(name, 1)
    _, recording = read_patient(scenario.patient)
    entries = patient_entries(scenario.patient, recording.start_utc_ns)
    alerts = [t.alert for t in detector().run(recording, entries).transitions if t.alert.raised_at]
    raised = {alert.rule_id for alert in alerts}
    reported = {alert.rule_id for alert in alerts if alert.is_signalled}
    assert set(scenario.raises) <= raised
    assert reported.isdisjoint(scenario.never)
