"""Coming and going: who a browser is, log-in, shared screens, log-out."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from edge_agent.board.answers import (
    Asking,
    ProblemError,
    accepted,
    address_of,
    form_of,
    json_answer,
    refused,
    unreadable,
)
from edge_agent.board.board import Board
from edge_agent.board.forms import BadgeForm, LoginForm, StationForm, checked_name
from edge_agent.board.gatekeeper import Credentials, Entrance, RefusedError
from edge_agent.board.security import SESSION_COOKIE, STATION_COOKIE
from edge_agent.board.words import said


async def say_who(board: Board, asking: Asking) -> Response:
    """Return who the browser is, with the token for its POSTs."""
    visitor, settings = asking.visitor, board.settings
    return json_answer(
        {
            "person": visitor.person,
            "role": "none" if visitor.role is None else visitor.role.value,
            "csrf": visitor.csrf,
            "language": settings.language,
            "zone": settings.place.zone,
            "station": visitor.is_station,
            "at_station": bool(visitor.cookies.station),
            "needs_name": board.gate.is_open(visitor),
        }
    )


async def log_in(board: Board, asking: Asking) -> Response:
    """Begin a session of a person."""
    form = await form_of(asking.request, LoginForm)
    credentials = Credentials(form.person, form.password, form.pin, form.badge)
    address = address_of(asking.request)
    try:
        found = await run_in_threadpool(
            board.gate.log_in, credentials, asking.visitor.cookies, address
        )
    except RefusedError as error:
        raise refused(error) from error
    return _entered(asking, found, SESSION_COOKIE)


async def set_up_station(board: Board, asking: Asking) -> Response:
    """Make the browser's screen a shared one, and log the person out."""
    if not board.settings.may_be_shared:
        raise ProblemError(403, said("board.no_stations"))
    form = await form_of(asking.request, StationForm)
    address = address_of(asking.request)
    try:
        name = checked_name(form.name)
        found = await run_in_threadpool(board.gate.set_up_station, asking.visitor, name, address)
    except ValueError as error:
        raise unreadable(str(error)) from error
    except RefusedError as error:
        raise refused(error) from error
    answer = _entered(asking, found, STATION_COOKIE)
    _forget(answer, SESSION_COOKIE)
    return answer


async def lift_lock(board: Board, asking: Asking) -> Response:
    """Open the locked account of a badge."""
    form = await form_of(asking.request, BadgeForm)
    address = address_of(asking.request)
    try:
        await run_in_threadpool(board.gate.lift_lock, asking.visitor, form.badge, address)
    except RefusedError as error:
        raise refused(error) from error
    return accepted()


async def log_out(board: Board, asking: Asking) -> Response:
    """End the session of a person; at a shared screen where nobody is, that of the screen."""
    await run_in_threadpool(board.gate.log_out, asking.visitor, address_of(asking.request))
    answer = accepted()
    _forget(answer, STATION_COOKIE if asking.visitor.is_station else SESSION_COOKIE)
    return answer


def _entered(asking: Asking, found: Entrance, cookie: str) -> Response:
    answer = json_answer({"ok": True, "role": found.role.value, "csrf": found.csrf}, 202)
    is_tls = asking.request.url.scheme == "https"
    # the server ends the session long before: the cookie only has to outlast it
    answer.set_cookie(
        cookie,
        found.token,
        max_age=31 * 86_400,
        path="/",
        secure=is_tls,
        httponly=True,
        samesite="strict",
    )
    return answer


def _forget(answer: Response, cookie: str) -> None:
    answer.delete_cookie(cookie, path="/", httponly=True, samesite="strict")
