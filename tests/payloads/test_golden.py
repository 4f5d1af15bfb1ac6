"""One body of each kind, byte for byte as subscribers and old journals know it."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.model.alerts import AlertPriority
from edge_agent.model.assessment import (
    Assessment,
    AssessmentState,
    BedReport,
    InputAge,
    PatientAtBed,
    PauseOfBed,
    PointRange,
    RiskMarker,
    ShownGrade,
    ShownScore,
    TermPoints,
    UsualBand,
)
from edge_agent.model.bed_events import (
    BedEvent,
    ClockCompared,
    CommandRejected,
    ContextEntered,
    EvaluationFailed,
    MonitorAccepted,
    MonitorIdentity,
    PersonUnreachable,
    ReadingsLost,
)
from edge_agent.model.calls import (
    Call,
    CalledPerson,
    CalledSignal,
    CallState,
    PlannedStep,
    Receipt,
    ReceiptFact,
)
from edge_agent.model.clock import Instant
from edge_agent.model.duty import Duty
from edge_agent.model.measurements import DeviceTime, VitalKind
from edge_agent.model.session_events import (
    AlarmLimits,
    AlarmLimitsChanged,
    DeviceAlarm,
    DeviceAlarmsChanged,
    DeviceIdentified,
    LinkChanged,
    LinkState,
)
from edge_agent.payloads.alerts import alert_message, encode_alert
from edge_agent.payloads.calls import encode_call, encode_receipt
from edge_agent.payloads.entries import encode_entry
from edge_agent.payloads.events import (
    LinkEvent,
    decode_event,
    encode_accepted,
    encode_event,
    encode_report,
    event_message,
)
from edge_agent.payloads.readings import encode_readings, vitals_message
from edge_agent.payloads.status import GatewayIdentity, gateway_message, status_message
from tests.support.patient_entries import an_entry
from tests.support.samples import AT, an_alert, some_readings

GOLDEN = Path(__file__).with_name("golden.txt")
LATER = Instant(9_000_000_000, 1_700_000_060_500_000_000)
IDENTITY = MonitorIdentity("maker", "model", "s/n")
ENTRY = an_entry("1", "oxygen", "nasal cannula", amount=2)
LIMITS = AlarmLimits(150456, "%", 90.0, None)
ALARM = DeviceAlarm(150456, 196670, "high", None, 1, "ch", "SpO2 LOW", is_usable=True)
ALARMS = DeviceAlarmsChanged((ALARM,), DeviceTime(1, 2), AT, "origin")
LINK = LinkEvent("bed-1", "monitor", LinkState.LOST, "silence", "2023-11-14T22:13:20.123Z")
PLACE = ("bed-1", "monitor")
EVENTS = {
    "link": BedEvent(*PLACE, LinkChanged(LinkState.LOST, "silence", AT), LATER),
    "device": BedEvent(*PLACE, DeviceIdentified("maker", "model", "s/n", AT, "origin"), LATER),
    "device_alarms": BedEvent(
        *PLACE, DeviceAlarmsChanged((ALARM,), DeviceTime(1, 2), AT, "origin"), LATER
    ),
    "alarm_limits": BedEvent(*PLACE, AlarmLimitsChanged((LIMITS,), AT, "origin"), LATER),
    "monitor_accepted": BedEvent(*PLACE, MonitorAccepted(IDENTITY, "nurse 7", AT), LATER),
    "monitor_clock": BedEvent(*PLACE, ClockCompared(-3600.5, None, is_step=True, at=AT), LATER),
    "command_rejected": BedEvent(*PLACE, CommandRejected("by is ''"), LATER),
    "context_entered": BedEvent(*PLACE, ContextEntered(ENTRY), LATER),
    "judging_failed": BedEvent(*PLACE, EvaluationFailed("message", "ValueError", 3), LATER),
    "person_unreachable": BedEvent(*PLACE, PersonUnreachable("N9", ("pager",), "night"), LATER),
    "readings_lost": BedEvent(*PLACE, ReadingsLost(7, AT.utc_ns, LATER.utc_ns), LATER),
}
GRADE = ShownGrade("astct", 1, 3, "oxygen", ("oxygen",), "CRS grade 1 to 3")
REPORT = BedReport(
    bed_id="bed-1",
    at=LATER,
    assessment=Assessment(AssessmentState.DEGRADED, "", ("temperature",), AT),
    inputs=(InputAge("heart_rate", 1.5, is_fresh=True),),
    crs_score=PointRange(2, 4),
    terms=(TermPoints("fever", "fever", 2, 2, 38.4, "Cel"),),
    news2=None,
    scores=(ShownScore("mews", PointRange(1, 1)),),
    risk_markers=(RiskMarker("easix", 1.25, 3600.0),),
    shock_index=0.9,
    mean_pressure_mmhg=71.5,
    grade=GRADE,
    other_grades=(GRADE,),
    usual=(UsualBand(VitalKind.TEMPERATURE, 36.5, 37.25),),
    temperature_slope_per_h=0.25,
    patient=PatientAtBed(
        "P1",
        is_present=True,
        since_utc_ns=AT.utc_ns,
        product="axi-cel",
        infused_utc_ns=AT.utc_ns,
        away=PauseOfBed("ct", LATER.utc_ns, "nurse 7"),
    ),
)


CALL = Call(
    call_id="c-1",
    n=3,
    bed_id="bed-1",
    priority=AlertPriority.HIGH,
    alert_ids=("a-1",),
    plan=(PlannedStep(0.0, Duty.NURSE, "N9", ("pager",)), PlannedStep(60.0, Duty.BUDDY, "", ())),
    began_at=AT,
    steps_done=1,
    next_at=LATER,
    state=CallState.CALLING,
    changed_at=LATER,
    signals=(CalledSignal("a-1", 2, 3),),
    called=(CalledPerson("N9", Duty.NURSE, ("pager",), AT, delivered_at=LATER),),
    shift="night",
    reminder_s=300.0,
    reminder_at=LATER,
)


def bodies() -> dict[str, bytes]:
    events = {name: encode_event(event) for name, event in EVENTS.items()}
    report = encode_report(REPORT)
    return events | {
        "assessment": report,
        "event_message": event_message(decode_event(events["link"]), "gw", 7),
        "accepted": encode_accepted(MonitorAccepted(IDENTITY, "", AT)),
        "alert": encode_alert(an_alert(acknowledged_by="nurse 7")),
        "alert_message": alert_message(an_alert(), "gw"),
        "call": encode_call(CALL),
        "receipt": encode_receipt(
            Receipt("id", "bed-1", "pager", ReceiptFact.FAILED, AT, "N9", "no")
        ),
        "readings": encode_readings(some_readings(61.0)),
        "vitals_message": vitals_message(some_readings(None), "gw", 7, historical=True),
        "entry": encode_entry(ENTRY),
        "status": status_message("bed-1", [LINK]),
        "gateway": gateway_message(GatewayIdentity("gw", "0.1", "boot", "hash"), "online"),
    }


@pytest.mark.parametrize("name", list(bodies()))
def test_a_body_of_each_kind_is_what_it_always_was(name: str) -> None:
    known = dict(line.split(" ", 1) for line in GOLDEN.read_text(encoding="utf-8").splitlines())
    assert bodies()[name].decode() == known[name]
    assert known.keys() == bodies().keys()
