"""Every event says where it comes from, and nothing of the patient leaves the driver."""

from __future__ import annotations

import pytest

from edge_agent.drivers.hl7_oru.senders import MOST_ORIGINS
from edge_agent.model.origins import LONGEST
from edge_agent.model.session_events import DeviceIdentified, FrameRejected, LinkChanged
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.sender import BPM, HR, START, messages, obx, read

ROW = obx(HR, "66", BPM)
EQUIPMENT = "77AB^MP70^000F14^EUI-64"


def origin(*segments: str, profile: str = "", head: str = "") -> str:
    (message,) = messages(read(sender.frame(head or sender.header(), *segments), profile))
    return message.origin


def identities(*frames: bytes, profile: str = "") -> list[tuple[str, str, str]]:
    session = sender.session(profile)
    events = [event for frame in frames for event in session.receive(frame, START)]
    found = [e for e in events if isinstance(e, DeviceIdentified)]
    return [(e.manufacturer, e.model, e.serial) for e in found]


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("ICU^^5", "ICU^^5"),
        ("ICU^^5^^^^", "ICU^^5"),
        ("ICU^^5^HOSP^^N", "ICU^^5^HOSP"),
        ("^^BED-001^10.0.0.98:1", "^^BED-001^10.0.0.98:1"),
        ("ICU^^^HOSP&1", "ICU^^^HOSP&1"),
        ("^^^HOSP", "WARD_GATEWAY"),
        (" ICU ^^5 ", "ICU^^5"),
        ("^^&10", "^^&10"),
        ("^^ICU&01&0&&", "^^ICU&01&0"),
        (r"A\T\E^1", "A&E^1"),
        ("ICU^^5~OR^^1", "ICU^^5"),
        ("^^", "WARD_GATEWAY"),
        ("^ ^&&", "WARD_GATEWAY"),
        ("", "WARD_GATEWAY"),
        ("x" * LONGEST, "x" * LONGEST),
        ("x" * (LONGEST + 1), "x" * (LONGEST - 1) + "\ufffd"),
        ("Su\u0308d^^5", "S\u00fcd^^5"),
        ("ICU^^5\x00", "ICU^^5"),
        ("ICU^^5^H\ufffdP", "ICU^^5"),
        ("ICU^^5^??", "ICU^^5"),
        ("ICU^^5^" + "x" * LONGEST, "ICU^^5"),
        ("I\ufffdU^^5^HOSP", "I\ufffdU^^5^HOSP"),
    ],
)
def test_a_place_has_one_name_however_it_is_padded(field: str, name: str) -> None:
    assert origin(f"PV1||I|{field}", ROW) == name


def test_a_place_has_the_same_name_whatever_the_separators() -> None:
    head = "MSH#*!@%#WARD_GATEWAY#ACME###20260912120000##ORU*R01#1"
    row = ROW.replace("|", "#").replace("^", "*")
    assert origin("PV1##I#ICU**5%a", row, head=head) == "ICU^^5&a"


def test_a_message_without_a_visit_comes_from_its_sender() -> None:
    assert origin(ROW) == "WARD_GATEWAY"
    assert origin("PV1||I|^^", ROW, head=r"MSH|^~\&|^EfficiaCM||||||ORU^R01|1") == "EfficiaCM"


def test_devices_of_one_name_are_told_apart_by_their_numbers() -> None:
    heads = [rf"MSH|^~\&|VS_SERIES^00A{n}^EUI-64||||||ORU^R01|1" for n in (1, 2)]
    assert [origin(ROW, head=head) for head in heads] == ["VS_SERIES^^^00A1", "VS_SERIES^^^00A2"]
    assert origin("PV1||I|ICU^^5", ROW, head=heads[0]) == "ICU^^5"


def test_patients_in_one_message_are_told_apart() -> None:
    first, second, third = (obx(HR, value, BPM) for value in ("61", "62", "63"))
    frame = sender.frame(
        sender.header(),
        *("PID|||1", "PV1||I|ICU^^1", "OBR|1", first),
        *("PID|||2", "PV1||I|ICU^^2", "OBR|1", second),
        *("PID|||3", "OBR|1", third),
    )
    found = [(m.origin, [n.value for n in m.numerics]) for m in messages(read(frame))]
    assert found == [("ICU^^1", [61]), ("ICU^^2", [62]), ("WARD_GATEWAY", [63])]


def test_every_event_of_a_message_carries_its_place() -> None:
    row = obx(HR, "66", BPM, limits="50-120")
    events = read(sender.results(row), "efficia_lan")
    origins = [getattr(e, "origin", None) for e in events if not isinstance(e, LinkChanged)]
    assert origins == ["ICU^^5"] * 3


def test_nothing_of_the_patient_leaves_the_driver() -> None:
    secret = ["SECRET-ID", "SECRET-NAME", "19610615"]
    frame = sender.frame(
        sender.header(),
        f"PID|1|{secret[0]}|{secret[0]}||{secret[1]}^X||{secret[2]}|M",
        f"PV1||I|ICU^^5||||{secret[1]}",
        "NK1|" + secret[1],
        ROW,
    )
    events = read(frame)
    assert messages(events)
    assert not [e for e in events if isinstance(e, FrameRejected)]
    assert not [word for word in secret if word in repr(events)]


@pytest.mark.parametrize(
    ("names", "equipment", "profile", "who"),
    [
        ("GW^00A0^EUI-64|ACME", EQUIPMENT, "", ("ACME", "MP70", "000F14")),
        ("GW^00A0^EUI-64|ACME", "2000009264^Eagle^masimo.", "", ("ACME", "Eagle", "2000009264")),
        ("GW^00A0^EUI-64|ACME", "77AB", "", ("ACME", "GW", "77AB")),
        ("GW^00A0^EUI-64|ACME", "", "", ("ACME", "GW", "00A0")),
        ("GW|ACME^X", "", "", ("ACME", "GW", "")),
        ("^EfficiaCM|", "", "efficia", ("Philips", "EfficiaCM", "")),
        ("|", "", "", ("", "", "")),
    ],
)
def test_the_device_names_itself_in_a_row_or_in_the_header(
    names: str, equipment: str, profile: str, who: tuple[str, str, str]
) -> None:
    head = rf"MSH|^~\&|{names}|||20260912120000||ORU^R01|1|P|2.6"
    frame = sender.frame(head, obx(HR, "66", BPM, equipment=equipment))
    assert identities(frame, profile=profile) == [who]


def test_the_device_is_named_once_and_again_when_it_is_another() -> None:
    first = sender.results(obx(HR, "66", BPM, equipment=EQUIPMENT))
    silent = sender.results(ROW)
    second = sender.results(obx(HR, "66", BPM, equipment="78AB^MX800"))
    found = identities(silent, silent, first, first, silent, second, second)
    assert [model for _, model, _ in found] == ["WARD_GATEWAY", "MP70", "MX800"]


def test_places_without_end_are_not_all_remembered() -> None:
    session = sender.session()
    for n in range(MOST_ORIGINS + 40):
        session.receive(sender.results(ROW, location=f"ICU^^{n}"), START)
    assert len(session._known) == MOST_ORIGINS
    again = session.receive(sender.results(ROW, location=f"ICU^^{MOST_ORIGINS}"), START)
    assert not [e for e in again if isinstance(e, DeviceIdentified)]
    forgotten = session.receive(sender.results(ROW, location="ICU^^0"), START)
    assert [e for e in forgotten if isinstance(e, DeviceIdentified)]
