"""Attacks on the board over a real socket: each is refused, and nobody else notices."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any, Final

import pytest

from edge_agent.access.roles import Role
from edge_agent.board.routes import ROUTES
from tests.support.board_bodies import alert, alert_body, gateway_body
from tests.support.made_alerts import ORGAN_SIGN
from tests.support.served_board import WAIT_S, Served, cookie_header, serving
from tests.support.session_gate import BADGE, PIN, SessionGate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge_agent.board.routes import Row

ANSWER: Final = "/api/beds/bed-02/answer"
STRANGE: Final = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><svg/onload=alert(1)>",
    "bed\u2028\u2029\\n",
    "MSH|^~\\&|ADT^A01|<b>",
)


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


def path_of(row: Row) -> str:
    return row.path.replace("{bed}", "bed-02").replace("{path:path}", "index.html")


GUARDED = [row for row in ROUTES if row.permission is not None]


def named(row: Row) -> str:
    return f"{row.method} {row.path}"


@pytest.mark.parametrize("row", GUARDED, ids=named)
def test_without_a_session_nothing_is_answered(board: Served, row: Row) -> None:
    for cookies in ("", "made-up", "x" * 4000):
        header = {"Cookie": f"crswatch_session={cookies}; crswatch_station={cookies}"}
        answer = board.request(row.method, path_of(row), b"{}", header)
        assert answer.status == 401
        assert set(answer.content) == {"error"}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("row", GUARDED, ids=named)
def test_each_role_may_do_what_its_permission_says_and_no_more(
    board: Served, gate: SessionGate, row: Row, role: Role
) -> None:
    visitor = gate.open("p", role)
    if row.path == "/api/stream":
        with board.screen(visitor=visitor) as screen:
            assert screen.response.status == 200
        return
    headers = cookie_header(visitor) | {"X-CSRF-Token": visitor.csrf}
    answer = board.request(row.method, path_of(row), b"{", headers)
    assert row.permission is not None
    assert (answer.status == 403) is not visitor.may(row.permission)
    assert answer.status not in {401, 500}


POSTS = [row for row in ROUTES if row.method == "POST"]


@pytest.mark.parametrize("row", POSTS, ids=named)
@pytest.mark.parametrize("token", [None, "", "made-up", "é"])
def test_a_post_without_the_token_of_its_session_is_refused(
    board: Served, gate: SessionGate, row: Row, token: str | None
) -> None:
    """A page elsewhere can send the cookie with a POST, but can read no token."""
    visitor = gate.open("nurse 7", Role.CHARGE)
    headers = cookie_header(visitor)
    if token is not None:
        headers["X-CSRF-Token"] = token.encode().decode("latin-1")
    answer = board.request("POST", path_of(row), b"{}", headers)
    assert answer.status == 403
    assert board.ward.answers == []


def test_the_token_of_another_session_is_refused(board: Served, gate: SessionGate) -> None:
    mine, other = gate.open("nurse 7", Role.NURSE), gate.open("nurse 8", Role.NURSE)
    headers = cookie_header(mine) | {"X-CSRF-Token": other.csrf}
    body = b'{"kind":"acknowledge","answer_id":"a"}'
    assert board.request("POST", ANSWER, body, headers).status == 403
    headers = cookie_header(mine) | {"X-CSRF-Token": mine.csrf}
    assert board.request("POST", ANSWER, body, headers).status == 202


def test_an_answer_sent_twice_counts_once(board: Served, gate: SessionGate) -> None:
    nurse = gate.open("nurse 7", Role.NURSE)
    statuses = [
        board.post(ANSWER, nurse, kind="acknowledge", answer_id=answer_id).status
        for answer_id in ("one", "one", "two", "one")
    ]
    assert statuses == [202, 409, 202, 409]
    assert [answer.answer_id for answer in board.ward.answers] == ["one", "two"]


def test_the_name_of_an_answer_is_that_of_the_session_whatever_it_says(
    board: Served, gate: SessionGate
) -> None:
    nurse = gate.open("nurse 7", Role.NURSE)
    board.post(ANSWER, nurse, kind="acknowledge", answer_id="one", by="the boss")
    assert [answer.by for answer in board.ward.answers] == ["nurse 7"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b"\xff\xfe",
        b"[" * 16_000,
        b'{"kind":"acknowledge"}',
        b'{"kind":"eat","answer_id":"a"}',
        b'{"kind":"acknowledge","answer_id":""}',
        b'{"kind":"acknowledge","answer_id":"a\\u0000"}',
        b'{"kind":"acknowledge","answer_id":"a","extra":1}',
        b'{"kind":"acknowledge","answer_id":"a","seen":[{"alert_id":""}]}',
        b'{"kind":"silence","answer_id":"a","for_s":-1}',
        b'{"kind":"silence","answer_id":"a","for_s":1e99}',
        json.dumps({"kind": "reject", "answer_id": "a", "reason": "x" * 501}).encode(),
        json.dumps(
            {"kind": "acknowledge", "answer_id": "a", "seen": [{"alert_id": "b"}] * 65}
        ).encode(),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused_with_words(
    board: Served, gate: SessionGate, body: bytes
) -> None:
    visitor = gate.open("nurse 7", Role.NURSE)
    headers = cookie_header(visitor) | {"X-CSRF-Token": visitor.csrf}
    answer = board.request("POST", ANSWER, body, headers)
    assert answer.status == 422
    assert answer.content["error"].keys() == {"en", "de"}
    assert board.ward.answers == []


def test_a_body_that_is_too_large_is_refused_before_it_is_read(
    board: Served, gate: SessionGate
) -> None:
    visitor = gate.open("nurse 7", Role.NURSE)
    head = (
        f"POST {ANSWER} HTTP/1.1\r\nHost: localhost\r\nX-CSRF-Token: {visitor.csrf}\r\n"
        f"Cookie: crswatch_session={visitor.cookies.session}\r\n"
    )
    for rest in (
        "Content-Length: 99999999\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n" + f"{20_000:x}\r\n{'x' * 20_000}\r\n",
    ):
        with socket.create_connection(("127.0.0.1", board.port), WAIT_S) as peer:
            peer.sendall((head + rest).encode())
            assert peer.recv(64).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "rest", [b"Content-Length: 9\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n9\r\n{"]
)
def test_a_browser_that_goes_in_the_middle_of_a_post_leaves_no_trace(
    gate: SessionGate, rest: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    nurse = gate.open("nurse 7", Role.NURSE)
    headers = {"Host": "localhost", "X-CSRF-Token": nurse.csrf} | cookie_header(nurse)
    with serving(gate=gate) as board:
        for path in (ANSWER, "/api/login"):
            lines = [f"POST {path} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
            with socket.create_connection(("127.0.0.1", board.port), WAIT_S) as peer:
                peer.sendall("\r\n".join([*lines, ""]).encode() + rest)
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(4096):
                    pass
        assert board.ward.answers == []
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil", "", "evil:80", "[::2]:1"]
)
def test_a_name_that_is_not_ours_is_refused(board: Served, host: str) -> None:
    """A page elsewhere can point its own name at this machine (DNS rebinding)."""
    assert board.request("GET", "/api/me", headers={"Host": host}).status == 421


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LOCALHOST:8642", "[::1]:8642"])
def test_our_own_names_are_answered(board: Served, host: str) -> None:
    assert board.request("GET", "/api/me", headers={"Host": host}).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/../security.py",
        "/..%2fsecurity.py",
        "/%2e%2e/security.py",
        "/....//security.py",
        "//etc/passwd",
        "/static/../../../etc/passwd",
        "/index.html%00.py",
        "/.env",
    ],
)
def test_no_path_leads_out_of_the_boards_files(board: Served, path: str) -> None:
    assert board.request("GET", path).status == 404


@pytest.mark.parametrize("text", STRANGE)
def test_strange_texts_are_only_ever_data(board: Served, gate: SessionGate, text: str) -> None:
    """Bed names, device texts and HL7 fields leave as JSON, which no browser runs."""
    board.ward.feed.put(gateway_body("online", (text,)))
    board.ward.feed.put(alert_body(alert(text, "site.own", 1, text=text, explanation=text)))
    nurse = gate.open("nurse 7", Role.NURSE)
    found: list[dict[str, Any]] = []
    with board.screen(visitor=nurse) as screen:
        while not found and (event := screen.event()) is not None:
            beds = event.content["beds"] if event.name == "snapshot" else [event.content]
            found = [bed for bed in beds if bed.get("id") == text and bed.get("problem")]
    assert found[0]["problem"]["title"]["en"] == text
    assert screen.response.headers["Content-Type"].startswith("text/event-stream")
    assert screen.response.headers["X-Content-Type-Options"] == "nosniff"
    refused = board.post(f"/api/beds/{text.encode().hex()}/answer", nurse, kind=text)
    assert refused.headers["content-type"] == "application/json"


def test_every_answer_is_hardened(board: Served, gate: SessionGate) -> None:
    cookie = cookie_header(gate.open("nurse 7", Role.NURSE))
    for path in ("/", "/api/me", "/nothing", "/api/beds/x/answer"):
        headers = board.request("GET", path, headers=cookie).headers
        assert headers["content-security-policy"].startswith("default-src 'self'; ")
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers
        assert "access-control-allow-origin" not in headers
    assert board.request("GET", "/api/me").headers["cache-control"] == "no-store"


def test_of_two_who_answer_at_once_both_see_who_has_it(board: Served, gate: SessionGate) -> None:
    one, two = gate.open("nurse 7", Role.NURSE), gate.open("nurse 8", Role.NURSE)
    raised = board.ward.raise_alert("bed-02", ORGAN_SIGN)
    seen = [{"alert_id": raised.alert_id, "n": raised.n}]
    with board.screen(visitor=one) as left, board.screen(visitor=two) as right:
        left.until("snapshot")
        right.until("snapshot")
        for person in (one, two):
            answer = board.post(
                ANSWER,
                person,
                kind="acknowledge",
                answer_id=person.person,
                seen=seen,
            )
            assert answer.status == 202
            assert answer.content == {"ok": True}, "the effect is seen on the stream only"
        for screen in (left, right):
            problem = screen.until("bed", "bed-02").content["problem"]
            while problem["state"] != "answered":
                problem = screen.until("bed", "bed-02").content["problem"]
            assert problem["answered_by"] == "nurse 7"
