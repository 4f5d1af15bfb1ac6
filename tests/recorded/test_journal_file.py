"""A ward's recording, played into a fresh agent, gives the very same vitals."""

from __future__ import annotations

import json
import sqlite3
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.config.gateway_file import AgentConfig, BedSection, GatewaySection, JournalSection
from edge_agent.journal.entries import Lane
from edge_agent.model.bed_events import DevicePlace, FromDevice
from edge_agent.model.errors import JournalError
from edge_agent.model.measurements import DeviceTime, Validity
from edge_agent.payloads.readings import decode_readings
from edge_agent.recorded.journal_file import journal_feed
from tests.support.device_readings import (
    BPM,
    CELSIUS,
    HR,
    MMHG,
    NIBP_S,
    PERCENT,
    SPO2,
    TEMPERATURE,
    message,
    numeric,
    wall,
)
from tests.support.gateways import opened
from tests.support.pipelines import book
from tests.support.recorded_feeds import events_of
from tests.support.replays import replay

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

BEDS = ("bed-01", "bed-02")


def recorded() -> Iterator[FromDevice]:
    """Yield what two monitors sent: doubtful and missing values, a cuff that is shown for long."""
    for second in range(90):
        cuff = wall(1000 + second // 40 * 40)
        for bed_id in BEDS:
            event = message(
                numeric(HR, 80.0 + second % 3, BPM),
                numeric(SPO2, None, PERCENT, Validity.INVALID)
                if second % 7 == 0
                else numeric(SPO2, 97.0, PERCENT),
                numeric(TEMPERATURE, 36.8 + second // 30, CELSIUS),
                numeric(NIBP_S, 120.0 + second // 40, MMHG, None, cuff),
                replace(numeric(SPO2, 95.0, PERCENT), code=7, reason="not a vital"),
                at_s=second,
                device_now=wall(1000 + second),
            )
            numerics = tuple(replace(n, device_id=bed_id) for n in event.numerics)
            event = replace(event, numerics=numerics)
            yield FromDevice(DevicePlace(bed_id, bed_id), (event,), event.at)


def run(folder: Path, feed: Iterable[FromDevice]) -> Path:
    """Play a feed into a fresh agent; return its journal."""
    folder.mkdir()
    path = folder / "journal.db"
    beds = tuple(BedSection(id=b, port="recorded", driver="nonin") for b in BEDS)
    config = AgentConfig(GatewaySection("gw", "site", "ward"), JournalSection(path, 8000.0), beds)
    assert replay(config, book(), [feed]).is_whole
    return path


def bodies(path: Path) -> list[bytes]:
    with opened(path) as journal:
        return [entry.body for entry in journal.read_since(Lane.READINGS, 0)]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return run(tmp_path / "first", recorded())


@pytest.mark.untraced
def test_the_vitals_are_the_same_to_the_byte_and_once_more(tmp_path: Path, journal: Path) -> None:
    again = run(tmp_path / "second", journal_feed(journal))
    vitals = [decode_readings(body).vitals for body in bodies(journal)]
    assert len(vitals) == 180
    assert {v.validity for of_one in vitals for v in of_one} > {Validity.VALID, Validity.INVALID}
    assert sum(v.code == NIBP_S for of_one in vitals for v in of_one) == 6
    said = [utc_alone(body) for body in bodies(journal)]
    assert [utc_alone(body) for body in bodies(again)] == said
    # The second run was on the feed's own time, so that not even the monotonic clock differs.
    third = run(tmp_path / "third", journal_feed(again))
    assert bodies(third) == bodies(again)


def utc_alone(body: bytes) -> str:
    """Return a record without the monotonic clock, which is the machine's own."""
    return json.dumps(json.loads(body, object_hook=_without_monotonic))


def _without_monotonic(values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name != "monotonic_ns"}


def test_messages_come_as_they_were_sent_at_the_recorded_moments(journal: Path) -> None:
    feed = list(journal_feed(journal))
    sent = list(recorded())
    assert [m.place for m in feed] == [m.place for m in sent]
    assert [m.at.utc_ns for m in feed] == [m.at.utc_ns for m in sent]
    assert all(m.at.monotonic_ns == m.at.utc_ns for m in feed)
    for heard, meant in zip(events_of(feed), events_of(sent), strict=True):
        assert heard.device_now == meant.device_now
        wanted = tuple(replace(n, received_at=heard.at) for n in meant.numerics)
        assert heard.numerics == wanted


def test_one_bed_can_be_chosen(journal: Path) -> None:
    assert {m.place.bed_id for m in journal_feed(journal, "bed-02")} == {"bed-02"}
    assert list(journal_feed(journal, "bed-99")) == []


def test_the_journal_is_left_as_it_is(journal: Path) -> None:
    before = journal.read_bytes()
    assert len(list(journal_feed(journal))) == 180
    assert journal.read_bytes() == before


def rewrite(path: Path, change: dict[str, object] | None) -> None:
    """Change the first entry: take keys out of its record, or damage it."""
    with sqlite3.connect(path) as file:
        (seq, body) = file.execute("SELECT seq, body FROM entry WHERE lane='readings'").fetchone()
        if change is None:
            body = body[:-5]
        else:
            record = json.loads(zlib.decompress(body))
            record.pop("device_now")
            for one in record["numerics"]:
                one.pop("reason")
            body = zlib.compress(json.dumps(record).encode())
        file.execute("UPDATE entry SET body = ? WHERE seq = ?", (body, seq))
    file.close()


def test_a_record_from_before_the_device_clock_was_kept_is_still_read(journal: Path) -> None:
    rewrite(journal, {})
    first, second, *_ = events_of(journal_feed(journal))
    assert (first.device_now, second.device_now) == (DeviceTime(), wall(1000))
    assert first.numerics[0].reason == ""


def test_a_damaged_entry_costs_itself_and_is_named(
    journal: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rewrite(journal, None)
    assert len(list(journal_feed(journal))) == 179
    assert "left out 1 rows, the first: entry " in caplog.text


@pytest.mark.parametrize("text", [None, "no journal", ""])
def test_what_is_no_journal_is_refused(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "journal.db"
    if text is not None:
        path.write_text(text)
    with pytest.raises(JournalError, match="cannot be read as a journal"):
        list(journal_feed(path))
    assert path.exists() == (text is not None)
