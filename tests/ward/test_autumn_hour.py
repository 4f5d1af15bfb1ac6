"""Pressures in the hour that repeats in autumn are dated and evaluated."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.registry import driver
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, Readings
from edge_agent.model.session_events import NumericsReceived
from tests.drivers.ascii_line.line import SPO2, definition
from tests.drivers.ascii_line.test_session import TIME
from tests.support.pipelines import BED, PLACE, alerts_of, pipeline

if TYPE_CHECKING:
    from edge_agent.ward.beds import Outcome

VIENNA = ZoneInfo("Europe/Vienna")
HL7 = "20261025{:06d}"
FIRST_TWO, SECOND_TWO = "2026-10-25T00:10:00+00:00", "2026-10-25T01:10:00+00:00"
"""Ten past two, twice."""


def moment(text: str) -> Instant:
    return Instant(10**12, round(datetime.fromisoformat(text).timestamp()) * 10**9)


def cuff_over_hl7(at: Instant, sent: int, taken: int) -> list[Outcome]:
    """Send 78 systolic as a monitor does that writes local times without a zone."""
    rows = (
        f"MSH|^~\\&|maker|W^^1|||{HL7.format(sent)}||ORU^R01|1|P|2.6",
        "PV1||I|W^^1",
        "OBR|1",
        "OBX|1|NM|150021^MDC_PRESS_BLD_NONINV_SYS^MDC|1|78|266016^MDC_DIM_MMHG^MDC|||||F"
        f"|||{HL7.format(taken)}",
        "OBX|2|NM|147842^MDC_ECG_HEART_RATE^MDC|1|120|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||F",
    )
    options = SessionOptions(device_id=BED, profile="mindray_egateway", zone=VIENNA)
    session = driver("hl7_oru").open_session(options)
    line = pipeline(frozenset(), since=at)
    events = session.receive(b"\x0b" + "\r".join(rows).encode() + b"\r\x1c\r", at)
    return line.receive(PLACE, events, at) + line.tick(at.plus(15))


@pytest.mark.parametrize(
    ("now", "sent", "taken", "ago_s"),
    [
        (SECOND_TWO, 21000, 23900, 31 * 60),
        (SECOND_TWO, 21000, 20500, 5 * 60),
        (FIRST_TWO, 21000, 20500, 5 * 60),
        (SECOND_TWO, 21000, 15500, 75 * 60),
        ("2026-10-25T02:05:00+00:00", 30500, 25500, 10 * 60),
        # The monitor's clock is a day late: its own clock dates its readings.
        ("2026-10-26T01:10:00+00:00", 21000, 23900, 31 * 60),
    ],
)
def test_a_pressure_in_the_doubled_hour_is_dated_by_the_clock_that_it_was_read_by(
    now: str, sent: int, taken: int, ago_s: float
) -> None:
    at = moment(now)
    (readings,) = [o for o in cuff_over_hl7(at, sent, taken) if isinstance(o, Readings)]
    vital = readings.vitals[0]
    assert (vital.value, vital.measured_at) == (78, at.plus(-ago_s))
    assert vital.is_usable == (ago_s <= 3600)


def test_low_pressure_in_the_doubled_hour_is_told() -> None:
    told = {a.rule_id for a in alerts_of(cuff_over_hl7(moment(SECOND_TWO), 21000, 20900))}
    assert told & {"vital.shock", "crs.hypotension", "vital.recheck_pressure"}


def test_a_reading_of_a_text_device_is_no_later_than_its_line() -> None:
    text = definition(
        "{sent} {taken} {spo2}",
        SPO2 + "sent_once = true",
        TIME.format("sent", "YYYY-MM-DDThh:mm:ss", ""),
        TIME.format("taken", "YYYYMMDDhhmmss", 'of = "reading"'),
    )
    session = driver("ascii_line").open_session(
        SessionOptions("spot-1", profile_text=text, zone=VIENNA)
    )
    at = moment(SECOND_TWO)
    events = session.receive(b"2026-10-25T02:10:00 20261025023900  97\n", at)
    (message,) = [event for event in events if isinstance(event, NumericsReceived)]
    assert message.device_now == DeviceTime(wall_ns=at.utc_ns)
    (numeric,) = message.numerics
    assert numeric.measured_at == DeviceTime(wall_ns=at.plus(-31 * 60).utc_ns)
