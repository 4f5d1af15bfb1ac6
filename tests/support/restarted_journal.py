"""Judgement of a journal that the real code opens after a loss of power."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Final

from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.journal.entries import Lane
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.trail import AuditLog
from edge_agent.journal.trail_check import check_trail
from edge_agent.journal.trail_file import trail_path
from edge_agent.journal.trail_key import key_path, read_key
from edge_agent.journal.trail_signer import checkpoints_path
from edge_agent.journal.writer import Journal
from edge_agent.payloads.checkpoints import is_signed_by, public_key, read_checkpoints
from tests.support.journal_state import mark, quarantined
from tests.support.power_words import (
    ORIGIN,
    RETAIN_S,
    SINKS,
    Said,
    body_of,
    lane_of,
    name_in,
)
from tests.support.trails import entries_of, lines_of

if TYPE_CHECKING:
    from collections.abc import Set
    from pathlib import Path

    from edge_agent.journal.entries import JournalEntry

_MANY: Final = 1_000_000
_WAIT_S: Final = 60.0
_AFTER: Final = "n-after"
"""Entry that the judge itself appends."""


def wrong_after_cut(folder: Path, said: Said, *, was_damaged: bool = False) -> list[str]:
    """Open what a loss of power left, and go on; return everything that is wrong.

    Parameters
    ----------
    was_damaged
        True where the journal was damaged before, so that it may be set aside.
    """
    path = folder / "journal.db"
    journal = Journal(JournalSettings(path, SINKS, RETAIN_S))
    journal.start()
    try:
        journal.append(lane_of(_AFTER), "bed-0", 1, body_of(_AFTER))
        journal.flush()
        health = journal.health()
        wrong = [f"fault: {health.fault}"] if health.fault else []
        wrong += [f"damaged: {health.damage}"] if health.damaged_rows else []
        is_aside = any(".damaged-" in found.name for found in folder.iterdir())
        wrong += [] if is_aside == was_damaged else [f"set aside: {health.set_aside}"]
        wrong += _wrong_entries(journal, said)
        wrong += [] if was_damaged else _wrong_notes(journal, said)
    finally:
        journal.stop()
    with closing(sqlite3.connect(path)) as file:
        ((answer,),) = file.execute("PRAGMA integrity_check").fetchall()
    wrong += [] if answer == "ok" else [f"integrity: {answer}"]
    return wrong + _wrong_trail(path, said)


def _wrong_entries(journal: Journal, said: Said) -> list[str]:
    entries = [entry for lane in Lane for entry in journal.read(lane, 0, _MANY)]
    counts = Counter(name_in(entry.body) for entry in entries)
    refused = {s: {name_in(e.body) for e in quarantined(journal, s)} for s in SINKS}
    settled = {
        name
        for name in said.kept
        if all((sink, name) in said.accepted or name in refused[sink] for sink in SINKS)
    }
    never_deleted = {name for name in said.kept if name.startswith("e")}
    wrong = [f"{name} is lost" for name in said.kept - settled - set(counts)]
    wrong += [f"{name} was deleted" for name in never_deleted - set(counts)]
    wrong += [f"{name} is there {n} times" for name, n in counts.items() if n > 1]
    wrong += [
        f"entry {entry.seq} of {entry.lane} is invented"
        for entry in entries
        if not _is_as_appended(entry, said.tried | {_AFTER})
    ]
    for sink in SINKS:
        marks = {lane: mark(journal, sink, lane).seq for lane in Lane}
        wrong += [
            f"{sink} never accepted {name_in(entry.body)}, and its mark is past it"
            for entry in entries
            if entry.seq <= marks[entry.lane]
            and (sink, name_in(entry.body)) not in said.accepted
            and name_in(entry.body) not in refused[sink]
        ]
    return wrong


def _is_as_appended(entry: JournalEntry, tried: Set[str]) -> bool:
    name = name_in(entry.body)
    return name in tried and entry.body == body_of(name) and entry.lane == lane_of(name)


def _wrong_notes(journal: Journal, said: Said) -> list[str]:
    text = int(journal.meta("newest") or 0)
    snapshot = int(journal.snapshots().get("bed-0", b"0"))
    wrong = [f"text {text}, and {said.text} was stored"] if text < said.text else []
    if snapshot < said.snapshot:
        wrong.append(f"snapshot {snapshot}, and {said.snapshot} was stored")
    return wrong


def _wrong_trail(journal: Path, said: Said) -> list[str]:
    audit = AuditLog(journal, ORIGIN, read_system_clock, lambda _: None)
    audit.start()
    is_idle = audit.wait_until_idle(_WAIT_S)
    fault = audit.health().fault
    audit.stop()
    wrong = [] if is_idle and not fault else [f"the trail does not go on: {fault}"]
    public = public_key(ORIGIN, read_key(key_path(journal)))
    copies, _ = read_checkpoints(checkpoints_path(journal).read_text("utf-8", "replace"))
    ours = [copy for copy in copies if is_signed_by(copy, public)]
    report = check_trail(lines_of(trail_path(journal)), ours)
    wrong += list(report.faults)
    acts = Counter(
        entry.act.subject
        for entry in entries_of(trail_path(journal))
        if entry.act.subject.startswith("act-")
    )
    wrong += [f"{name} is lost" for name in said.acts - set(acts)]
    wrong += [f"{name} is invented" for name in set(acts) - said.acts_tried]
    wrong += [f"{name} is there {n} times" for name, n in acts.items() if n > 1]
    texts = {copy.text for copy in ours}
    lost = sum(text not in texts for text in said.signed)
    wrong += [f"{lost} checkpoints cannot be verified"] if lost else []
    return wrong
