"""The host associates, keeps the link alive, gives up and returns as the guide asks."""

from __future__ import annotations

from itertools import pairwise

import pytest

from edge_agent.drivers.philips_intellivue import frames
from edge_agent.model.session_events import DeviceAlarmsChanged, DeviceIdentified, NumericsReceived
from tests.drivers.philips_intellivue import monitor
from tests.drivers.philips_intellivue.line import ALARMS, LABELS, NUMERICS, START, STEP_S, Line
from tests.support.intellivue_words import words


@pytest.fixture
def line() -> Line:
    return Line()


def test_the_dialogue_runs_from_request_to_polls(line: Line) -> None:
    line.connect()
    assert line.names() == ["associate", "mds result", LABELS, NUMERICS, ALARMS]
    assert line.states() == "cnC"
    identified = [e for e in line.events if isinstance(e, DeviceIdentified)]
    assert [(e.manufacturer, e.model, e.serial) for e in identified] == [
        ("Philips", "M8000", "0009fb09c9da")
    ]
    (alarms,) = [e for e in line.events if isinstance(e, DeviceAlarmsChanged)]
    assert alarms.alarms == ()


def test_the_first_frame_is_the_golden_association_request(line: Line) -> None:
    line.session.tick(START)
    assert line.session.bytes_to_send() == monitor.golden("association_request")
    assert line.session.bytes_to_send() == b""


def test_the_presentation_is_confirmed_with_its_own_invoke_id_and_time(line: Line) -> None:
    line.connect()
    result = next(data for _, name, data in line.sent if name == "mds result")
    assert result[8:10] == b"\x00\x07"
    assert result[20:24] == (8000).to_bytes(4, "big")


def test_a_monitor_that_accepts_and_never_presents_itself_is_asked_anew() -> None:
    line = Line()
    line.run(0.1)
    line.hear(monitor.accept())
    line.run(29.8, talking=True)
    assert line.states() == "cn"
    line.run(0.4, talking=True)
    assert line.states() == "cnL"
    assert line.reason() == "the monitor accepted the association and never presented itself"


@pytest.mark.parametrize("cut", [1, 2, 20, 100, 150, 207])
def test_an_acceptance_that_cannot_be_read_is_still_one(cut: int) -> None:
    accepted = frames.parse(monitor.accept())
    assert isinstance(accepted, bytes)
    line = Line()
    line.run(0.1)
    line.hear(monitor.frame(accepted[:cut]), monitor.mds_create(line.ticks))
    line.run(0.5)
    line.hear(monitor.numerics())
    assert line.states() == "cnC"
    (told,) = words(line)
    assert told.startswith("the association is accepted, but not readable: ")


def test_answers_to_the_keep_alive_change_nothing(line: Line) -> None:
    line.connect()
    before = len(line.events)
    line.hear(monitor.poll_reply(action=0x0C16, object_class=0x36, ticks=line.ticks))
    assert len(line.events) == before


def test_a_refusal_is_answered_by_a_growing_and_bounded_back_off(line: Line) -> None:
    for refusals in range(7):
        while len(line.times("associate")) <= refusals:
            line.run(STEP_S)
        line.hear(monitor.REFUSE)
    requests = line.times("associate")
    waits = [round(b - a) for a, b in pairwise(requests)]
    assert waits == [12, 24, 48, 60, 60, 60]
    assert line.reason() == "the monitor refused the association"
    assert line.states() == "cL" * 7


def test_a_connection_makes_the_back_off_short_again(line: Line) -> None:
    line.run(0.1)
    line.hear(monitor.REFUSE)
    line.run(12.1)
    line.hear(monitor.REFUSE)
    line.run(24)
    line.connect()
    line.hear(monitor.ABORT)
    line.run(13)
    requests = line.times("associate")
    assert round(requests[-1] - requests[-2]) == 13
    assert line.states() == "cLcLcnCLc"


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        (monitor.ABORT, "the monitor aborted the association"),
        (monitor.RELEASE_REQUESTED, "the monitor released the association"),
        (monitor.RELEASED, "the association is released"),
    ],
)
def test_an_end_by_the_monitor_leads_to_a_new_association(wire: bytes, reason: str) -> None:
    line = Line()
    line.connect()
    line.hear(wire)
    assert line.reason() == reason
    line.run(13)
    assert line.states() == "cnCLc"
    line.ticks = 0
    line.connect()
    assert line.states() == "cnCLcnC"
    assert len(line.times(LABELS)) == 2
    assert len([e for e in line.events if isinstance(e, DeviceAlarmsChanged)]) == 2


