"""The recorded messages decode to the published values."""

from __future__ import annotations

from datetime import datetime

import pytest

from edge_agent.model.measurements import DeviceTime, Validity
from edge_agent.model.session_events import DeviceIdentified, NumericsReceived, SessionEvent
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.sender import alarms, numerics
from tests.support.shared_data import shared_data


def recorded(name: str, profile: str) -> list[SessionEvent]:
    data = shared_data(f"captures/samples/hl7/{name}.mllp").read_bytes()
    events = sender.read(data, profile)
    assert sender.rejected(events) == []
    return events


def values(events: list[SessionEvent]) -> list[tuple[int, float | None, str, Validity]]:
    return [(n.code, n.value, n.unit, n.validity) for n in numerics(events)]


def moment(text: str) -> DeviceTime:
    return DeviceTime(wall_ns=round(datetime.fromisoformat(text).timestamp()) * 10**9)


@pytest.mark.parametrize("profile", ["mindray_egateway", "generic", ""])
def test_the_mindray_message_reads_as_published(profile: str) -> None:
    events = recorded("mindray_egateway", profile)
    assert values(events) == [
        (150456, 98, "%", Validity.VALID),
        (149530, 65, "/min", Validity.VALID),
        (151658, 19, "/min", Validity.VALID),
        (151578, 17, "/min", Validity.VALID),
        (147842, 66, "/min", Validity.VALID),
    ]
    noon_in_india = moment("2026-09-12T12:00:00+05:30")
    assert {n.measured_at for n in numerics(events)} == {noon_in_india}
    (who,) = [e for e in events if isinstance(e, DeviceIdentified)]
    assert (who.manufacturer, who.model, who.serial) == (
        "MINDRAY",
        "BIG_DIPPER",
        "000F14049B507238",
    )


def test_a_mindray_bed_keeps_its_name_when_the_monitor_is_exchanged() -> None:
    origins = [
        event.origin
        for profile in ("mindray_egateway", "generic")
        for event in recorded("mindray_egateway", profile)
        if isinstance(event, NumericsReceived)
    ]
    assert origins == ["ICU^^5^XYZ HOSPITAL"] * 2  # the monitor's own address is left out


def test_the_comen_message_reads_as_published() -> None:
    events = recorded("comen_nc5", "comen_nc5")
    *read, twin = values(events)
    assert read == [
        (150456, 97, "%", Validity.VALID),
        (149514, 59, "/min", Validity.VALID),
        (150456, 97, "%", Validity.VALID),
        (151562, 20, "/min", Validity.VALID),
        (150344, 37.0, "Cel", Validity.VALID),
        (150021, 120, "mm[Hg]", Validity.VALID),
        (150022, 80, "mm[Hg]", Validity.VALID),
        (150023, 90, "mm[Hg]", Validity.VALID),
    ]
    assert twin == (1024 * 65536 + 0x4BB8, None, "%", Validity.INVALID)
    assert [n.measured_at for n in numerics(events)][5:8] == [DeviceTime()] * 3
    assert {e.origin for e in events if isinstance(e, NumericsReceived)} == {"^^&10"}


def test_the_northern_message_reads_as_published() -> None:
    events = recorded("northern_aquaris", "northern_aquaris")
    assert values(events) == [
        (150456, None, "%", Validity.NOT_AVAILABLE),
        (149530, None, "/min", Validity.NOT_AVAILABLE),
        (150344, 38.5, "Cel", Validity.VALID),
        (192712, 384.5, "Cel", Validity.VALID),
        (150301, 142, "mm[Hg]", Validity.VALID),
        (150303, 114, "mm[Hg]", Validity.VALID),
        (150302, 100, "mm[Hg]", Validity.VALID),
    ]
    taken = moment("2025-06-12T09:33:19+00:00")
    assert [n.measured_at for n in numerics(events)][4:] == [taken] * 3
    (message,) = [e for e in events if isinstance(e, NumericsReceived)]
    assert message.device_now == moment("2025-06-12T09:08:38+00:00")
    assert message.origin == "northern"


def test_the_mindray_alert_reads_as_published() -> None:
    ((alarm,),) = alarms(recorded("mindray_r40_leadoff", "mindray_egateway"))
    assert (alarm.event_code, alarm.text) == (196680, "MDC_EVT_LEAD_OFF")
    assert (alarm.priority, alarm.is_technical, alarm.state) == ("low", True, 1)
    assert alarm.is_usable
