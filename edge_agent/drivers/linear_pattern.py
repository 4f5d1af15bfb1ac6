r"""Regular expressions out of files, matched without backtracking.

Python's own engine tries every way in which a pattern could fit, so that a pattern such as
`(\d+\.?)+x` and a field of 34 digits hold up the whole program. Here all ways are followed at
once (K. Thompson, "Regular expression search algorithm", CACM 11(6), 1968): the time is bounded by
the length of the text times the size of the pattern. What cannot be matched so is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MAX_PATTERN: Final = 200
"""Longest pattern in characters; the shipped ones have up to 25."""
MAX_STEPS: Final = 500
"""Most places of a pattern with its counts written out; bounds the time for one character."""
MAX_TEXT: Final = 250
"""Longest text that a pattern may fit; identifiers of HL7 rows have up to 199 characters (HL7 v2.6,
chapter 2, EI)."""

_TOKENS: Final = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\[\\])*\]|\(\?i:|\(\?:|\(\?|\{\d{1,3}(?:,\d{0,3})?\}|.", re.DOTALL
)
_COUNT: Final = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_ESCAPES: Final = re.compile(r"\\[dDwWsS]|\\[^0-9A-Za-z]")
_SET_OPERATORS: Final = ("--", "&&", "~~", "||")
_OPENINGS: Final = ("(", "(?:", "(?i:")
_TIMES: Final = {"*": (0, None), "+": (1, None), "?": (0, 1)}


class PatternError(ValueError):
    """A pattern is none, or needs more than can be matched without backtracking."""


@dataclass(frozen=True, slots=True)
class _Step:
    accepts: re.Pattern[str] | None
    """Matches the one character that leads to the next step; None: no character is needed."""
    jumps: tuple[int, ...] = ()
    """Where a step without a character leads, counted from itself."""


class LinearPattern:
    r"""A pattern that fits a text as a whole, or not.

    Parameters
    ----------
    text
        Literal characters, `.`, sets, `\d \D \w \W \s \S`, groups, `(?i:...)`, `|` and the
        counts `* + ? {n} {n,} {n,m}`; `^` at its beginning and `$` at its end change nothing.

    Raises
    ------
    PatternError
        If it is none of these; says what was seen.
    """

    def __init__(self, text: str) -> None:
        if len(text) > MAX_PATTERN:
            raise PatternError(f"has {len(text)} characters; want at most {MAX_PATTERN}")
        self._steps = _Reader(text).steps()

    def fullmatch(self, text: str) -> bool:
        """Return whether the whole text fits; one longer than `MAX_TEXT` never does."""
        if len(text) > MAX_TEXT:
            return False
        places = self._reached({0})
        for character in text:
            places = self._reached(
                {
                    place + 1
                    for place in places
                    if place < len(self._steps)
                    and (accepts := self._steps[place].accepts) is not None
                    and accepts.fullmatch(character)
                }
            )
        return len(self._steps) in places

    def _reached(self, places: set[int]) -> set[int]:
        """Return the places that can be reached from `places` without a character."""
        found, waiting = set(places), list(places)
        while waiting:
            place = waiting.pop()
            jumps = self._steps[place].jumps if place < len(self._steps) else ()
            new = {place + jump for jump in jumps} - found
            found |= new
            waiting += new
        return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = _TOKENS.findall(text)
        if self._tokens[:1] == ["^"]:
            del self._tokens[0]
        if self._tokens[-1:] == ["$"]:
            del self._tokens[-1]
        self._at = 0

    def steps(self) -> tuple[_Step, ...]:
        """Return the whole pattern as steps."""
        steps = self._choice(0)
        if self._at < len(self._tokens):
            raise PatternError("a ) without its (")
        return tuple(steps)

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _choice(self, flags: int) -> list[_Step]:
        """Return the steps up to the end of a group or of the pattern."""
        ways: list[list[_Step]] = [[]]
        while self._next() not in {"", ")"}:
            if self._next() == "|":
                self._take()
                ways.append([])
            else:
                ways[-1] += self._counted(self._atom(flags))
        steps = ways.pop()
        while ways:
            way = ways.pop()
            steps = [_jump(1, len(way) + 2), *way, _jump(len(steps) + 1), *steps]
        return _bounded(steps)

    def _atom(self, flags: int) -> list[_Step]:
        token = self._take()
        if token in _OPENINGS:
            steps = self._choice(re.IGNORECASE if token == "(?i:" else flags)
            if not self._next():
                raise PatternError("a ( without its )")
            self._take()
            return steps
        return [_Step(_character(token, flags))]

    def _counted(self, steps: list[_Step]) -> list[_Step]:
        times = _times(self._next())
        if times is None:
            return steps
        self._take()
        if self._next() == "?":
            self._take()  # the shortest or the longest way: the whole text fits all the same
        least, most = times
        if most is not None and most < least:
            raise PatternError(f"a count of {least} to {most}")
        if most is None:
            tail, times_more = [_jump(1, len(steps) + 2), *steps, _jump(-len(steps) - 1)], 1
        else:
            tail, times_more = [_jump(1, len(steps) + 1), *steps], most - least
        if len(steps) * least + len(tail) * times_more > MAX_STEPS:
            raise PatternError(_TOO_BIG)
        return steps * least + tail * times_more


_TOO_BIG: Final = f"has more than {MAX_STEPS} places with its counts written out"


def _jump(*jumps: int) -> _Step:
    return _Step(None, jumps)


def _bounded(steps: list[_Step]) -> list[_Step]:
    if len(steps) > MAX_STEPS:
        raise PatternError(_TOO_BIG)
    return steps


def _times(token: str) -> tuple[int, int | None] | None:
    """Return how often the atom before may come, None where the token is no count."""
    if token in _TIMES:
        return _TIMES[token]
    count = _COUNT.fullmatch(token)
    if count is None:
        return None
    least, comma, most = count.groups()
    return int(least), (int(most) if most else None) if comma else int(least)


def _character(token: str, flags: int) -> re.Pattern[str]:
    """Return what matches the one character that a token stands for."""
    if token in {"(?", "^", "$"} or _times(token) is not None:
        raise PatternError(f"{token!r} where it cannot be matched without backtracking")
    if token[0] == "\\" and not _ESCAPES.fullmatch(token):
        raise PatternError(f"{token!r}; of the escapes \\d \\D \\w \\W \\s \\S are known")
    if len(token) > 1 and token[0] == "[":
        if any(operator in token for operator in _SET_OPERATORS):
            raise PatternError(f"the set {token!r}")
        try:
            return re.compile(token, flags)
        except re.error as error:
            raise PatternError(f"the set {token!r}: {error.msg}") from error
    if token == "[":
        raise PatternError("a [ without its ]")
    return re.compile(token if len(token) > 1 or token == "." else re.escape(token), flags)
