"""The simulated S/5 monitor answers requests as the interface document says."""

from __future__ import annotations

import pytest

from simulators.monitors.ge_dri.settings import GeDriSettings
from tests.support import ge_dri_host as host
from tests.support.ge_dri_host import Dialogue, ask_values


def test_the_monitor_is_silent_until_it_is_asked() -> None:
    assert Dialogue().wait(600.0) == []


def test_displayed_values_come_at_once_and_then_every_ten_seconds() -> None:
    dialogue = Dialogue()
    (first,) = dialogue.send(host.START_DISPLAYED)
    assert (first.main_type, [kind for _, kind in first.parts()]) == (0, [1, 1, 1, 1])
    assert dialogue.wait(9.9) == []
    assert len(dialogue.wait(0.1)) == 1
    later = dialogue.wait(60.0)
    assert [record.wall_s - first.wall_s for record in later] == [20, 30, 40, 50, 60, 70]
    assert [record.number for record in later] == [2, 3, 4, 5, 6, 7]


def test_displayed_values_stop_when_told() -> None:
    dialogue = Dialogue()
    dialogue.send(host.START_DISPLAYED)
    dialogue.wait(10.0)
    assert dialogue.send(host.STOP_DISPLAYED) == []
    assert dialogue.wait(60.0) == []


def test_one_record_is_sent_for_a_single_request() -> None:
    dialogue = Dialogue()
    frame = ask_values(1, -1, 0)
    assert frame.hex().endswith("01ffff000000000000" + "2f7e")
    (single,) = dialogue.send(frame)
    assert len(single.parts()) == 1
    assert dialogue.wait(60.0) == []


def test_the_trend_runs_beside_the_displayed_values_only() -> None:
    dialogue = Dialogue()
    dialogue.send(host.START_TREND)
    assert dialogue.wait(120.0) == []
    dialogue.send(host.START_DISPLAYED)
    kinds = [record.parts()[0][1] for record in dialogue.wait(60.0)]
    assert kinds.count(3) == 1
    assert kinds.count(1) == 6
    dialogue.send(host.STOP_TREND)
    assert {record.parts()[0][1] for record in dialogue.wait(120.0)} == {1}


def test_a_trend_asked_for_once_comes_while_displayed_values_run() -> None:
    dialogue = Dialogue()
    assert dialogue.send(ask_values(2, -1)) == []
    dialogue.wait(5.0)
    dialogue.send(host.START_DISPLAYED)
    dialogue.wait(5.0)
    (trend,) = dialogue.send(ask_values(2, -1))
    assert [kind for _, kind in trend.parts()] == [2, 2, 2, 2]


def test_there_is_no_trend_without_a_patient_case() -> None:
    dialogue = Dialogue(settings=GeDriSettings(case_started=False))
    dialogue.send(host.START_DISPLAYED)
    dialogue.wait(5.0)
    dialogue.send(host.START_TREND)
    assert {record.parts()[0][1] for record in dialogue.wait(180.0)} == {1}


@pytest.mark.parametrize(("pause_s", "is_heard"), [(0.0, False), (4.9, False), (5.0, True)])
def test_a_request_within_five_seconds_of_a_single_one_is_ignored(
    pause_s: float, *, is_heard: bool
) -> None:
    for second in (ask_values(1, -1), host.START_DISPLAYED):
        dialogue = Dialogue()
        assert len(dialogue.send(ask_values(1, -1))) == 1
        dialogue.wait(pause_s)
        assert len(dialogue.send(second)) == is_heard


def test_a_start_or_a_stop_right_after_a_start_is_heard() -> None:
    dialogue = Dialogue()
    dialogue.send(host.START_DISPLAYED)
    assert len(dialogue.send(ask_values(1, 5))) == 1
    assert len(dialogue.wait(10.0)) == 2
    dialogue.send(host.STOP_DISPLAYED)
    assert dialogue.wait(30.0) == []


def test_a_stop_right_after_a_single_request_is_heard() -> None:
    dialogue = Dialogue()
    dialogue.send(host.START_DISPLAYED)
    dialogue.send(ask_values(1, -1))
    dialogue.send(host.STOP_DISPLAYED)
    assert dialogue.wait(30.0) == []


@pytest.mark.parametrize("interval_s", [1, 4, -2])
def test_an_interval_that_is_too_short_is_no_request(interval_s: int) -> None:
    dialogue = Dialogue()
    assert dialogue.send(ask_values(1, interval_s)) == []
    assert dialogue.wait(60.0) == []
    assert len(dialogue.send(ask_values(1, 5))) == 1
    assert len(dialogue.wait(60.0)) == 12


@pytest.mark.parametrize(
    ("class_bits", "classes"),
    [(0x00, [0]), (0x0E, [0, 1, 2, 3]), (0x02, [0, 1]), (0x0F, [1, 2, 3]), (0x09, [3])],
)
def test_the_host_gets_the_classes_it_asks_for(class_bits: int, classes: list[int]) -> None:
    dialogue = Dialogue()
    (found,) = dialogue.send(ask_values(1, -1, class_bits))
    words = [found.u16(276, part) for part in range(len(classes))]
    assert [word >> 8 & 0xF for word in words] == classes
    assert {word & 0xFF for word in words} == {0x81}
    assert len(found.parts()) == len(classes)
    assert bool(dialogue.sent) is (0 in classes)


def test_a_request_for_no_class_at_all_and_an_unknown_kind_are_ignored() -> None:
    dialogue = Dialogue()
    assert dialogue.send(ask_values(1, -1, 0x01)) == []
    assert dialogue.send(ask_values(9, -1)) == []
    assert dialogue.send(host.ask(0, b"\x01\x0a")) == []
    assert dialogue.send(host.ask(4, b"\x00")) == []
    assert dialogue.send(host.ask(8, bytes(40))) == []


def test_damaged_requests_are_dropped_and_the_next_is_heard() -> None:
    good = host.START_DISPLAYED
    wrong_sum = good[:-2] + b"\x4a\x7e"
    wrong_length = host.wrap(bytes([0x32]) + good[2:-2])
    too_short = host.wrap(b"\x02\x00")
    endless = b"\x7e" + bytes(9000)
    for damaged in (wrong_sum, good[:30], b"\x31\x00", wrong_length, too_short, endless):
        dialogue = Dialogue()
        assert dialogue.send(damaged) == []
        assert len(dialogue.send(b"\x7e" * (damaged == b"\x31\x00") + good)) == 1


def test_a_request_may_come_byte_by_byte() -> None:
    dialogue = Dialogue()
    answers = [dialogue.send(bytes([byte])) for byte in host.START_DISPLAYED]
    assert [len(found) for found in answers] == [0] * (len(answers) - 1) + [1]


def test_a_trend_request_with_a_stuffed_checksum_is_read() -> None:
    assert b"\x7d\x5d" in host.START_TREND
    dialogue = Dialogue()
    dialogue.send(host.START_TREND)
    dialogue.wait(5.0)
    dialogue.send(host.START_DISPLAYED)
    assert 3 in {record.parts()[0][1] for record in dialogue.wait(60.0)}
