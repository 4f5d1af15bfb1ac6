"""One address for many beds: who is meant, who is lost, and what is nobody's."""

from __future__ import annotations

import queue
import socket
import threading
from collections import deque
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from edge_agent.config.gateway_file import BedSection
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.lines.shared_address import SharedLine
from edge_agent.lines.shared_alarms import SharedAlarms
from edge_agent.model.bed_events import DevicePlace, FromDevice
from edge_agent.model.clock import ScaledClock
from edge_agent.model.errors import LinkError
from edge_agent.model.session_events import (
    DeviceAlarm,
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    LinkChanged,
    LinkState,
    NumericsReceived,
    SessionEvent,
)
from edge_agent.sources.mllp_source import MAX_CONNECTIONS
from tests.support.brokers import WAIT_S, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge_agent.model.clock import Instant

CLOCK = ScaledClock(read_system_clock, read_system_clock(), 10.0)
ONE, TWO = DevicePlace("bed-1", "bed-1"), DevicePlace("bed-2", "bed-2")


def report(place: str, spo2: int, device: str = "") -> bytes:
    """Return a framed report of one value."""
    rows = (
        f"MSH|^~\\&|{device or 'maker'}|maker|||20260101120000||ORU^R01|1|P|2.6",
        f"PV1||I|{place}",
        "OBR|1",
        f"OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1|{spo2}|262688^MDC_DIM_PERCENT^MDC|||||F",
    )
    return b"\x0b" + "\r".join(rows).encode() + b"\r\x1c\r"


class Line:
    """A shared line for two beds, and what it reported."""

    def __init__(
        self, port: int = 0, origins: tuple[str, str] = ("W^^1", "W^^2"), profile: str = ""
    ) -> None:
        self.reports: queue.SimpleQueue[FromDevice] = queue.SimpleQueue()
        self._heard: deque[tuple[DevicePlace, SessionEvent]] = deque()
        self.told: list[SessionEvent] = []
        self.address = f"mllp://127.0.0.1:{port}"
        self.everyone = DevicePlace("", self.address)
        beds = {
            place: BedSection(
                id=place.bed_id,
                port=self.address,
                driver="hl7_oru",
                origin=origin,
                profile=profile,
            )
            for origin, place in zip(origins, (ONE, TWO), strict=True)
        }
        self.line = SharedLine(self.address, beds, CLOCK, self._reported)
        self.before_report: Callable[[], object] = lambda: None

    def _reported(self, said: FromDevice) -> None:
        self.before_report()
        self.reports.put(said)

    def next(self, place: DevicePlace, is_wanted: Callable[[SessionEvent], bool]) -> SessionEvent:
        """Return the next wanted event of a place."""
        while True:
            while self._heard:
                said_by, event = self._heard.popleft()
                self.told.append(event)
                if said_by == place and is_wanted(event):
                    return event
            said = self.reports.get(timeout=WAIT_S)
            self._heard += [(said.place, event) for event in said.events]

    def link(self, place: DevicePlace) -> LinkChanged:
        """Return the next change of a place's link."""
        event = self.next(place, lambda e: isinstance(e, LinkChanged))
        assert isinstance(event, LinkChanged)
        return event

    def value(self, place: DevicePlace) -> float | None:
        """Return the next value of a place."""
        event = self.next(place, lambda e: isinstance(e, NumericsReceived))
        assert isinstance(event, NumericsReceived)
        assert event.numerics[0].device_id == place.device_id
        return event.numerics[0].value

    def connect(self) -> socket.socket:
        """Return a connection to it."""
        return socket.create_connection(("127.0.0.1", self.line.bound_port), WAIT_S)


@contextmanager
def running(subject: Line) -> Iterator[None]:
    subject.line.start()
    subject.line.start()  # no effect while it runs
    pause: queue.SimpleQueue[None] = queue.SimpleQueue()
    while not subject.line.bound_port:
        with pytest.raises(queue.Empty):
            pause.get(timeout=0.01)
    yield
    subject.line.begin_release()
    subject.line.stop()
    assert not subject.line.is_alive()


