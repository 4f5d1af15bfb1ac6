"""Screens of a ward: what each says of itself, and for how long none of them could sound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from edge_agent.board.forms import ScreenForm
from edge_agent.board.shapes import ShownBed, ShownScreen
from edge_agent.model.answers import SeenAlert
from edge_agent.model.names import MAX_NAME_CHARS
from edge_agent.model.oversight import BoardReport, OpenedProblem, ScreenReport

_GONE_AFTER_S: Final = 25.0
"""Silence after which a screen no longer counts: two posts missed; design start value,
unvalidated."""
_LOOKS_WITHIN_S: Final = 5.0
"""Time without a look at the screens after which the board itself stands still."""
_MOST_SCREENS: Final = 128
_MOST_OPENED: Final = 64
_REPEATED_FOR_S: Final = 60.0
"""Time for which an opened problem is reported: some reports may be lost; design start value,
unvalidated."""
_MINUTE_MS: Final = 60_000
_LONGEST_PAUSE_S: Final = 120.0
"""Longest pause of all sound, seconds: that of an alert of priority HIGH."""


@dataclass(frozen=True, slots=True)
class _Post:
    shown: ShownScreen
    at_s: float
    audio_time: float
    shows: tuple[SeenAlert, ...]


@dataclass(frozen=True, slots=True)
class _Opened:
    problem: OpenedProblem
    at_s: float


class Screens:
    """The screens of a ward and the pause of their sound; owned by the board's event loop.

    Parameters
    ----------
    began_s
        Start of the board on the machine's monotonic clock, seconds; so are all times in seconds.
    """

    def __init__(self, began_s: float) -> None:
        self._posts: dict[str, _Post] = {}
        self._sounded_s = began_s
        """Time at which a screen could sound last."""
        self._looked_s = began_s
        """Time of the newest look at the screens."""
        self.newest: tuple[ShownScreen, ...] = ()
        """Screens at the newest look; any thread may read them."""
        self._newest_posts: tuple[_Post, ...] = ()
        """Posts behind `newest`."""
        self._opened: tuple[_Opened, ...] = ()
        self._reported: dict[tuple[str, str], int | None] = {}
        """Signal of a bed's problem that each screen was recorded to show."""
        self._paused_until_s: float | None = None
        self._paused_until_ms: int | None = None

    def note(
        self, form: ScreenForm, now_s: float, now_ms: int, shows: tuple[SeenAlert, ...] = ()
    ) -> None:
        """Note what a screen says of itself.

        It can sound only where its audio clock has moved since its last post, too: a suspended
        one stands still.

        Parameters
        ----------
        shows
            Alerts of the problems on it.
        """
        name = form.name.strip()[:MAX_NAME_CHARS]
        before = self._posts.get(name)
        if before is None and len(self._posts) >= _MOST_SCREENS:
            self._drop_gone(now_s)
            if len(self._posts) >= _MOST_SCREENS:
                return
        moves = before is None or form.audio_time > before.audio_time
        can_sound = form.can_sound and moves
        shown = ShownScreen(name, can_sound, form.is_awake, now_ms)
        self._posts[name] = _Post(shown, now_s, form.audio_time, shows)
        if can_sound:
            self._sounded_s = now_s
        self.shown(now_s)

    def note_opened(self, by: str, bed: ShownBed | None, now_s: float) -> None:
        """Note that a person opened the problem of a bed."""
        seen = _shown_alerts([bed])
        if seen:
            opened = _Opened(OpenedProblem(by, seen), now_s)
            self._opened = (*self._opened, opened)[-_MOST_OPENED:]

    def report(self, now_s: float) -> BoardReport:
        """Return the report for the ward's gateways; on any thread.

        A board that no longer looks at its screens has none.
        """
        is_looking = now_s - self._looked_s < _LOOKS_WITHIN_S
        return BoardReport(
            tuple(
                ScreenReport(
                    post.shown.name,
                    post.shown.can_sound,
                    post.shown.is_awake,
                    now_s - post.at_s,
                    post.shows,
                )
                for post in (self._newest_posts if is_looking else ())
            ),
            tuple(o.problem for o in self._opened if now_s - o.at_s < _REPEATED_FOR_S),
        )

    def newly_shown(self, form: ScreenForm, beds: Mapping[str, ShownBed]) -> list[str]:
        """Return the beds whose newest signal a screen now shows for the first time."""
        found: list[str] = []
        for bed_id in form.shows if form.is_awake else ():
            bed = beds.get(bed_id)
            if bed is None or bed.problem is None:
                continue
            key, signal = (form.name, bed_id), bed.problem.signalled_ms
            if self._reported.get(key, -1) != signal:
                if len(self._reported) >= _MOST_SCREENS * 64:
                    self._reported.clear()
                self._reported[key] = signal
                found.append(bed_id)
        return found

    def shown(self, now_s: float) -> tuple[ShownScreen, ...]:
        """Return the screens that have posted lately, each with the minute of its newest post.

        The whole ward is sent again when one of them changes, and not for every post.
        """
        self._drop_gone(now_s)
        self._looked_s = now_s
        self._newest_posts = tuple(self._posts[name] for name in sorted(self._posts))
        self.newest = tuple(post.shown for post in self._newest_posts)
        return tuple(
            msgspec.structs.replace(screen, seen_ms=screen.seen_ms // _MINUTE_MS * _MINUTE_MS)
            for screen in self.newest
        )

    def soundless_s(self, now_s: float) -> float:
        """Return the seconds for which no screen could sound, 0 while one can; on any thread.

        A board that no longer looks at its screens has none.
        """
        if now_s - self._looked_s < _LOOKS_WITHIN_S and any(s.can_sound for s in self.newest):
            return 0.0
        return now_s - self._sounded_s

    def pause(self, for_s: float, now_s: float, now_ms: int) -> None:
        """Pause the sound of every screen for a limited time; 0 ends the pause.

        Raises
        ------
        ValueError
            If the time is longer than any pause may be.
        """
        if not 0 <= for_s <= _LONGEST_PAUSE_S:
            raise ValueError(f"for_s is {for_s:g}; want at most {_LONGEST_PAUSE_S:g} s")
        self._paused_until_s = now_s + for_s if for_s else None
        self._paused_until_ms = now_ms + round(for_s * 1000) if for_s else None

    def paused_until_ms(self, now_s: float) -> int | None:
        """Return the end of the pause on the ward's clock; None where there is none."""
        if self._paused_until_s is not None and now_s >= self._paused_until_s:
            self._paused_until_s = self._paused_until_ms = None
        return self._paused_until_ms

    def _drop_gone(self, now_s: float) -> None:
        gone = [name for name, post in self._posts.items() if now_s - post.at_s > _GONE_AFTER_S]
        for name in gone:
            del self._posts[name]


def alerts_on(form: ScreenForm, beds: Mapping[str, ShownBed]) -> tuple[SeenAlert, ...]:
    """Return the alerts that a screen shows; none while it sleeps."""
    return _shown_alerts(beds.get(bed_id) for bed_id in form.shows) if form.is_awake else ()


def _shown_alerts(beds: Iterable[ShownBed | None]) -> tuple[SeenAlert, ...]:
    """Return the alerts of the problems of some beds, the newest signal first."""
    problems = [bed.problem for bed in beds if bed is not None and bed.problem is not None]
    problems.sort(key=lambda problem: problem.signalled_ms or 0, reverse=True)
    signs = (sign for problem in problems for sign in problem.signs)
    return tuple(dict.fromkeys(SeenAlert(sign.alert_id, sign.n) for sign in signs))
