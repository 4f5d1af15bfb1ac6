"""Times in every dialect become one moment, and what is no moment becomes none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from edge_agent.drivers.hl7_oru import er7
from edge_agent.drivers.hl7_oru.timestamps import (
    is_moment,
    measured_ns,
    time_in,
    timestamp,
    wall_ns,
    zone_in,
    zone_of,
)

INDIA = timezone(timedelta(hours=5, minutes=30))


def ns(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000) * 10**6


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20260912120000.0000+0530", "2026-09-12T06:30:00+00:00"),
        ("20260124124738000+0800", "2026-01-24T04:47:38+00:00"),
        ("20260124124738250+0800", "2026-01-24T04:47:38.250+00:00"),
        ("20211129084800+0100", "2021-11-29T07:48:00+00:00"),
        ("20250612093319", "2025-06-12T09:33:19+00:00"),
        ("20180717051637.8010-0700", "2018-07-17T12:16:37.801+00:00"),
        ("202506120933", "2025-06-12T09:33:00+00:00"),
        ("202506120933-0330", "2025-06-12T13:03:00+00:00"),
        ("20250612093319Z", "2025-06-12T09:33:19+00:00"),
        ("20250612093319.5Z", "2025-06-12T09:33:19.5+00:00"),
        ("2025061209331925", "2025-06-12T09:33:19.25+00:00"),
        ("20250612093319 +0100", "2025-06-12T08:33:19+00:00"),
        ("20250612093319+01:00", "2025-06-12T08:33:19+00:00"),
        ("20250612T093319", "2025-06-12T09:33:19+00:00"),
        ("2025-06-12 09:33", "2025-06-12T09:33:00+00:00"),
        ("2025-06-12T09:33:19,25-01:30", "2025-06-12T11:03:19.25+00:00"),
        (" 20250612093319 ", "2025-06-12T09:33:19+00:00"),
        ("20250612093319^S", "2025-06-12T09:33:19+00:00"),
        ("20250612093319^m", "2025-06-12T09:33:19+00:00"),
        ("20250612093360", "2025-06-12T09:34:00+00:00"),
        ("20251231240000", "2026-01-01T00:00:00+00:00"),
        ("202512312400", "2026-01-01T00:00:00+00:00"),
        ("20250612093319-0000", "2025-06-12T09:33:19+00:00"),
        ("20250612093319+1400", "2025-06-11T19:33:19+00:00"),
    ],
)
def test_every_dialect_is_read(text: str, moment: str) -> None:
    assert wall_ns(text, UTC, 0) == ns(moment)


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        (INDIA, "2025-07-01T06:30:00+00:00"),
        (ZoneInfo("Europe/Vienna"), "2025-07-01T10:00:00+00:00"),
    ],
)
def test_a_time_without_zone_is_in_the_zone_of_the_monitor(zone: tzinfo, moment: str) -> None:
    assert wall_ns("20250701120000", zone) == ns(moment)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20250612",
        "2025061209",
        "20251301000000",
        "20250230120000",
        "20250612246000",
        "00000000000000",
        "99991231235959",
        "20250612093319+2500",
        "20250612093319+0060",
        "20250612093319ZZ",
        "2025-0612 09:33",
        "20250612093319^D",
        "20250612093319^H",
        "20250612093319^Y",
        "20250612240001",
        "20250612093361",
        "20250612093319+1500",
        "19691231235959",
        "22000101000000",
        "1772352000",
        "٢٠٢٥٠٦١٢٠٩٣٣١٩",
        "2025061209331",
        "20250612093319.",
    ],
)
def test_what_is_no_moment_is_none(text: str) -> None:
    assert wall_ns(text, UTC, 0) is None
    assert not is_moment(text)


@pytest.mark.parametrize(
    ("text", "minutes"), [("+0530", 330), ("-0330", -210), ("+0000", 0), ("+05:30", 330), ("Z", 0)]
)
def test_zones_are_read(text: str, minutes: int) -> None:
    zone = zone_of(text)
    assert zone is not None
    assert zone.utcoffset(None) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("20250612093319+0530", 330),
        ("20250612093319.1-0330^S", -210),
        ("20250612093319Z", 0),
        ("20250612093319", None),
        ("nonsense+0530", None),
        ("", None),
    ],
)
def test_the_zone_in_a_time_is_found(text: str, minutes: int | None) -> None:
    zone = zone_in(text)
    offset = None if zone is None else zone.utcoffset(None)
    assert offset == (None if minutes is None else timedelta(minutes=minutes))


def test_the_precision_stands_behind_any_separator() -> None:
    header = er7.parse(b"MSH#*~@%#A####20250612093319*S##ORU*R01#1#P").header
    assert time_in(header, 7) == "20250612093319^S"


def test_a_moment_is_written_as_it_is_read() -> None:
    assert timestamp(ns("2026-09-12T06:30:00+00:00")) == "20260912063000+0000"
    assert wall_ns(timestamp(1_789_000_000 * 10**9), INDIA, 0) == 1_789_000_000 * 10**9


VIENNA = ZoneInfo("Europe/Vienna")


@pytest.mark.parametrize(
    ("text", "now", "moment"),
    [
        ("20261025021000", "2026-10-25T00:11:00+00:00", "2026-10-25T00:10:00+00:00"),
        ("20261025021000", "2026-10-25T01:11:00+00:00", "2026-10-25T01:10:00+00:00"),
        # A clock that nobody has set yet, in the hour that there is not.
        ("20260329023000", "2026-03-29T01:31:00+00:00", "2026-03-29T01:30:00+00:00"),
        ("20261025021000+0200", "2026-10-25T01:11:00+00:00", "2026-10-25T00:10:00+00:00"),
    ],
)
def test_a_local_time_that_there_is_twice_is_the_one_nearer_to_now(
    text: str, now: str, moment: str
) -> None:
    assert wall_ns(text, VIENNA, ns(now)) == ns(moment)


@pytest.mark.parametrize(
    ("text", "sent", "moment"),
    [
        ("20261025023900", "2026-10-25T01:10:00+00:00", "2026-10-25T00:39:00+00:00"),
        ("20261025020500", "2026-10-25T01:10:00+00:00", "2026-10-25T01:05:00+00:00"),
        ("20261025021100", "2026-10-25T01:10:00+00:00", "2026-10-25T01:11:00+00:00"),
        ("20261025021101", "2026-10-25T01:10:00+00:00", "2026-10-25T00:11:01+00:00"),
        ("20261025020500", "2026-10-25T00:10:00+00:00", "2026-10-25T00:05:00+00:00"),
        ("20260329022900", "2026-03-29T01:30:00+00:00", "2026-03-29T01:29:00+00:00"),
        ("20261025040000", "2026-10-25T01:10:00+00:00", "2026-10-25T03:00:00+00:00"),
        ("20261025020500", "2026-10-24T01:10:00+00:00", "2026-10-25T00:05:00+00:00"),
    ],
)
def test_a_reading_is_the_newest_that_is_not_of_the_future(
    text: str, sent: str, moment: str
) -> None:
    assert measured_ns(text, VIENNA, ns(sent)) == ns(moment)
    assert measured_ns("nonsense", VIENNA, ns(sent)) is None