@pytest.fixture
def line() -> Iterator[Line]:
    subject = Line(free_port())
    with running(subject):
        yield subject


def test_each_bed_gets_what_its_monitor_says(line: Line) -> None:
    with line.connect() as gateway:
        gateway.sendall(report("W^^1", 91) + report("W^^2", 92))
        assert gateway.recv(4096).startswith(b"\x0b")  # acknowledged
        assert line.value(ONE) == 91
        assert line.value(TWO) == 92
        gateway.sendall(report("W^^1", 94))
        assert line.value(ONE) == 94


def test_a_link_is_whole_once_a_bed_is_heard_and_lost_with_its_connection(line: Line) -> None:
    with line.connect() as gateway:
        gateway.sendall(report("W^^1", 91))
        assert line.link(ONE).state is LinkState.CONNECTED
        assert gateway.recv(4096).endswith(b"\x1c\r")
    lost = line.link(ONE)
    assert (lost.state, lost.reason) == (LinkState.LOST, "the device closed the connection")
    assert line.reports.empty()  # the other bed was never heard here


def test_a_device_that_connected_again_is_not_lost_with_its_old_connection(line: Line) -> None:
    with line.connect() as old, line.connect() as new:
        old.sendall(report("W^^1", 91))
        assert line.value(ONE) == 91
        new.sendall(report("W^^1", 92))
        assert line.value(ONE) == 92
        old.close()
        new.sendall(report("W^^1", 93))
        assert line.value(ONE) == 93
        new.close()
        assert line.link(ONE).state is LinkState.LOST


def test_a_device_that_talks_over_two_connections_is_lost_with_the_last_of_them(line: Line) -> None:
    with line.connect() as older, line.connect() as newer:
        older.sendall(report("W^^1", 91))
        assert line.link(ONE).state is LinkState.CONNECTED
        assert line.value(ONE) == 91
        newer.sendall(report("W^^1", 92))
        assert line.link(ONE).state is LinkState.CONNECTED
        assert line.value(ONE) == 92
        name = f"127.0.0.1:{newer.getsockname()[1]}"
        (carrier,) = [t for t in threading.enumerate() if t.name.endswith(name)]
        newer.shutdown(socket.SHUT_RDWR)
        carrier.join(WAIT_S)
        for spo2 in (93, 94, 95):
            older.sendall(report("W^^1", spo2))
            heard = line.next(ONE, lambda e: isinstance(e, LinkChanged | NumericsReceived))
            assert isinstance(heard, NumericsReceived)
            assert older.recv(4096).endswith(b"\x1c\r")
    assert line.link(ONE).state is LinkState.LOST


def alert(place: str, words: str, phase: str) -> bytes:
    """Return a framed alert."""
    rows = (
        f"MSH|^~\\&|maker|{place}|||20260101120000||ORU^R40|1|P|2.6",
        f"PV1||I|{place}",
        "OBR|1",
        f"OBX|1|ST|196616^MDC_EVT_ALARM^MDC|{words}.0.0.1|{words}|||PH~SP|||F",
        f"OBX|2|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|{words}.0.0.2|{phase}|||||F",
    )
    return b"\x0b" + "\r".join(rows).encode() + b"\r\x1c\r"


def test_alarms_that_come_over_two_connections_are_one_list(line: Line) -> None:
    def after(connection: socket.socket, *said: bytes) -> list[str]:
        for message in said:
            connection.sendall(message)
        event = line.next(ONE, lambda e: isinstance(e, DeviceAlarmsChanged))
        assert isinstance(event, DeviceAlarmsChanged)
        return [alarm.text for alarm in event.alarms]

    with line.connect() as first, line.connect() as second:
        assert after(first, alert("W^^1", "1", "start")) == ["1"]
        assert after(second, alert("W^^1", "2", "start")) == ["1", "2"]
        assert after(second, alert("W^^1", "2", "end")) == ["1"]
        assert after(first, alert("W^^1", "1", "end")) == []


