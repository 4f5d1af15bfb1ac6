"""Nine days that a journal stored before a board started: courses, treatments, alerts, acts."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from edge_agent.journal.entries import Lane
from edge_agent.journal.past import JournalPast
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.writer import Journal
from edge_agent.model.alerts import AlertState
from edge_agent.model.audit import Act, AuditAct
from edge_agent.model.bed_events import BedEvent, ContextEntered
from edge_agent.model.measurements import Readings, VitalKind
from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.payloads.alerts import encode_alert
from edge_agent.payloads.audit import chained
from edge_agent.payloads.events import encode_event
from edge_agent.payloads.readings import encode_readings
from tests.support.board_bodies import instant, vital
from tests.support.board_ward import BEDS, ILL
from tests.support.made_alerts import DRIFT, SUSPECTED, acknowledged
from tests.support.moving_vitals import moving_vitals
from tests.support.ward_past import Past

if TYPE_CHECKING:
    from pathlib import Path

_MINUTE_MS: Final = 60_000
_DAY_MIN: Final = 1440
_STAY_MIN: Final = 9 * _DAY_MIN
_RETAIN_S: Final = 20 * 86_400.0
_ONSET_MIN: Final = {"bed-02": 300, "bed-03": 200, "bed-04": 420, "bed-06": 240}
"""Minutes ago at which an illness began that reached its present height since."""
_OVER_MIN: Final = (25, 60)
"""Minutes ago at which the signs of bed-07 ended and began."""
_PROBE_LOST_MIN: Final = 16
_AWAY_MIN: Final = 20
_SPREAD: Final = {
    VitalKind.HEART_RATE: 1.5,
    VitalKind.SPO2: 0.4,
    VitalKind.RESPIRATORY_RATE: 0.7,
}
"""Spread of a value from minute to minute."""
_TREATMENTS: Final = (
    ("bed-02", EntryKind.ANTIPYRETIC, "paracetamol", None, 190),
    ("bed-02", EntryKind.OXYGEN, "nasal cannula", 2.0, 35),
    ("bed-06", EntryKind.TOCILIZUMAB, "tocilizumab", None, 16),
    ("bed-06", EntryKind.FLUIDS, "", 0.5, 18),
)
"""Bed, kind, name, amount, and minutes ago."""
_ENDED: Final = (("bed-02", DRIFT, 290), ("bed-06", SUSPECTED, 120), ("bed-03", DRIFT, 1500))
"""Bed, alert, and minutes ago at which it was raised."""
_ACTS: Final = (
    (Act.STARTED, "", "", 700),
    (Act.HANDOVER, "", "", 300),
    (Act.LOG_IN, "nurse.okafor", "", 295),
    (Act.ANSWER, "nurse.okafor", "bed-02", 280),
    (Act.ENTRY, "nurse.okafor", "bed-02", 190),
    (Act.ENTRY, "nurse.okafor", "bed-02", 35),
    (Act.AWAY, "nurse.lang", "bed-08", 20),
    (Act.ANSWER, "nurse.okafor", "bed-06", 19),
)
"""Act, person, bed, and minutes ago."""


def stored_past(path: Path, now_ms: int, scene: str = "all") -> Past:
    """Return the past of the beds of a `BoardWard`, written into a new journal."""
    journal = Journal(JournalSettings(path, (), _RETAIN_S))
    journal.start()
    for bed_id in BEDS:
        noise = random.Random(bed_id)
        for ago in (*range(_STAY_MIN, _DAY_MIN, -10), *range(_DAY_MIN, 0, -1)):
            if bed_id != "bed-08" or scene != "all" or ago > _AWAY_MIN:
                at_ms = now_ms - ago * _MINUTE_MS
                share = _share(bed_id, ago) if bed_id in ILL[scene] else 0.0
                body = _minute(bed_id, at_ms, share, noise, has_cuff=ago % 15 == 0)
                journal.append(Lane.READINGS, bed_id, at_ms * 1_000_000, body)
        journal.flush(60.0)
    _store_treatments(journal, now_ms)
    _store_ended(journal, now_ms)
    journal.flush(60.0)
    journal.stop()
    acts = [
        AuditAct(act, by, instant(now_ms - ago * _MINUTE_MS), bed_id=bed_id, via="board")
        for act, by, bed_id, ago in _ACTS
    ]
    return Past(JournalPast(path), [chained(act, n, "0" * 64) for n, act in enumerate(acts, 1)])


def _share(bed_id: str, ago: int) -> float:
    """Return how much of its illness a bed had so many minutes ago, 0 to 1."""
    if bed_id == "bed-05":
        return float(ago <= _PROBE_LOST_MIN)
    if bed_id == "bed-07":
        return float(_OVER_MIN[0] < ago <= _OVER_MIN[1])
    return max(0.0, 1 - ago / _ONSET_MIN[bed_id]) if bed_id in _ONSET_MIN else 0.0


def _minute(
    bed_id: str, at_ms: int, share: float, noise: random.Random, *, has_cuff: bool
) -> bytes:
    """Return the readings of one minute as the journal stores them."""
    minute, i = at_ms // _MINUTE_MS, BEDS.index(bed_id)
    course = "bed-03" if bed_id == "bed-07" else bed_id
    values = moving_vitals(2 * minute + 1, i, course, share)
    if has_cuff:
        values = moving_vitals(0, i, course, share) | values
    for kind, spread in _SPREAD.items():
        values[kind] = round((values[kind] or 0.0) + noise.gauss(0, spread), 1)
    vitals = tuple(vital(bed_id, kind, value, at_ms) for kind, value in values.items())
    return encode_readings(Readings(bed_id, bed_id, instant(at_ms), (), vitals))


def _store_treatments(journal: Journal, now_ms: int) -> None:
    for bed_id, kind, name, amount, ago in _TREATMENTS:
        at_ms = now_ms - ago * _MINUTE_MS
        entry = PatientEntry(
            f"e-{bed_id}-{ago}",
            f"p-{BEDS.index(bed_id)}",
            kind,
            at_ms * 1_000_000,
            name,
            amount,
            by="nurse.okafor",
            entered_utc_ns=at_ms * 1_000_000,
        )
        event = BedEvent(bed_id, bed_id, ContextEntered(entry), instant(at_ms))
        journal.append(Lane.EVENTS, bed_id, at_ms * 1_000_000, encode_event(event))


def _store_ended(journal: Journal, now_ms: int) -> None:
    for bed_id, made, ago in _ENDED:
        at_ms = now_ms - ago * _MINUTE_MS
        taken = acknowledged(made.alert(bed_id, at_ms), "nurse.okafor", at_ms + 4 * _MINUTE_MS)
        ended = replace(
            taken,
            n=taken.n + 1,
            state=AlertState.RESOLVED,
            resolved_at=instant(at_ms + 25 * _MINUTE_MS),
        )
        journal.append(Lane.ALERTS, bed_id, at_ms * 1_000_000, encode_alert(ended))
