"""Times of observations, from the row, its group or the message, in the right zone."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone, tzinfo

import pytest

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.hl7_oru.session import Hl7Session
from edge_agent.model.measurements import DeviceTime
from edge_agent.vitals.normalise import Normaliser
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.sender import (
    BPM,
    DEGC,
    HR,
    MMHG,
    NIBP_SYS,
    NOON,
    NOON_NS,
    START,
    TEMP,
    messages,
    numerics,
    obx,
    one,
    read,
    results,
)

EARLIER, EARLIER_NS = "20260912053000+0000", NOON_NS - 23_400 * 10**9


@pytest.mark.parametrize(
    ("own", "obr", "moment"),
    [
        (EARLIER, "20260912110000+0000", EARLIER_NS),
        ("", EARLIER, EARLIER_NS),
        ("", "", NOON_NS),
        ("20261301000000", EARLIER, None),
    ],
)
def test_a_running_value_has_the_time_of_its_row_else_of_its_group_else_of_the_message(
    own: str, obr: str, moment: int | None
) -> None:
    (numeric,) = numerics(read(results(obx(HR, "66", BPM, time=own), obr=obr)))
    assert numeric.measured_at == DeviceTime(wall_ns=moment)


@pytest.mark.parametrize(
    ("time", "profile", "moment"),
    [
        (EARLIER, "", EARLIER_NS),
        ("", "", None),
        (NOON, "", None),
        ("20260912173000+0530", "", None),
        (NOON, "comen_nc5", None),
        (NOON, "mindray_egateway", NOON_NS),
        (EARLIER, "intellibridge", EARLIER_NS),
        ("", "intellibridge", None),
    ],
)
def test_a_cuff_pressure_has_its_own_time_or_none(
    time: str, profile: str, moment: int | None
) -> None:
    row = obx(NIBP_SYS, "118", MMHG, time=time)
    (numeric,) = numerics(read(results(row, obr="20260912110000+0000"), profile))
    assert numeric.measured_at == DeviceTime(wall_ns=moment)
    assert not numeric.is_sent_once


def test_an_aperiodic_row_of_any_code_is_a_reading_of_its_own() -> None:
    assert one(obx(TEMP, "37.0", DEGC, access="APERIODIC")).measured_at == DeviceTime()


def test_a_reading_that_is_sent_once_says_so() -> None:
    text = "occasional_is_sent_once = true"
    assert one(obx(NIBP_SYS, "118", MMHG, time=NOON), "ward", text).is_sent_once
    assert not one(obx(HR, "66", BPM), "ward", text).is_sent_once


def test_a_pressure_six_hours_old_is_never_current() -> None:
    row = obx(NIBP_SYS, "84", MMHG, "X", time=EARLIER)
    (message,) = messages(read(results(row), "intellibridge"))
    (vital,) = Normaliser("bed-1").normalise(message)
    assert (vital.value, vital.is_usable, vital.reason) == (
        84,
        False,
        "measured 6 h before it arrived",
    )


@pytest.mark.parametrize(("text", "hours"), [("", 3), ('zone = "+0800"', 8)])
def test_times_without_zone_are_in_that_of_the_profile_else_of_the_session(
    text: str, hours: int
) -> None:
    zone = timezone(timedelta(hours=3))
    session = Hl7Session(SessionOptions("gateway-1", profile_text=text, zone=zone))
    data = results(obx(HR, "66", BPM), time="20260912120000")
    (message,) = messages(session.receive(data, START))
    assert message.device_now == DeviceTime(wall_ns=NOON_NS - hours * 3600 * 10**9)


def moment(row: str, sent: str, zone: tzinfo = UTC, text: str = "") -> int | None:
    session = Hl7Session(SessionOptions("gateway-1", profile_text=text, zone=zone))
    (numeric,) = numerics(session.receive(results(row, time=sent), START))
    return numeric.measured_at.wall_ns


EAST = timezone(timedelta(hours=3))


@pytest.mark.parametrize(
    ("zone", "text", "hours"),
    [(UTC, "", 8), (EAST, "", 3), (UTC, 'zone = "+0500"', 5), (EAST, 'zone = "+0500"', 5)],
)
def test_the_zone_of_the_message_counts_where_nobody_says_the_clocks(
    zone: tzinfo, text: str, hours: int
) -> None:
    row = obx(HR, "66", BPM, time="20260912120000")
    assert moment(row, "20260912120001.0+0800", zone, text) == NOON_NS - hours * 3600 * 10**9


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("20260912115500+0000^S", NOON_NS - 300 * 10**9),
        ("20260912115500^S", NOON_NS - 300 * 10**9),
        ("20260912^D", None),
    ],
)
def test_a_cuff_pressure_with_the_old_precision_has_its_time(
    time: str, expected: int | None
) -> None:
    assert moment(obx(NIBP_SYS, "84", MMHG, time=time), NOON) == expected


def test_a_time_that_is_none_is_told() -> None:
    row = obx(NIBP_SYS, "84", MMHG, time="1772352000")
    events = read(results(row, obx(HR, "66", BPM), time="1772352000"))
    assert [event.reason for event in sender.rejected(events)] == [
        "not understood: time '9999999999' (9: any digit) in MSH-7",
        "not understood: time '9999999999' (9: any digit) in OBX-14",
    ]
    assert sender.rejected(read(results(row, time="").replace(b"1772352000", b""))) == []
