"""A board over a real socket, and clients that speak plain HTTP to it."""

from __future__ import annotations

import http.client
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge_agent.board.connections import HEAD_WITHIN_S
from edge_agent.board.server import Address, BoardServer
from tests.support.board_ward import BoardWard, board_of
from tests.support.ward_past import Past

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge_agent.board.gatekeeper import Gatekeeper, Visitor

WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of the server."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: list[str]

    @property
    def content(self) -> Any:  # noqa: ANN401 - JSON
        """Its JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event."""

    seq: int
    name: str
    content: Any


class Screen:
    """A client of the stream."""

    def __init__(self, port: int, headers: dict[str, str] | None = None, query: str = "") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
        self._connection.request("GET", f"/api/stream{query}", headers=headers or {})
        self.response = self._connection.getresponse()

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._connection.close()

    def event(self) -> Event | None:
        """Return the next event; None at the end of the stream."""
        fields: dict[str, str] = {}
        while line := self.response.readline():
            text = line.decode().rstrip("\n")
            if not text:
                return Event(int(fields["id"]), fields["event"], json.loads(fields["data"]))
            name, _, value = text.partition(": ")
            fields[name] = value
        return None

    def bed(self, bed_id: str, holds: Callable[[Any], object]) -> Any:  # noqa: ANN401 - JSON
        """Return a bed as soon as something holds of it."""
        until_s = time.monotonic() + 3 * WAIT_S
        while time.monotonic() < until_s and (event := self.event()) is not None:
            beds = event.content.get("beds", []) if event.name == "snapshot" else [event.content]
            for bed in beds:
                if bed.get("id") == bed_id and holds(bed):
                    return bed
        raise AssertionError(f"nothing of the kind came of {bed_id}")

    def until(self, name: str, bed_id: str = "") -> Event:
        """Return the next event of a name, and of a bed where one is given."""
        until_s = time.monotonic() + WAIT_S
        while time.monotonic() < until_s and (event := self.event()) is not None:
            if event.name == name and (not bed_id or event.content["id"] == bed_id):
                return event
        raise AssertionError(f"no {name} {bed_id} came")


def requested(
    port: int,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Answered:
    """Return the answer of a board to one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        cookies = response.headers.get_all("Set-Cookie") or []
        return Answered(response.status, found, response.read(), cookies)
    finally:
        connection.close()


class Served:
    """A ward with its board."""

    def __init__(self, ward: BoardWard, server: BoardServer) -> None:
        self.ward = ward
        self.server = server

    @property
    def port(self) -> int:
        """Port of the board."""
        return self.server.port

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answered:
        """Return the answer to one request."""
        return requested(self.port, method, path, body, headers)

    def post(self, path: str, visitor: Visitor | None = None, **fields: object) -> Answered:
        """Return the answer to a form with the token of the session."""
        headers = cookie_header(visitor)
        token = self.request("GET", "/api/me", headers=headers).content["csrf"]
        body = json.dumps(fields).encode()
        return self.request("POST", path, body, headers | {"X-CSRF-Token": token})

    def screen(self, after: int | None = None, visitor: Visitor | None = None) -> Screen:
        """Return a client of the stream."""
        query = "" if after is None else f"?after={after}"
        return Screen(self.port, cookie_header(visitor), query)


def cookie_header(visitor: Visitor | None) -> dict[str, str]:
    """Return the header that carries the sessions of a visitor."""
    if visitor is None:
        return {}
    pairs = {
        "crswatch_session": visitor.cookies.session,
        "crswatch_station": visitor.cookies.station,
    }
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in pairs.items() if value)}


@contextmanager
def serving(
    scene: str = "quiet",
    gate: Gatekeeper | None = None,
    past: Past | None = None,
    *,
    head_within_s: float = HEAD_WITHIN_S,
) -> Iterator[Served]:
    """Serve a ward that stands still until it is moved."""
    ward = BoardWard(scene)
    server = BoardServer(board_of(ward, gate, past=past), Address(), head_within_s=head_within_s)
    server.start()
    try:
        yield Served(ward, server)
    finally:
        server.stop()
