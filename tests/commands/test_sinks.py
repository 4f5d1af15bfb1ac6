"""`crswatch sinks`: what was refused is listed with its reason and offered again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from edge_agent.journal.aside import AsidePolicy
from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.lane_delivery import DeliveryPolicy
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.worker import DeliveryWorker
from edge_agent.journal.writer import Journal
from tests.support.fake_sinks import WAIT_S, FakeSink
from tests.support.gateways import write_config
from tests.support.journal_state import quarantined

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.journal.recorder import Recorder

NEVER = AsidePolicy(first_alert_wait_s=3600.0, others_wait_s=3600.0)


def journal_of(folder: Path) -> Journal:
    journal = Journal(JournalSettings(folder / "journal.db", ("mqtt",), 1e9))
    journal.start()
    return journal


def refuse(journal: Journal, *entries: JournalEntry, reason: str = "too large") -> None:
    def keep(recorder: Recorder) -> None:
        for entry in entries:
            recorder.store.quarantine.add("mqtt", entry, reason)

    journal.submit(keep).result(WAIT_S)


def aside(seq: int, lane: Lane = Lane.READINGS, bed_id: str = "bed-07") -> JournalEntry:
    return JournalEntry(
        seq, lane, bed_id, 1_800_000_000_000_000_000 + seq * 10**9, b"body %d" % seq
    )


def sinks(folder: Path, action: str, *more: str) -> int:
    config = write_config(folder, "/dev/null", broker_port=1883)
    return main(["sinks", action, "--config", str(config), *more])


def test_what_was_refused_is_listed_by_bed_with_its_newest_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    journal = journal_of(tmp_path)
    assert sinks(tmp_path, "list") == 0
    assert "nothing is set aside" in capsys.readouterr().out
    refuse(journal, aside(1), aside(3))
    refuse(journal, aside(2), reason="Not [authorized]")
    refuse(journal, aside(4, Lane.ALERTS, "bed-08"))
    assert sinks(tmp_path, "list") == 1  # while the agent runs
    journal.stop()
    rows = [line.replace("│", " ").split() for line in capsys.readouterr().out.splitlines()]
    alerts, readings = (row for row in rows if row[:1] == ["mqtt"])
    assert alerts[1:4] == ["alerts", "bed-08", "1"]
    assert readings[1:4] == ["readings", "bed-07", "3"]
    assert readings[4:8] == ["2027-01-15", "08:00:01Z", "2027-01-15", "08:00:03Z"]
    assert readings[8:] == ["Not", "[authorized]"]


def test_a_time_beyond_the_calendar_is_listed_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    journal = journal_of(tmp_path)
    refuse(journal, JournalEntry(1, Lane.READINGS, "bed", 2**62 * 2 - 1, b""))
    journal.stop()
    assert sinks(tmp_path, "list", "--sink", "mqtt") == 1
    assert "2262-04-11" in capsys.readouterr().out


def worker_of(journal: Journal, sink: FakeSink) -> DeliveryWorker:
    sink.name = "mqtt"
    policy = DeliveryPolicy(first_wait_s=0.01, longest_wait_s=0.04, aside=NEVER)
    return DeliveryWorker(journal, sink, policy)


def test_what_was_refused_is_offered_again_when_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = journal_of(tmp_path)
    sink = FakeSink()
    refuse(journal, aside(1), aside(2, Lane.EVENTS), aside(3, Lane.ALERTS))
    worker = worker_of(journal, sink)
    worker.start()
    journal.append(Lane.READINGS, "bed", 1, b"live")
    journal.flush()
    assert worker.wait_until_idle(WAIT_S)
    assert [entry.body for entry in sink.accepted] == [b"live"]
    assert worker.health().quarantined == 3
    worker.stop()
    assert sinks(tmp_path, "retry") == 0
    assert "3 entries are offered again to mqtt" in capsys.readouterr().out
    again = worker_of(journal, sink)
    again.start()
    sink.wait_for(lambda: len(sink.accepted) == 4)
    journal.append(Lane.READINGS, "bed", 1, b"later")
    journal.flush()
    sink.wait_for(lambda: len(sink.accepted) == 5)
    assert again.wait_until_idle(WAIT_S)
    again.stop()
    assert [entry.body for entry in sink.accepted] == [
        b"live",
        b"body 3",
        b"body 2",
        b"body 1",
        b"later",
    ]
    assert again.health().quarantined == 0
    assert quarantined(journal, "mqtt") == []
    assert journal.meta("sinks.retry.mqtt") is None
    journal.stop()


def test_what_a_sink_without_a_section_refused_is_not_offered_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = journal_of(tmp_path)
    refuse(journal, aside(1))
    journal.submit(lambda r: r.store.quarantine.add("influx", aside(2), "too old")).result(WAIT_S)
    assert sinks(tmp_path, "retry") == 0
    assert "1 entries are offered again to mqtt" in capsys.readouterr().out
    assert journal.meta("sinks.retry.influx") is None
    journal.stop()


def test_what_is_refused_again_stays_set_aside(tmp_path: Path) -> None:
    journal = journal_of(tmp_path)
    sink = FakeSink(poison=b"body 1")
    refuse(journal, aside(1), aside(2), aside(12))
    journal.stop()
    assert sinks(tmp_path, "retry", "--sink", "mqtt") == 0
    journal = journal_of(tmp_path)
    worker = worker_of(journal, sink)
    worker.start()
    sink.wait_for(lambda: len(sink.accepted) == 1)
    journal.append(Lane.READINGS, "bed", 1, b"later")
    journal.flush()
    sink.wait_for(lambda: len(sink.accepted) == 2)
    worker.stop()
    assert [entry.body for entry in quarantined(journal, "mqtt")] == [b"body 1", b"body 12"]
    journal.stop()


@pytest.mark.parametrize("action", ["list", "retry"])
def test_without_a_journal_of_ours_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], action: str
) -> None:
    assert sinks(tmp_path, action) == 1
    assert "cannot be read as a journal" in capsys.readouterr().err


def test_a_sink_that_is_not_configured_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sinks(tmp_path, "retry", "--sink", "influx") == 2
    assert "'influx'; this configuration has: mqtt" in capsys.readouterr().err
