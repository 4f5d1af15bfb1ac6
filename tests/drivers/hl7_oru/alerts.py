"""Alert messages of a sender, and the alarm lists that a session makes of them."""

from __future__ import annotations

from edge_agent.drivers.hl7_oru.alarms import MOST_ALARMS
from edge_agent.model.session_events import DeviceAlarm
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.sender import START, alarms


def told(*messages: bytes, profile: str = "") -> list[tuple[DeviceAlarm, ...]]:
    session = sender.session(profile)
    return alarms([event for data in messages for event in session.receive(data, START)])


TOO_MANY = f"more than {MOST_ALARMS} alarms at once; not all are stored"
