"""Report of a ward's board on its screens as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

import msgspec

from edge_agent.model.answers import SeenAlert
from edge_agent.model.names import MAX_NAME_CHARS, is_id, names_somebody
from edge_agent.model.oversight import BoardReport, OpenedProblem, ScreenReport
from edge_agent.payloads.common import SCHEMA, encode_json

_MOST_SCREENS: Final = 128
"""Most screens of one report, as many as a board knows."""
_MOST_SHOWN: Final = 64
"""Most alerts of one screen or one opened problem."""
_MOST_OPENED: Final = 64
_MOST_ALERTS: Final = 512
"""Most alerts on all screens, and in all opened problems: with the longest ids and names a report
fits the largest packet of the shipped broker configuration."""
_MOST_BYTES: Final = 0x40000
_OLDEST_S: Final = 60.0
"""Greatest age of a screen's report; a board forgets a screen sooner."""
_LARGEST_N: Final = 2**53
"""Whole numbers above it are not exact in every reader of JSON."""


class _Report(msgspec.Struct, frozen=True):
    screens: tuple[ScreenReport, ...]
    opened: tuple[OpenedProblem, ...] = ()
    schema: int = SCHEMA


_decoder: Final = msgspec.json.Decoder(_Report)


def encode_screens(report: BoardReport) -> bytes:
    """Return a report as `parse_screens` reads it, within its bounds.

    Whatever is too much is left out, the older alerts of each screen first; a name that cannot be
    read loses those characters.
    """
    screens, opened = report.screens[:_MOST_SCREENS], report.opened[-_MOST_OPENED:]
    lists = len(screens) + len(opened)
    share = min(_MOST_SHOWN, _MOST_ALERTS // max(1, lists))
    return encode_json(
        _Report(
            tuple(
                replace(
                    screen,
                    name=_name(screen.name),
                    age_s=round(min(max(screen.age_s, 0.0), _OLDEST_S), 3),
                    shows=_readable(screen.shows)[:share],
                )
                for screen in screens
            ),
            tuple(OpenedProblem(_name(o.by), _readable(o.seen)[:share]) for o in opened),
        )
    )


def parse_screens(payload: bytes) -> BoardReport:
    """Return the report in `payload`.

    Raises
    ------
    ValueError
        With the mistake, the value seen and the values allowed.
    """
    if len(payload) > _MOST_BYTES:
        raise ValueError(f"report has {len(payload)} bytes; at most {_MOST_BYTES} allowed")
    try:
        found = _decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"report {payload[:80]!r}: {error}; want screens") from error
    report = BoardReport(found.screens, found.opened)
    for mistake in _mistakes(report):
        raise ValueError(mistake)
    return report


def _mistakes(report: BoardReport) -> Iterator[str]:
    if len(report.screens) > _MOST_SCREENS:
        yield f"report has {len(report.screens)} screens; at most {_MOST_SCREENS} allowed"
    if len(report.opened) > _MOST_OPENED:
        yield f"report has {len(report.opened)} opened problems; at most {_MOST_OPENED} allowed"
    names = [screen.name for screen in report.screens]
    for name in [*names, *(problem.by or "?" for problem in report.opened)]:
        if not names_somebody(name):
            yield f"name is {name[:80]!r}; want 1 to {MAX_NAME_CHARS} visible characters"
    for screen in report.screens:
        if not 0 <= screen.age_s <= _OLDEST_S:
            yield f"age_s is {screen.age_s:g}; want 0 to {_OLDEST_S:g} s"
    yield from _alert_mistakes(
        [*(screen.shows for screen in report.screens), *(o.seen for o in report.opened)]
    )


def _alert_mistakes(lists: Sequence[Sequence[SeenAlert]]) -> Iterator[str]:
    most, number = max(map(len, lists), default=0), sum(map(len, lists))
    if most > _MOST_SHOWN or number > _MOST_ALERTS:
        allowed = f"{_MOST_SHOWN} in one list and {_MOST_ALERTS} in all"
        yield f"report has {number} alerts, {most} in one list; at most {allowed} allowed"
    for alert in chain.from_iterable(lists):
        if not _is_readable(alert):
            yield f"alert is {alert.alert_id[:80]!r} with n {alert.n}; want the id of an alert"


def _readable(alerts: tuple[SeenAlert, ...]) -> tuple[SeenAlert, ...]:
    return tuple(filter(_is_readable, alerts))


def _is_readable(alert: SeenAlert) -> bool:
    return is_id(alert.alert_id) and 0 <= alert.n <= _LARGEST_N


def _name(text: str) -> str:
    visible = "".join(filter(str.isprintable, text))[:MAX_NAME_CHARS].strip()
    return visible or ("?" if text else "")
