"""Alarms on an address that many beds share."""

from __future__ import annotations

import socket

from edge_agent.lines.shared_alarms import SharedAlarms
from edge_agent.model.session_events import DeviceAlarm, DeviceAlarmsChanged, LinkState
from tests.support.brokers import WAIT_S
from tests.support.shared_lines import CLOCK, ONE, TWO, Line, alert, held, report


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


def text_alarm(location: str) -> bytes:
    """Return a framed alarm as text, of a Philips Efficia monitor."""
    rows = (
        "MSH|^~\\&|maker|maker|||20260101120000||ORU^R01|1|P|2.6",
        f"PV1||I|{location}",
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
