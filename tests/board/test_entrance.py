"""Log-ins, shared screens and sessions on the board, with real accounts, over a real socket."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from edge_agent.access.roles import Role
from edge_agent.board.gatekeeper import Cookies, Credentials, OpenGate, RefusedError
from edge_agent.board.ward_gate import WardGate
from edge_agent.model.errors import AccessError
from tests.support.board_bodies import instant
from tests.support.served_board import Answered, Served, serving
from tests.support.session_gate import BADGE, PASSWORD, PIN, SessionGate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge_agent.access.ward_access import WardAccess

ANSWER: Final = "/api/beds/bed-02/answer"


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[SessionGate]:
    gate = SessionGate(tmp_path)
    gate.add("charge", Role.CHARGE, pin=PIN, badge=BADGE)
    yield gate
    gate.access.file.close()


@pytest.fixture
def board(gate: SessionGate) -> Iterator[Served]:
    with serving(gate=gate) as served:
        yield served


def test_at_a_shared_screen_each_act_needs_a_person_who_may(
    board: Served, gate: SessionGate
) -> None:
    gate.add("viewer", Role.VIEW, pin="8261")
    station = gate.open_station()

    def answer(answer_id: str, **proof: str) -> int:
        fields = {"kind": "acknowledge", "answer_id": answer_id, **proof}
        return board.post(ANSWER, station, **fields).status

    assert answer("none") == 403
    assert answer("unknown", by="nobody", pin=PIN) == 403
    assert answer("not allowed", by="viewer", pin="8261") == 403
    assert answer("right", by="CHARGE", pin=PIN) == 202
    assert answer("badge", badge=BADGE) == 202
    assert [answer.by for answer in board.ward.answers] == ["charge", "charge"]


def test_guessing_a_pin_is_slowed_down_and_then_ends(board: Served, gate: SessionGate) -> None:
    station = gate.open_station()
    statuses = [
        board.post(ANSWER, station, kind="reject", answer_id=f"{i}", by="charge", pin=f"{i:04}")
        for i in range(1000, 1012)
    ]
    assert {answer.status for answer in statuses[-3:]} <= {403, 429}
    right = board.post(ANSWER, station, kind="reject", answer_id="x", by="charge", pin=PIN)
    assert right.status in {403, 429}, "blocked: the right PIN does not count now"
    assert board.ward.answers == []
    assert "log_in_failed" in {act.act for act in gate.acts}


def test_a_shared_screen_reads_no_audit_trail_and_makes_no_station(
    board: Served, gate: SessionGate
) -> None:
    station = gate.open_station()
    assert board.post("/api/station", station, name="wall").status == 403
    assert board.post("/api/unlock", station, badge=BADGE).status == 403


def cookies_in(answer: Answered) -> dict[str, str]:
    """Return the header of a browser that keeps the cookies of an answer."""
    pairs = [cookie.partition(";")[0] for cookie in answer.cookies if "Max-Age=0" not in cookie]
    return {"Cookie": "; ".join(pairs)}


def test_log_in_sets_a_cookie_that_no_script_reads_and_log_out_ends_the_session(
    board: Served,
) -> None:
    wrong = board.post("/api/login", person="charge", password="not the one at all")
    assert wrong.cookies == []
    assert wrong.status in {403, 429}
    assert "error" in wrong.content
    answer = board.post("/api/login", person="charge", password=PASSWORD)
    assert (answer.status, answer.content["role"]) == (202, "charge")
    flags = set(answer.cookies[0].split("; ")[1:])
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= flags
    cookie = cookies_in(answer)
    me = board.request("GET", "/api/me", headers=cookie).content
    assert (me["person"], me["role"], me["csrf"]) == ("charge", "charge", answer.content["csrf"])
    headers = cookie | {"X-CSRF-Token": me["csrf"]}
    assert board.request("POST", "/api/logout", b"{}", headers).status == 202
    me = board.request("GET", "/api/me", headers=cookie).content
    assert (me["person"], me["role"]) == ("", "none")


def test_a_screen_becomes_a_shared_one_and_people_come_and_go_there(
    board: Served, gate: SessionGate
) -> None:
    charge = gate.open("charge", Role.CHARGE)
    made = board.post("/api/station", charge, name="wall")
    assert made.status == 202
    assert len(made.cookies) == 2, "the person's own is taken away"
    station = cookies_in(made)
    me = board.request("GET", "/api/me", headers=station).content
    assert (me["person"], me["role"], me["station"]) == ("", "view", True)
    assert not gate.is_current(charge), "the person was logged out"
    headers = station | {"X-CSRF-Token": me["csrf"]}
    body = json.dumps({"badge": BADGE}).encode()
    entered = board.request("POST", "/api/login", body, headers)
    assert entered.status == 202
    both = {"Cookie": f"{station['Cookie']}; {cookies_in(entered)['Cookie']}"}
    me = board.request("GET", "/api/me", headers=both).content
    assert (me["person"], me["role"], me["station"]) == ("charge", "charge", False)
    assert me["at_station"] is True


def test_a_board_may_have_no_shared_screens_at_all(board: Served, gate: SessionGate) -> None:
    charge = gate.open("charge", Role.CHARGE)
    assert board.post("/api/station", charge, name=" ").status == 422
    own = board.server._board
    own.settings = replace(own.settings, may_be_shared=False)
    assert board.post("/api/station", charge, name="wall").status == 403


def test_a_nurse_in_charge_opens_a_locked_account_to_the_badge_of_its_owner(
    board: Served, gate: SessionGate
) -> None:
    gate.add("nurse 7", Role.NURSE, badge="badge-4712")
    charge = gate.open("charge", Role.CHARGE)
    assert board.post("/api/unlock", charge, badge="badge-0000").status == 403
    assert board.post("/api/unlock", charge, badge="badge-4712").status == 202
    assert ("lock_lifted", "charge", "nurse 7") in {(a.act, a.by, a.subject) for a in gate.acts}


def test_at_a_shared_screen_a_person_comes_by_name_and_pin(
    board: Served, gate: SessionGate
) -> None:
    station = gate.open_station()
    assert board.post("/api/login", station, person="charge", pin=PIN).status == 202
    assert board.post("/api/login", person="charge", pin=PIN).status == 403, "no shared screen"


def test_a_shared_screen_ends_by_its_own_log_out(board: Served, gate: SessionGate) -> None:
    station = gate.open_station()
    assert board.post("/api/logout", station).status == 202
    assert not gate.is_current(station)


def test_while_the_accounts_cannot_be_read_nobody_is_let_in() -> None:
    def broken() -> WardAccess | None:
        raise AccessError("the disk is gone")

    gate = WardGate(broken, lambda: instant(1), is_local=True)
    stranger = gate.visitor(Cookies("x", "y"))
    assert stranger.role is None
    assert not gate.is_current(stranger)
    with pytest.raises(RefusedError, match="cannot be read"):
        gate.log_in(Credentials("charge", PASSWORD), Cookies(), "127.0.0.1")


@pytest.mark.parametrize("is_local", [True, False])
def test_before_there_are_accounts_only_this_machine_is_let_in(*, is_local: bool) -> None:
    gate = WardGate(lambda: None, lambda: instant(1), is_local=is_local)
    visitor = gate.visitor(Cookies())
    assert visitor.role is (Role.NURSE if is_local else None)
    assert gate.is_open(visitor) is is_local
    gate.touch(visitor)
    gate.log_out(visitor, "127.0.0.1")
    with pytest.raises(RefusedError, match="no accounts"):
        gate.log_in(Credentials("charge", PASSWORD), Cookies(), "127.0.0.1")
    if is_local:
        assert gate.identify(visitor, Credentials("nurse 7"), "127.0.0.1").name == "nurse 7"
    for act in (
        lambda: OpenGate().log_in(Credentials(), Cookies(), ""),
        lambda: OpenGate().set_up_station(visitor, "wall", ""),
        lambda: OpenGate().lift_lock(visitor, BADGE, ""),
    ):
        with pytest.raises(RefusedError, match="no accounts"):
            act()
