"""The routes of the board, each with the permission that it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal

from starlette.responses import Response
from starlette.types import ASGIApp

from edge_agent.access.roles import Permission
from edge_agent.board import acts, entrance, looking_back
from edge_agent.board.answers import Asking
from edge_agent.board.board import Board
from edge_agent.board.static_files import START
from edge_agent.board.stream import EventStream

Endpoint = Callable[[Board, Asking], Awaitable[ASGIApp]]


@dataclass(frozen=True, slots=True)
class Row:
    """One route."""

    method: Literal["GET", "POST"]
    path: str
    permission: Permission | None
    """None for everybody, also before the log-in."""
    endpoint: Endpoint
    is_act: bool = True
    """False for what a browser sends by itself, so that no session lasts by it."""


async def _stream(board: Board, asking: Asking) -> ASGIApp:
    request, visitor = asking.request, asking.visitor
    given = request.headers.get("last-event-id") or request.query_params.get("after", "")
    after = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
    return EventStream(board.hub, after, lambda: board.gate.is_current(visitor))


async def _file(board: Board, asking: Asking) -> Response:
    name = asking.request.path_params.get("path", START)
    return board.settings.files.answer(name, asking.request)


_BED: Final = "/api/beds/{bed}"
ROUTES: Final = (
    Row("GET", "/api/me", None, entrance.say_who, is_act=False),
    Row("GET", "/api/stream", Permission.VIEW, _stream, is_act=False),
    Row("GET", f"{_BED}/trend", Permission.VIEW, looking_back.show_trend, is_act=False),
    Row("GET", f"{_BED}/history", Permission.VIEW, looking_back.show_history, is_act=False),
    Row("GET", "/api/handover", Permission.VIEW, looking_back.show_handover, is_act=False),
    Row("GET", "/api/audit", Permission.READ_AUDIT, looking_back.show_audit, is_act=False),
    Row("GET", "/api/protocol", Permission.VIEW, looking_back.show_protocol, is_act=False),
    Row("POST", f"{_BED}/answer", Permission.ANSWER, acts.answer_problem),
    Row("POST", f"{_BED}/entries", Permission.ENTER, acts.enter_fact),
    Row("POST", f"{_BED}/away", Permission.ENTER, acts.pause_bed),
    Row("POST", f"{_BED}/test-alert", Permission.TEST_CHAIN, acts.test_chain),
    Row("POST", f"{_BED}/seen", Permission.VIEW, acts.note_seen),
    Row("POST", "/api/ward/audio-pause", Permission.PAUSE_AUDIO, acts.pause_sound),
    Row("POST", "/api/screen", Permission.VIEW, acts.note_screen, is_act=False),
    Row("POST", "/api/login", None, entrance.log_in),
    Row("POST", "/api/logout", None, entrance.log_out),
    Row("POST", "/api/station", Permission.SET_UP_STATION, entrance.set_up_station),
    Row("POST", "/api/unlock", Permission.LIFT_LOCK, entrance.lift_lock),
    Row("GET", "/", None, _file, is_act=False),
    Row("GET", "/{path:path}", None, _file, is_act=False),
)
"""Every route; the first that fits answers. Files of the board hold nothing about a patient."""
