"""Routes of the board: every one has a permission, and every act is passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from edge_agent.access.roles import Permission
from edge_agent.board import acts
from edge_agent.board.app import board_app
from edge_agent.board.gatekeeper import SIGNED
from edge_agent.board.routes import ROUTES
from edge_agent.board.security import Protection
from tests.support.board_ward import BoardWard, board_of
from tests.support.served_board import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

PUBLIC = {"/", "/{path:path}", "/api/me", "/api/login", "/api/logout"}


@pytest.fixture
def board() -> Iterator[Served]:
    with serving() as served:
        yield served


def test_every_route_of_the_application_is_in_the_table_with_a_permission() -> None:
    app = board_app(board_of(BoardWard("quiet")), (), is_tls=False)
    assert isinstance(app, Protection)
    assert isinstance(app._app, Starlette)
    routes = [route for route in app._app.routes if isinstance(route, Route)]
    assert len(routes) == len(app._app.routes) == len(ROUTES)
    table = {(str(row.method), row.path): row.permission for row in ROUTES}
    assert len(table) == len(ROUTES)
    for route in routes:
        for method in (route.methods or set()) - {"HEAD"}:
            needed = table[method, route.path]
            assert isinstance(needed, Permission) or route.path in PUBLIC


def test_only_log_in_and_the_boards_own_files_are_open_to_everybody() -> None:
    assert {row.path for row in ROUTES if row.permission is None} == PUBLIC


def test_every_act_is_signed_by_a_person_or_needs_a_session_of_a_person() -> None:
    """At a shared screen the person who signs is asked for the permission, not the screen."""
    acts = {row.path: row.permission for row in ROUTES if row.method == "POST"}
    others = {path for path, needed in acts.items() if needed not in SIGNED}
    assert others - PUBLIC == {
        "/api/beds/{bed}/seen",
        "/api/screen",
        "/api/station",
        "/api/unlock",
    }


def test_without_accounts_each_act_carries_a_name(board: Served) -> None:
    me = board.request("GET", "/api/me").content
    assert (me["person"], me["role"], me["needs_name"]) == ("", "nurse", True)
    nameless = board.post("/api/beds/bed-02/answer", kind="acknowledge", answer_id="a")
    assert nameless.status == 403
    for name in ("\u202ekcatta", " ", "x" * 81):
        wrong = board.post("/api/beds/bed-02/answer", kind="reject", answer_id="b", by=name)
        assert wrong.status in {403, 422}
    named = board.post("/api/beds/bed-02/answer", kind="reject", answer_id="c", by=" nurse 7 ")
    assert named.status == 202
    assert [answer.by for answer in board.ward.answers] == ["nurse 7"]


def test_an_answer_says_what_was_seen_why_and_for_how_long(board: Served) -> None:
    seen = [{"alert_id": "a-1", "n": 3}, {"alert_id": "a-2"}]
    board.post(
        "/api/beds/bed-02/answer",
        kind="silence",
        answer_id="a",
        by="nurse 7",
        seen=seen,
        reason="family is here",
        for_s=60,
    )
    [answer] = board.ward.answers
    assert [(one.alert_id, one.n) for one in answer.seen] == [("a-1", 3), ("a-2", 0)]
    assert (answer.reason, answer.for_s, answer.bed_id) == ("family is here", 60.0, "bed-02")


def test_an_act_at_a_bed_that_is_not_there_is_refused(board: Served) -> None:
    for act in ("answer", "entries", "away", "test-alert", "seen"):
        assert board.post(f"/api/beds/bed-99/{act}", by="nurse 7").status == 404


def test_a_test_alert_runs_and_is_seen_by_every_screen(board: Served) -> None:
    with board.screen() as screen:
        screen.until("snapshot")
        assert board.post("/api/beds/bed-02/test-alert", by="nurse 7").status == 202
        problem = screen.until("bed", "bed-02").content["problem"]
    assert "TEST" in problem["title"]["en"]


def test_a_pause_of_sound_is_seen_by_every_screen_and_is_never_long(board: Served) -> None:
    with board.screen() as screen:
        screen.until("snapshot")
        assert board.post("/api/ward/audio-pause", by="nurse 7", for_s=121).status == 422
        assert board.post("/api/ward/audio-pause", by="nurse 7", for_s=60).status == 202
        until_ms = screen.until("ward").content["audio_paused_until_ms"]
        assert until_ms is not None
        assert board.post("/api/ward/audio-pause", by="nurse 7", for_s=0).status == 202
        assert screen.until("ward").content["audio_paused_until_ms"] is None


def test_a_screen_reports_itself_and_is_listed(board: Served) -> None:
    report: dict[str, Any] = {"name": "wall", "seq": 1, "can_sound": True, "is_awake": True}
    report |= {"audio_time": 1.5, "shows": ["bed-01"]}
    with board.screen() as screen:
        screen.until("snapshot")
        assert board.post("/api/screen", None, **report).status == 202
        [listed] = screen.until("ward").content["screens"]
    assert (listed["name"], listed["can_sound"]) == ("wall", True)
    assert board.post("/api/screen", None, **(report | {"name": " "})).status == 422
    assert board.post("/api/beds/bed-01/seen").status == 202


def test_an_entry_that_makes_no_sense_is_refused_with_words(board: Served) -> None:
    path = "/api/beds/bed-02/entries"
    fields: dict[str, Any] = {"kind": "away", "at_ms": 2000, "until_ms": 1000, "by": "nurse 7"}
    refused = board.post(path, None, entry_id="e-1", **fields)
    assert refused.status == 422
    assert "ends before it begins" in refused.content["error"]["en"]
    assert board.post(path, None, entry_id="e-1", **(fields | {"until_ms": 3000})).status == 202


def test_a_command_that_the_gateway_refuses_says_why(board: Served) -> None:
    board.ward.refusal = "no such alert"
    refused = board.post("/api/beds/bed-02/answer", kind="acknowledge", answer_id="a", by="nurse 7")
    assert refused.status == 409
    assert refused.content["error"]["de"] == "nicht ausgeführt: no such alert"


def test_a_command_without_any_reply_counts_as_passed_on(
    board: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "_REPLY_WITHIN_S", 0.01)
    monkeypatch.setattr(board.ward, "answer", lambda *_: True)
    answer = board.post("/api/beds/bed-02/answer", kind="acknowledge", answer_id="a", by="n 7")
    assert answer.status == 202


def test_a_command_that_was_not_passed_on_may_be_sent_again(
    board: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> bool:
        raise ValueError("there is no account 'n 7'")

    answer = {"kind": "acknowledge", "answer_id": "a", "by": "n 7"}
    for command, status in ((lambda *_: False, 503), (refuse, 403)):
        with monkeypatch.context() as patch:
            patch.setattr(board.ward, "answer", command)
            assert board.post("/api/beds/bed-02/answer", None, **answer).status == status
    assert board.post("/api/beds/bed-02/answer", None, **answer).status == 202


def test_of_very_many_ids_only_the_newest_are_remembered() -> None:
    ids = board_of(BoardWard("quiet")).ids
    assert ids.is_new("first")
    assert not ids.is_new("first")
    assert all(ids.is_new(str(i)) for i in range(4096))
    assert ids.is_new("first")
