"""An alert as a line on a terminal: no rule id, the state in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.model.alerts import AlertKind, AlertPriority, AlertState
from edge_agent.ward_client.alert_line import alert_line
from tests.support.samples import an_alert

FEVER = replace(an_alert(), text="Fever. Check the patient.", explanation="T 38.4 °C at 04:26.")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "not acknowledged yet"),
        ({"state": AlertState.ACKNOWLEDGED, "acknowledged_by": "N7"}, "acknowledged by N7"),
        ({"state": AlertState.LATCHED}, "ended, not acknowledged"),
        ({"state": AlertState.RESOLVED}, "over"),
        (
            {"state": AlertState.RESOLVED, "closed_because": "another patient"},
            "over: another patient",
        ),
        ({"absorbed_by": "another"}, "now part of a larger problem"),
    ],
)
def test_the_state_is_told_in_words(change: dict[str, AlertState | str], words: str) -> None:
    text = alert_line(replace(FEVER, **change)).plain  # type: ignore[arg-type]  # fields by name
    assert text == f" HIGH    bed-1  Fever. Check the patient. T 38.4 °C at 04:26. - {words}"


def test_an_alert_about_the_monitoring_is_a_signal_and_may_have_no_values() -> None:
    lost = replace(
        FEVER, kind=AlertKind.TECHNICAL, priority=AlertPriority.LOW, text="SpO2.", explanation=""
    )
    assert alert_line(lost).plain == " SIGNAL  bed-1  SpO2. - not acknowledged yet"
