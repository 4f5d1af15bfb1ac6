"""Answers of the board to requests: JSON, refusals, and the person behind an act."""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from edge_agent.board.forms import SignedForm, checked_name
from edge_agent.board.gatekeeper import Credentials, Gatekeeper, Permission, RefusedError, Visitor
from edge_agent.board.security import TooLargeError, body_of
from edge_agent.board.shapes import Words

_F = TypeVar("_F", bound=msgspec.Struct)
_encode: Final = msgspec.json.Encoder().encode

NO_ACCESS: Final = Words("please log in", "bitte anmelden")
NOT_ALLOWED: Final = Words("your role may not do this", "Ihre Rolle darf das nicht")
NO_TOKEN: Final = Words("please reload the page", "bitte die Seite neu laden")
UNKNOWN_BED: Final = Words("this bed is not known", "dieses Bett ist nicht bekannt")
TOO_BUSY: Final = Words("too busy: send it again", "überlastet: bitte noch einmal senden")
REPEATED: Final = Words("this was received already", "das ist schon eingegangen")
_TOO_LARGE: Final = Words("the message is too large", "die Nachricht ist zu groß")


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
        raise ProblemError(413, _TOO_LARGE) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise unreadable(str(error)) from error


def unreadable(reason: str) -> ProblemError:
    """Return the refusal of a body that cannot be used."""
    return ProblemError(422, Words(f"not understood: {reason}", f"nicht verstanden: {reason}"))


async def person_of(gate: Gatekeeper, visitor: Visitor, form: SignedForm, request: Request) -> str:
    """Return the name of the person who acts; raise ProblemError where nobody is identified."""
    credentials = Credentials(person=form.by, pin=form.pin, badge=form.badge)
    address = address_of(request)
    try:
        person = await run_in_threadpool(gate.identify, visitor, credentials, address)
        name = checked_name(person.person)
    except RefusedError as error:
        raise ProblemError(403, Words(str(error), str(error))) from error
    except ValueError as error:
        raise unreadable(str(error)) from error
    if not person.may(Permission.ANSWER):
        raise ProblemError(403, NOT_ALLOWED)
    return name


def address_of(request: Request) -> str:
    """Return the network address that a request came from."""
    return request.client.host if request.client else ""