@contextmanager
def held(line: Line, converse: Callable[[bytes, Instant], bytes], said: bytes) -> Iterator[None]:
    """Hold the report of a message back until another overtakes it, or none does."""
    is_held, overtakes = threading.Event(), threading.Event()

    def hold() -> None:
        if is_held.is_set():
            overtakes.set()
            return
        is_held.set()
        overtakes.wait(0.2)

    line.before_report = hold
    slow = threading.Thread(target=converse, args=(said, CLOCK.now()), daemon=True)
    slow.start()
    assert is_held.wait(WAIT_S)
    yield
    slow.join(WAIT_S)


def test_a_list_of_alarms_is_never_overtaken_by_a_newer_one() -> None:
    """Reported last, the older list would end the newer alarm for everybody."""
    line = Line()
    first, second = line.line._converse(""), line.line._converse("")
    with held(line, first.converse, alert("W^^1", "1", "start")):
        second.converse(alert("W^^1", "2", "start"), CLOCK.now())
    for texts in (["1"], ["1", "2"]):
        event = line.next(ONE, lambda e: isinstance(e, DeviceAlarmsChanged))
        assert isinstance(event, DeviceAlarmsChanged)
        assert [alarm.text for alarm in event.alarms] == texts


def test_the_end_of_a_connection_waits_for_the_report_of_another() -> None:
    line = Line()
    older, newer = line.line._converse(""), line.line._converse("")
    older.converse(report("W^^1", 91), CLOCK.now())
    assert line.value(ONE) == 91
    with held(line, newer.converse, report("W^^1", 92)):
        older.ended("unplugged", CLOCK.now().plus(61))
    assert line.link(ONE).state is LinkState.CONNECTED
    assert line.link(ONE).state is LinkState.LOST


def after_message(line: Line, message: bytes) -> list[str]:
    """Return the alarms of the first bed after a message on a connection of its own."""
    with line.connect() as gateway:
        gateway.sendall(message)
        event = line.next(ONE, lambda e: isinstance(e, DeviceAlarmsChanged))
        assert isinstance(event, DeviceAlarmsChanged)
        assert gateway.recv(4096).endswith(b"\x1c\r")
    assert line.link(ONE).state is LinkState.LOST
    return [alarm.text for alarm in event.alarms]


def test_alarms_that_come_over_a_connection_each_stay_until_their_own_end(line: Line) -> None:
    assert after_message(line, alert("W^^1", "1", "start")) == ["1"]
    assert after_message(line, alert("W^^1", "2", "start")) == ["1", "2"]
    with line.connect() as gateway:
        gateway.sendall(alert("W^^2", "3", "start"))
        event = line.next(TWO, lambda e: isinstance(e, DeviceAlarmsChanged))
        assert isinstance(event, DeviceAlarmsChanged)
        assert [alarm.text for alarm in event.alarms] == ["3"]
    assert after_message(line, alert("W^^1", "1", "end")) == ["2"]
    assert after_message(line, alert("W^^1", "2", "end")) == []


def text_alarm(place: str) -> bytes:
    """Return a framed alarm as text, of a Philips Efficia monitor."""
    rows = (
        "MSH|^~\\&|maker|maker|||20260101120000||ORU^R01|1|P|2.6",
        f"PV1||I|{place}",
        "OBR|1",
        "OBX|1|TX|3^Red Alarm^MDIL-ALERT||*** APNEA||||||F",
    )
    return b"\x0b" + "\r".join(rows).encode() + b"\r\x1c\r"


