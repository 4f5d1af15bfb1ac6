"""Answers about the past: courses, history, handover, audit trail, and the hospital's protocol."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from edge_agent.board.acts import bed_of
from edge_agent.board.answers import Asking, ProblemError, json_answer
from edge_agent.board.bed_state import BedState
from edge_agent.board.board import Board
from edge_agent.board.history import PastOfBed, past_of, stay_of
from edge_agent.board.shapes import Words
from edge_agent.board.sign_texts import Reader
from edge_agent.board.trend import LONGEST_DAYS
from edge_agent.board.words import both, said, same
from edge_agent.model.audit import Act, AuditEntry
from edge_agent.model.errors import JournalError
from edge_agent.wording.catalogue import phrase

_HOUR_MS: Final = 3_600_000
_MOST_ACTS: Final = 500


class _ShownAct(msgspec.Struct, frozen=True):
    n: int
    at_ms: int
    by: str
    role: str
    act: str
    words: Words
    bed_id: str
    subject: str
    via: str
    detail: Words


async def show_trend(board: Board, asking: Asking) -> Response:
    """Return the courses of a bed's vital signs over some hours."""
    bed = board.state.known(bed_of(board, asking))
    hours = asking.request.query_params.get("hours", "6")
    is_number = hours.isascii() and hours.isdigit() and len(hours) < 4
    if not is_number or not 1 <= int(hours) <= 24 * LONGEST_DAYS:
        raise ProblemError(422, said("board.wrong_hours"))
    now_ms = board.settings.now_ms()
    from_ms = max(now_ms - int(hours) * _HOUR_MS, bed.stay_since_ms)
    trend = bed.trend
    assert trend is not None, "a board keeps courses"
    await board.backfill.fill(bed.bed_id, trend, from_ms, now_ms)
    kinds = trend.series(max(from_ms, bed.stay_since_ms), board.settings.now_ms())
    return json_answer({"kinds": kinds, "baseline": bed.usual(), "from_ms": trend.filled_ms})


async def show_history(board: Board, asking: Asking) -> Response:
    """Return the entries and the past alerts of a bed's present patient."""
    bed = board.state.known(bed_of(board, asking))
    [past] = await _pasts(board, [bed])
    return json_answer(past)


async def show_handover(board: Board, _asking: Asking) -> Response:
    """Return the same of every bed, for the change of shift."""
    beds = [board.state.known(bed_id) for bed_id in board.state.bed_ids]
    pasts = await _pasts(board, beds)
    return json_answer({"now_ms": board.settings.now_ms(), "beds": pasts})


async def _pasts(board: Board, beds: Iterable[BedState]) -> list[PastOfBed]:
    settings = board.settings
    reader = Reader(settings.now_ms(), settings.place.tz, settings.texts)
    stays = [stay_of(bed) for bed in beds]

    def look() -> list[PastOfBed]:
        return [past_of(stay, settings.past, reader) for stay in stays]

    try:
        return await run_in_threadpool(look)
    except JournalError as error:
        raise ProblemError(503, said("board.unreadable")) from error


async def show_audit(board: Board, _asking: Asking) -> Response:
    """Return the newest acts of the audit trail, newest first."""
    entries = await run_in_threadpool(board.settings.audit)
    if entries is None:
        raise ProblemError(404, said("board.no_trail"))
    acts = [_shown_act(entry) for entry in entries[-_MOST_ACTS:]]
    return json_answer({"acts": acts[::-1]})


def _shown_act(entry: AuditEntry) -> _ShownAct:
    act = entry.act
    name = act.act
    is_known = name in set(Act)
    detail = "; ".join(f"{key}: {value}" for key, value in act.detail.items())
    return _ShownAct(
        n=entry.n,
        at_ms=act.at.utc_ns // 1_000_000,
        by=act.by,
        role=act.role,
        act=name,
        words=both(lambda language: phrase(language, f"act.{name}")) if is_known else same(name),
        bed_id=act.bed_id,
        subject=act.subject,
        via=act.via,
        detail=same(detail),
    )


async def show_protocol(board: Board, asking: Asking) -> Response:
    """Return the hospital's own text for a grade."""
    card, grade = board.settings.protocol, asking.request.query_params.get("grade", "")
    text = None
    if card is not None and grade.isascii() and grade.isdigit() and len(grade) == 1:
        text = card.texts.get(int(grade))
    if card is None or text is None:
        raise ProblemError(404, said("board.no_protocol"))
    content = {"version": card.version, "title": card.title, "grade": int(grade)}
    return json_answer(content | {"text": same(text)})
