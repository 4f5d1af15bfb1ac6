"""Times of day name what is needed to know the moment again, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from edge_agent.detect.report.clock_words import day_of, time_of_day

BERLIN = ZoneInfo("Europe/Berlin")


def utc_ns(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("then", "now", "zone", "words"),
    [
        ("2026-11-29T03:26", "2026-11-29T05:00", BERLIN, "04:26"),
        ("2026-11-29T03:26", "2026-11-29T05:00", UTC, "03:26 UTC"),
        ("2026-11-29T03:26", "2026-11-29T05:00", ZoneInfo("UTC"), "03:26 UTC"),
        ("2026-11-28T22:59", "2026-11-28T23:00", BERLIN, "28 Nov 23:59"),
        ("2026-11-28T23:00", "2026-11-28T23:01", BERLIN, "00:00"),
        ("2026-11-28T23:59", "2026-11-29T00:01", UTC, "28 Nov 23:59 UTC"),
        # The hour that comes twice in autumn: 02:30 before and after the clocks are set back.
        ("2026-10-25T00:30", "2026-10-25T01:40", BERLIN, "02:30 CEST"),
        ("2026-10-25T01:30", "2026-10-25T01:40", BERLIN, "02:30"),
        ("2026-10-25T00:30", "2026-10-25T00:40", BERLIN, "02:30"),
    ],
)
def test_a_time_of_day(then: str, now: str, zone: ZoneInfo, words: str) -> None:
    assert time_of_day(utc_ns(then), utc_ns(now), zone) == words


def test_a_day_is_that_of_the_zone() -> None:
    assert day_of(utc_ns("2026-12-31T23:30"), BERLIN) == "1 Jan"
    assert day_of(utc_ns("2026-12-31T23:30"), UTC) == "31 Dec"
