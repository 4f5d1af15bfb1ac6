"""A filled journal, and damage to its rows."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from edge_agent.gateway.journal_memory import Memory, remember_monitor
from edge_agent.journal.entries import Lane
from edge_agent.model.bed_events import BedEvent, ContextEntered, MonitorAccepted, MonitorIdentity
from edge_agent.model.measurements import Readings
from edge_agent.payloads.alerts import encode_alert
from edge_agent.payloads.events import encode_event
from edge_agent.payloads.readings import encode_readings
from tests.gateway.test_journal_memory import clock_at
from tests.support.gateways import opened
from tests.support.patient_entries import an_entry
from tests.support.pipelines import BED, START, pipeline, play
from tests.support.samples import an_alert

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


RAISED = replace(an_alert(), bed_id=BED, rule_id="crs.fever", changed_at=START, n=2)
OTHER = replace(RAISED, rule_id="vital.shock", alert_id="other")


def fill(folder: Path) -> None:
    """Keep an alert in two states, another, two entries, a monitor, a snapshot, and readings."""
    line = pipeline()
    outcomes = play(line, range(30), 97.0)
    with opened(folder / "journal.db") as journal:
        memory = Memory(journal, clock_at(START), "maker")
        for outcome in outcomes:
            if isinstance(outcome, Readings):
                at_ns = outcome.received_at.utc_ns
                journal.append(Lane.READINGS, BED, at_ns, encode_readings(outcome))
        for alert in (replace(RAISED, n=1), OTHER, RAISED):
            journal.append(Lane.ALERTS, BED, START.utc_ns, encode_alert(alert))
        for entry in (an_entry("1", "cooling"), an_entry("2", "ice", amount=9)):
            body = encode_event(BedEvent(BED, BED, ContextEntered(entry), START))
            journal.append(Lane.EVENTS, BED, START.utc_ns, body)
        remember_monitor(journal, BED, MonitorAccepted(MonitorIdentity("m", "x", "1"), "", START))
        journal.flush()
        memory.store_snapshot(BED, line.snapshot(BED, START.plus(30)))


def flip(body: bytes) -> bytes:
    """Return a body with a wrong value of a closed choice."""
    for word in (b'"raised"', b'"context_entered"', b'"heart_rate"', b'"serial"'):
        body = body.replace(word, word.replace(b"e", b"3"))
    return body


def damage(folder: Path, change: Callable[[bytes], bytes]) -> None:
    """Damage the newest row of an alert, an entry and a reading, and the monitor and snapshot."""
    with closing(sqlite3.connect(folder / "journal.db")) as file:
        newest = file.execute("SELECT lane, max(seq) FROM entry GROUP BY lane").fetchall()
        for lane, seq in newest:
            (body,) = file.execute("SELECT body FROM entry WHERE seq = ?", (seq,)).fetchone()
            if lane == "readings":
                body = zlib.compress(change(zlib.decompress(body)))
            else:
                body = change(body)
            file.execute("UPDATE entry SET body = ? WHERE seq = ?", (body, seq))
        (text,) = file.execute("SELECT value FROM meta WHERE name LIKE 'monitor:%'").fetchone()
        changed = change(text.encode()).decode(errors="replace")
        file.execute("UPDATE meta SET value = ? WHERE name LIKE 'monitor:%'", (changed,))
        (patient_entries,) = file.execute("SELECT body FROM bed_snapshot").fetchone()
        spoilt = zlib.compress(zlib.decompress(patient_entries)[:-1])
        file.execute("UPDATE bed_snapshot SET body = ?", (spoilt,))
        file.commit()
