"""The simulated S/5 monitor sends what its patient shows, and stops as its settings say."""

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
