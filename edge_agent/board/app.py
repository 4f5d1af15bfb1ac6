"""The board as an ASGI application: permissions and tokens in front of every route."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from edge_agent.board.answers import Asking, ProblemError, cookies_of, refusal
from edge_agent.board.board import Board
from edge_agent.board.gatekeeper import Visitor
from edge_agent.board.routes import ROUTES, Row
from edge_agent.board.security import Protection, has_token
from edge_agent.board.words import said


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
        visitor = board.gate.visitor(cookies_of(request))
        try:
            _check(request, row, visitor)
            if row.is_act:
                board.gate.touch(visitor)
            return await row.endpoint(board, Asking(request, visitor, row.permission))
        except ProblemError as error:
            return refusal(error.status, error.words)

    return endpoint


def _check(request: Request, row: Row, visitor: Visitor) -> None:
    """Raise ProblemError unless the visitor may use a route."""
    if row.permission is not None and not visitor.may(row.permission):
        if visitor.role is None:
            raise ProblemError(401, said("board.please_log_in"))
        raise ProblemError(403, said("board.not_allowed"))
    if row.method == "POST" and not has_token(request, visitor):
        raise ProblemError(403, said("board.reload"))
