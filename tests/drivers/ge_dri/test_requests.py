"""Requests are those the specification prints, byte for byte."""

from __future__ import annotations

import pytest

from edge_agent.drivers.ge_dri import requests
from edge_agent.drivers.ge_dri.requests import AlarmCommand, Values
from tests.drivers.ge_dri.monitor import golden


@pytest.mark.parametrize(
    ("name", "built"),
    [
        ("start_displayed_10s", requests.values(Values.DISPLAYED, 10)),
        ("stop_displayed", requests.stop_values(Values.DISPLAYED)),
        ("start_trend_60s", requests.values(Values.TREND_60_S, 60)),
        ("stop_trend_60s", requests.stop_values(Values.TREND_60_S)),
        ("once_displayed_basic", requests.values(Values.DISPLAYED, requests.ONCE, classes=0)),
        ("alarm_status", requests.alarms(AlarmCommand.STATUS)),
        ("alarm_differential_enter", requests.alarms(AlarmCommand.ENTER_DIFFERENTIAL)),
        ("alarm_differential_leave", requests.alarms(AlarmCommand.LEAVE_DIFFERENTIAL)),
    ],
)
def test_a_request_is_built_byte_for_byte(name: str, built: bytes) -> None:
    assert built == golden(name)


def test_the_checksum_of_the_trend_request_is_itself_escaped() -> None:
    assert golden("start_trend_60s")[-3:] == b"\x7d\x5d\x7e"
