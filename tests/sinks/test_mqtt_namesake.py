"""Another client with our id is said for a while, and given way to for longer each time."""

from __future__ import annotations

from edge_agent.sinks.mqtt_namesake import SHOWN_FOR_S, Namesake


def test_without_a_sign_of_it_nothing_is_said_and_nobody_waits() -> None:
    namesake = Namesake("another one")
    assert namesake.words(1e6) == ""
    assert namesake.next_wait_s(1e6, 1) == 1


def test_each_loss_is_waited_out_for_longer_up_to_a_minute() -> None:
    namesake = Namesake("another one")
    namesake.note(100.0)
    assert [namesake.next_wait_s(101.0, 1) for _ in range(5)] == [10, 20, 40, 60, 60]
    assert namesake.words(100.0 + SHOWN_FOR_S - 1) == "another one"
    assert namesake.words(100.0 + SHOWN_FOR_S) == ""
    assert namesake.next_wait_s(100.0 + SHOWN_FOR_S, 1) == 1
    namesake.note(5000.0)
    assert namesake.next_wait_s(5000.0, 1) == 10
