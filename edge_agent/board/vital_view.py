"""Vital signs of one bed: the newest of each kind and site, and their form on the board."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

import msgspec

from edge_agent.board.shapes import ShownVital, Words
from edge_agent.board.words import both, said
from edge_agent.model.measurements import ANOTHER_MONITOR, FORMER_PATIENT, GenerationMode, Validity
from edge_agent.model.measurements import VitalKind as Kind
from edge_agent.payloads.readings import VitalsWire, VitalWire
from edge_agent.wording.status_words import reason_words

Limit = Callable[[Kind, str], float]
"""Function that returns the age in seconds from which a value of a kind and site is stale."""
State = Literal["live", "doubtful", "off", "old", "never"]

_BEST_FIRST: Final[tuple[State, ...]] = ("live", "doubtful", "off", "old", "never")
_NOT_OF_THE_CORE: Final = frozenset({"room", "surface", "skin", "airway", "myocardial"})
"""Sites of temperature that no rule reads; shown only where there is no other."""
_LONGEST_USUAL_S: Final = 60.0
"""Age from which any age is shown, seconds; design start value, unvalidated."""
_UNITS: Final = {
    "heart_rate": "/min",
    "spo2": "%",
    "temperature": "°C",
    "pressure": "mmHg",
    "respiratory_rate": "/min",
}
SHOWN: Final = tuple(_UNITS)
"""Vital signs of the board, in its order."""
_KINDS: Final[Mapping[str, tuple[Kind, ...]]] = {
    "heart_rate": (Kind.HEART_RATE, Kind.PULSE_RATE),
    "spo2": (Kind.SPO2,),
    "temperature": (Kind.TEMPERATURE,),
    "respiratory_rate": (Kind.RESPIRATORY_RATE,),
}
_FORMATS: Final = {"temperature": "{:.1f}"}
_LOWEST_COUNTS: Final = frozenset({"heart_rate", "spo2"})
"""Vital signs of which the lowest of several sites counts, as for the rules."""
_PRESSURES: Final[Mapping[Literal["line", "cuff"], tuple[Kind, ...]]] = {
    "line": (Kind.ART_SYSTOLIC, Kind.ART_DIASTOLIC, Kind.ART_MEAN),
    "cuff": (Kind.NIBP_SYSTOLIC, Kind.NIBP_DIASTOLIC, Kind.NIBP_MEAN),
}
_PRESSURE_KINDS: Final = frozenset(kind for kinds in _PRESSURES.values() for kind in kinds)


def shown_name(kind: str) -> str | None:
    """Return the vital sign of the board that a kind of evidence belongs to; None for none."""
    name = kind.removeprefix("spot_").removeprefix("last_").removesuffix("_agreed")
    if name in _PRESSURE_KINDS or name.startswith("systolic"):
        return "pressure"
    if name.startswith("temperature"):
        return "temperature"
    if name.startswith(("heart_rate", "pulse_rate")):
        return "heart_rate"
    return name if name in _UNITS else None


@dataclass(frozen=True, slots=True)
class _Held:
    """The newest reading of one kind and site."""

    wire: VitalWire
    at_ms: int
    """Time of measurement, never later than its arrival."""
    since_ms: int
    """Start of its present usability."""
    value_ms: int | None
    """Time of the newest value; None if there was none."""
    is_backlog: bool

    @property
    def usability(self) -> State:
        """State without regard to its age."""
        wire = self.wire
        if wire.value is None:
            return "off"
        is_plain = wire.validity is Validity.VALID and wire.mode is GenerationMode.REAL
        return "live" if is_plain and not self.is_backlog else "doubtful"


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One reading that may be shown, judged at a moment."""

    held: _Held
    kind: Kind
    state: State
    limit_s: float


def _ms(rfc3339: str) -> int:
    return round(datetime.fromisoformat(rfc3339).timestamp() * 1000)


@dataclass(slots=True)
class BedVitals:
    """The newest readings of one bed."""

    _held: dict[tuple[Kind, str], _Held] = field(default_factory=dict)

    def add(self, message: VitalsWire, arrived_ms: int, not_before_ms: int) -> None:
        """Keep what is newer than what is held.

        Parameters
        ----------
        not_before_ms
            Start of the present patient's stay: an earlier reading is another patient's.
        """
        for wire in message.vitals:
            at_ms = min(_ms(wire.measured_at), arrived_ms)
            is_of_another = wire.reason.startswith((ANOTHER_MONITOR, FORMER_PATIENT))
            if at_ms < not_before_ms or is_of_another:
                continue
            before = self._held.get((wire.kind, wire.site))
            if before is not None and before.at_ms > at_ms:
                continue
            self._held[wire.kind, wire.site] = _followed(
                before, wire, at_ms, is_backlog=message.historical
            )

    def forget(self) -> None:
        """Forget every reading: they were another patient's."""
        self._held.clear()

    def newest(self, now_ms: int, limit: Limit, lag_s: float) -> dict[Kind, float]:
        """Return the newest usable value of each kind that is no older than its limit."""
        found: dict[Kind, tuple[int, float]] = {}
        for (kind, site), held in self._held.items():
            is_live = _judged(kind, held, now_ms, limit(kind, site) + lag_s).state == "live"
            value = held.wire.value
            if is_live and value is not None and held.at_ms >= found.get(kind, (0, 0.0))[0]:
                found[kind] = held.at_ms, value
        return {kind: value for kind, (_at_ms, value) in found.items()}

    def shown(
        self, now_ms: int, limit: Limit, in_alarm: frozenset[str], lag_s: float
    ) -> dict[str, ShownVital]:
        """Return every vital sign of the board at a moment.

        Parameters
        ----------
        in_alarm
            Vital signs that an open alert rests on.
        lag_s
            Seconds that a value may be on its way, added to its limit.
        """
        judged = [
            _judged(kind, held, now_ms, limit(kind, site) + lag_s)
            for (kind, site), held in self._held.items()
        ]
        found = {
            name: _plain(name, _best(name, _of(judged, kinds)), is_alarm=name in in_alarm)
            for name, kinds in _KINDS.items()
        }
        found["pressure"] = _pressure(judged, is_alarm="pressure" in in_alarm)
        return {name: found[name] for name in SHOWN}


