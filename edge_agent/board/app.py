"""The board as an ASGI application: permissions and tokens in front of every route."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from edge_agent.board.answers import NO_ACCESS, NO_TOKEN, NOT_ALLOWED, ProblemError, refusal
from edge_agent.board.board import Board
from edge_agent.board.gatekeeper import Visitor
from edge_agent.board.routes import ROUTES, Row
from edge_agent.board.security import COOKIE, Protection, has_token


def board_app(board: Board, hosts: Collection[str], *, is_tls: bool) -> ASGIApp:
    """Return the application of a board.

    Parameters
    ----------
    hosts
        Names under which it may be asked for.
    is_tls
        True if it speaks HTTPS.
    """
    routes = [Route(row.path, _guarded(board, row), methods=[row.method]) for row in ROUTES]
    app = Starlette(routes=routes)
    return Protection(app, hosts, is_tls=is_tls)


def _guarded(board: Board, row: Row) -> Callable[[Request], Awaitable[ASGIApp]]:
    """Return the endpoint of a route, which answers only those who may."""

    async def endpoint(request: Request) -> ASGIApp:
        visitor = board.gate.visitor(request.cookies.get(COOKIE, ""))
        try:
            _check(request, row, visitor)
            return await row.endpoint(board, request, visitor)
        except ProblemError as error:
            return refusal(error.status, error.words)

    return endpoint


def _check(request: Request, row: Row, visitor: Visitor) -> None:
    """Raise ProblemError unless the visitor may use a route."""
    if not visitor.may(row.permission):
        status, words = (401, NO_ACCESS) if visitor.role == "none" else (403, NOT_ALLOWED)
        raise ProblemError(status, words)
    if row.method == "POST" and not has_token(request, visitor):
        raise ProblemError(403, NO_TOKEN)
