"""The watching itself on the board: auditor, ways out, clocks, and bodies nobody can read."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from edge_agent.board.feed import BodyKind, FeedBody
from edge_agent.model.oversight import AuditFault, AuditorPulse, FaultKind, WayHealth
from tests.support.board_bodies import (
    alert_body,
    gateway_body,
    instant,
    model_body,
    pulse_body,
    vitals_body,
)
from tests.support.made_alerts import TEST, acknowledged
from tests.support.shown_ward import (
    BED,
    NOW,
    OTHER,
    VALUES,
    Ward,
)

DAY_NS = 86_400 * 10**9


@pytest.fixture
def ward() -> Ward:
    return Ward()


def test_the_auditor_is_unknown_ok_at_fault_or_silent(ward: Ward) -> None:
    assert ward.ward().auditor.state == "unknown"
    pulse = AuditorPulse(instant(NOW), instant(NOW))
    ward.take(pulse_body(pulse))
    assert ward.ward().auditor.state == "ok"
    fault = AuditFault(FaultKind.STEP_LATE, BED)
    ward.take(pulse_body(replace(pulse, faults=(fault,))))
    shown = ward.ward().auditor
    assert (shown.state, shown.since_ms) == ("fault", NOW)
    assert [words.en for words in shown.faults] == [f"the next call is overdue: {BED}"]
    ward.wait(15.001)
    ward.take(pulse_body(AuditorPulse(instant(ward.now_ms)), "gw-2"))
    shown = ward.ward().auditor
    assert (shown.state, shown.since_ms) == ("silent", NOW), "one of two is enough"


@pytest.mark.parametrize("kind", list(FaultKind))
def test_every_fault_has_words(ward: Ward, kind: FaultKind) -> None:
    ward.take(pulse_body(AuditorPulse(faults=(AuditFault(kind),))))
    [words] = ward.ward().auditor.faults
    assert words.en
    assert words.de


def test_the_ways_out_are_listed_with_their_health(ward: Ward) -> None:
    for name, is_working in (("pager", False), ("handsets", True), ("syslog", None)):
        health = WayHealth(name, is_working, instant(NOW), "timed out")
        ward.take(model_body(BodyKind.WAYS, health, subject=name))
    assert [(way.name, way.state) for way in ward.ward().ways] == [
        ("handsets", "ok"),
        ("pager", "failing"),
        ("syslog", "unknown"),
    ]


def test_the_newest_test_shows_and_passed_means_that_a_person_answered(ward: Ward) -> None:
    assert ward.ward().test is None
    raised = TEST.alert(BED, NOW)
    ward.take(alert_body(raised))
    shown = ward.ward().test
    assert shown is not None
    assert (shown.bed, shown.passed, shown.at_ms) == (BED, False, NOW)
    ward.take(alert_body(acknowledged(raised, "nurse 7", NOW + 5000)))
    shown = ward.ward().test
    assert shown is not None
    assert (shown.bed, shown.by, shown.passed, shown.at_ms) == (BED, "nurse 7", True, NOW + 5000)
    ward.take(alert_body(TEST.alert(OTHER, NOW + 9000)))
    shown = ward.ward().test
    assert shown is not None
    assert (shown.bed, shown.passed) == (OTHER, False)


def test_clocks_that_disagree_are_said(ward: Ward) -> None:
    ward.take(vitals_body(BED, VALUES, NOW + 4_999))
    assert ward.ward().clock_offset_ms == 0
    ward.take(vitals_body(BED, VALUES, NOW - 120_000))
    assert ward.ward().clock_offset_ms == -120_000
    ward.take(vitals_body(BED, VALUES, NOW, historical=True))
    assert ward.ward().clock_offset_ms == -120_000
    ward.take(vitals_body(BED, VALUES, NOW))
    assert ward.ward().clock_offset_ms == 0


@pytest.mark.parametrize("kind", list(BodyKind))
@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"event":"x"}'])
def test_a_body_that_cannot_be_read_is_left_out(ward: Ward, kind: BodyKind, payload: bytes) -> None:
    before = ward.bed()
    ward.take(FeedBody(kind, "gw-1", BED, payload, "subject"))
    assert ward.bed() == before
    is_removal = not payload and kind is BodyKind.ALERTS
    assert ward.state.unreadable == (not is_removal)


def test_a_flood_of_beds_is_bounded(ward: Ward) -> None:
    ward.take(gateway_body("online", tuple(f"bed-{i}" for i in range(600)), "gw-2"))
    assert len(ward.state.bed_ids) == 512
    health = [WayHealth(f"way-{i}", is_working=True, since=instant(NOW)) for i in range(70)]
    ward.take(*(model_body(BodyKind.WAYS, one, subject=one.name) for one in health))
    assert len(ward.ward().ways) == 64


def test_what_the_board_sends_is_the_contract(ward: Ward) -> None:
    """Only JSON: no number that a page could not hold, no text that is more than text."""
    strange = "<script>alert(1)</script>"
    ward.take(gateway_body("online", (strange,)), vitals_body(strange, VALUES, NOW))
    text = msgspec.json.encode(ward.bed(strange))
    assert msgspec.json.decode(text)["id"] == strange
    assert b"\n" not in text