def test_a_refusal_or_acceptance_out_of_place_changes_nothing(line: Line) -> None:
    line.connect()
    line.hear(monitor.REFUSE, monitor.accept(), monitor.golden("association_request"))
    assert line.states() == "cnC"


def test_a_silent_monitor_is_lost_and_asked_again(line: Line) -> None:
    line.connect()
    line.run(9.9)
    assert line.states() == "cnC"
    line.run(0.2)
    assert line.states() == "cnCL"
    assert line.reason() == "no frame for 10 s"
    line.run(12)
    assert line.states() == "cnCLc"


def test_an_unanswered_request_is_given_up_even_while_old_polls_still_run(line: Line) -> None:
    line.run(10.2, talking=True)
    assert line.states() == "cL"
    assert any(isinstance(e, NumericsReceived) for e in line.events)


def test_replies_to_an_earlier_association_do_not_count_as_connected(line: Line) -> None:
    line.run(0.1)
    line.hear(monitor.accept(), monitor.numerics())
    assert line.states() == "cn"
    line.hear(monitor.mds_create(), monitor.numerics())
    assert line.states() == "cnC"


def test_a_presentation_out_of_place_is_not_answered(line: Line) -> None:
    line.hear(monitor.mds_create())
    assert line.names() == ["associate"]


def test_a_restart_of_the_monitor_leads_to_a_new_association(line: Line) -> None:
    line.connect()
    line.ticks = 1_000_000
    line.run(3, talking=True)
    line.ticks = 0
    line.run(1, talking=True)
    assert line.states() == "cnCL"
    assert line.reason() == "the monitor's relative time restarted"


def test_the_host_never_sends_more_than_three_frames_in_128_ms_and_keeps_one_free(
    line: Line,
) -> None:
    line.run(0.2, step_s=0.001)
    line.hear(monitor.accept(), monitor.mds_create())
    line.run(0.1, step_s=0.001)
    for _ in range(12):
        line.hear(monitor.mds_create())
        line.run(0.02, step_s=0.001)
    times = [at for at, _, _ in line.sent]
    assert len(times) > 8
    assert all(b - a >= 0.128 for a, b in zip(times, times[3:], strict=False))


def test_nothing_is_added_while_the_last_output_was_not_taken(line: Line) -> None:
    line.session.tick(START)
    for second in range(200):
        line.session.tick(START.plus(second))
    assert line.session.bytes_to_send() == monitor.golden("association_request")


def test_a_release_is_sent_once_and_ends_the_dialogue(line: Line) -> None:
    line.connect()
    line.session.release()
    assert line.session.bytes_to_send() == monitor.golden("release_request")
    line.session.release()
    line.run(1, talking=True)
    assert "release" not in line.names()
    line.hear(monitor.RELEASED)
    line.run(200)
    assert line.names() == ["associate", "mds result", LABELS, NUMERICS, ALARMS]
    assert line.states() == "cnCL"


def test_an_association_that_is_accepted_too_late_is_released(line: Line) -> None:
    line.run(0.1)
    line.session.release()
    line.hear(monitor.accept())
    line.run(5)
    assert line.names() == ["associate", "release"]


def test_a_listener_has_nothing_to_release() -> None:
    line = Line(listen_only=True)
    line.hear(monitor.numerics())
    line.session.release()
    assert line.session.bytes_to_send() == b""


def test_a_release_before_any_association_only_stops_the_requests(line: Line) -> None:
    line.session.release()
    line.run(30)
    assert line.sent == []
    assert line.states() == ""