def test_what_time_ends_is_reported_over_another_connection_and_its_device_is_not_heard() -> None:
    line = Line(0, profile="efficia_lan")
    converse, now = line.line._converse, CLOCK.now()
    converse("").converse(text_alarm("W^^1^A") + text_alarm("W^^1^B") + text_alarm("W^^9"), now)
    listed = line.next(ONE, lambda e: isinstance(e, DeviceAlarmsChanged))
    assert isinstance(listed, DeviceAlarmsChanged)
    assert [alarm.text for alarm in listed.alarms] == ["*** APNEA"]
    other = converse("")
    other.converse(report("W^^2", 91), now.plus(119))
    assert line.value(TWO) == 91
    other.converse(b"", now.plus(120))
    over = line.reports.get(timeout=WAIT_S)
    assert over.place == ONE
    (event,) = over.events  # neither a link nor who talks
    assert isinstance(event, DeviceAlarmsChanged)
    assert (event.alarms, event.is_by_time) == ((), True)
    assert line.reports.empty()  # of what stands nowhere nothing was told
    assert line.line.talking(ONE, now.plus(120)) == set()


def test_alarms_are_listed_together_whatever_name_their_device_has() -> None:
    alarms, names = SharedAlarms(), ["W^^1", "W^^1^A"]
    one, two = (DeviceAlarm(0, 0, "high", None, 0, "", text, is_usable=True) for text in "12")
    assert alarms.listed(ONE, "W^^1", (one,), names.__contains__) == (one,)
    assert alarms.listed(TWO, "W^^2", (two,), lambda _: True) == (two,)
    assert alarms.listed(ONE, "W^^1^A", (one, two), names.__contains__) == (one, two)
    names.remove("W^^1")
    assert alarms.listed(ONE, "W^^1^A", (two,), names.__contains__) == (two,)


@pytest.mark.parametrize(("silent_s", "is_lost"), [(60, False), (61, True)])
def test_a_connection_that_has_long_been_silent_does_not_hold_a_link(
    silent_s: float, *, is_lost: bool
) -> None:
    line, now = Line().line, CLOCK.now()
    line.note_message(ONE, "an old connection", now.plus(-silent_s))
    line.note_message(ONE, "a new connection", now)
    line.note_message(TWO, "another monitor's", now)
    assert line.is_lost_with(ONE, "a new connection", now) == is_lost
    assert line.is_lost_with(ONE, "an old connection", now)


def test_what_is_nobodys_is_counted_with_its_origin_or_its_reason(line: Line) -> None:
    everyone = DevicePlace("", line.address)
    with line.connect() as gateway:
        gateway.sendall(report("W^^9", 91) + b"garbage" + report("W^^1", 92))
        assert line.value(ONE) == 92
    gateway = line.connect()
    gateway.sendall(report("W^^9", 91))
    unknown = line.next(everyone, lambda e: isinstance(e, FrameRejected))
    assert isinstance(unknown, FrameRejected)
    assert unknown.reason == "no bed has the origin 'W^^9'"
    assert unknown.raw == b""
    gateway.sendall(b"garbage" + report("W^^1", 92))
    damage = line.next(everyone, lambda e: isinstance(e, FrameRejected))
    assert isinstance(damage, FrameRejected)
    gateway.close()


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


@pytest.mark.parametrize("end", [b"\x1c", b""])
def test_a_message_that_only_the_end_of_its_connection_ends_is_read(line: Line, end: bytes) -> None:
    whole = report("W^^1", 93).removesuffix(b"\x1c\r")
    with line.connect() as monitor:
        monitor.sendall(whole + end if end else whole[1:])
    event = line.next(ONE, lambda e: isinstance(e, NumericsReceived))
    assert isinstance(event, NumericsReceived)
    (numeric,) = event.numerics
    assert (numeric.value, numeric.received_at) == (93, event.at)
    assert CLOCK.now().seconds_since(event.at) >= 0
    assert line.link(ONE).state is LinkState.LOST
    assert next(e.state for e in line.told if isinstance(e, LinkChanged)) is LinkState.CONNECTED


