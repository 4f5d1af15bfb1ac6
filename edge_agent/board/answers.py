"""Answers of the board to requests: JSON, refusals, and the person behind an act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from edge_agent.access.roles import Permission
from edge_agent.board.commands import Signature
from edge_agent.board.forms import SignedForm, checked_name
from edge_agent.board.gatekeeper import Cookies, Credentials, Gatekeeper, RefusedError, Visitor
from edge_agent.board.security import SESSION_COOKIE, STATION_COOKIE, TooLargeError, body_of
from edge_agent.board.shapes import Words
from edge_agent.board.words import filled, said

_F = TypeVar("_F", bound=msgspec.Struct)
_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Asking:
    """One request of a visitor, and the permission that its route needs."""

    request: Request
    visitor: Visitor
    permission: Permission | None


class ProblemError(Exception):
    """A request that is refused with a status and words for the person."""

    def __init__(self, status: int, words: Words) -> None:
        super().__init__(words.en)
        self.status = status
        self.words = words


def json_answer(content: object, status: int = 200) -> Response:
    """Return an answer with JSON."""
    return Response(_encode(content), status, media_type="application/json")


def accepted() -> Response:
    """Return the answer to an act: its effect is seen on the stream only."""
    return json_answer({"ok": True}, 202)


def refusal(status: int, words: Words) -> Response:
    """Return the answer to what is refused."""
    return json_answer({"error": words}, status)


async def form_of(request: Request, kind: type[_F]) -> _F:
    """Return the body of a request as a form; raise ProblemError where it is none."""
    try:
        return msgspec.json.decode(await body_of(request), type=kind)
    except TooLargeError as error:
        raise ProblemError(413, said("board.too_large")) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise unreadable(str(error)) from error


def unreadable(reason: str) -> ProblemError:
    """Return the refusal of a body that cannot be used."""
    return ProblemError(422, filled("board.not_understood", reason=reason))


async def signature_of(gate: Gatekeeper, asking: Asking, form: SignedForm) -> Signature:
    """Return the person who acts; raise ProblemError where nobody is identified, or may not."""
    credentials = Credentials(person=form.by, pin=form.pin, badge=form.badge)
    address = address_of(asking.request)
    try:
        actor = await run_in_threadpool(gate.identify, asking.visitor, credentials, address)
        name = checked_name(actor.name)
    except RefusedError as error:
        raise refused(error) from error
    except ValueError as error:
        raise unreadable(str(error)) from error
    if asking.permission is not None and not actor.may(asking.permission):
        raise ProblemError(403, said("board.not_allowed"))
    role = "" if actor.role is None else actor.role.value
    return Signature(name, role, f"board {address}")


def refused(error: RefusedError) -> ProblemError:
    """Return the refusal of an identity."""
    return ProblemError(429 if error.wait_s else 403, error.words)


def cookies_of(request: Request) -> Cookies:
    """Return the tokens that a browser sent."""
    found = request.cookies
    return Cookies(found.get(SESSION_COOKIE, ""), found.get(STATION_COOKIE, ""))


def address_of(request: Request) -> str:
    """Return the network address that a request came from."""
    return request.client.host if request.client else ""
