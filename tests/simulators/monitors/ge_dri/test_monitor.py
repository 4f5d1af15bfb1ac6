"""The simulated S/5 monitor keeps to the dialogue of the interface document."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from simulators.monitors.device import PowerOn
from simulators.monitors.ge_dri.monitor import GeDriMonitor
from simulators.monitors.ge_dri.settings import GeDriSettings, PatientSpan
from simulators.patients.vitals import TrueVitals
from tests.support import ge_dri_host as host
from tests.support.ge_dri_host import POWERED_AT, WELL, Dialogue, ask_values


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


def test_the_ecg_is_sent_at_300_samples_a_second_until_stopped() -> None:
    dialogue = Dialogue()
    assert dialogue.send(host.START_ECG) == []
    records = dialogue.wait(10.0)
    assert len(records) == 50
    samples = []
    for record in records:
        assert (record.main_type, record.parts(), len(record.content)) == (1, [(40, 1)], 166)
        assert (record.i16(0), record.u16(4)) == (60, 2)
        samples += [record.i16(6 + 2 * index) for index in range(60)]
    is_high = [sample > 700 for sample in samples]
    beats = sum(now and not before for before, now in pairwise([False, *is_high]))
    assert beats in {13, 14}  # 80 a minute
    assert dialogue.send(host.STOP_ECG) == []
    assert dialogue.wait(10.0) == []


def test_the_ecg_without_electrodes_is_invalid_and_flat_in_asystole() -> None:
    off = Dialogue(replace(WELL, heart_rate=None))
    off.send(host.START_ECG)
    assert {record.i16(6) for record in off.wait(2.0)} == {-32767}
    still = Dialogue(settings=GeDriSettings(asystole=(PatientSpan(0, 60),)))
    still.send(host.START_ECG)
    assert {record.i16(66) for record in still.wait(2.0)} == {0}


def test_waves_that_the_monitor_does_not_offer_are_not_sent() -> None:
    quiet = Dialogue(settings=GeDriSettings(answers_waves=False))
    quiet.send(host.START_ECG)
    assert quiet.wait(10.0) == []
    other = Dialogue()
    other.send(host.ask(1, b"\0\0\0\0\x08\xff".ljust(32, b"\0")))
    assert other.wait(10.0) == []


def test_a_late_host_gets_only_the_newest_half_minute_of_the_ecg() -> None:
    dialogue = Dialogue()
    dialogue.send(host.START_ECG)
    assert 149 <= len(dialogue.wait(3600.0)) <= 151


def test_values_that_nobody_takes_are_bounded_and_the_oldest_go_first() -> None:
    dialogue = Dialogue()
    dialogue.send(ask_values(1, 5))
    records = dialogue.wait(3600.0)
    assert sum(len(record.content) for record in records) < 65536
    assert records[-1].wall_s == POWERED_AT.utc_ns // 10**9 + 3600
    steps = {b.wall_s - a.wall_s for a, b in pairwise(records)}
    assert steps == {5}


def test_each_record_shows_the_patient_of_its_own_moment() -> None:
    def view(patient_s: float) -> TrueVitals:
        return replace(WELL, heart_rate=60 + round(patient_s))

    dialogue = Dialogue()
    dialogue.monitor = GeDriMonitor(
        PowerOn(view, POWERED_AT, dialogue.sent.append), GeDriSettings(), 1
    )
    dialogue.send(host.START_DISPLAYED)
    rates = [record.i16(10) for record in dialogue.wait(40.0)]
    assert rates == [70, 80, 90, 100]
    assert [sent.values["heart_rate"] for sent in dialogue.sent] == [60, 70, 80, 90, 100]
    assert [sent.at.seconds_since(POWERED_AT) for sent in dialogue.sent] == [0, 10, 20, 30, 40]


def test_the_witness_hears_exactly_what_leaves_with_displayed_values() -> None:
    dialogue = Dialogue()
    dialogue.monitor.receive(host.START_DISPLAYED, dialogue.at)
    dialogue.monitor.tick(dialogue.at.plus(20.0))
    assert dialogue.monitor.bytes_to_send() == b"".join(sent.wire for sent in dialogue.sent)


def test_a_stalled_line_cuts_a_record_and_ends_all_transmission_until_asked_again() -> None:
    dialogue = Dialogue(settings=GeDriSettings(stall_at_s=25.0))
    dialogue.send(host.START_DISPLAYED)
    assert len(dialogue.wait(20.0)) == 2
    dialogue.at = dialogue.at.plus(60.0)
    dialogue.monitor.tick(dialogue.at)
    cut = dialogue.monitor.bytes_to_send()
    assert cut[0] == 0x7E
    assert 0x7E not in cut[1:]
    assert len(dialogue.sent) == 3
    assert dialogue.wait(600.0) == []
    assert len(dialogue.send(host.START_DISPLAYED)) == 1
    assert len(dialogue.wait(60.0)) == 6


def test_transmission_ends_without_notice_at_the_given_times() -> None:
    dialogue = Dialogue(settings=GeDriSettings(silent_stop_at_s=(95.0, 35.0)))
    dialogue.send(host.START_DISPLAYED)
    dialogue.send(host.START_ECG)
    dialogue.send(host.ask_alarms(2))
    stopped = dialogue.wait(60.0)
    assert max(record.wall_s for record in stopped) == POWERED_AT.utc_ns // 10**9 + 34
    assert len([record for record in stopped if record.main_type == 0]) == 3
    assert len(dialogue.send(host.START_DISPLAYED)) == 1
    assert len(dialogue.wait(60.0)) == 3
    dialogue.send(host.START_DISPLAYED)
    assert len(dialogue.wait(60.0)) == 6


def test_a_stop_while_nothing_runs_does_not_hit_a_later_request() -> None:
    dialogue = Dialogue(settings=GeDriSettings(silent_stop_at_s=(10.0,)))
    dialogue.wait(20.0)
    dialogue.send(host.START_DISPLAYED)
    assert len(dialogue.wait(20.0)) == 2


def test_a_reboot_counts_anew_and_waits_to_be_asked() -> None:
    dialogue = Dialogue()
    dialogue.send(host.START_DISPLAYED)
    plug_id = dialogue.wait(30.0)[0].content[4:6]
    dialogue.at = dialogue.at.plus(20.0)
    dialogue.monitor.reboot(dialogue.at)
    assert len(dialogue.wait(60.0)) == 2  # what had left before
    assert dialogue.wait(60.0) == []
    (first,) = dialogue.send(host.START_DISPLAYED)
    assert (first.number, first.content[4:6]) == (0, plug_id)


def test_the_record_number_wraps_after_255() -> None:
    dialogue = Dialogue()
    dialogue.send(host.START_DISPLAYED)
    numbers = [record.number for _ in range(26) for record in dialogue.wait(100.0)]
    assert numbers == [count % 256 for count in range(1, 261)]


def test_two_monitors_differ_in_their_plug_identifier() -> None:
    plugs = {Dialogue(seed=seed).shown().content[4:6] for seed in range(8)}
    assert len(plugs) == 8


def test_some_checksum_is_a_stuffed_byte() -> None:
    dialogue = Dialogue()
    dialogue.send(host.START_DISPLAYED)
    for heart_rate in range(50, 150):
        dialogue.vitals = replace(WELL, heart_rate=heart_rate)
        dialogue.wait(100.0)
    ends = {sent.wire[-3:-1] for sent in dialogue.sent}
    assert b"\x7d\x5d" in ends


@pytest.mark.parametrize(
    "wrong",
    [
        {"arterial_site": "leg"},
        {"language": "xx"},
        {"off_is_active": True, "off_value": 0},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="want"):
        GeDriSettings(**wrong)  # type: ignore[arg-type]  # wrong on purpose
