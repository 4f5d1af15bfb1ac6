"""JSON objects of the board, as its pages read them; times are UTC milliseconds of the ward."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec


class Words(msgspec.Struct, frozen=True):
    """One text in every language of the board."""

    en: str
    de: str


Priority = Literal["high", "medium", "low"]
SubjectKind = Literal["physiological", "technical"]


class ShownVital(msgspec.Struct, frozen=True):
    """One vital sign of a bed."""

    text: str
    """Value as people read it; empty where there is none."""
    value: float | None
    unit: str
    at_ms: int | None
    """Time of measurement; None if there was never a value."""
    since_ms: int | None
    """Start of the present state, such as of a probe that is off."""
    limit_s: float
    """Age from which it is not live."""
    usual_s: float
    """Age from which the age is shown."""
    state: Literal["live", "doubtful", "off", "old", "never"]
    words: Words | None
    """Reason why it is not plain; None where it is."""
    arrow: Literal["up", "down", "flat"] | None
    in_alarm: bool
    mean_text: str = ""
    """Mean pressure; empty for other vital signs."""
    site: Literal["", "cuff", "line"] = ""


class ShownLink(msgspec.Struct, frozen=True):
    """The link to the monitors of a bed."""

    state: Literal["connected", "lost", "never"]
    since_ms: int | None
    words: Words


class ShownAssessment(msgspec.Struct, frozen=True):
    """The answer to whether crswatch assesses a bed."""

    state: Literal["assessing", "degraded", "not_assessing"]
    since_ms: int | None
    words: Words
    missing: tuple[Words, ...]


class ShownCrs(msgspec.Struct, frozen=True):
    """The CRS suspicion score and the suggested grade, each as a range."""

    score: tuple[int, int] | None
    grade: tuple[int, int]
    words: Words
    missing: tuple[Words, ...]


class ShownAway(msgspec.Struct, frozen=True):
    """A pause of one bed."""

    reason: Words
    until_ms: int
    by: str


class ShownEvidence(msgspec.Struct, frozen=True):
    """One value behind a sign."""

    text: Words
    at_ms: int | None


class ShownMark(msgspec.Struct, frozen=True):
    """One reading behind a sign, to be marked on its chart."""

    kind: str
    """Vital sign of the board."""
    at_ms: int


class ShownSign(msgspec.Struct, frozen=True):
    """One open alert of a bed's problem."""

    alert_id: str
    n: int
    rule_id: str
    title: Words
    sentence: Words
    evidence: tuple[ShownEvidence, ...]
    marks: tuple[ShownMark, ...]
    priority: Priority
    kind: SubjectKind
    state: Literal["raised", "acknowledged", "latched"]
    since_ms: int
    answered_by: str
    is_part: bool
    is_stale: bool
    is_inhibited: bool


class ShownCalled(msgspec.Struct, frozen=True):
    """One person who was called, and what became of it."""

    duty: Words
    person: str
    at_ms: int
    delivered: bool
    seen: bool
    failed: bool


class ShownNext(msgspec.Struct, frozen=True):
    """The next step of a call."""

    duty: Words
    person: str
    at_ms: int


class ShownProblem(msgspec.Struct, frozen=True):
    """Everything open on a bed, as one card."""

    priority: Priority
    kind: SubjectKind
    state: Literal["open", "answered", "latched"]
    title: Words
    sentence: Words
    action: Words
    since_ms: int
    signalled_ms: int | None
    signal: Words
    course: Literal["better", "worse", "same"] | None
    is_test: bool
    signs: tuple[ShownSign, ...]
    answered_by: str
    answered_ms: int | None
    answer_expires_ms: int | None
    silenced_until_ms: int | None
    silenced_by: str
    called: tuple[ShownCalled, ...]
    next: ShownNext | None
    nobody_since_ms: int | None


class ShownBed(msgspec.Struct, frozen=True):
    """One bed, whole."""

    id: str
    gateway: str
    vitals: Mapping[str, ShownVital]
    link: ShownLink
    assessment: ShownAssessment
    crs: ShownCrs | None
    day: int | None
    product: str
    away: ShownAway | None
    problem: ShownProblem | None
    occupied: bool
    stay: int
    """Number that changes with every change of the patient, so that pages forget the former one."""


class ShownGateway(msgspec.Struct, frozen=True):
    """One gateway of the ward."""

    id: str
    state: Literal["online", "lost", "stopped"]
    since_ms: int | None


class ShownAuditor(msgspec.Struct, frozen=True):
    """The auditor's newest word."""

    state: Literal["ok", "fault", "silent", "unknown"]
    since_ms: int | None
    faults: tuple[Words, ...]


class ShownWay(msgspec.Struct, frozen=True):
    """One way out to people."""

    name: str
    state: Literal["ok", "failing", "unknown"]
    since_ms: int | None
    words: Words


class ShownScreen(msgspec.Struct, frozen=True):
    """One screen of the ward, as it reported itself last."""

    name: str
    can_sound: bool
    is_awake: bool
    seen_ms: int


class ShownTest(msgspec.Struct, frozen=True):
    """The newest test of the whole chain."""

    bed: str
    at_ms: int
    by: str
    passed: bool


class ShownWard(msgspec.Struct, frozen=True):
    """The watching itself."""

    name: str
    site: str
    gateways: tuple[ShownGateway, ...]
    beds_total: int
    beds_assessed: int
    beds_degraded: int
    beds_not_assessed: int
    zone: str
    pace: float
    """Ward seconds per second: 1 but in a demonstration."""
    clock_offset_ms: int
    auditor: ShownAuditor
    ways: tuple[ShownWay, ...]
    screens: tuple[ShownScreen, ...]
    audio_paused_until_ms: int | None
    test: ShownTest | None
    note: Words


class Snapshot(msgspec.Struct, frozen=True):
    """The first event of a stream: everything."""

    seq: int
    now_ms: int
    ward: ShownWard
    beds: tuple[ShownBed, ...]


class _VitalsOfBed(msgspec.Struct, frozen=True):
    vitals: Mapping[str, ShownVital]


class VitalsEvent(msgspec.Struct, frozen=True):
    """The vital signs that changed in the last second."""

    seq: int
    now_ms: int
    beds: Mapping[str, _VitalsOfBed]

    @classmethod
    def of(
        cls, seq: int, now_ms: int, vitals: Mapping[str, Mapping[str, ShownVital]]
    ) -> VitalsEvent:
        """Return the event of some beds."""
        return cls(seq, now_ms, {bed_id: _VitalsOfBed(found) for bed_id, found in vitals.items()})
