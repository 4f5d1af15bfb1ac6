"""The auditor and the ways out as the board shows them."""

from __future__ import annotations

from typing import Final, Literal

from edge_agent.board.shapes import ShownAuditor, ShownWay, Words
from edge_agent.board.words import said, same
from edge_agent.model.language import Language
from edge_agent.model.oversight import AuditFault, AuditorPulse, FaultKind, WayHealth
from edge_agent.wording.catalogue import phrase

_SILENT_MS: Final = 15_000
"""Age of the newest check after which the auditor is silent; it checks every 3 s. Design start
value, unvalidated."""


def auditor_view(pulse: AuditorPulse | None, heard_ms: int, now_ms: int) -> ShownAuditor:
    """Return the auditor's state.

    Parameters
    ----------
    pulse
        Its newest word; None where there was none, as on a board without an auditor.
    heard_ms
        Time of its arrival.
    """
    if pulse is None:
        return ShownAuditor("unknown", None, ())
    if now_ms - heard_ms > _SILENT_MS:
        return ShownAuditor(
            "silent", heard_ms, (_fault_words(AuditFault(FaultKind.AUDITOR_SILENT)),)
        )
    beat_ms = None if pulse.beat_at is None else pulse.beat_at.utc_ns // 1_000_000
    if pulse.faults:
        return ShownAuditor("fault", beat_ms, tuple(map(_fault_words, pulse.faults)))
    return ShownAuditor("ok", None, ())


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
