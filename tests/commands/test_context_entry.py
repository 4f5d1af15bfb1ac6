"""Words of `crswatch context` as an entry: times, ends, withdrawals and mistakes."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from edge_agent.commands.context_entry import moment
from edge_agent.model.errors import ConfigError
from edge_agent.model.patient import EntryKind
from tests.support.command_entries import made
from tests.support.gateways import BED
from tests.support.patient_entries import NOW_NS, an_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_agent.model.patient import PatientEntry


NOW = datetime(2026, 11, 28, 14, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def mistakes(known: tuple[PatientEntry, ...] = (), **given: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        made(known, **given)
    return [f"{mistake.key}: {mistake.message}" for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("14:05", "2026-11-28T14:05:00+00:00"),
        ("14:30", "2026-11-28T14:30:00+00:00"),
        ("23:50", "2026-11-27T23:50:00+00:00"),
        ("2026-11-20T08:00", "2026-11-20T08:00:00+00:00"),
        ("2026-11-20 08:00", "2026-11-20T08:00:00+00:00"),
        ("2026-11-20T08:00+01:00", "2026-11-20T07:00:00+00:00"),
        ("25:00", None),
        ("noon", None),
    ],
)
def test_a_time_is_the_last_of_its_kind_or_a_date(text: str, wanted: str | None) -> None:
    utc_ns = moment(text, round(NOW.timestamp()) * 10**9)
    expected = wanted and round(datetime.fromisoformat(wanted).timestamp()) * 10**9
    assert utc_ns == expected


def test_a_planned_time_is_the_next_of_its_kind() -> None:
    now_ns = round(NOW.timestamp()) * 10**9
    for text, ahead_h in (("00:00", 24), ("23:59", 24), (f"{NOW.astimezone():%H:%M}", 24)):
        planned = moment(text, now_ns, is_ahead=True)
        assert planned is not None
        assert 0 <= planned - now_ns <= ahead_h * 3600 * 10**9
        past = moment(text, now_ns)
        assert past is not None
        assert past <= now_ns


def test_words_become_an_entry() -> None:
    entry = made(kind="oxygen", name="nasal cannula", amount=2.0, until="2027-02-01T00:00")
    assert entry.entry_id.startswith(f"{BED}/")
    assert (entry.kind, entry.name, entry.amount) == (EntryKind.OXYGEN, "nasal cannula", 2)
    assert (entry.patient_id, entry.by, entry.at_utc_ns) == ("", "N12", NOW_NS)
    assert entry.until_utc_ns is not None


def test_an_entry_ends_or_is_taken_back_by_its_id() -> None:
    known = (an_entry("e-1", "vasopressor", "noradrenaline", at_h=-3, by="N1"),)
    ended = made(known, end="e-1", id="e-2")
    corrects = replace(known[0], entry_id="e-2", by="N12", corrects="e-1")
    assert ended == replace(corrects, until_utc_ns=NOW_NS)
    assert made(known, take_back="e-1", id="e-3") == replace(corrects, entry_id="e-3", is_void=True)


def test_a_time_of_a_clock_that_nobody_set_is_refused() -> None:
    (found,) = mistakes(kind="infusion", name="axi-cel", at="1970-01-01T00:00:01")
    assert found.startswith("entry: at_utc_ns 1000000000 is 1970-01-01 00:00; want nanoseconds")


def test_everything_wrong_is_said_at_once() -> None:
    assert mistakes(by=None, at="noon", until="x") == [
        "--at: is 'noon'; want a time such as 14:05 or 2026-01-31T14:05",
        "--until: is 'x'; want a time such as 14:05 or 2026-01-31T14:05",
        "--by: is missing; want who enters it",
        f"KIND: is missing; want one of {', '.join(EntryKind)}",
    ]
    assert mistakes(kind="weather")[0].startswith("KIND: is 'weather'; want one of admitted,")
    assert mistakes(take_back="e-9") == [
        "--take-back: is 'e-9'; this gateway's journal has no such entry, see --list"
    ]
    assert mistakes(kind="ice", amount=12.0, name="fine") == [
        "entry: name 'fine'; want ",
        "entry: amount 12; want 0 to 10",
    ]
    assert mistakes(kind="ice", amount=float("nan")) == [
        "entry: ice: amount nan; want a finite number"
    ]
    assert mistakes(kind="admitted") == [
        "entry: patient_id is missing; want --patient with the pseudonym of the new patient"
    ]
