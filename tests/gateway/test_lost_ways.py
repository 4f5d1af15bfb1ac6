"""A way out that fails: its people are checked, and its loss is an alert."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.model.alerts import AlertPriority, AlertState
from edge_agent.model.oversight import WayHealth
from tests.support.people_ward import PeopleWard
from tests.support.pipelines import BED, START
from tests.support.web_receiver import WebReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge_agent.model.alerts import Alert


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[PeopleWard]:
    receiver = WebReceiver()
    receiver.start()
    yield PeopleWard(tmp_path, receiver)
    receiver.stop()


def test_a_way_that_fails_has_its_people_checked(ward: PeopleWard) -> None:
    with ward.agent() as agent:
        agent.supervise()
        people = agent._people
        assert not people._must_check
        people._note_way(WayHealth("phones", is_working=True, since=START))
        assert not people._must_check
        people._note_way(WayHealth("phones", is_working=False, since=START))
        assert people._must_check


def test_a_way_that_is_lost_is_an_alert_at_the_first_bed_while_it_lasts(
    ward: PeopleWard, monkeypatch: pytest.MonkeyPatch
) -> None:
    health = [WayHealth("phones", is_working=True, since=START)]
    with ward.agent() as agent:
        monkeypatch.setattr(agent._people._ways, "health", lambda: health)
        states: list[AlertState | None] = []
        alerts: dict[str, Alert] = {}
        for second in range(0, 400, 10):
            is_lost = 30 <= second < 150
            health[:] = [WayHealth("phones", is_working=not is_lost, since=START)]
            ward.breathe(agent, second, second + 10, 97.0)
            agent.supervise()
            alerts = {alert.rule_id: alert for alert in agent.reported_alerts()}
            states.append(alerts["system.way"].state if "system.way" in alerts else None)
        assert states[:9] == [None] * 9
        raised = states.index(AlertState.RAISED) * 10
        assert 90 <= raised <= 110
        assert states[-1] is AlertState.RESOLVED
        alert = alerts["system.way"]
        assert (alert.bed_id, alert.priority) == (BED, AlertPriority.LOW)
        assert 'The way out "phones" does not work' in alert.explanation
