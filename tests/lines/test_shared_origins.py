"""Origins on an address that many beds share: names, devices and facilities."""

from __future__ import annotations

import pytest

from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.session_events import DeviceAlarmsChanged, DeviceIdentified, FrameRejected
from tests.support.brokers import free_port
from tests.support.shared_lines import CLOCK, ONE, TWO, Line, alert, report, running


def of_device(number: str, spo2: int) -> bytes:
    """Return a framed report of a device that names no place."""
    return report("", spo2, f"VS^{number}^EUI-64")


def told_of(line: Line, place: DevicePlace) -> tuple[str, ...]:
    """Return the serial of the next identity, or the reason of the next rejection."""
    event = line.next(place, lambda e: isinstance(e, DeviceIdentified | FrameRejected))
    assert isinstance(event, DeviceIdentified | FrameRejected)
    return (event.serial,) if isinstance(event, DeviceIdentified) else ("refused", event.reason)


def test_names_that_cannot_be_read_are_nobodys_however_alike_they_look() -> None:
    line = Line(free_port(), ("W^^1", "W^^\u4e8c\u5e8a"))
    with running(line), line.connect() as gateway:
        two, three = (f"W^^{bed}\u5e8a" for bed in "\u4e8c\u4e09")
        for bed in (two, three):
            gateway.sendall(report("@", 91).replace(b"@", bed.encode("gbk")))
            unknown = line.next(line.everyone, lambda e: isinstance(e, FrameRejected))
            assert isinstance(unknown, FrameRejected)
            assert unknown.reason == (
                "the origin 'W^^\ufffd\ufffd\ufffd\ufffd' cannot be read; say in a profile which "
                "`charset` the sender has"
            )
        gateway.sendall(report(two, 92))
        assert line.value(TWO) == 92


def test_an_unknown_character_is_not_equal_to_another() -> None:
    line = Line(0, ("W^^1", "W^^??")).line
    line.places._places["W^^\ufffd"] = ONE
    assert line.places.place_of("W^^\ufffd") is None
    assert line.places.place_of("W^^??") is None


def test_one_place_has_one_name_however_it_is_typed() -> None:
    line = Line(free_port(), (" Su\u0308d ^^1^", "W^^2"))
    with running(line), line.connect() as gateway:
        gateway.sendall(report("S\u00fcd^^1", 91))
        assert line.value(ONE) == 91


def test_two_devices_of_one_name_do_not_mix_in_the_bed_of_that_name() -> None:
    line = Line(free_port(), ("VS", "W^^2"))
    with running(line), line.connect() as first, line.connect() as second:
        first.sendall(of_device("00A1", 91))
        assert line.value(ONE) == 91
        second.sendall(of_device("00A9", 77))
        assert told_of(line, ONE) == (
            "refused",
            "'VS^^^00A9' has the name of 'VS^^^00A1'; each needs an origin of its own",
        )
        first.sendall(of_device("00A1", 92))
        assert line.value(ONE) == 92


def test_devices_of_one_name_may_each_have_a_bed() -> None:
    line = Line(free_port(), ("VS^^^00A1", "VS"))
    with running(line), line.connect() as first, line.connect() as second:
        first.sendall(of_device("00A1", 91))
        assert line.value(ONE) == 91
        second.sendall(of_device("00A9", 77))
        assert line.value(TWO) == 77


EUI, OTHER_EUI = "VS^^^00A0370000000001", "VS^^^00A0370000000002"


@pytest.mark.parametrize(("silent_s", "rival"), [(60, EUI), (61, "")])
def test_a_name_is_another_devices_once_the_first_is_silent(silent_s: float, rival: str) -> None:
    line, now = Line(0, ("VS", "W^^2")).line, CLOCK.now()
    assert line.places.rival(ONE, EUI, now.plus(-60)) == ""
    assert line.places.rival(ONE, EUI, now) == ""
    assert line.places.rival(ONE, OTHER_EUI, now.plus(silent_s)) == rival
    assert line.places.rival(ONE, EUI, now.plus(silent_s)) == ("" if rival else OTHER_EUI)
    assert line.places.rival(ONE, "VS", now) == ""


@pytest.mark.parametrize(
    ("first", "second"),
    [("W^^1^A", "W^^1^B"), ("W^^1^10.0.0.98:1", "W^^1^B"), ("W^^1^A", "W^^1^10.0.0.98:1")],
)
def test_another_facility_never_has_the_name_however_long_the_first_is_silent(
    first: str, second: str
) -> None:
    places, now = Line().line.places, CLOCK.now()
    assert places.rival(ONE, first, now) == ""
    assert places.rival(ONE, second, now.plus(86_400)) == first
    assert places.rival(ONE, "W^^1", now.plus(86_400)) == ""
    assert [places.is_origin_of(ONE, o) for o in (first, second, "W^^1")] == [True, False, True]
    assert not places.is_origin_of(TWO, first)


def test_two_facilities_with_a_bed_of_one_name_do_not_mix(line: Line) -> None:
    with line.connect() as gateway:
        gateway.sendall(report("W^^1^A", 91))
        assert line.value(ONE) == 91
        gateway.sendall(report("W^^1^B", 77) + alert("W^^1^B", "1", "start"))
        reason = "'W^^1^B' has the name of 'W^^1^A'; each needs an origin of its own"
        assert told_of(line, ONE) == ("refused", reason)
        gateway.sendall(report("W^^1", 92) + report("W^^1^A", 93))
        assert (line.value(ONE), line.value(ONE)) == (92, 93)
    assert not [event for event in line.told if isinstance(event, DeviceAlarmsChanged)]


def test_each_facility_may_have_its_bed() -> None:
    line = Line(free_port(), ("W^^1^A", "W^^1"))
    with running(line), line.connect() as gateway:
        gateway.sendall(report("W^^1^A", 91) + report("W^^1^B", 77))
        assert (line.value(ONE), line.value(TWO)) == (91, 77)
    assert Line(0, ("W^^1^A", "W^^2")).line.places.place_of("W^^1") is None


def test_a_place_is_not_a_name_of_devices() -> None:
    line = Line(0, ("ICU", "VS")).line
    assert line.places.place_of("ICU^^5") is None
    assert line.places.place_of("ICU^^^5") == ONE
    assert line.places.place_of("VS^^^9") == TWO
    assert line.places.place_of("VS") == TWO


def test_who_talks_is_said_again_where_one_of_its_make_talked_meanwhile(line: Line) -> None:
    with line.connect() as first, line.connect() as second:
        for connection, number in (
            *((first, "A"), (second, "B"), (first, "A"), (first, "A")),
            *((first, "C"), (second, ""), (first, "C"), (second, "B")),
        ):
            connection.sendall(report("W^^1", 91, f"MP^{number}^EUI-64"))
            assert line.value(ONE) == 91
    said = [event.serial for event in line.told if isinstance(event, DeviceIdentified)]
    assert said == ["A", "B", "A", "C", "", "B"]
