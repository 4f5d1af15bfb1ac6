"""The board with TLS, and behind a proxy that speaks TLS for it."""

from __future__ import annotations

import http.client
import json
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import trustme

from edge_agent.access.roles import Role
from edge_agent.board.server import Address, BoardServer
from tests.support.board_ward import BoardWard, board_of
from tests.support.served_board import WAIT_S, requested
from tests.support.session_gate import PASSWORD, SessionGate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[SessionGate]:
    gate = SessionGate(tmp_path)
    gate.add("charge", Role.CHARGE)
    yield gate
    gate.access.file.close()


@contextmanager
def serving(gate: SessionGate, address: Address) -> Iterator[int]:
    server = BoardServer(board_of(BoardWard("quiet"), gate), address)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def test_with_tls_cookies_are_secure_and_browsers_stay_with_it(
    gate: SessionGate, tmp_path: Path
) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("board.example", "localhost")
    certificate, key = tmp_path / "board.pem", tmp_path / "board.key"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    address = Address(certificate=certificate, key=key, names=("board.example",))
    with serving(gate, address) as port:
        connection = http.client.HTTPSConnection(
            "localhost", port, timeout=WAIT_S, context=trusting
        )
        connection.request("GET", "/api/me", headers={"Host": "board.example"})
        response = connection.getresponse()
        token = json.loads(response.read())["csrf"]
        assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
        form = json.dumps({"person": "charge", "password": PASSWORD}).encode()
        connection.request("POST", "/api/login", form, {"X-CSRF-Token": token})
        response = connection.getresponse()
        assert response.status == 202
        assert "Secure" in response.headers["Set-Cookie"].split("; ")
        connection.close()


def test_without_tls_no_browser_is_told_to_stay_with_it(gate: SessionGate) -> None:
    with serving(gate, Address()) as port:
        assert "strict-transport-security" not in requested(port, "GET", "/api/me").headers


@pytest.mark.parametrize(
    ("proxies", "via", "is_secure"),
    [(("127.0.0.1",), "board 192.0.2.7", True), ((), "board 127.0.0.1", False)],
)
def test_only_a_proxy_that_is_named_is_believed_about_the_browser(
    gate: SessionGate, proxies: tuple[str, ...], via: str, *, is_secure: bool
) -> None:
    with serving(gate, Address(proxies=proxies)) as port:
        token = requested(port, "GET", "/api/me").content["csrf"]
        headers = {
            "X-CSRF-Token": token,
            "X-Forwarded-For": "192.0.2.7",
            "X-Forwarded-Proto": "https",
        }
        form = json.dumps({"person": "charge", "password": PASSWORD}).encode()
        answer = requested(port, "POST", "/api/login", form, headers)
    assert answer.status == 202
    assert ("Secure" in answer.cookies[0].split("; ")) is is_secure
    assert {act.via for act in gate.acts if act.act == "log_in"} == {via}
