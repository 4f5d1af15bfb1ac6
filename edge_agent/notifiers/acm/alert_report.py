"""One alert, or one heartbeat, as an IHE PCD alert message tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from edge_agent.drivers.hl7_oru.er7 import Syntax
from edge_agent.drivers.hl7_oru.timestamps import timestamp
from edge_agent.notifiers.acm.codes import (
    ABNORMAL,
    ACTIVE,
    ADVISORY,
    ALARM,
    NO_PRIORITY,
    PROFILE,
    SECONDS,
    SOURCE,
    TEST,
    AlarmState,
    Facet,
    Inactivation,
    Phase,
)
from edge_agent.payloads.notices import GatewayPlace

_SYNTAX: Final = Syntax("|", "^", "~", "\\", "&", "utf-8")
_OBR_COPIES: Final = 28
_OBR_PARENT: Final = 29
_OBX_STATUS: Final = 11
_OBX_TIME: Final = 14
_OBX_EQUIPMENT: Final = 18
_CONTAINMENT: Final = "1.0.0.0"
"""Place of the alert in the device: the whole monitor."""


@dataclass(frozen=True, slots=True)
class AlertSender:
    """The gateway as the sender of alert messages."""

    place: GatewayPlace
    eui64: str
    """Identifier of the gateway, 16 hexadecimal digits."""
    receiving_application: str = ""
    receiving_facility: str = ""
    recipient: Literal["obr28", "prt", "none"] = "obr28"
    """Field that names the person to notify. OBR-28 (result copies to) is known to every reader of
    HL7 Version 2.6; IHE uses PRT, a segment of Version 2.7, on which some of them stumble."""


@dataclass(frozen=True, slots=True)
class AlertReport:
    """Content of one alert message; a heartbeat is one of them."""

    alert_id: str
    n: int
    """Number of this message about the alert, from 0."""
    at_ns: int
    """Time of the message, ns since 1970 UTC."""
    bed_id: str = ""
    """Empty where it concerns the whole ward."""
    person_id: str = ""
    """Person to notify; empty where the receiver decides."""
    notice_id: str = ""
    since_ns: int | None = None
    """Time since which the alert stands, ns since 1970 UTC; None where it is not known."""
    headline: str = ""
    text: str = ""
    phase: Phase | None = Phase.START
    """None for a word that is unknown."""
    state: AlarmState | None = AlarmState.ACTIVE
    inactivation: tuple[Inactivation, ...] = (Inactivation.ENABLED,)
    priority: str = NO_PRIORITY
    """PH, PM, PL or PN."""
    alert_type: str = ADVISORY
    """SP for physiological, ST for technical, SA for advisory."""
    is_test: bool = False
    is_beat: bool = False
    confirm_s: float | None = None
    """Time within which a heartbeat must be acknowledged, seconds; None for an alert."""


def alert_message(report: AlertReport, sender: AlertSender, control_id: str) -> bytes:
    """Return the message ORU^R40^ORU_R40 of an alert or a heartbeat, without its frame."""
    names_person = report.person_id and sender.recipient == "prt"
    segments = [
        _header(report, sender, control_id),
        # The patient group must begin with PID: no identifier (null) and no name (U, unspecified).
        ["PID", "", "", '""^^^^U', "", "^^^^^^U"],
        ["PV1", "", "I", _joined(sender.place.ward, "", report.bed_id, sender.place.site)],
        _request(report, sender),
        *([_participation(report, sender)] if names_person else []),
        *_rows(report, sender),
    ]
    return "".join("|".join(fields).rstrip("|") + "\r" for fields in segments).encode()


def _joined(*parts: str) -> str:
    """Return components of a field, each escaped."""
    return "^".join(_SYNTAX.escaped(part) for part in parts).rstrip("^")


def _header(report: AlertReport, sender: AlertSender, control_id: str) -> list[str]:
    application = f"CRSWATCH^{sender.eui64}^EUI-64"
    receiver = [_SYNTAX.escaped(sender.receiving_application)]
    receiver.append(_SYNTAX.escaped(sender.receiving_facility))
    fields = ["MSH", "^~\\&", application, _SYNTAX.escaped(sender.place.site), *receiver]
    fields += [timestamp(report.at_ns), "", "ORU^R40^ORU_R40", _SYNTAX.escaped(control_id)]
    # MSH-15 AL and MSH-16 NE: only the receipt is acknowledged (PCD-04).
    return [*fields, "P", "2.6", "", "", "AL", "NE", "", "UNICODE UTF-8", "", "", PROFILE]


def _request(report: AlertReport, sender: AlertSender) -> list[str]:
    own = ["CRSWATCH", sender.eui64, "EUI-64"]
    fields = ["OBR", "1", _joined(report.notice_id, *own) if report.notice_id else ""]
    fields += [_joined(str(report.n), report.alert_id, *own[1:]), ALARM, "", ""]
    fields.append(timestamp(report.since_ns if report.since_ns is not None else report.at_ns))
    if report.person_id and sender.recipient == "obr28":
        fields += [""] * (_OBR_COPIES - len(fields)) + [_SYNTAX.escaped(report.person_id)]
    if report.n:
        parent = "&".join(_SYNTAX.escaped(part) for part in ("0", report.alert_id, *own[1:]))
        fields += [""] * (_OBR_PARENT - len(fields)) + [f"^{parent}"]
    return fields


def _participation(report: AlertReport, sender: AlertSender) -> list[str]:
    """Return the person to notify (PRT, HL7 Version 2.7; IHE uses it in 2.6).

    RO, responsible observer, is of HL7 table 0912. source: unknown for its use by real senders.
    """
    location = _joined(sender.place.ward, "", report.bed_id, sender.place.site)
    person = _SYNTAX.escaped(report.person_id)
    role = "RO^Responsible Observer^HL70912"
    return ["PRT", "1", "UC", "", role, person, "", "", "", location]


def _rows(report: AlertReport, sender: AlertSender) -> list[list[str]]:
    flags = "~".join(
        [ABNORMAL, report.priority, report.alert_type, *([TEST] if report.is_test else [])]
    )
    event = ACTIVE if report.is_beat else ALARM
    contents = [
        ("ST", event, _SYNTAX.escaped(report.headline)),
        ("CWE", Facet.SOURCE, SOURCE),
        ("ST", Facet.PHASE, report.phase or ""),
        ("ST", Facet.STATE, report.state or ""),
        ("ST", Facet.INACTIVATION, "~".join(report.inactivation)),
        ("ST", Facet.PRIORITY, report.priority),
        ("ST", Facet.TYPE, report.alert_type),
    ]
    if report.text:
        contents.append(("ST", Facet.TEXT, _SYNTAX.escaped(report.text)))
    if report.confirm_s is not None:
        contents.append(("NM", Facet.CONFIRM_TIMEOUT, f"{report.confirm_s:g}"))
    rows = []
    for number, (kind, code, value) in enumerate(contents, 1):
        unit = SECONDS if code == Facet.CONFIRM_TIMEOUT else ""
        place = f"{_CONTAINMENT}.{number}"
        row = ["OBX", str(number), kind, str(code), place, str(value), unit, "", flags]
        row += [""] * (_OBX_STATUS - len(row)) + ["F"]
        row += [""] * (_OBX_TIME - len(row)) + [timestamp(report.at_ns)]
        row += [""] * (_OBX_EQUIPMENT - len(row)) + [f"CRSWATCH^^{sender.eui64}^EUI-64"]
        rows.append(row)
    return rows
