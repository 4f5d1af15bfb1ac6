"""The auditor and the ways out as the board shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from edge_agent.board.shapes import ShownAuditor, ShownWay, Words
from edge_agent.board.texts import same
from edge_agent.model.oversight import AuditFault, AuditorPulse, FaultKind, WayHealth

_SILENT_MS: Final = 15_000
"""Age of the newest check after which the auditor is silent; it checks every 3 s. Design start
value, unvalidated."""
_FAULTS: Final[Mapping[FaultKind, Words]] = {
    FaultKind.ESCALATION_SILENT: Words("nobody is called any more", "es wird niemand gerufen"),
    FaultKind.NOT_CALLED: Words("nobody is called for an alert", "ein Alarm ruft niemanden"),
    FaultKind.STEP_LATE: Words("the next call is late", "der nächste Ruf ist überfällig"),
    FaultKind.STEP_WRONG: Words("the next call has no time", "der nächste Ruf hat keine Zeit"),
    FaultKind.CALL_CORRECTED: Words("a call was corrected", "ein Ruf wurde berichtigt"),
    FaultKind.CALL_FAILED: Words("a call failed", "ein Ruf ist fehlgeschlagen"),
    FaultKind.NOBODY_CALLED: Words("nobody could be called", "niemand war zu rufen"),
    FaultKind.NOT_REACHED: Words("nobody could be reached", "niemand war zu erreichen"),
    FaultKind.PERSON_UNREACHABLE: Words(
        "somebody on duty cannot be reached", "jemand im Dienst ist nicht erreichbar"
    ),
    FaultKind.NO_WAY: Words("no way to call anybody works", "kein Rufweg arbeitet"),
    FaultKind.NO_SOUND: Words("no screen can sound", "kein Bildschirm kann einen Ton geben"),
    FaultKind.JOURNAL_UNREADABLE: Words(
        "the journal cannot be read", "das Journal ist nicht lesbar"
    ),
    FaultKind.JOURNAL_BEHIND: Words("an alert is not stored", "ein Alarm ist nicht gespeichert"),
    FaultKind.WARD_FILE_WRONG: Words("the ward file is wrong", "die Stationsdatei ist fehlerhaft"),
    FaultKind.AUDITOR_SILENT: Words("nobody audits the calls", "niemand prüft die Rufe"),
}


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
        return ShownAuditor("silent", heard_ms, (_FAULTS[FaultKind.AUDITOR_SILENT],))
    beat_ms = None if pulse.beat_at is None else pulse.beat_at.utc_ns // 1_000_000
    if pulse.faults:
        return ShownAuditor("fault", beat_ms, tuple(map(_fault_words, pulse.faults)))
    return ShownAuditor("ok", None, ())


def _fault_words(fault: AuditFault) -> Words:
    words, place = _FAULTS[fault.kind], " ".join(filter(None, (fault.bed_id, fault.subject)))
    return Words(f"{words.en}: {place}", f"{words.de}: {place}") if place else words


def way_view(health: WayHealth) -> ShownWay:
    """Return the health of a way out."""
    states: dict[bool | None, Literal["ok", "failing", "unknown"]]
    states = {True: "ok", False: "failing", None: "unknown"}
    since_ms = health.since.utc_ns // 1_000_000
    return ShownWay(health.name, states[health.is_working], since_ms, same(health.words))
