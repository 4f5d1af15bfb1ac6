"""Acts of people: answers, entries, pauses; each is passed on, and its effect comes by stream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, TypeVar

from starlette.responses import Response

from edge_agent.board.answers import (
    Asking,
    ProblemError,
    accepted,
    form_of,
    signature_of,
    unreadable,
)
from edge_agent.board.board import Board
from edge_agent.board.commands import Reply, Signature
from edge_agent.board.forms import (
    AnswerForm,
    AwayForm,
    EntryForm,
    PauseForm,
    ScreenForm,
    SignedForm,
)
from edge_agent.board.screens import alerts_on
from edge_agent.board.words import filled, said, same

_REPLY_WITHIN_S: Final = 2.0
"""Longest wait for a refusal, wall seconds; without one the command counts as passed on."""
_S = TypeVar("_S", bound=SignedForm)


async def answer_problem(board: Board, asking: Asking) -> Response:
    """Pass on an answer to the problem of a bed."""
    bed_id = bed_of(board, asking)
    form, signature = await _signed(board, asking, AnswerForm)
    try:
        answer = form.answer(bed_id, signature.by)
    except ValueError as error:
        raise unreadable(str(error)) from error
    _once(board, form.answer_id)
    send = partial(board.commands.answer, answer, signature)
    return await _pass_on(board, send, form.answer_id)


async def enter_fact(board: Board, asking: Asking) -> Response:
    """Pass on an entry about the patient of a bed."""
    return await _enter(board, asking, EntryForm)


async def pause_bed(board: Board, asking: Asking) -> Response:
    """Pass on that the patient of a bed is away."""
    return await _enter(board, asking, AwayForm)


async def _enter(board: Board, asking: Asking, kind: type[EntryForm | AwayForm]) -> Response:
    bed_id = bed_of(board, asking)
    form, signature = await _signed(board, asking, kind)
    try:
        entry = form.entry(bed_id, signature.by)
    except ValueError as error:
        raise unreadable(str(error)) from error
    _once(board, form.entry_id)
    send = partial(board.commands.enter, entry, signature)
    return await _pass_on(board, send, form.entry_id)


async def test_chain(board: Board, asking: Asking) -> Response:
    """Begin a test of the whole chain at a bed."""
    bed_id = bed_of(board, asking)
    _form, signature = await _signed(board, asking, SignedForm)
    return await _pass_on(board, partial(board.commands.test_alert, bed_id, signature))


async def note_seen(board: Board, asking: Asking) -> Response:
    """Record that a person has opened the problem of a bed."""
    bed_id = bed_of(board, asking)
    form = await form_of(asking.request, SignedForm)
    by = asking.visitor.person or form.by.strip()[:80]
    board.screens.note_opened(by, board.hub.beds[bed_id], time.monotonic())
    board.commands.note_seen(bed_id, by)
    return accepted()


async def pause_sound(board: Board, asking: Asking) -> Response:
    """Pause the sound of every screen for a limited time."""
    form, signature = await _signed(board, asking, PauseForm)
    try:
        board.screens.pause(form.for_s, time.monotonic(), board.settings.now_ms())
    except ValueError as error:
        raise unreadable(str(error)) from error
    board.commands.note_pause(form.for_s, signature)
    board.hub.note_change()
    return accepted()


async def note_screen(board: Board, asking: Asking) -> Response:
    """Note the report of a screen on itself, and which problems it shows."""
    form = await form_of(asking.request, ScreenForm)
    if not form.name.strip():
        raise unreadable("name is empty; want the name of the screen")
    shows = alerts_on(form, board.hub.beds)
    board.screens.note(form, time.monotonic(), board.settings.now_ms(), shows)
    for bed_id in board.screens.newly_shown(form, board.hub.beds):
        board.commands.note_shown(bed_id, form.name)
    return accepted()


def bed_of(board: Board, asking: Asking) -> str:
    """Return the bed in the path; raise ProblemError for one that is not known."""
    bed_id: str = asking.request.path_params["bed"]
    if bed_id not in board.hub.beds:
        raise ProblemError(404, said("board.unknown_bed"))
    return bed_id


async def _signed(board: Board, asking: Asking, kind: type[_S]) -> tuple[_S, Signature]:
    """Return the form of an act and the person who acts."""
    form = await form_of(asking.request, kind)
    return form, await signature_of(board.gate, asking, form)


def _once(board: Board, act_id: str) -> None:
    if not board.ids.is_new(act_id):
        raise ProblemError(409, said("board.repeated"))


async def _pass_on(board: Board, send: Callable[[Reply], bool], act_id: str = "") -> Response:
    """Pass on a command, and wait a moment for a refusal; its effect comes by stream."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[str] = loop.create_future()

    def settle(reason: str) -> None:
        if not outcome.done():
            outcome.set_result(reason)

    def reply(reason: str) -> None:
        with suppress(RuntimeError):  # the board has ended
            loop.call_soon_threadsafe(settle, reason)

    try:
        is_accepted = send(reply)
    except ValueError as error:
        board.ids.forget(act_id)
        raise ProblemError(403, same(str(error))) from error
    if not is_accepted:
        board.ids.forget(act_id)
        raise ProblemError(503, said("board.too_busy"))
    reason = ""
    with suppress(TimeoutError):
        async with asyncio.timeout(_REPLY_WITHIN_S):
            reason = await outcome
    if reason:
        raise ProblemError(409, filled("board.refused", reason=reason))
    return accepted()
