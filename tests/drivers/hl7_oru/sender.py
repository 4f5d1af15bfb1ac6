"""Build HL7 messages as senders do, for tests; nothing here is evidence about real ones."""

from __future__ import annotations

from pathlib import Path

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.hl7_oru.session import Hl7Session
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import Numeric
from edge_agent.model.session_events import (
    DeviceAlarm,
    DeviceAlarmsChanged,
    FrameRejected,
    NumericsReceived,
    SessionEvent,
)

START = Instant(0, 1_789_000_000_000_000_000)
GOLDEN = Path(__file__).parent / "golden"
NOON = "20260912120000+0000"
NOON_NS = 1_789_214_400 * 10**9

HR = "147842^MDC_ECG_HEART_RATE^MDC"
SPO2 = "150456^MDC_PULS_OXIM_SAT_O2^MDC"
TEMP = "150344^MDC_TEMP^MDC"
NIBP_SYS = "150021^MDC_PRESS_BLD_NONINV_SYS^MDC"
BPM = "264864^MDC_DIM_BEAT_PER_MIN^MDC"
PERCENT = "262688^MDC_DIM_PERCENT^MDC"
MMHG = "266016^MDC_DIM_MMHG^MDC"
DEGC = "268192^MDC_DIM_DEGC^MDC"


def header(kind: str = "ORU^R01^ORU_R01", time: str = NOON, rest: str = "M1|P|2.6") -> str:
    return rf"MSH|^~\&|WARD_GATEWAY|ACME|||{time}||{kind}|{rest}"


def obx(code: str, value: str, unit: str, status: str = "F", **fields: str) -> str:
    """Return a row; `fields` by name of what the tests vary."""
    row = [""] * 19
    row[0], row[2], row[3], row[5], row[6] = "OBX", fields.get("kind", "NM"), code, value, unit
    row[4], row[7], row[8] = (fields.get(name, "") for name in ("sub_id", "limits", "flags"))
    row[11], row[13], row[14] = status, fields.get("access", ""), fields.get("time", "")
    row[17], row[18] = fields.get("method", ""), fields.get("equipment", "")
    return "|".join(row).rstrip("|")


def frame(*segments: str, encoding: str = "utf-8") -> bytes:
    text = "".join(segment + "\r" for segment in segments)
    return b"\x0b" + text.encode(encoding) + b"\x1c\r"


def results(*rows: str, location: str = "ICU^^5", time: str = NOON, obr: str = "") -> bytes:
    return frame(header(time=time), f"PV1||I|{location}", f"OBR|1||||||{obr}", *rows)


def golden(name: str) -> list[str]:
    return (GOLDEN / f"{name}.er7").read_text(encoding="utf-8").splitlines()


def session(profile: str = "", text: str = "", *, listen_only: bool = False) -> Hl7Session:
    options = SessionOptions("gateway-1", listen_only, profile, text)
    return Hl7Session(options)


def read(data: bytes, profile: str = "", text: str = "") -> list[SessionEvent]:
    return session(profile, text).receive(data, START)


def messages(events: list[SessionEvent]) -> list[NumericsReceived]:
    return [event for event in events if isinstance(event, NumericsReceived)]


def numerics(events: list[SessionEvent]) -> list[Numeric]:
    return [n for message in messages(events) for n in message.numerics]


def alarms(events: list[SessionEvent]) -> list[tuple[DeviceAlarm, ...]]:
    return [event.alarms for event in events if isinstance(event, DeviceAlarmsChanged)]


def rejected(events: list[SessionEvent]) -> list[FrameRejected]:
    return [event for event in events if isinstance(event, FrameRejected)]


def one(row: str, profile: str = "", text: str = "") -> Numeric:
    """Return the only numeric of a message of one row."""
    (numeric,) = numerics(read(results(row), profile, text))
    return numeric
