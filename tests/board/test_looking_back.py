"""The past on the board: courses and history from memory and from a real journal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.board.history import past_of, stay_of
from edge_agent.board.sign_texts import Reader
from edge_agent.journal.entries import Lane
from edge_agent.journal.past import JournalPast
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.writer import Journal
from edge_agent.model.alerts import AlertState
from edge_agent.model.audit import AuditAct
from edge_agent.model.errors import JournalError
from edge_agent.model.measurements import Readings, VitalKind
from edge_agent.model.patient import EntryKind
from edge_agent.model.protocol import ProtocolCard
from edge_agent.payloads.alerts import encode_alert
from edge_agent.payloads.audit import chained
from edge_agent.payloads.readings import encode_readings
from tests.support.board_bodies import (
    alert_body,
    instant,
    report,
    status_body,
    vital,
    vitals_body,
)
from tests.support.board_ward import now_ms
from tests.support.made_alerts import ORGAN_SIGN, acknowledged
from tests.support.served_board import Served, serving
from tests.support.shown_ward import BED, NOW, Ward, context_body, patient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MINUTE = 60_000
READER = Reader(NOW, Ward().state._zone, None)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(JournalSettings(tmp_path / "journal.db", (), 72 * 3600.0))
    journal.start()
    yield journal
    journal.stop()


@pytest.fixture
def past(tmp_path: Path, journal: Journal) -> JournalPast:
    return JournalPast(tmp_path / "journal.db")


def store_readings(journal: Journal, bed_id: str, at_ms: int, value: float | None) -> None:
    one = vital(bed_id, VitalKind.HEART_RATE, value, at_ms)
    body = encode_readings(Readings(bed_id, bed_id, instant(at_ms), (), (one,)))
    journal.append(Lane.READINGS, bed_id, at_ms * 1_000_000, body)


def over(bed_id: str, at_ms: int, by: str = "nurse 7") -> list[bytes]:
    """Return the changes of an alert that was answered and ended."""
    raised = ORGAN_SIGN.alert(bed_id, at_ms)
    taken = acknowledged(raised, by, at_ms + MINUTE)
    ended = replace(taken, n=3, state=AlertState.RESOLVED, resolved_at=instant(at_ms + 2 * MINUTE))
    return [encode_alert(alert) for alert in (raised, taken, ended)]


def test_the_past_of_a_bed_is_that_of_its_present_patient(
    journal: Journal, past: JournalPast
) -> None:
    for number, (name, at_ms) in enumerate(
        (("p-1", NOW - 90 * MINUTE), ("p-2", NOW - 30 * MINUTE), ("p-2", NOW - 20 * MINUTE))
    ):
        kind = EntryKind.ADMITTED if number < 2 else EntryKind.OXYGEN
        body = context_body(kind, name, BED, at_ms)
        journal.append(Lane.EVENTS, BED, at_ms * 1_000_000, body.payload)
    for at_ms in (NOW - 80 * MINUTE, NOW - 25 * MINUTE):
        for change in over(BED, at_ms):
            journal.append(Lane.ALERTS, BED, at_ms * 1_000_000, change)
    journal.append(Lane.ALERTS, BED, NOW * 1_000_000, b"{damaged")
    journal.append(Lane.EVENTS, BED, NOW * 1_000_000, b'{"event":"context_entered"}')
    journal.flush(10.0)
    ward = Ward()
    present = patient("p-2", since_utc_ns=(NOW - 30 * MINUTE) * 1_000_000)
    ward.take(status_body(report(BED, NOW, patient=present)))
    found = past_of(stay_of(ward.state.known(BED)), past, READER)
    assert [(entry.kind, entry.patient_id) for entry in found.entries] == [
        ("admitted", "p-2"),
        ("oxygen", "p-2"),
    ]
    assert found.entries[1].at_ms == NOW - 20 * MINUTE
    [ended] = found.alerts
    assert (ended.since_ms, ended.ended_ms) == (NOW - 25 * MINUTE, NOW - 23 * MINUTE)
    assert (ended.answered_by, ended.answered_ms) == ("nurse 7", NOW - 24 * MINUTE)
    assert ended.priority == "high"


def test_without_a_journal_the_past_is_what_arrived_since_the_start() -> None:
    ward = Ward()
    ward.take(context_body(EntryKind.ADMITTED, "p-1", BED, NOW - 9 * MINUTE))
    ward.take(context_body(EntryKind.OXYGEN, "p-1", BED, NOW - 8 * MINUTE))
    raised = ORGAN_SIGN.alert(BED, NOW - 5 * MINUTE)
    ward.take(alert_body(raised))
    assert past_of(stay_of(ward.state.known(BED)), None, READER).alerts == ()
    ended = replace(raised, n=2, state=AlertState.RESOLVED, resolved_at=instant(NOW))
    ward.take(alert_body(ended))
    found = past_of(stay_of(ward.state.known(BED)), None, READER)
    assert [entry.kind for entry in found.entries] == ["admitted", "oxygen"]
    assert [(alert.ended_ms, alert.answered_by) for alert in found.alerts] == [(NOW, "")]
    ward.take(context_body(EntryKind.ADMITTED, "p-2", BED, NOW))
    found = past_of(stay_of(ward.state.known(BED)), None, READER)
    assert ([entry.patient_id for entry in found.entries], found.alerts) == (["p-2"], ())


def test_a_journal_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    lost = JournalPast(tmp_path / "nothing.db")
    with pytest.raises(JournalError, match="cannot be read"):
        lost.oldest_ns(Lane.READINGS)
    with pytest.raises(JournalError, match="cannot be read"):
        past_of(stay_of(Ward().state.known(BED)), lost, READER)


def with_past(board: Served, past: JournalPast | None) -> None:
    """Let a board that serves already read a journal."""
    own = board.server._board
    own.settings = replace(own.settings, past=past)
    own.backfill._past = past


def test_a_course_goes_back_to_before_the_start_of_the_board(
    journal: Journal, past: JournalPast
) -> None:
    at_ms = now_ms()
    for minute in range(1, 40):
        store_readings(journal, "bed-01", at_ms - minute * MINUTE, 60.0 + minute)
        store_readings(journal, "bed-02", at_ms - minute * MINUTE, 140.0)
    store_readings(journal, "bed-01", at_ms - 41 * MINUTE, None)
    journal.append(Lane.READINGS, "bed-01", (at_ms - 5 * MINUTE) * 1_000_000, b"{damaged")
    journal.flush(10.0)
    with serving() as board:
        with_past(board, past)
        board.ward.feed.put(vitals_body("bed-01", {VitalKind.HEART_RATE: 55.0}, at_ms))
        with board.screen() as screen:
            screen.until("beat")
            screen.until("beat")
        trend = board.request("GET", "/api/beds/bed-01/trend?hours=1").content
    line = [value for value in trend["kinds"]["heart_rate"]["v"] if value is not None]
    assert (min(line), max(line)) == (55.0, 99.0)
    assert 140.0 not in line
    assert trend["from_ms"] <= at_ms - 41 * MINUTE
    assert trend["baseline"]["heart_rate"] == [70.0, 86.0]


@pytest.mark.parametrize("hours", ["0", "337", "-1", "x", "1e3", ""])
def test_hours_that_make_no_sense_are_refused(hours: str) -> None:
    with serving() as board:
        answer = board.request("GET", f"/api/beds/bed-01/trend?hours={hours}")
        assert answer.status == 422
        assert board.request("GET", "/api/beds/bed-99/trend").status == 404


def test_history_and_handover_come_over_the_wire(journal: Journal, past: JournalPast) -> None:
    at_ms = now_ms() - 10 * MINUTE
    for change in over("bed-03", at_ms):
        journal.append(Lane.ALERTS, "bed-03", at_ms * 1_000_000, change)
    journal.flush(10.0)
    with serving() as board:
        with_past(board, past)
        history = board.request("GET", "/api/beds/bed-03/history").content
        handover = board.request("GET", "/api/handover").content
        with_past(board, JournalPast(past._path.with_name("gone.db")))
        assert board.request("GET", "/api/handover").status == 503
    assert [alert["answered_by"] for alert in history["alerts"]] == ["nurse 7"]
    assert len(handover["beds"]) == 8
    assert [bed["id"] for bed in handover["beds"] if bed["alerts"]] == ["bed-03"]


def test_the_audit_trail_is_shown_newest_first_with_words() -> None:
    acts = [
        AuditAct("answer", "nurse 7", instant(NOW), "nurse", "board 10.0.0.7", "bed-1"),
        AuditAct("of_a_newer_program", "", instant(NOW), detail={"reason": "x"}),
    ]
    entries = [chained(act, n, "0" * 64) for n, act in enumerate(acts, 1)]
    with serving() as board:
        assert board.request("GET", "/api/audit").status == 403, "a nurse does not read it"
        own = board.server._board
        own.settings = replace(own.settings, audit=lambda: entries)
        visitor = own.gate._visitor  # type: ignore[attr-defined]
        own.gate._visitor = replace(visitor, role="charge")  # type: ignore[attr-defined]
        shown = board.request("GET", "/api/audit").content["acts"]
        own.settings = replace(own.settings, audit=lambda: None)
        assert board.request("GET", "/api/audit").status == 404
    assert [act["n"] for act in shown] == [2, 1]
    assert shown[1]["words"] == {"en": "answer to an alert", "de": "Antwort auf einen Alarm"}
    assert shown[0]["words"]["de"] == "of_a_newer_program"
    assert shown[0]["detail"]["en"] == "reason: x"


def test_the_protocol_is_the_hospitals_own_text_or_nothing() -> None:
    card = ProtocolCard(3, "CRS", {grade: f"text {grade}" for grade in range(5)})
    with serving() as board:
        assert board.request("GET", "/api/protocol?grade=2").status == 404
        own = board.server._board
        own.settings = replace(own.settings, protocol=card)
        told = board.request("GET", "/api/protocol?grade=2").content
        for wrong in ("", "9", "x", "22", "-1"):
            assert board.request("GET", f"/api/protocol?grade={wrong}").status == 404
    assert (told["version"], told["text"]["de"]) == (3, "text 2")
