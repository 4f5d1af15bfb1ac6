"""A simulated Nonin oximeter sends frames in formats 2 and 7, oddities included."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulators.monitors.device import PowerOn
from simulators.monitors.nonin.monitor import NoninMonitor, NoninSettings
from simulators.monitors.nonin.wire import StatusByte, frame, packet_data
from simulators.monitors.push_device import OUT_LIMIT
from tests.support.listener import NO_PROBE, NORMAL, POWERED_AT, Listener, Patient, vital_signs
from tests.support.shared_data import shared_data

RECORDED = bytes.fromhex(  # 25 frames of an OEM III: heart rate 72, SpO2 97, revision 48
    "0181010083 01800148CA 01800161E3 01800130B2 0180010082 0180010082 0180010082 0180010082"
    "01800161E3 01800161E3 01800161E3 0180010082 0180010082 0180010082 01800148CA 01800161E3"
    "01800161E3 0180010082 0180010082 0180010082 01800148CA 0180010082 01800148CA 0180010082"
    "0180010082"
)
NONE = {"spo2": None, "pulse_rate@spo2": None}
TRUTH = {"spo2": 98, "pulse_rate@spo2": 97}


def listen(
    settings: NoninSettings | None = None, patient: Patient | None = None, seed: int = 1
) -> Listener:
    view, chosen = patient or Patient(), settings or NoninSettings()
    return Listener(view, lambda on: NoninMonitor(on, chosen, seed))


def frames(heard: bytes) -> list[bytes]:
    """Return the frames, every checksum of them checked."""
    found = [heard[at : at + 5] for at in range(0, len(heard), 5)]
    for each in found:
        assert len(each) == 5
        assert each[4] == (each[0] + each[1] + each[2] + each[3]) % 256
    return found


def values(packet: list[bytes]) -> tuple[int, int]:
    """Return pulse rate and SpO2 of the 25 frames of a packet, all averages checked."""
    assert len(packet) == 25
    data = [each[3] for each in packet]
    rates = {data[high] << 7 | data[low] for high, low in ((0, 1), (13, 14), (19, 20), (21, 22))}
    saturations = {data[index] for index in (2, 8, 9, 10, 15, 16)}
    assert len(rates) == len(saturations) == 1
    assert data[3] == 48
    assert not any(data[index] for index in (4, 5, 6, 7, 11, 12, 17, 18, 23, 24))
    return rates.pop(), saturations.pop()


def test_frames_and_places_of_data_are_those_of_a_recorded_packet() -> None:
    statuses = [0x81] + [0x80] * 24
    data = packet_data(72, 97)
    built = [frame("df2", status, 0x0100, data[n]) for n, status in enumerate(statuses)]
    assert b"".join(built) == RECORDED


def test_the_quoted_packet_is_that_of_the_recording() -> None:
    path = shared_data("captures/samples/nonin_df2_pufferfish_125B.bin")
    assert path.read_bytes() == RECORDED


def test_a_frame_of_format_7_carries_16_bits_of_the_pulse_wave() -> None:
    assert frame("df7", 0x81, 0xABCD, 0x48) == bytes((0x81, 0xAB, 0xCD, 0x48, 0x41))


def test_format_2_sends_three_packets_of_25_frames_a_second() -> None:
    listener = listen()
    heard = listener.wait(10)
    found = frames(heard)
    assert len(found) == 750
    assert [bool(each[1] & 0x01) for each in found] == ([True] + [False] * 24) * 30
    assert {each[0] for each in found} == {1}
    assert all(each[1] & 0x80 for each in found)
    assert {values(found[at : at + 25]) for at in range(0, 750, 25)} == {(97, 98)}
    assert b"".join(sent.wire for sent in listener.sent) == heard
    assert [sent.values for sent in listener.sent] == [TRUTH] * 30
    assert listener.sent[0].at == POWERED_AT.plus(25 / 75)


@pytest.mark.parametrize("chosen", ["df2", "df7", "df8", "ascii"])
def test_nothing_depends_on_how_the_clock_steps(chosen: str) -> None:
    settings = NoninSettings(
        format=chosen,  # type: ignore[arg-type]  # one of the four
        sync_losses_at_s=(2.0, 7.1),
        checksum_errors_at_s=(4.0,),
        artifact_at_s=(10.0,),
        event_marks_at_s=(3.0,),
    )
    patient = Patient({0.0: NORMAL, 15.0: NO_PROBE, 17.0: NORMAL})
    big, small = listen(settings, patient), listen(settings, patient)
    assert big.wait(30) == small.wait(30, step_s=0.05)
    assert big.sent == small.sent


def test_each_packet_of_a_catch_up_shows_the_patient_at_its_first_frame() -> None:
    courses = {float(second): replace(NORMAL, spo2=80 + second) for second in range(6)}
    listener = listen(patient=Patient(courses))
    listener.wait(5)
    shown = [sent.values["spo2"] for sent in listener.sent]
    assert shown == [80 + number // 3 for number in range(15)]


def test_frames_leave_one_by_one() -> None:
    listener = listen()
    assert len(listener.wait(24.5 / 75)) == 24 * 5
    assert listener.sent == []
    assert len(listener.wait(1 / 75)) == 5
    assert len(listener.sent) == 1


@pytest.mark.parametrize("rate", [72, 127, 128, 140, 300])
@pytest.mark.parametrize("chosen", ["df2", "df7"])
def test_high_pulse_rates_are_split_in_two_and_seven_bits(rate: int, chosen: str) -> None:
    settings = NoninSettings(format=chosen)  # type: ignore[arg-type]  # one of the two
    listener = listen(settings, vital_signs(pulse_rate=rate))
    sent = listener.wait(1 / 3)
    assert len(sent) == 125
    assert listener.sent[0].values == {"spo2": 98, "pulse_rate@spo2": rate}
    assert (sent[3], sent[8], sent[13]) == (rate >> 7, rate & 0x7F, 98)


def test_format_7_checks_its_sum_and_shows_a_moving_wave() -> None:
    listener = listen(NoninSettings(format="df7"))
    heard = listener.wait(2)
    found = frames(heard)
    waves = [each[1] << 8 | each[2] for each in found]
    assert len(found) == 150
    assert [bool(each[0] & 0x01) for each in found] == ([True] + [False] * 24) * 6
    assert max(waves) - min(waves) > 0x6000
    assert listener.sent[0].values == TRUTH


def test_each_pulse_is_marked_green_for_twelve_frames() -> None:
    found = frames(listen(patient=vital_signs(pulse_rate=60)).wait(60))
    green = "".join("G" if each[1] & 0x06 == 0x02 else "-" for each in found)
    runs = [run for run in green.split("-") if run]
    assert len(runs) in {60, 61}
    assert set(runs[1:-1]) == {"G" * 12}


@pytest.mark.parametrize(("perfusion", "bits"), [(1.0, 0x02), (0.5, 0x06), (0.2, 0x04)])
def test_perfusion_has_a_colour_and_a_red_packet_is_not_vouched_for(
    perfusion: float, bits: int
) -> None:
    listener = listen(patient=vital_signs(perfusion_index=perfusion))
    listener.wait(20)
    marked = [
        any(wire[at] & 0x06 == bits for at in range(1, 125, 5))
        for wire in (sent.wire for sent in listener.sent)
    ]
    assert any(marked)
    seen = {each[1] & 0x06 for sent in listener.sent for each in frames(sent.wire)}
    assert seen == {0, bits}
    if bits == 0x04:
        expected = [NONE if is_marked else TRUTH for is_marked in marked]
        assert [sent.values for sent in listener.sent] == expected
    else:
        assert [sent.values for sent in listener.sent] == [TRUTH] * 60


def test_a_sensor_off_is_marked_and_its_values_are_missing_until_the_pulse_is_found() -> None:
    patient = Patient({0.0: NORMAL, 1.0: NO_PROBE, 2.0: NORMAL})
    listener = listen(NoninSettings(search_s=2.0), patient)
    found = frames(listener.wait(5))
    off, searching, back = found[75 + 5], found[225 + 5], found[300 + 5]
    assert off[1] & 0x78 == 0x58
    assert searching[1] & 0x78 == 0x10
    assert back[1] & 0x78 == 0
    packets = [values(found[at : at + 25]) for at in range(0, 375, 25)]
    assert packets[3:6] == [(511, 127)] * 3
    assert packets[6:9] == [(511, 127)] * 3
    assert packets[-3:] == [(97, 98)] * 3
    missing = [sent.values == NONE for sent in listener.sent]
    assert missing == [packet == (511, 127) for packet in packets]


def test_no_pulse_is_out_of_track_without_values() -> None:
    listener = listen(patient=vital_signs(pulse_rate=0))
    found = frames(listener.wait(1))
    assert {each[1] & 0xFE for each in found} == {0x90}
    assert values(found[:25]) == (511, 127)
    assert listener.sent[0].values == NONE


def test_motion_marks_pulses_then_says_out_of_track_and_is_not_vouched_for() -> None:
    settings = NoninSettings(artifact_at_s=(2.0,), artifact_for_s=5.0, out_of_track_after_s=2.0)
    listener = listen(settings)
    found = frames(listener.wait(10))
    artifact = {n / 75 for n, each in enumerate(found, 1) if each[1] & 0x20}
    astray = {n / 75 for n, each in enumerate(found, 1) if each[1] & 0x10}
    assert 2.0 <= min(artifact) < 3.0
    assert 6.0 < max(artifact) < 7.0
    assert (min(astray), max(astray)) == (4.0, 524 / 75)
    doubtful = [any(each[1] & 0x30 for each in found[at : at + 25]) for at in range(0, 750, 25)]
    assert [sent.values == NONE for sent in listener.sent] == doubtful


@pytest.mark.parametrize(
    ("first_lost", "truth"),
    [
        (75, {"spo2": None, "pulse_rate@spo2": None}),
        (76, {"spo2": None, "pulse_rate@spo2": None}),
        (77, {"spo2": None, "pulse_rate@spo2": None}),
        (78, {"spo2": None, "pulse_rate@spo2": 97}),
        (79, {"spo2": 98, "pulse_rate@spo2": 97}),
    ],
)
def test_lost_frames_break_a_packet_and_take_their_values_with_them(
    first_lost: int, truth: dict[str, float | None]
) -> None:
    whole = listen()
    listener = listen(NoninSettings(sync_losses_at_s=(first_lost / 75,), sync_loss_frames=3))
    expected, found = frames(whole.wait(2)), frames(listener.wait(2))
    assert found == expected[: first_lost - 1] + expected[first_lost + 2 :]
    assert [sent.wire for sent in listener.sent] == [sent.wire for sent in whole.sent]
    assert [sent.values for sent in listener.sent] == [TRUTH] * 3 + [truth] + [TRUTH] * 2


def test_a_wrong_byte_breaks_one_checksum_and_takes_its_value_with_it() -> None:
    broken = set()
    for seed in range(20):
        whole = listen(seed=seed)
        listener = listen(NoninSettings(checksum_errors_at_s=(1.2,)), seed=seed)
        sound, heard = whole.wait(3), listener.wait(3)
        (wrong,) = (at for at in range(len(sound)) if heard[at] != sound[at])
        assert wrong % 5 == 3
        packet, index = divmod(wrong // 5, 25)
        assert packet == 3
        lost = {0: {"spo2", "pulse_rate@spo2"}, 1: {"pulse_rate@spo2"}, 2: {"spo2"}}[index]
        assert listener.sent[3].values == {**TRUTH, **dict.fromkeys(lost)}
        assert listener.sent[3].wire == sound[375:500]
        assert [sent.values for n, sent in enumerate(listener.sent) if n != 3] == [TRUTH] * 8
        broken.add(index)
    assert broken == {0, 1, 2}


@pytest.mark.untraced
def test_what_nobody_fetches_is_bounded_and_stays_whole_frames() -> None:
    monitor = NoninMonitor(PowerOn(Patient(), POWERED_AT), NoninSettings(), 1)
    monitor.tick(POWERED_AT.plus(600))
    heard = monitor.bytes_to_send()
    assert len(heard) == OUT_LIMIT // 5 * 5
    assert len(frames(heard)) == OUT_LIMIT // 5


def test_the_doubtful_states_are_told_from_the_others() -> None:
    assert not (StatusByte.ALWAYS | StatusByte.GREEN).is_doubtful
    assert not (StatusByte.ALWAYS | StatusByte.YELLOW).is_doubtful
    assert (StatusByte.ALWAYS | StatusByte.RED).is_doubtful
