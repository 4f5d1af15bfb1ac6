"""A journal that an earlier version wrote, continued by the present one."""

from __future__ import annotations

import json
import lzma
import shutil
from collections import defaultdict
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest

from edge_agent.config.gateway_file import AgentConfig, BedSection, GatewaySection, JournalSection
from edge_agent.gateway.agent import Agent
from edge_agent.journal.entries import Lane
from edge_agent.journal.retention import boot_id
from edge_agent.model.alerts import SignalReason
from edge_agent.model.bed_events import DevicePlace, FromDevice
from edge_agent.model.clock import Instant, ScaledClock
from edge_agent.model.session_events import NumericsReceived
from edge_agent.payloads.alerts import decode_alert
from edge_agent.rulebook.rule_set import Rulebook, read_rulebook
from edge_agent.vitals.claims import Series
from edge_agent.ward.snapshot import SnapshotHeader, decode_snapshot, encode_snapshot
from tests.support.gateways import opened
from tests.support.upgraded_ward import (
    BEDS,
    KILLED_S,
    OVER_S,
    START,
    Answer,
    course_of_ward,
)

if TYPE_CHECKING:
    from edge_agent.journal.writer import Journal
    from edge_agent.model.alerts import Alert

OLDER: Final = Path(__file__).parent / "older_journal"
REBOOTED_NS: Final = -600 * 10**9
"""Difference between the monotonic clocks before and after a reboot."""
Parts = dict[str, msgspec.Raw]
Runs = dict[Series, dict[str, Any]]
NEW_SINCE: Final = shutil.ignore_patterns("very_low_pressure.*", "texts")
"""Files of a rule that there was not, and the words, which stand for every shipped rule."""
BY_TIME: Final = {SignalReason.REMINDER, SignalReason.ANSWER_EXPIRED}
"""Signals that the older program did not make: they follow from its journal all the same."""


def older_journal(folder: Path) -> Path:
    """Return a copy of the older program's journal."""
    path = folder / "journal.db"
    path.write_bytes(lzma.decompress((OLDER / "journal.db.xz").read_bytes()))
    return path


def parts(body: bytes) -> Parts:
    return msgspec.msgpack.decode(body, type=Parts)


def keep(journal: Journal, bed_id: str, body: bytes) -> None:
    journal.submit(lambda recorder: recorder.store.write_snapshot(bed_id, body)).result(20)


def of_this_boot(journal: Journal) -> None:
    """Relabel the journal as written since the machine's last start."""
    axis = f"{boot_id()} system"
    journal.set_meta("monotonic_axis", axis)
    for bed_id, body in journal.snapshots().items():
        named = parts(body) | {"axis": msgspec.Raw(msgspec.msgpack.encode(axis))}
        keep(journal, bed_id, msgspec.msgpack.encode(named))


def without_snapshots(journal: Journal) -> None:
    of_this_boot(journal)
    for bed_id in journal.snapshots():
        keep(journal, bed_id, b"")


def rules_of_then(folder: Path) -> Rulebook:
    """Return the shipped rules that there were, each whose meaning has changed as it was then."""
    then = folder / "rules"
    shutil.copytree(str(files("edge_agent") / "rules"), then, ignore=NEW_SINCE)
    shutil.copytree(OLDER / "rules", then, dirs_exist_ok=True)
    return read_rulebook(then)


def continued(path: Path, shift_ns: int = 0) -> tuple[list[Alert], str]:
    """Run the rest of the course on a journal; return the changes of alerts, and the damage."""

    def moved(at: Instant) -> Instant:
        return Instant(at.monotonic_ns + shift_ns, at.utc_ns)

    hand = [moved(START.plus(KILLED_S))]
    beds = tuple(BedSection(id=bed, port="none", driver="philips_intellivue") for bed in BEDS)
    gateway = GatewaySection(id="gw-01", site="site", ward="ward")
    clock = ScaledClock(lambda: hand[0], hand[0])
    config = AgentConfig(gateway, JournalSection(path), beds)
    agent = Agent(config, rules_of_then(path.parent), clock, lambda *_: [])
    agent.start()
    for second, message in course_of_ward(KILLED_S, OVER_S):
        hand[0] = moved(START.plus(second))
        match message:
            case NumericsReceived():
                bed_id = message.numerics[0].device_id
                numerics = tuple(replace(n, received_at=hand[0]) for n in message.numerics)
                event = replace(message, numerics=numerics, at=hand[0])
                place_of = DevicePlace(bed_id, bed_id)
                agent.pipeline_thread.put(FromDevice(place_of, (event,), event.at))
            case Answer():
                agent.pipeline_thread.put(message.to(agent.reported_alerts()))
            case _:
                agent.pipeline_thread.put(message)
        assert agent.pipeline_thread.wait_until_idle()
    agent.stop()
    status = agent.status()
    assert (status.mishaps, status.unrestored) == (0, "")
    with opened(path) as journal:
        entries = journal.read_since(Lane.ALERTS, START.plus(KILLED_S).utc_ns)
    return [decode_alert(entry.body) for entry in entries], status.journal_damage


