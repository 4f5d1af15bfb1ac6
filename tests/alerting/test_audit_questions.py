"""Each break in the way of an alert to a person is a fault, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from edge_agent.alerting.audit_questions import Audited, suspicions_of
from edge_agent.model.alerts import Alert, AlertPriority
from edge_agent.model.calls import Call, CallState
from edge_agent.model.clock import Instant
from edge_agent.model.oversight import AuditFault, FaultKind, ScreenHealth, WayHealth
from edge_agent.model.shifts import OnDuty
from tests.support.call_scripts import BED, DAY, PLAN, START, Course

if TYPE_CHECKING:
    from collections.abc import Sequence

WORKING = WayHealth("pager", is_working=True, since=START)
FAILING = replace(WORKING, is_working=False)
UNKNOWN = replace(WORKING, is_working=None)
SCREEN = ScreenHealth("wall", can_sound=True, is_awake=True, seen_at=START.plus(90))
AT_S = 100


def course(*, rings: bool = True) -> Course:
    found = Course()
    if rings:
        found.play("""
              0 raise shock high            | nurse first
             60                             | buddy first
            100                             |
        """)
    return found


def call_of(found: Course) -> Call:
    assert found.call is not None
    return found.call


def audited(found: Course, at_s: float = AT_S, **other: Any) -> Audited:  # noqa: ANN401 - any field
    at = START.plus(at_s)
    alerts = tuple(replace(a, changed_at=START) for a in found.alerts.values())
    whole = Audited(
        stored=alerts,
        reported=alerts,
        calls={} if found.call is None else {BED: found.call},
        ways=(WORKING,),
        screens=None,
        on_duty=OnDuty(PLAN, DAY),
        escalator_at=at,
        at=at,
    )
    return replace(whole, **other)


def faults_of(found: Audited) -> tuple[AuditFault, ...]:
    return tuple(dict.fromkeys(suspicion.fault for suspicion in suspicions_of(found)))


def kinds(found: Audited) -> list[FaultKind]:
    assert {fault.bed_id for fault in faults_of(found)} <= {"", BED}
    return [fault.kind for fault in faults_of(found)]


def with_call(**fields: Any) -> list[FaultKind]:  # noqa: ANN401 - any field
    found = course()
    return kinds(audited(found, calls={BED: replace(call_of(found), **fields)}))


def test_a_call_on_its_way_has_no_fault() -> None:
    assert faults_of(audited(course())) == ()
    assert faults_of(audited(course(rings=False))) == ()


@pytest.mark.parametrize(("age_s", "faults"), [(5, []), (5.1, [FaultKind.ESCALATION_SILENT])])
def test_an_escalator_that_has_not_looked_is_silent(age_s: float, faults: list[FaultKind]) -> None:
    assert kinds(audited(course(), escalator_at=START.plus(AT_S - age_s))) == faults


def test_an_escalator_that_never_looked_is_judged_by_others() -> None:
    assert faults_of(audited(course(), escalator_at=None)) == ()


@pytest.mark.parametrize(("late_s", "faults"), [(5, []), (5.1, [FaultKind.STEP_LATE])])
def test_a_step_may_be_five_seconds_late(late_s: float, faults: list[FaultKind]) -> None:
    assert kinds(audited(course(), 120 + late_s)) == faults


def test_an_alert_in_no_call_is_not_called() -> None:
    assert kinds(audited(course(), calls={})) == [FaultKind.NOT_CALLED]
    for state in (CallState.ANSWERED, CallState.OVER):
        assert with_call(state=state, next_at=None) == [FaultKind.NOT_CALLED]


def test_a_signal_that_nobody_was_called_for_is_not_called() -> None:
    found = course()
    found.do("raise shock high new_sign")
    assert kinds(audited(found)) == [FaultKind.NOT_CALLED]
    newest = [replace(alert, changed_at=START.plus(AT_S - 5)) for alert in found.alerts.values()]
    assert kinds(audited(found, stored=newest, reported=newest)) == []


def test_an_alert_of_an_earlier_boot_is_no_new_one() -> None:
    found = course()
    old = [replace(a, changed_at=Instant(10**18, 1)) for a in found.alerts.values()]
    assert kinds(audited(found, stored=old, reported=old, calls={})) == [FaultKind.NOT_CALLED]


@pytest.mark.parametrize(
    "fields",
    [
        {"next_at": None},
        {"next_at": START.plus(121)},
        {"next_at": START.plus(10**6)},
        {"plan": ()},
        {"steps_done": 9},
        {"steps_done": -1},
        {"reminder_s": 0.0},
        {"began_at": START.plus(3600)},
        {"earlier_s": 60.0},
    ],
)
def test_a_next_step_that_is_not_as_planned_is_wrong(fields: dict[str, Any]) -> None:
    assert with_call(**fields) == [FaultKind.STEP_WRONG]


def test_reminders_are_planned_as_well() -> None:
    found = Course()
    found.play("""
          0 raise shock high            | nurse first
         60                             | buddy first
        120                             | charge first
        180                             | rapid first
        300                             | nurse+buddy+charge+rapid reminder
    """)
    assert kinds(audited(found, 400)) == []
    late = replace(call_of(found), next_at=START.plus(601))
    assert kinds(audited(found, 400, calls={BED: late})) == [FaultKind.STEP_WRONG]
    assert kinds(audited(found, 606)) == [FaultKind.STEP_LATE]
    missed = replace(call_of(found), next_at=START.plus(850))
    assert kinds(audited(found, 700, calls={BED: missed})) == [FaultKind.STEP_WRONG]


def test_a_clock_that_was_set_back_since_a_call_began_is_no_fault_of_the_call() -> None:
    assert with_call(changed_at=START.plus(-5000)) == []


def test_another_alert_of_the_same_moment_is_not_in_the_journal() -> None:
    found = course()
    (alert,) = found.alerts.values()
    newer = replace(alert, alert_id="id-newer", changed_at=START)
    behind = FaultKind.JOURNAL_BEHIND
    assert behind in kinds(audited(found, reported=[newer]))
    stored = [replace(newer, changed_at=START.plus(1))]
    older = [replace(alert, changed_at=START)]
    assert behind not in kinds(audited(found, stored=stored, reported=older))


def test_a_fast_ward_gives_its_screens_as_many_reports() -> None:
    screens = [replace(SCREEN, seen_at=START)]
    assert kinds(audited(course(rings=False), screens=screens, late_s=50.0)) == []
    assert kinds(audited(course(rings=False), screens=screens)) == [FaultKind.NO_SOUND]


def test_what_is_low_needs_no_steps() -> None:
    found = Course()
    found.play("0 raise drift low |")
    assert kinds(audited(found, 100)) == []


def test_a_call_at_its_end_that_reached_nobody_says_so() -> None:
    nobody: dict[str, Any] = {"called": (), "steps_done": 4, "next_at": START.plus(300)}
    assert with_call(**nobody) == [FaultKind.NOBODY_CALLED]
    found = course()
    alone = audited(
        found, calls={BED: replace(call_of(found), **nobody)}, ways=(), on_duty=OnDuty(PLAN)
    )
    assert kinds(alone) == []


@pytest.mark.parametrize(
    ("ways", "faults"),
    [
        ((FAILING,), [FaultKind.NOT_REACHED, FaultKind.NO_WAY]),
        ((UNKNOWN,), []),
        ((FAILING, replace(WORKING, name="phone")), [FaultKind.NOT_REACHED]),
        ((WORKING, replace(FAILING, name="phone")), []),
        ((), [FaultKind.NOT_REACHED]),
    ],
)
def test_a_way_to_those_called_must_work(
    ways: Sequence[WayHealth], faults: list[FaultKind]
) -> None:
    assert kinds(audited(course(), ways=ways)) == faults


def test_somebody_else_on_a_working_way_is_enough() -> None:
    found = course()
    nurse, buddy = call_of(found).called
    people = (nurse, replace(buddy, ways=("phone",)))
    ways = (FAILING, replace(WORKING, name="phone"))
    reached = replace(call_of(found), called=people)
    assert kinds(audited(found, calls={BED: reached}, ways=ways)) == []
    gone = (nurse, replace(people[1], relieved_at=START))
    left = replace(call_of(found), called=gone)
    assert kinds(audited(found, calls={BED: left}, ways=ways)) == [FaultKind.NOT_REACHED]


@pytest.mark.parametrize(
    ("screens", "faults"),
    [
        ((SCREEN,), []),
        ((), [FaultKind.NO_SOUND]),
        ((replace(SCREEN, can_sound=False),), [FaultKind.NO_SOUND]),
        ((replace(SCREEN, is_awake=False),), [FaultKind.NO_SOUND]),
        ((replace(SCREEN, seen_at=START.plus(69)),), [FaultKind.NO_SOUND]),
        ((replace(SCREEN, can_sound=False), SCREEN), []),
    ],
)
def test_a_ward_with_a_board_needs_a_screen_that_can_sound(
    screens: Sequence[ScreenHealth], faults: list[FaultKind]
) -> None:
    assert kinds(audited(course(), screens=screens)) == faults


def test_what_is_reported_must_be_in_the_journal() -> None:
    found = course()
    newer = [replace(a, n=a.n + 1, changed_at=START.plus(94)) for a in found.alerts.values()]
    assert kinds(audited(found, reported=newer)) == [FaultKind.JOURNAL_BEHIND]
    assert kinds(audited(found, reported=newer, at=START.plus(99))) == []
    unknown: list[Alert] = []
    assert kinds(audited(found, stored=unknown)) == [FaultKind.JOURNAL_BEHIND]


def test_an_alert_that_is_only_reported_is_asked_about_too() -> None:
    found = course()
    other = [replace(a, rule_id="other", alert_id="other") for a in found.alerts.values()]
    faults = kinds(audited(found, reported=other))
    assert faults == [FaultKind.JOURNAL_BEHIND, FaultKind.NOT_CALLED]


def test_a_newer_alert_in_the_journal_is_ahead_of_what_was_reported() -> None:
    found = course()
    older = [
        replace(a, alert_id="former", n=9, changed_at=START.plus(-60))
        for a in found.alerts.values()
    ]
    assert kinds(audited(found, reported=older)) == []


def test_a_faster_ward_gives_its_parts_as_long_on_the_wall_clock() -> None:
    found = course()
    fast = audited(found, 120 + 300, escalator_at=START.plus(150), late_s=300)
    assert kinds(fast) == []
    assert kinds(replace(fast, at=START.plus(421))) == [FaultKind.STEP_LATE]


def test_the_same_fault_is_said_once() -> None:
    found = course()
    found.do("raise hypoxia high")
    faults = faults_of(audited(found, calls={}))
    assert faults == (AuditFault(FaultKind.NOT_CALLED, BED),)
    assert call_of(found).priority is AlertPriority.HIGH


def test_what_goes_on_is_not_stuck() -> None:
    found = course()
    late = suspicions_of(audited(found, 130))
    assert late == suspicions_of(audited(found, 133))
    found.wait_until(121)
    assert not set(late) & set(suspicions_of(audited(found, 200)))
    silent = [suspicions_of(audited(course(), escalator_at=START.plus(s))) for s in (90, 91)]
    assert silent[0] != silent[1]
