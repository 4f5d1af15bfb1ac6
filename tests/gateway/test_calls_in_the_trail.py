"""Shifts, steps that nobody fills and answers from ways out, in the trail of a whole agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.config.board import accounts_beside
from edge_agent.journal.trail_file import trail_path
from edge_agent.model.audit import Act
from tests.support.answers import acknowledgement
from tests.support.people_ward import RAISED_S, WARD, PeopleWard
from tests.support.pipelines import BED, START
from tests.support.trails import entries_of
from tests.support.ward_accesses import opened
from tests.support.web_receiver import WebReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge_agent.model.audit import AuditAct


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[PeopleWard]:
    receiver = WebReceiver()
    receiver.start()
    yield PeopleWard(tmp_path, receiver)
    receiver.stop()


def acts(ward: PeopleWard, kind: Act) -> list[AuditAct]:
    entries = entries_of(trail_path(ward.folder / "journal.db"))
    return [entry.act for entry in entries if entry.act.act == kind]


def test_a_change_of_shift_is_recorded_and_anchors_the_trail(ward: PeopleWard) -> None:
    day = WARD.replace('ends = "07:00"', 'ends = "19:00"').replace('"all"', '"day"')
    night = '[[shifts]]\nname = "night"\nbegins = "19:00"\nends = "07:00"\ncharge = "C3"\n'
    (ward.folder / "ward.toml").write_text(day + night)
    with ward.agent() as agent:
        agent.supervise()
        assert agent.staff.audit.wait_until_idle(20)
        before = agent.staff.audit.health()
        ward.hand[0] = START.plus(12 * 3600)
        agent.supervise()
        agent.supervise()
        assert agent.staff.audit.wait_until_idle(20)
        after = agent.staff.audit.health()
    (shift,) = acts(ward, Act.HANDOVER)
    assert (shift.subject, dict(shift.detail)) == ("night", {"before": "day"})
    assert after.signed >= before.entries + 1


def test_steps_that_nobody_fills_are_recorded_once_over_a_restart(ward: PeopleWard) -> None:
    (ward.folder / "ward.toml").write_text(WARD.replace('N12 = "N15"', ""))
    with ward.agent() as agent:
        ward.breathe(agent, 1, RAISED_S + 70, 84.0)
        assert ward.called() == ("N12", "first", False)
        assert ward.called()[0] == "C3"
    with ward.agent() as agent:
        ward.breathe(agent, RAISED_S + 70, RAISED_S + 200, 84.0)
    nobody = acts(ward, Act.CALL_TO_NOBODY)
    duties = [act.detail["duty"] for act in nobody]
    assert sorted(set(duties)) == sorted(duties)
    assert "buddy" in duties
    assert {(act.bed_id, act.detail["shift"]) for act in nobody} == {(BED, "all")}


def test_an_answer_from_a_way_out_counts_from_an_account_with_the_role_only(
    ward: PeopleWard,
) -> None:
    with opened(accounts_beside(ward.folder / "journal.db")) as accounts, ward.agent() as agent:
        accounts.person("N12")
        answer = agent._people._answer
        assert answer(acknowledgement(BED, "a1", by="N99"), "phones") == (
            "there is no account 'N99'"
        )
        assert answer(acknowledgement(BED, "a1", by="N12"), "phones") == ""
        agent.pipeline_thread.wait_until_idle()
    (refused,) = acts(ward, Act.COMMAND_REFUSED)
    (given,) = acts(ward, Act.ANSWER)
    assert (refused.by, refused.via) == ("N99", "way phones")
    assert (given.by, given.role, given.via) == ("N12", "nurse", "way phones")
