"""A simulated Masimo oximeter prints what recorded ones print, oddities included."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from simulators.monitors.masimo_ascii import MasimoSettings, MasimoWriter
from simulators.monitors.push_device import OUT_LIMIT, PacedMonitor
from tests.support.listener import NO_PROBE, NORMAL, POWERED_AT, Listener, Patient
from tests.support.shared_data import shared_data

RAD_8 = (
    "02/22/16 22:47:45 SN=0000056661 SPO2=098% BPM=097 PI=03.60% SPCO=--.-% SPMET=--.-% DESAT=-- "
    "PIDELTA=+-- ALARM=0000 EXC=000800"
)
RAD_8_SHORT = (
    "03/19/16 13:37:12 SN=0000093112 SPO2=---% BPM=---% DESAT=-- PIDELTA=+-- ALARM=0000 EXC=000001"
)
RADICAL_7 = (
    "03/17/16 19:19:36 SN=---------- SPO2=098% BPM=123 PI=00.55 SPCO=--% SPMET=--.-% SPHB=--.- "
    "SPOC=-- RESVD=--- DESAT=-- PIDELTA=+-- PVI=--- ALARM=000000 EXC=0000C00 EXC1=00000000"
)
SHORT_CLOCK_S = 2_213_367.0  # from the first recorded line to the second
RADICAL_7_CLOCK_S = 2_061_111.0


def listen(
    settings: MasimoSettings | None = None, patient: Patient | None = None, seed: int = 1
) -> Listener:
    view, chosen = patient or Patient(), settings or MasimoSettings()
    return Listener(view, lambda on: PacedMonitor(MasimoWriter(chosen, seed), on))


def exc(line: str) -> int:
    found = re.search(r"EXC=([0-9A-F]+)", line)
    assert found
    return int(found[1], 16)


def test_a_rad_8_line_is_that_of_a_recorded_one() -> None:
    assert listen(MasimoSettings(serial=56661)).lines(1) == [RAD_8]


def test_a_short_line_without_sensor_is_that_of_a_recorded_one() -> None:
    settings = MasimoSettings(
        "rad87", serial=93112, no_sensor_when_off=True, wall_offset_s=SHORT_CLOCK_S
    )
    assert listen(settings, Patient({0.0: NO_PROBE})).lines(1) == [RAD_8_SHORT]


def test_a_radical_7_line_is_that_of_a_recorded_one() -> None:
    settings = MasimoSettings("radical7", wall_offset_s=RADICAL_7_CLOCK_S, pulse_limits=(50, 130))
    weak = replace(NORMAL, pulse_rate=123, perfusion_index=0.55)
    assert listen(settings, Patient({0.0: weak})).lines(1) == [RADICAL_7]


def test_the_quoted_lines_are_those_of_the_recording() -> None:
    recorded = shared_data("captures/samples/masimo_ascii1.txt").read_text(encoding="ascii")
    assert recorded.splitlines() == [RAD_8, RAD_8_SHORT, RADICAL_7]


@pytest.mark.parametrize("end", [b"\n\r", b"\r\n", b"\n"])
def test_every_line_ends_as_set(end: bytes) -> None:
    heard = listen(MasimoSettings(line_end=end)).wait(3)
    assert heard.count(end) == 3
    assert heard.endswith(end)
    assert len(re.sub(rb"[\r\n]", b"", heard)) == len(heard) - 3 * len(end)


def test_a_line_comes_each_second_however_the_clock_steps() -> None:
    big, small = listen(), listen()
    assert big.wait(120) == small.wait(120, step_s=0.25)
    assert len(big.sent) == 120
    assert big.sent == small.sent


def test_each_line_of_a_catch_up_shows_the_patient_of_its_own_second() -> None:
    courses = {float(second): replace(NORMAL, spo2=80 + second) for second in range(11)}
    listener = listen(patient=Patient(courses))
    listener.wait(10)
    assert [sent.values["spo2"] for sent in listener.sent] == list(range(81, 91))
    assert [sent.at.seconds_since(POWERED_AT) for sent in listener.sent] == list(range(1, 11))


def test_the_witness_hears_each_line_with_its_bytes_and_the_truth() -> None:
    listener = listen()
    heard = listener.wait(2)
    assert b"".join(sent.wire for sent in listener.sent) == heard
    truth = {"spo2": 98, "pulse_rate@spo2": 97, "perfusion_index": 3.6}
    assert [sent.values for sent in listener.sent] == [truth, truth]


def test_a_sensor_off_shows_dashes_then_a_search_then_numbers() -> None:
    patient = Patient({0.0: NORMAL, 3.0: NO_PROBE, 5.0: NORMAL})
    listener = listen(MasimoSettings(search_s=4.0), patient)
    lines = listener.lines(9)
    searching = [0x808] * 3
    assert [exc(line) for line in lines] == [0x800, 0x800, 0x820, 0x820, *searching, 0x800, 0x800]
    assert all("SPO2=---% BPM=--- PI=--.--%" in line for line in lines[2:7])
    assert [sent.values["spo2"] for sent in listener.sent] == [98, 98, *[None] * 5, 98, 98]


def test_numbers_shown_during_a_search_are_not_vouched_for() -> None:
    patient = Patient({0.0: NO_PROBE, 2.0: NORMAL})
    listener = listen(MasimoSettings(numbers_while_searching=True), patient)
    line = listener.lines(2)[-1]
    assert "SPO2=098% BPM=097 PI=03.60%" in line
    assert exc(line) == 0x808
    assert set(listener.sent[-1].values.values()) == {None}


def test_zeros_instead_of_dashes_come_first_unmarked_and_are_no_values() -> None:
    patient = Patient({0.0: NORMAL, 2.0: NO_PROBE, 4.0: NORMAL})
    listener = listen(MasimoSettings(zeros_when_off=True), patient)
    lines = listener.lines(4)
    assert [exc(line) for line in lines] == [0x800, 0x800, 0x820, 0x828]
    assert all("SPO2=000% BPM=000 PI=00.00%" in line for line in lines[1:])
    assert [sent.values["pulse_rate@spo2"] for sent in listener.sent] == [97, None, None, None]


def test_no_pulse_shows_as_a_search_without_numbers() -> None:
    listener = listen(patient=Patient({0.0: replace(NORMAL, pulse_rate=0)}))
    (line,) = listener.lines(1)
    assert "SPO2=---% BPM=---" in line
    assert exc(line) == 0x808


@pytest.mark.parametrize(
    ("perfusion", "flags", "spo2"), [(0.6, 0x800, 98), (0.5, 0xC00, None), (0.3, 0xC04, None)]
)
def test_low_perfusion_is_flagged_and_its_values_are_not_vouched_for(
    perfusion: float, flags: int, spo2: int | None
) -> None:
    listener = listen(patient=Patient({0.0: replace(NORMAL, perfusion_index=perfusion)}))
    (line,) = listener.lines(1)
    assert exc(line) == flags
    assert f"PI={perfusion:05.2f}" in line
    assert listener.sent[0].values["spo2"] == spo2


@pytest.mark.parametrize(
    ("spo2", "pulse", "alarm"),
    [(98, 97, "0000"), (99, 97, "0011"), (89, 97, "0012"), (98, 121, "0014"), (85, 49, "001A")],
)
def test_alarm_bits_follow_the_limits(spo2: int, pulse: int, alarm: str) -> None:
    patient = Patient({0.0: replace(NORMAL, spo2=spo2, pulse_rate=pulse)})
    (line,) = listen(MasimoSettings(spo2_limits=(90, 98)), patient).lines(1)
    assert f" ALARM={alarm} " in line


def test_exceptions_are_as_wide_as_set() -> None:
    (line,) = listen(MasimoSettings(exc_width=3)).lines(1)
    assert line.endswith(" EXC=800")


def test_ascii_2_prints_a_trend_line_every_two_seconds_and_claims_nothing() -> None:
    patient = Patient({0.0: NORMAL, 5.0: NO_PROBE})
    listener = listen(MasimoSettings(ascii2_from_s=3.0, ascii2_to_s=8.0), patient)
    assert len(listener.lines(2)) == 2
    assert listener.lines(5) == [
        "02/22/16 22:47:48 SpO2=098 PR=097 PI=03.60 EXC=800:SET",
        "02/22/16 22:47:50 SpO2=000 PR=000 PI=00.00 EXC=820:OffPat,SET",
    ]
    assert len(listener.sent) == 2
    listener.wait(2)
    assert len(listener.sent) == 4


def test_a_cut_line_ends_before_its_flags_and_is_not_vouched_for() -> None:
    whole, cut = listen(), listen(MasimoSettings(cut_at_s=(1.5,)))
    full, short = whole.lines(3), cut.lines(3)
    assert [full[0], full[2]] == [short[0], short[2]]
    assert full[1].startswith(short[1])
    assert 0 < len(short[1]) < full[1].index("ALARM=")
    assert set(cut.sent[1].values.values()) == {None}
    assert [sent.wire for sent in cut.sent] == [sent.wire for sent in whole.sent]
    assert cut.sent[2].values["spo2"] == 98


def test_seeds_cut_at_different_places_and_draw_different_serials() -> None:
    settings = MasimoSettings(cut_at_s=(1.0,))
    assert len({listen(settings, seed=seed).lines(1)[0] for seed in range(20)}) > 10
    serials = {listen(seed=seed).lines(1)[0][18:31] for seed in range(20)}
    assert len(serials) == 20


def test_empty_lines_come_between_lines() -> None:
    lines = listen(MasimoSettings(empty_line_every=2)).lines(5)
    assert [bool(line) for line in lines] == [True, True, False, True, True, False, True]


def test_a_wrong_clock_shows_another_year_and_the_truth_keeps_the_right_time() -> None:
    listener = listen(MasimoSettings(wall_offset_s=-3 * 365 * 86400.0))
    (line,) = listener.lines(1)
    assert line.startswith("02/22/13 22:47:45 ")
    assert listener.sent[0].at == POWERED_AT.plus(1)


def test_what_nobody_fetches_is_bounded_and_stays_whole_lines() -> None:
    heard = listen().wait(3600)
    assert OUT_LIMIT - 200 < len(heard) <= OUT_LIMIT
    assert heard.startswith(b"02/22/16 23:")
    assert b"02/22/16 23:47:44 SN=" in heard


def test_bytes_from_the_host_change_nothing() -> None:
    listener = listen()
    listener.monitor.receive(b"\x03\x03?\r\n", listener.now.plus(0.5))
    assert len(listener.lines(1)) == 1
