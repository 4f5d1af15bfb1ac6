"""Messages to an HL7 session, its answers and the states of its link."""

from __future__ import annotations

from edge_agent.model.session_events import LinkChanged, LinkState, SessionEvent
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.sender import BPM, HR, START, obx

ROW = obx(HR, "66", BPM)
DAMAGED = sender.frame(sender.header(), "OB\x1cX|1", ROW)
OTHER = sender.frame(sender.header("ADT^A08"), "PID|||1")


def answers(frame: bytes, profile: str = "", text: str = "") -> list[list[str]]:
    """Return what is answered, as segments."""
    session = sender.session(profile, text)
    session.receive(frame, START)
    sent = session.bytes_to_send()
    assert session.bytes_to_send() == b""
    frames = sent.split(b"\x1c\r")
    assert frames.pop() == b""
    assert all(frame.startswith(b"\x0b") for frame in frames)
    return [frame[1:].decode().split("\r") for frame in frames]


def codes(frame: bytes, profile: str = "", text: str = "") -> list[str]:
    return [segments[1].split("|")[1] for segments in answers(frame, profile, text)]


def links(events: list[SessionEvent]) -> list[LinkState]:
    return [event.state for event in events if isinstance(event, LinkChanged)]
