"""The host polls, renews its polls, and leaves out those that are never answered."""

from __future__ import annotations

from itertools import pairwise

import pytest

from edge_agent.drivers.philips_intellivue.dialogue import drop_after_s
from tests.drivers.philips_intellivue import monitor
from tests.drivers.philips_intellivue.line import ALARMS, KEEP_ALIVE, LABELS, NUMERICS, Line
from tests.support.intellivue_words import words


@pytest.fixture
def line() -> Line:
    return Line()


def test_no_poll_is_sent_before_the_monitor_presents_itself(line: Line) -> None:
    line.run(0.1)
    line.hear(monitor.accept())
    line.run(5)
    assert line.names() == ["associate"]
    assert line.states() == "cn"


def test_extended_polls_are_renewed_before_they_expire(line: Line) -> None:
    line.connect()
    line.run(200, talking=True)
    for name in (NUMERICS, ALARMS):
        times = line.times(name)
        assert all(b - a < 60 for a, b in pairwise(times))
    assert len(line.times(NUMERICS)) == 7
    assert len(line.times(LABELS)) == 1
    assert line.states() == "cnC"


def test_a_poll_that_fell_silent_is_asked_for_again(line: Line) -> None:
    line.connect()
    line.run(20, talking=True)
    assert len(line.times(NUMERICS)) == 1
    assert len(line.times(ALARMS)) == 4


@pytest.mark.parametrize(
    ("period_s", "drop_s"), [(3.3, 10.0), (3.4, 3 * 3.4), (43.0, 129.0), (43.1, 130.0)]
)
def test_the_monitor_drops_a_silent_host_by_its_shortest_poll_period(
    period_s: float, drop_s: float
) -> None:
    assert drop_after_s(period_s) == drop_s


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("min_poll_ticks", "drop_s"), [(4000, 10.0), (80_000, 30.0), (400_000, 130.0)]
)
def test_the_monitor_is_never_left_without_a_poll_until_it_drops_the_host(
    min_poll_ticks: int, drop_s: float
) -> None:
    assert drop_after_s(min_poll_ticks / 8000) == drop_s
    line = Line()
    line.connect(min_poll_ticks)
    line.run(300, talking=True)
    times = [at for at, name, _ in line.sent if name not in {"associate", "mds result"}]
    assert max(b - a for a, b in pairwise(times)) < drop_s / 2
    assert (KEEP_ALIVE in line.names()) == (drop_s < 130.0)


def negotiated() -> Line:
    """Return a line whose monitor has presented itself and was asked for everything."""
    line = Line()
    line.run(0.1)
    line.hear(monitor.accept(), monitor.mds_create(line.ticks))
    line.run(0.5)
    return line


GIVEN_UP = "6 polls for {} were not answered: no longer requested in this association"


def test_polls_that_are_never_answered_are_given_up_and_named_while_values_come() -> None:
    line = negotiated()
    line.run(900, talking=True, step_s=0.5)
    assert line.states() == "cnC"
    assert (len(line.times(LABELS)), len(line.times(ALARMS))) == (6, 6)
    assert words(line) == [GIVEN_UP.format("labels"), GIVEN_UP.format("alarms")]
    times = line.times(LABELS)
    assert [round(b - a) for a, b in pairwise(times)] == [5] * 5


def test_a_poll_that_is_answered_with_errors_alone_is_given_up_too() -> None:
    line = negotiated()
    asked = 0
    for _ in range(200):
        line.run(0.5, talking=True)
        sent = [data for _, name, data in line.sent if name == ALARMS]
        for data in sent[asked:]:
            line.hear(monitor.error(int.from_bytes(data[8:10], "big")))
        asked = len(sent)
    assert len(line.times(ALARMS)) == 6
    assert GIVEN_UP.format("alarms") in words(line)


def test_values_that_are_not_answered_end_the_association_and_are_asked_for_in_a_new_one() -> None:
    line = negotiated()
    empty = monitor.alarms(monitor.listed(), monitor.listed())
    for _ in range(60):
        line.hear(empty)
        line.run(0.5)
    assert line.states() == "cnCL"
    assert line.reason() == "6 polls for values were not answered"
    assert len(line.times(NUMERICS)) == 6
    line.run(12.5)
    assert line.states() == "cnCLc"


def test_values_that_fall_silent_end_the_association_while_other_frames_come() -> None:
    line = Line()
    line.connect()
    line.run(20, talking=True)
    for _ in range(75):
        line.hear(monitor.alarms(monitor.listed(), monitor.listed(), ticks=line.ticks))
        line.run(0.5)
    assert line.states() == "cnCL"
    assert line.reason() == "6 polls for values were not answered"


def test_alarms_that_fell_silent_are_asked_for_at_the_pace_of_a_renewal() -> None:
    line = Line()
    line.connect()
    line.run(200, talking=True, step_s=0.25)
    assert line.states() == "cnC"
    assert words(line) == []
    waits = [round(b - a) for a, b in pairwise(line.times(ALARMS))]
    assert waits[:7] == [5, 5, 5, 5, 5, 5, 30]
    assert set(waits[6:]) == {30}


def test_an_answer_begins_the_count_anew() -> None:
    line = Line()
    line.connect()
    for _ in range(8):
        line.run(20, talking=True, step_s=0.25)
        line.hear(monitor.alarms(monitor.listed(), monitor.listed(), ticks=line.ticks))
    assert line.states() == "cnC"
    assert max(b - a for a, b in pairwise(line.times(ALARMS))) <= 10


def test_a_failed_poll_is_asked_for_again(line: Line) -> None:
    line.connect()
    line.run(28, talking=True)
    line.run(5, talking=True)
    renewals = [(at, data) for at, name, data in line.sent if name == NUMERICS]
    assert len(renewals) == 2
    at, data = renewals[-1]
    line.hear(monitor.error(int.from_bytes(data[8:10], "big")))
    line.run(10, talking=True)
    assert len(line.times(NUMERICS)) == 3
    assert 5 <= line.times(NUMERICS)[-1] - at < 6


def test_an_error_of_no_poll_of_ours_is_passed_over(line: Line) -> None:
    line.connect()
    line.hear(monitor.error(0xFFFF))
    line.run(4, talking=True)
    assert len(line.times(NUMERICS)) == 1