def _followed(before: _Held | None, wire: VitalWire, at_ms: int, *, is_backlog: bool) -> _Held:
    earlier_ms = None if before is None else before.value_ms
    value_ms = earlier_ms if wire.value is None else at_ms
    held = _Held(wire, at_ms, at_ms, value_ms, is_backlog)
    if before is not None and before.usability == held.usability:
        return _Held(wire, at_ms, before.since_ms, value_ms, is_backlog)
    return held


def _judged(kind: Kind, held: _Held, now_ms: int, limit_s: float) -> _Candidate:
    age_s = (now_ms - held.at_ms) / 1e3
    state: State = "old" if age_s > limit_s else held.usability
    return _Candidate(held, kind, state, limit_s)


def _of(judged: Iterable[_Candidate], kinds: tuple[Kind, ...]) -> Iterator[_Candidate]:
    return (candidate for candidate in judged if candidate.kind in kinds)


def _best(name: str, candidates: Iterable[_Candidate]) -> _Candidate | None:
    sign = 1.0 if name in _LOWEST_COUNTS else -1.0

    def order(candidate: _Candidate) -> tuple[int, bool, bool, float]:
        wire = candidate.held.wire
        is_second = wire.kind is Kind.PULSE_RATE or wire.site in _NOT_OF_THE_CORE
        rank = _BEST_FIRST.index(candidate.state)
        return rank, is_second, wire.value is None, sign * (wire.value or 0.0)

    return min(candidates, key=order, default=None)


def _plain(name: str, best: _Candidate | None, *, is_alarm: bool) -> ShownVital:
    if best is None:
        return _never(name, is_alarm=is_alarm)
    value = best.held.wire.value
    text = "" if value is None else _FORMATS.get(name, "{:.0f}").format(value)
    words = _words(best)
    if words is None and best.kind is Kind.PULSE_RATE:
        words = said("board.pulse")
    return _vital(name, best, text, words, is_alarm=is_alarm)


def _never(name: str, *, is_alarm: bool) -> ShownVital:
    return ShownVital(
        text="",
        value=None,
        unit=_UNITS[name],
        at_ms=None,
        since_ms=None,
        limit_s=0.0,
        usual_s=0.0,
        state="never",
        words=said("board.never_measured"),
        arrow=None,
        in_alarm=is_alarm,
    )


def _vital(
    name: str, best: _Candidate, text: str, words: Words | None, *, is_alarm: bool
) -> ShownVital:
    return ShownVital(
        text=text,
        value=best.held.wire.value,
        unit=_UNITS[name],
        at_ms=best.held.value_ms,
        since_ms=best.held.since_ms,
        limit_s=best.limit_s,
        usual_s=min(best.limit_s / 2, _LONGEST_USUAL_S),
        state=best.state,
        words=words,
        arrow=None,
        in_alarm=is_alarm,
    )


def _words(best: _Candidate) -> Words | None:
    if best.state == "live":
        return None
    if best.state == "old":
        return said("board.old")
    if best.held.is_backlog:
        return said("board.backlog")
    wire = best.held.wire
    reason = wire.reason or wire.validity.value
    return both(lambda language: reason_words(reason, language))


def _pressure(judged: Iterable[_Candidate], *, is_alarm: bool) -> ShownVital:
    """Return the pressure of the line where it is live, else the better one of line and cuff."""
    listed = list(judged)
    found: list[tuple[Literal["line", "cuff"], dict[Kind, _Candidate]]] = [
        (source, parts) for source, kinds in _PRESSURES.items() if (parts := _parts(listed, kinds))
    ]
    if not found:
        return _never("pressure", is_alarm=is_alarm)
    source, parts = min(found, key=lambda each: _BEST_FIRST.index(_worst(each[1]).state))
    systolic, diastolic, mean = (parts.get(kind) for kind in _PRESSURES[source])
    worst = _worst(parts)
    lead = systolic or worst
    text = f"{_digits(systolic)}/{_digits(diastolic)}" if systolic or diastolic else ""
    shown = _vital("pressure", lead, text, _words(worst), is_alarm=is_alarm)
    return msgspec.structs.replace(
        shown,
        value=systolic.held.wire.value if systolic else None,
        state=worst.state,
        mean_text="" if mean is None else _digits(mean),
        site=source,
    )


def _parts(judged: Iterable[_Candidate], kinds: tuple[Kind, ...]) -> dict[Kind, _Candidate]:
    """Return the best reading of each part of one source of pressures."""
    listed = list(judged)
    found = {kind: _best("pressure", _of(listed, (kind,))) for kind in kinds}
    return {kind: best for kind, best in found.items() if best is not None}


def _worst(parts: Mapping[Kind, _Candidate]) -> _Candidate:
    """Return the part that decides on the state of its source."""
    return max(parts.values(), key=lambda part: _BEST_FIRST.index(part.state))


def _digits(part: _Candidate | None) -> str:
    value = None if part is None else part.held.wire.value
    return "--" if value is None else f"{value:.0f}"