def second_of(at: Instant | None) -> float | None:
    return None if at is None else (at.utc_ns - START.utc_ns) / 1e9


def shown(alert: Alert) -> dict[str, Any]:
    """Return a change without its words and versions, as the older program's are stored."""
    return {
        "at_s": second_of(alert.changed_at),
        "bed": alert.bed_id,
        "rule": alert.rule_id,
        "state": alert.state.value,
        "priority": alert.priority.name,
        "alert_id": alert.alert_id,
        "raised_s": second_of(alert.raised_at),
        "acknowledged_s": second_of(alert.acknowledged_at),
        "by": alert.acknowledged_by,
        "absorbed_by": alert.absorbed_by,
        "missing": [*alert.missing],
        "evidence": [
            [e.kind, e.statistic, e.value, e.coverage, e.site, second_of(e.measured_at)]
            for e in alert.evidence
        ],
    }


def alerts_of_older() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((OLDER / "alerts.json").read_text())
    return [{name: each[name] for name in each if name != "n"} for each in found]


def is_new_since(alert: Alert) -> bool:
    """Return True for a change that the older program did not know."""
    return alert.is_stale or (alert.signal in BY_TIME and alert.signal_n == alert.n)


def changes(alerts: list[Alert]) -> list[dict[str, Any]]:
    """Return the changes that the older program knew, as it stored them but for their numbers."""
    assert {alert.signal for alert in alerts if is_new_since(alert)} >= BY_TIME
    numbers = defaultdict(list)
    for alert in alerts:
        numbers[alert.alert_id].append(alert.n)
    assert all(n == list(range(n[0], n[0] + len(n))) for n in numbers.values())
    return [shown(alert) for alert in alerts if not is_new_since(alert)]


@pytest.mark.untraced
@pytest.mark.parametrize("shift_ns", [0, REBOOTED_NS])
def test_alerts_go_on_as_in_the_program_that_wrote_the_journal(
    tmp_path: Path, shift_ns: int
) -> None:
    path = older_journal(tmp_path)
    if not shift_ns:
        with opened(path) as journal:
            of_this_boot(journal)
    alerts, damage = continued(path, shift_ns)
    assert damage == ""
    assert changes(alerts) == alerts_of_older()


@pytest.mark.untraced
def test_alerts_go_on_from_readings_and_entries_alone(tmp_path: Path) -> None:
    path = older_journal(tmp_path)
    with opened(path) as journal:
        without_snapshots(journal)
    alerts, damage = continued(path)
    assert "is not used" in damage
    assert changes(alerts) == alerts_of_older()


def leaves(value: object, name: str = "") -> dict[str, object]:
    """Return every number and text below a value by its path; NaN as a text."""
    if isinstance(value, dict):
        found = [leaves(below, f"{name}.{key}") for key, below in value.items()]
    elif isinstance(value, list):
        found = [leaves(below, f"{name}.{index}") for index, below in enumerate(value)]
    else:
        return {name: "nan" if value != value else value}  # noqa: PLR0124 - NaN alone differs from itself
    return {path: leaf for each in found for path, leaf in each.items()}


@pytest.mark.parametrize("bed_id", BEDS)
def test_every_field_of_a_snapshot_is_read(tmp_path: Path, bed_id: str) -> None:
    with opened(older_journal(tmp_path)) as journal:
        body = journal.snapshots()[bed_id]
    older = parts(body)
    axis, maker = (msgspec.msgpack.decode(older[name], type=str) for name in ("axis", "maker"))
    header = SnapshotHeader(maker, axis)
    at = msgspec.msgpack.decode(older["at"], type=Instant)
    snapshot = decode_snapshot(body, header, at)
    assert snapshot.course is not None
    newer = parts(encode_snapshot(snapshot, header))
    patients = [leaves(msgspec.msgpack.decode(each["patient"])) for each in (older, newer)]
    assert patients[0] == patients[1]
    courses = [parts(each["course"]) for each in (older, newer)]
    kept, known = [msgspec.msgpack.decode(course.pop("alerts")) for course in courses]
    assert [{name: now[name] for name in was} for was, now in zip(kept, known, strict=True)] == kept
    windows = [parts(course.pop("windows")) for course in courses]
    minutes = [parts(each.pop("minutes")) for each in windows]
    normalisers = [parts(course.pop("normaliser")) for course in courses]
    kept_flat, known_flat = [
        msgspec.msgpack.decode(each.pop("_flat"), type=dict[str, Runs]) for each in normalisers
    ]
    never_paced = {series: run | {"paced": 0} for series, run in kept_flat["_runs"].items()}
    assert known_flat == {"_runs": never_paced}
    assert normalisers[0] == normalisers[1]
    assert courses[0] == courses[1]
    assert without(windows[0], "late") == windows[1]
    assert without(minutes[0], "is_frozen") == minutes[1]


def without(fields: Parts, gone: str) -> Parts:
    """Return the fields but for one that is no longer needed."""
    return {name: value for name, value in fields.items() if name != gone}
