"""Protocols to try on an unknown line, their order, and the ranking of the trials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.drivers.base import DriverSpec, SerialSettings, Session, SessionOptions
from edge_agent.lines.talk import EventCounts
from edge_agent.model.clock import Instant

_FIRST_REQUEST_WITHIN_S: Final = 10
"""Seconds of silence within which a session that opens the dialogue sends."""
_CLEAR_MESSAGES: Final = 2
"""Sound messages that settle a protocol; one can be chance where a checksum is weak."""
_LEAST_SHARE: Final = 0.5
"""Share of the bytes that a protocol must understand; the first and last frame may be cut."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to understand a line."""

    spec: DriverSpec
    profile: str
    """One of the driver's profiles; empty where it has none."""

    def __str__(self) -> str:
        return f"{self.spec.name} ({self.profile})" if self.profile else self.spec.name

    def open_session(self, *, listen_only: bool) -> Session:
        """Return a session with this driver and profile."""
        options = SessionOptions("probe", listen_only=listen_only, profile=self.profile)
        return self.spec.open_session(options)

    def speaks_first(self) -> bool:
        """Return True where the session sends unasked, and so needs the line for itself."""
        session = self.open_session(listen_only=False)
        for second in range(_FIRST_REQUEST_WITHIN_S):
            session.tick(Instant(second * 1_000_000_000, 0))
            if session.bytes_to_send():
                return True
        return False


@dataclass(frozen=True, slots=True)
class Turn:
    """One opening of the port, with several listening candidates or one that also sends."""

    settings: SerialSettings
    candidates: tuple[Candidate, ...]
    listen_only: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """Result of one candidate."""

    candidate: Candidate
    turn: Turn
    counts: EventCounts
    received_bytes: int

    @property
    def share(self) -> float:
        """Share of the bytes that the candidate understood, 0 to 1."""
        if not self.received_bytes:
            return 0.0
        return max(0.0, 1 - self.counts.rejected_bytes / self.received_bytes)

    @property
    def score(self) -> float:
        """Rank of the candidate: sound messages, weighted by the share of bytes understood."""
        return self.counts.sound * self.share

    @property
    def is_understood(self) -> bool:
        """True where the line may speak this protocol."""
        return self.counts.sound > 0 and self.share >= _LEAST_SHARE

    @property
    def is_clear(self) -> bool:
        """True where the result needs no further trial."""
        return self.is_understood and self.counts.sound >= _CLEAR_MESSAGES


def candidates_of(specs: Iterable[DriverSpec]) -> list[Candidate]:
    """Return every driver with each of its profiles."""
    return [Candidate(spec, profile) for spec in specs for profile in spec.profiles or ("",)]


def turns_of(
    candidates: Sequence[Candidate], bauds: Sequence[int], *, listen_only: bool, has_settings: bool
) -> list[Turn]:
    """Return the turns: usual speeds before others, and listening before asking.

    Parameters
    ----------
    bauds
        Speeds to try instead of those that devices are set to; empty: those.
    has_settings
        True where the port can be set up; otherwise every candidate listens at once.
    """
    speeds = [(c, tuple(bauds) or (c.spec.serial.baud, *c.spec.other_bauds)) for c in candidates]
    usual = [(c, _settings(c, own[0])) for c, own in speeds]
    if not has_settings:
        usual, speeds = [(c, usual[0][1]) for c, _ in usual], []
    further = [(c, _settings(c, baud)) for c, own in speeds for baud in own[1:]]
    together: dict[SerialSettings, list[Candidate]] = {}
    for candidate, settings in (*usual, *further):
        together.setdefault(settings, []).append(candidate)
    listening = [
        Turn(settings, tuple(some), listen_only=True) for settings, some in together.items()
    ]
    if listen_only:
        return listening
    n_usual = len({settings for _, settings in usual})
    return [*listening[:n_usual], *_requesting(usual), *listening[n_usual:], *_requesting(further)]


def _settings(candidate: Candidate, baud: int) -> SerialSettings:
    return replace(candidate.spec.serial, baud=baud)


def _requesting(pairs: Iterable[tuple[Candidate, SerialSettings]]) -> Iterator[Turn]:
    for candidate, settings in pairs:
        if candidate.speaks_first():
            yield Turn(settings, (candidate,), listen_only=False)


def ranked(trials: Iterable[Trial]) -> list[Trial]:
    """Return the trials that understood the line, the best first."""
    understood = [trial for trial in trials if trial.is_understood]
    return sorted(understood, key=lambda trial: trial.score, reverse=True)
