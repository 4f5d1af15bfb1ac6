"""Times of day name what is needed to know the moment again, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from edge_agent.model.language import Language
from edge_agent.wording.times import clock_time, day_of, span_words, time_of_day

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
    assert time_of_day(Language.EN, utc_ns(then), utc_ns(now), zone) == words
    short = words.removesuffix(" UTC").removesuffix(" CEST")
    assert clock_time(Language.EN, utc_ns(then), utc_ns(now), zone) == short


def test_a_day_is_that_of_the_zone() -> None:
    late = utc_ns("2026-12-31T23:30")
    assert day_of(Language.EN, late, BERLIN) == "1 Jan"
    assert day_of(Language.EN, late, UTC) == "31 Dec"
    assert day_of(Language.DE, late, BERLIN) == "1. Jan."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (50, "50 s"),
        (60, "1 min"),
        (160, "3 min"),
        (270, "5 min"),
        (540, "9 min"),
        (7199, "120 min"),
        (7200, "2 h"),
    ],
)
def test_a_span_is_rounded_to_what_people_say(seconds: float, words: str) -> None:
    assert span_words(Language.EN, seconds) == words
