"""Acts of people: answers, entries, pauses; each is passed on, and its effect comes by stream."""

from __future__ import annotations

import time
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from edge_agent.board.answers import (
    REPEATED,
    TOO_BUSY,
    UNKNOWN_BED,
    ProblemError,
    accepted,
    form_of,
    person_of,
    unreadable,
)
from edge_agent.board.board import Board
from edge_agent.board.forms import (
    AnswerForm,
    AwayForm,
    EntryForm,
    PauseForm,
    ScreenForm,
    SignedForm,
)
from edge_agent.board.gatekeeper import Visitor

_S = TypeVar("_S", bound=SignedForm)


async def answer_problem(board: Board, request: Request, visitor: Visitor) -> Response:
    """Pass on an answer to the problem of a bed."""
    bed_id = _bed_of(board, request)
    form, by = await _signed(board, request, visitor, AnswerForm)
    try:
        answer = form.answer(bed_id, by)
    except ValueError as error:
        raise unreadable(str(error)) from error
    _once(board, form.answer_id)
    return _passed_on(is_accepted=board.commands.answer(answer))


async def enter_fact(board: Board, request: Request, visitor: Visitor) -> Response:
    """Pass on an entry about the patient of a bed."""
    return await _enter(board, request, visitor, EntryForm)


async def pause_bed(board: Board, request: Request, visitor: Visitor) -> Response:
    """Pass on that the patient of a bed is away."""
    return await _enter(board, request, visitor, AwayForm)


async def _enter(
    board: Board, request: Request, visitor: Visitor, kind: type[EntryForm] | type[AwayForm]
) -> Response:
    bed_id = _bed_of(board, request)
    form, by = await _signed(board, request, visitor, kind)
    try:
        entry = form.entry(bed_id, by)
    except ValueError as error:
        raise unreadable(str(error)) from error
    _once(board, form.entry_id)
    return _passed_on(is_accepted=board.commands.enter(entry))


async def test_chain(board: Board, request: Request, visitor: Visitor) -> Response:
    """Begin a test of the whole chain at a bed."""
    bed_id = _bed_of(board, request)
    _form, by = await _signed(board, request, visitor, SignedForm)
    return _passed_on(is_accepted=board.commands.test_alert(bed_id, by))


async def note_seen(board: Board, request: Request, visitor: Visitor) -> Response:
    """Record that a person has opened the problem of a bed."""
    bed_id = _bed_of(board, request)
    await form_of(request, SignedForm)
    return _passed_on(is_accepted=board.commands.note_seen(bed_id, visitor.person))


async def pause_sound(board: Board, request: Request, visitor: Visitor) -> Response:
    """Pause the sound of every screen for a limited time."""
    form, _by = await _signed(board, request, visitor, PauseForm)
    try:
        board.screens.pause(form.for_s, time.monotonic(), board.settings.now_ms())
    except ValueError as error:
        raise unreadable(str(error)) from error
    board.hub.note_change()
    return accepted()


async def note_screen(board: Board, request: Request, _visitor: Visitor) -> Response:
    """Note what a screen says of itself, and which problems it shows."""
    form = await form_of(request, ScreenForm)
    if not form.name.strip():
        raise unreadable("name is empty; want the name of the screen")
    board.screens.note(form, time.monotonic(), board.settings.now_ms())
    for bed_id in board.screens.newly_shown(form, board.hub.beds):
        board.commands.note_shown(bed_id, form.name)
    return accepted()


def _bed_of(board: Board, request: Request) -> str:
    bed_id: str = request.path_params["bed"]
    if bed_id not in board.hub.beds:
        raise ProblemError(404, UNKNOWN_BED)
    return bed_id


async def _signed(
    board: Board, request: Request, visitor: Visitor, kind: type[_S]
) -> tuple[_S, str]:
    """Return the form of an act and the name of the person who acts."""
    form = await form_of(request, kind)
    return form, await person_of(board.gate, visitor, form, request)


def _once(board: Board, act_id: str) -> None:
    if not board.ids.is_new(act_id):
        raise ProblemError(409, REPEATED)


def _passed_on(*, is_accepted: bool) -> Response:
    if not is_accepted:
        raise ProblemError(503, TOO_BUSY)
    return accepted()
