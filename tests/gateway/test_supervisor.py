"""Parts start in order, are started again when they die, and stop in reverse."""

from __future__ import annotations

import pytest

from edge_agent.gateway.supervisor import Supervisor


class FakePart:
    """A part that writes down what is asked of it."""

    def __init__(self, name: str, diary: list[str], *, fails: bool = False) -> None:
        self.name = name
        self.lives = False
        self.fails = fails
        self._diary = diary

    def start(self) -> None:
        """Live, or fail."""
        if self.fails:
            raise OSError("no such port")
        self._diary.append(f"start {self.name}")
        self.lives = True

    def stop(self) -> None:
        """Die in order, or fail."""
        if self.fails:
            raise OSError("stuck")
        self._diary.append(f"stop {self.name}")
        self.lives = False

    def is_alive(self) -> bool:
        """Return whether it lives."""
        return self.lives


def test_parts_start_in_order_and_stop_in_reverse() -> None:
    diary: list[str] = []
    supervisor = Supervisor([FakePart("a", diary), FakePart("b", diary)])
    supervisor.start()
    supervisor.stop()
    assert diary == ["start a", "start b", "stop b", "stop a"]


def test_a_part_that_runs_already_is_not_started_twice() -> None:
    diary: list[str] = []
    part = FakePart("a", diary)
    part.start()
    Supervisor([part]).start()
    assert diary == ["start a"]


def test_what_died_is_started_again_and_counted() -> None:
    diary: list[str] = []
    parts = [FakePart("a", diary), FakePart("b", diary)]
    supervisor = Supervisor(parts, diary.append)
    supervisor.start()
    supervisor.supervise()
    parts[1].lives = False
    supervisor.supervise()
    assert diary == ["start a", "start b", "b", "start b"]
    assert supervisor.restarts == 1


def test_where_one_cannot_start_the_others_are_stopped() -> None:
    diary: list[str] = []
    supervisor = Supervisor([FakePart("a", diary), FakePart("b", diary, fails=True)])
    with pytest.raises(OSError, match="no such port"):
        supervisor.start()
    assert diary == ["start a", "stop a"]


def test_a_part_that_stays_down_is_tried_again_and_the_others_are_watched_on() -> None:
    diary: list[str] = []
    parts = [FakePart("a", diary), FakePart("b", diary)]
    supervisor = Supervisor(parts, diary.append)
    supervisor.start()
    parts[0].lives = parts[1].lives = False
    parts[0].fails = True
    supervisor.supervise()
    supervisor.supervise()
    assert diary == ["start a", "start b", "a", "b", "start b"]
    assert supervisor.restarts == 1
    parts[0].fails = False
    supervisor.supervise()
    assert diary[-1] == "start a"
    assert supervisor.restarts == 2
    parts[0].lives = False
    supervisor.supervise()
    assert diary[-2:] == ["a", "start a"]


def test_a_mistake_in_a_report_or_a_stop_costs_no_other_part(
    caplog: pytest.LogCaptureFixture,
) -> None:
    diary: list[str] = []
    reports: list[str] = []
    parts = [FakePart("a", diary), FakePart("b", diary)]
    supervisor = Supervisor(parts, lambda name: reports.insert(int(name), name))
    supervisor.start()
    parts[0].lives = parts[1].lives = False
    supervisor.supervise()
    assert diary == ["start a", "start b", "start a", "start b"]
    assert caplog.text.count("failed to report a death") == 1
    parts[1].fails = True
    supervisor.stop()
    assert diary[-1] == "stop a"
    assert "failed to stop b" in caplog.text
