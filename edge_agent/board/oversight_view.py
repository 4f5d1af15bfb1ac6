"""The auditor and the ways out as the board shows them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from edge_agent.board.shapes import ShownAuditor, ShownWay, Words
from edge_agent.board.words import said, same
from edge_agent.model.language import Language
from edge_agent.model.oversight import AuditFault, AuditorPulse, FaultKind, WayHealth
from edge_agent.wording.catalogue import phrase

_SILENT_MS: Final = 15_000
"""Age of the newest check after which the auditor is silent; it checks every 3 s. Design start
value, unvalidated."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The newest word of one gateway's auditor."""

    pulse: AuditorPulse
    at_ms: int
    """Time of its arrival."""


def auditor_view(heard: Collection[Heard], now_ms: int, pace: float) -> ShownAuditor:
    """Return the state of the auditors of a ward: the worst of all.

    Parameters
    ----------
    heard
        Newest word of each; none where there is no auditor.
    pace
        Ward seconds per second: an auditor works by the wall clock.
    """
    if not heard:
        return ShownAuditor("unknown", None, ())
    oldest = min(heard, key=lambda one: one.at_ms)
    if now_ms - oldest.at_ms > _SILENT_MS * max(1.0, pace):
        silence = _fault_words(AuditFault(FaultKind.AUDITOR_SILENT))
        return ShownAuditor("silent", oldest.at_ms, (silence,))
    faults = tuple(_fault_words(fault) for one in heard for fault in one.pulse.faults)
    if not faults:
        return ShownAuditor("ok", None, ())
    beats = [one.pulse.beat_at for one in heard if one.pulse.faults]
    since_ms = min((beat.utc_ns // 1_000_000 for beat in beats if beat is not None), default=None)
    return ShownAuditor("fault", since_ms, faults)


def _fault_words(fault: AuditFault) -> Words:
    words = said(f"fault.{fault.kind}")
    place = " ".join(filter(None, (fault.bed_id, fault.subject)))
    if not place:
        return words
    return Words(
        phrase(Language.EN, "fault.place", fault=words.en, place=place),
        phrase(Language.DE, "fault.place", fault=words.de, place=place),
    )


def way_view(health: WayHealth) -> ShownWay:
    """Return the health of a way out."""
    states: dict[bool | None, Literal["ok", "failing", "unknown"]]
    states = {True: "ok", False: "failing", None: "unknown"}
    since_ms = health.since.utc_ns // 1_000_000
    return ShownWay(health.name, states[health.is_working], since_ms, same(health.words))