def test_connections_that_carry_no_bed_make_room_and_others_are_turned_away(line: Line) -> None:
    with ExitStack() as stack:
        monitor = stack.enter_context(line.connect())
        monitor.sendall(report("W^^1", 91))
        assert line.value(ONE) == 91
        for n in range(MAX_CONNECTIONS + 4):
            other = stack.enter_context(line.connect())
            other.sendall(report("W^^9", n))
            assert other.recv(4096)
        monitor.sendall(report("W^^1", 92))
        assert line.value(ONE) == 92
    line.line._turned_away()
    away = line.next(
        line.everyone, lambda e: isinstance(e, FrameRejected) and "W^^9" not in e.reason
    )
    assert isinstance(away, FrameRejected)
    assert away.reason == "a connection was turned away; 64 are open"


def test_one_message_of_nobodys_is_counted_once(line: Line) -> None:
    with line.connect() as gateway:
        gateway.sendall(report("W^^9", 91).replace(b"262688^MDC_DIM_PERCENT^MDC", b"promille"))
        assert gateway.recv(4096)
        gateway.sendall(report("W^^1", 92))
        assert line.value(ONE) == 92
    refused = [event for event in line.told if isinstance(event, FrameRejected)]
    assert [event.reason for event in refused] == ["no bed has the origin 'W^^9'"]


def test_each_damaged_message_is_counted(line: Line) -> None:
    with line.connect() as gateway:
        gateway.sendall(b"\x0bPID|1\x1c\r" * 3 + report("W^^1", 92))
        assert line.value(ONE) == 92
    assert len([event for event in line.told if isinstance(event, FrameRejected)]) == 3


def test_what_is_not_understood_is_counted_at_the_bed_it_came_from(line: Line) -> None:
    with line.connect() as gateway:
        gateway.sendall(report("W^^2", 91).replace(b"262688^MDC_DIM_PERCENT^MDC", b"promille"))
        refused = line.next(TWO, lambda e: isinstance(e, FrameRejected))
        assert isinstance(refused, FrameRejected)
        assert refused.reason.startswith("not understood: unit 'promille' of 150456^")
        assert line.value(TWO) == 91


def test_half_a_message_is_settled_and_harms_nobody_else(line: Line) -> None:
    everyone = DevicePlace("", line.address)
    with line.connect() as half, line.connect() as whole:
        half.sendall(report("W^^1", 91)[:50])
        whole.sendall(report("W^^2", 92))
        assert line.value(TWO) == 92
        settled = line.next(everyone, lambda e: isinstance(e, FrameRejected))
        assert isinstance(settled, FrameRejected)
        assert settled.raw == report("W^^1", 91)[:50]
        whole.sendall(report("W^^2", 93))
        assert line.value(TWO) == 93


def test_what_a_closed_connection_held_back_is_counted(line: Line) -> None:
    with line.connect() as half:
        half.sendall(report("W^^1", 91) + report("W^^1", 92)[:50])
        assert line.value(ONE) == 91
        assert half.recv(4096).endswith(b"\x1c\r")
    given_up = line.next(DevicePlace("", line.address), lambda e: isinstance(e, FrameRejected))
    assert isinstance(given_up, FrameRejected)
    assert given_up.raw == report("W^^1", 92)[:50]


def test_an_address_that_cannot_be_had_is_a_lost_link_of_every_bed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        subject = Line(other.getsockname()[1])
        subject.line.start()
        assert subject.link(ONE).state is LinkState.LOST
        assert subject.link(TWO).state is LinkState.LOST
    subject.line.stop()


def test_what_is_no_address_is_refused_at_once() -> None:
    bed = BedSection(id="bed-1", port="mllp://nowhere", driver="hl7_oru", origin="W^^1")
    with pytest.raises(LinkError):
        SharedLine("mllp://nowhere", {ONE: bed}, CLOCK, lambda _report: None)
