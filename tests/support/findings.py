"""Findings and policies for tests of the alerts."""

from __future__ import annotations

from edge_agent.model.alerts import AlertKind, AlertPolicy, AlertPriority
from edge_agent.model.clock import Instant
from edge_agent.model.facts import Facts, Note, NoteKind
from edge_agent.model.findings import Finding, Presence

BED = "bed-07"
PRESENCE = {"P": Presence.PRESENT, "-": Presence.ABSENT, "_": Presence.INDETERMINATE}
PRESENCE["~"] = Presence.ABSENT
"""One letter each; ~ is absent, but not recovered."""


def at(seconds: float) -> Instant:
    """Return a moment."""
    return Instant(0, 0).plus(seconds)


def policy(
    rule_id: str = "crs.fever",
    *,
    for_s: float = 20,
    latch_s: float | None = 0,
    absorbs: tuple[str, ...] = (),
    kind: AlertKind = AlertKind.PHYSIOLOGICAL,
) -> AlertPolicy:
    """Return a policy of medium priority that clears after 20 s."""
    return AlertPolicy(
        rule_id=rule_id,
        rule_version=1,
        kind=kind,
        priority=AlertPriority.MEDIUM,
        text="Look.",
        for_s=for_s,
        clear_for_s=20,
        latch_s=latch_s,
        absorbs=absorbs,
    )


def facts(words: str) -> Facts:
    """Return facts that say no more than some words."""
    return Facts(0, notes=(Note(NoteKind.FAILURES, (words,)),))


def finding(mark: str, seconds: float, rule_id: str = "crs.fever", feed_time: str = "") -> Finding:
    """Return what a rule says, by the letters of `PRESENCE`."""
    presence = PRESENCE[mark]
    return Finding(
        bed_id=BED,
        rule_id=rule_id,
        rule_version=1,
        presence=presence,
        recovered=Presence.PRESENT if mark == "-" else Presence.INDETERMINATE,
        evidence=(),
        feed_time=feed_time or f"{seconds:g}",
        at=at(seconds),
    )
