"""A look at the threads finds out who stands still, and does not take one port for all of them."""

from __future__ import annotations

from edge_agent.gateway.pulse import Pulse
from edge_agent.ops.vigil import Vigil


def looks(*pulses: Pulse) -> list[str]:
    """Return why nothing moved, look by look; empty where it did."""
    vigil = Vigil()
    return [vigil.look(pulse).standstill for pulse in pulses]


def pulse(evaluation: int, *lines: int, restored: int = 0, dead: tuple[str, ...] = ()) -> Pulse:
    return Pulse(restored, evaluation, lines, dead)


def test_a_start_moves_while_messages_are_read_back() -> None:
    still = "the memory of earlier runs is not restored"
    assert looks(pulse(0, 0), pulse(0, 3), pulse(0, 3, restored=1), pulse(0, 3, restored=1)) == [
        "",
        still,
        "",
        still,
    ]


def test_it_is_ready_with_the_first_turn_of_the_evaluation() -> None:
    vigil = Vigil()
    assert [vigil.look(pulse(n)).is_ready for n in (0, 0, 1, 1)] == [False, False, True, True]


def test_an_evaluation_that_stands_is_found_until_it_moves() -> None:
    still = "the evaluation stands still"
    assert looks(pulse(1, 1), pulse(1, 2), pulse(1, 3), pulse(2, 4)) == ["", still, still, ""]


def test_a_port_that_holds_its_reader_is_not_all_of_them() -> None:
    assert looks(pulse(1, 1, 1), pulse(2, 1, 2), pulse(3, 1, 2)) == ["", "", "no line is read"]


def test_a_port_that_never_opened_in_this_run_is_no_reason_to_restart() -> None:
    assert looks(pulse(1, 0), pulse(2, 0), pulse(3, 0)) == ["", "", ""]


def test_a_thread_that_has_ended_is_named() -> None:
    assert looks(pulse(1, 1), pulse(2, 2, dead=("sink-mqtt", "line of bed-01"))) == [
        "",
        "not running: sink-mqtt, line of bed-01",
    ]
