"""The routes of the board, each with the permission that it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from edge_agent.board import acts
from edge_agent.board.answers import ProblemError, accepted, address_of, form_of, json_answer
from edge_agent.board.board import Board
from edge_agent.board.forms import LoginForm
from edge_agent.board.gatekeeper import Credentials, Permission, RefusedError, Visitor
from edge_agent.board.security import COOKIE
from edge_agent.board.shapes import Words
from edge_agent.board.static_files import START
from edge_agent.board.stream import EventStream

Endpoint = Callable[[Board, Request, Visitor], Awaitable[ASGIApp]]


@dataclass(frozen=True, slots=True)
class Row:
    """One route."""

    method: Literal["GET", "POST"]
    path: str
    permission: Permission
    endpoint: Endpoint


async def _me(board: Board, _request: Request, visitor: Visitor) -> Response:
    return json_answer(
        {
            "person": visitor.person,
            "role": visitor.role,
            "csrf": visitor.csrf,
            "language": visitor.language or board.settings.language,
            "zone": board.settings.place.zone,
            "station": visitor.is_station,
            "needs_name": visitor.role != "none" and not visitor.person and not visitor.is_station,
        }
    )


async def _stream(board: Board, request: Request, visitor: Visitor) -> ASGIApp:
    given = request.headers.get("last-event-id") or request.query_params.get("after", "")
    after = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
    return EventStream(board.hub, after, lambda: board.gate.is_current(visitor))


async def _log_in(board: Board, request: Request, _visitor: Visitor) -> Response:
    form = await form_of(request, LoginForm)
    credentials = Credentials(form.person, form.password, form.pin, form.badge)
    try:
        cookie, visitor = await run_in_threadpool(
            board.gate.log_in, credentials, address_of(request)
        )
    except RefusedError as error:
        raise ProblemError(403, Words(str(error), str(error))) from error
    answer = json_answer({"ok": True, "role": visitor.role, "csrf": visitor.csrf}, 202)
    is_tls = request.url.scheme == "https"
    answer.set_cookie(COOKIE, cookie, path="/", secure=is_tls, httponly=True, samesite="strict")
    return answer


async def _log_out(board: Board, _request: Request, visitor: Visitor) -> Response:
    await run_in_threadpool(board.gate.log_out, visitor)
    answer = accepted()
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer


async def _file(board: Board, request: Request, _visitor: Visitor) -> Response:
    return board.settings.files.answer(request.path_params.get("path", START), request)


ROUTES: Final = (
    Row("GET", "/api/me", Permission.EVERYBODY, _me),
    Row("GET", "/api/stream", Permission.SEE, _stream),
    Row("POST", "/api/beds/{bed}/answer", Permission.ANSWER, acts.answer_problem),
    Row("POST", "/api/beds/{bed}/entries", Permission.ANSWER, acts.enter_fact),
    Row("POST", "/api/beds/{bed}/away", Permission.ANSWER, acts.pause_bed),
    Row("POST", "/api/beds/{bed}/test-alert", Permission.ANSWER, acts.test_chain),
    Row("POST", "/api/beds/{bed}/seen", Permission.SEE, acts.note_seen),
    Row("POST", "/api/ward/audio-pause", Permission.ANSWER, acts.pause_sound),
    Row("POST", "/api/screen", Permission.SEE, acts.note_screen),
    Row("POST", "/api/login", Permission.EVERYBODY, _log_in),
    Row("POST", "/api/logout", Permission.EVERYBODY, _log_out),
    Row("GET", "/", Permission.EVERYBODY, _file),
    Row("GET", "/{path:path}", Permission.EVERYBODY, _file),
)
"""Every route; the first that fits answers. Files of the board hold nothing about a patient."""
