"""A simulated Nellcor oximeter prints the report that a recorded N-560 prints."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulators.monitors.nellcor_ascii import NellcorLimits, NellcorSettings, NellcorWriter
from simulators.monitors.push_device import PacedMonitor
from tests.support.listener import NO_PROBE, NORMAL, POWERED_AT, Listener, Patient
from tests.support.shared_data import shared_data

RECORDED = [
    "N-560    VERSION 1.61.00    CRC:XXXX  SpO2 Limit: 95-100%    PR Limit: 59-148BPM",
    "                                     ADULT 25SAT-S",
    "TIME                 %SpO2   BPM     PA     Status",
    "07-Jan-04 11:24:54   100     102      36    MO             AO",
]
RECORDED_CLOCK_S = -382_706_572.0  # from 2 s after power-on to the recorded line


def listen(
    settings: NellcorSettings | None = None, patient: Patient | None = None, seed: int = 1
) -> Listener:
    view, chosen = patient or Patient(), settings or NellcorSettings()
    return Listener(view, lambda on: PacedMonitor(NellcorWriter(chosen, seed), on))


def data_lines(listener: Listener, seconds: float) -> list[str]:
    return [line for line in listener.lines(seconds) if line[:2].isdigit()]


def test_header_and_line_are_those_of_a_recorded_oximeter() -> None:
    settings = NellcorSettings(
        crc="XXXX",
        limits=NellcorLimits(95, 100, 59, 148),
        alarm_sound="AO",
        motion_at_s=(0.0,),
        wall_offset_s=RECORDED_CLOCK_S,
    )
    moving = replace(NORMAL, spo2=100, pulse_rate=102, perfusion_index=1.8)
    listener = listen(settings, Patient({0.0: moving}))
    assert listener.lines(2) == RECORDED
    assert listener.sent[0].values == {"spo2": None, "pulse_rate@spo2": None}


def test_the_quoted_lines_are_those_of_the_recording() -> None:
    recorded = shared_data("captures/samples/nellcor_n560.txt").read_bytes()
    assert recorded == "".join(f"{line}\r\n" for line in RECORDED).encode()


def test_a_quiet_line_carries_no_code_and_its_values_hold() -> None:
    listener = listen()
    assert listener.lines(2)[-1] == "22-Feb-16 22:47:46    98      97      72"
    assert listener.sent[0].values == {"spo2": 98, "pulse_rate@spo2": 97}
    assert listener.sent[0].at == POWERED_AT.plus(2)
    assert listener.sent[0].wire == b"22-Feb-16 22:47:46    98      97      72\r\n"


def test_a_line_comes_every_two_seconds_however_the_clock_steps() -> None:
    big, small = listen(), listen()
    assert big.wait(120) == small.wait(120, step_s=0.5)
    assert len(big.sent) == 60
    assert big.sent == small.sent


def test_a_header_of_three_lines_comes_at_the_start_and_every_25_lines() -> None:
    lines = listen().lines(120)
    titles = [index for index, line in enumerate(lines) if line.startswith("N-560")]
    assert titles == [0, 28, 56]
    assert len(lines) == 60 + 9


def test_a_header_comes_when_the_limits_change_and_values_beyond_them_are_marked() -> None:
    settings = NellcorSettings(
        limits=NellcorLimits(90, 100, 40, 170),
        other_limits=NellcorLimits(99, 100, 40, 96),
        limit_changes_at_s=(5.0, 7.0),
    )
    listener = listen(settings)
    listener.wait(4)
    changed = listener.lines(2)
    assert len(changed) == 4
    assert "SpO2 Limit: 99-100%    PR Limit: 40-96BPM" in changed[0]
    assert changed[3] == "22-Feb-16 22:47:50    98*     97*     72          SL PH"
    assert listener.sent[-1].values == {"spo2": 98, "pulse_rate@spo2": 97}
    back = listener.lines(2)
    assert "SpO2 Limit: 90-100%    PR Limit: 40-170BPM" in back[0]
    assert "*" not in back[3]


@pytest.mark.parametrize(
    ("spo2", "pulse", "codes"), [(98, 171, ["PH"]), (98, 39, ["PL"]), (100, 97, ["SH"])]
)
def test_each_limit_has_its_code(spo2: int, pulse: int, codes: list[str]) -> None:
    settings = NellcorSettings(limits=NellcorLimits(90, 99, 40, 170))
    patient = Patient({0.0: replace(NORMAL, spo2=spo2, pulse_rate=pulse)})
    (line,) = data_lines(listen(settings, patient), 2)
    assert line[40:].split() == codes
    assert line.count("*") == 1


def test_several_codes_stand_in_one_line() -> None:
    settings = NellcorSettings(
        alarm_sound="AS", low_battery=True, motion_at_s=(1.0,), limits=NellcorLimits(99)
    )
    (line,) = data_lines(listen(settings), 2)
    assert line[40:].split() == ["MO", "SL", "LB", "AS"]


def test_motion_lasts_as_long_as_set_and_its_values_are_not_vouched_for() -> None:
    listener = listen(NellcorSettings(motion_at_s=(4.0, 12.0), motion_for_s=4.0))
    marks = ["MO" in line for line in data_lines(listener, 16)]
    assert marks == [False, True, True, False, False, True, True, False]
    assert [sent.values["spo2"] is None for sent in listener.sent] == marks


@pytest.mark.parametrize(("disconnected", "code"), [(False, "SO"), (True, "SD")])
def test_a_sensor_off_shows_dashes_then_a_search_then_numbers(
    disconnected: bool,  # noqa: FBT001 - a parameter of the test, never passed by hand
    code: str,
) -> None:
    settings = NellcorSettings(search_s=4.0, sensor_disconnected_when_off=disconnected)
    listener = listen(settings, Patient({0.0: NORMAL, 3.0: NO_PROBE, 5.0: NORMAL}))
    lines = data_lines(listener, 8)
    assert lines[1] == f"22-Feb-16 22:47:48   ---     ---     ---       {code}"
    assert lines[2] == "22-Feb-16 22:47:50   ---     ---     ---       PS"
    assert lines[3] == "22-Feb-16 22:47:52    98      97      72"
    assert [sent.values["spo2"] for sent in listener.sent] == [98, None, None, 98]


def test_numbers_shown_during_a_search_are_not_vouched_for() -> None:
    patient = Patient({0.0: NO_PROBE, 3.0: NORMAL})
    listener = listen(NellcorSettings(numbers_while_searching=True), patient)
    assert data_lines(listener, 4)[1] == "22-Feb-16 22:47:48    98      97      72       PS"
    assert listener.sent[1].values == {"spo2": None, "pulse_rate@spo2": None}


@pytest.mark.parametrize(("motions", "code"), [((), "LP"), ((0.0,), "LM")])
def test_loss_of_pulse_shows_dashes_and_says_whether_there_was_motion(
    motions: tuple[float, ...], code: str
) -> None:
    patient = Patient({0.0: replace(NORMAL, pulse_rate=0)})
    (line,) = data_lines(listen(NellcorSettings(motion_at_s=motions), patient), 2)
    assert line == f"22-Feb-16 22:47:46   ---     ---     ---       {code}"


def test_on_battery_nothing_is_printed_and_afterwards_a_header_comes_first() -> None:
    listener = listen(NellcorSettings(silent_from_s=4.0, silent_to_s=60.0))
    assert len(listener.lines(3)) == 4
    assert listener.wait(56) == b""
    assert listener.lines(2)[0].startswith("N-560")
    assert len(listener.sent) == 2


def test_pulse_amplitude_keeps_to_its_column() -> None:
    patient = Patient({0.0: replace(NORMAL, perfusion_index=19.0)})
    assert data_lines(listen(patient=patient), 2)[0].endswith("97     254")


def test_seeds_draw_different_verification_numbers() -> None:
    assert len({listen(seed=seed).lines(2)[0] for seed in range(20)}) == 20


def test_bytes_from_the_host_change_nothing() -> None:
    listener = listen()
    listener.monitor.receive(b"\x03\x03", listener.now.plus(0.5))
    assert len(data_lines(listener, 2)) == 1
