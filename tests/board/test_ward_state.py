"""The state of a ward from bodies: links, assessments, alerts and calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from edge_agent.board.feed import FeedBody
from edge_agent.model.alerts import AlertState
from edge_agent.model.assessment import Assessment, AssessmentState
from edge_agent.model.session_events import LinkState
from tests.support.board_bodies import (
    alert,
    alert_body,
    call_body,
    evidence,
    gateway_body,
    instant,
    report,
    status_body,
    vitals_body,
)
from tests.support.made_alerts import ORGAN_SIGN, acknowledged, call_for
from tests.support.shown_ward import (
    BED,
    NOW,
    OTHER,
    VALUES,
    Ward,
    patient,
)

DAY_NS = 86_400 * 10**9


@pytest.fixture
def ward() -> Ward:
    return Ward()


def test_a_bed_of_the_gateway_is_there_before_it_has_sent_anything(ward: Ward) -> None:
    bed = ward.bed()
    assert (bed.id, bed.gateway, bed.occupied, bed.problem) == (BED, "gw-1", True, None)
    assert bed.assessment.state == "not_assessing"
    assert bed.link.state == "never"
    assert ward.ward().beds_not_assessed == ward.ward().beds_total == 2


def test_status_gives_link_assessment_score_and_day(ward: Ward) -> None:
    infused = (NOW * 1_000_000) - 3 * DAY_NS
    ward.take(
        status_body(
            report(
                BED,
                NOW,
                assessment=Assessment(
                    AssessmentState.DEGRADED, "", ("temperature", "SpO2"), instant(NOW - 5000)
                ),
                patient=patient(product="axi-cel", infused_utc_ns=infused),
            )
        )
    )
    bed = ward.bed()
    assert (bed.day, bed.product, bed.link.state) == (3, "axi-cel", "connected")
    assert (bed.assessment.state, bed.assessment.since_ms) == ("degraded", NOW - 5000)
    assert [words.de for words in bed.assessment.missing] == ["Temperatur", "SpO2"]
    assert bed.crs is not None
    assert (bed.crs.score, bed.crs.grade) == ((0, 1), (0, 0))
    assert "infection not excluded" in bed.crs.words.en
    assert ward.ward().beds_degraded == 1


def test_the_day_changes_at_midnight_of_the_ward(ward: Ward) -> None:
    infused = datetime(2027, 1, 14, 23, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    infused_ms = round(infused.timestamp() * 1000)
    here = patient(infused_utc_ns=infused_ms * 1_000_000)
    ward.take(status_body(report(BED, infused_ms, patient=here)))
    days = []
    for minutes in (0, 29, 31, 31 + 24 * 60):
        ward.now_ms = infused_ms + minutes * 60_000
        days.append(ward.bed().day)
    assert days == [0, 0, 1, 2]


@pytest.mark.parametrize(
    "reason",
    [
        "no data from the bed",
        "monitor not confirmed",
        "patient not assigned",
        "temperature and other inputs missing",
        "something new",
    ],
)
def test_a_bed_that_is_not_assessed_says_why_and_shows_no_score(ward: Ward, reason: str) -> None:
    state = Assessment(AssessmentState.NOT_ASSESSING, reason, (), instant(NOW))
    ward.take(status_body(report(BED, NOW, assessment=state)))
    bed = ward.bed()
    assert bed.assessment.state == "not_assessing"
    assert bed.assessment.words.en.startswith("not assessed: ")
    assert bed.assessment.words.de.startswith("nicht bewertet: ")
    assert bed.crs is None


def test_the_link_is_lost_only_where_no_device_is_connected(ward: Ward) -> None:
    ward.take(status_body(report(BED, NOW), LinkState.LOST))
    assert ward.bed().link.state == "lost"
    ward.take(status_body(report(BED, NOW), LinkState.NEGOTIATING))
    assert ward.bed().link.state == "never"


@pytest.mark.parametrize("state", ["lost", "stopped"])
def test_beds_of_a_gateway_that_is_gone_are_not_assessed_and_keep_their_alerts(
    ward: Ward, state: str
) -> None:
    ward.take(
        vitals_body(BED, VALUES, NOW),
        status_body(report(BED, NOW)),
        alert_body(ORGAN_SIGN.alert(BED, NOW)),
    )
    ward.wait(1)
    ward.take(gateway_body(state))
    bed = ward.bed()
    assert bed.assessment.state == "not_assessing"
    assert "gateway" in bed.assessment.words.en
    assert bed.assessment.since_ms == NOW + 1000
    assert bed.problem is not None
    assert [gateway.state for gateway in ward.ward().gateways] == [state]
    ward.take(gateway_body("online"))
    assert ward.bed().assessment.state == "assessing"


def test_a_gateway_that_says_nothing_is_not_relied_on(ward: Ward) -> None:
    ward.take(status_body(report(BED, NOW)))
    ward.wait(35)
    assert ward.bed().assessment.state == "assessing"
    ward.wait(0.001)
    assert ward.bed().assessment.state == "not_assessing"
    ward.take(vitals_body(OTHER, VALUES, ward.now_ms))
    assert ward.bed().assessment.state == "assessing"


def test_a_newer_state_of_an_alert_is_never_replaced_by_an_older_one(ward: Ward) -> None:
    raised = ORGAN_SIGN.alert(BED, NOW)
    ward.take(alert_body(acknowledged(raised, "nurse 7", NOW)), alert_body(raised))
    bed = ward.bed()
    assert bed.problem is not None
    assert (bed.problem.state, bed.problem.answered_by) == ("answered", "nurse 7")


def test_a_new_alert_of_the_rule_follows_the_former_one(ward: Ward) -> None:
    first = ORGAN_SIGN.alert(BED, NOW)
    over = replace(acknowledged(first, "nurse 7", NOW), n=9, state=AlertState.RESOLVED)
    ward.take(alert_body(over))
    assert ward.bed().problem is None
    ward.take(alert_body(ORGAN_SIGN.alert(BED, NOW + 1)))
    bed = ward.bed()
    assert bed.problem is not None
    assert bed.problem.state == "open"


def test_an_alert_that_the_broker_no_longer_holds_goes_away(ward: Ward) -> None:
    one = alert_body(ORGAN_SIGN.alert(BED, NOW))
    ward.take(one, msgspec_free(one))
    assert ward.bed().problem is None


def msgspec_free(body: FeedBody) -> FeedBody:
    return replace(body, payload=b"")


def test_the_vital_signs_of_an_open_alert_are_marked(ward: Ward) -> None:
    made = alert(
        BED,
        "crs.fever",
        NOW,
        evidence=(evidence("spot_temperature", 39.2, "Cel", NOW), evidence("any", 1, "", NOW)),
    )
    ward.take(alert_body(made))
    marked = {name for name, vital in ward.bed().vitals.items() if vital.in_alarm}
    assert marked == {"temperature"}


def test_the_newest_call_of_a_bed_is_on_its_card(ward: Ward) -> None:
    raised = ORGAN_SIGN.alert(BED, NOW)
    call = call_for(raised, NOW, NOW + 70_000)
    ward.take(alert_body(raised), call_body(call))
    ward.take(call_body(replace(call, n=0, called=())))
    bed = ward.bed()
    assert bed.problem is not None
    assert [(one.person, one.at_ms) for one in bed.problem.called] == [
        ("nurse.okafor", NOW),
        ("nurse.lang", NOW + 60_000),
    ]
    assert bed.problem.next is not None
    assert (bed.problem.next.duty.en, bed.problem.next.at_ms) == ("charge nurse", NOW + 120_000)
