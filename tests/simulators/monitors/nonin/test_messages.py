"""A simulated Nonin oximeter sends format 8 and lines of text, and obeys its host."""

from __future__ import annotations

import pytest

from simulators.monitors.nonin.monitor import NoninMonitor, NoninSettings
from tests.support.listener import NO_PROBE, Listener, Patient, vital_signs

NONE = {"spo2": None, "pulse_rate@spo2": None}
TRUTH = {"spo2": 98, "pulse_rate@spo2": 97}
SET_DF8 = bytes.fromhex("02 70 02 02 08 03")
SET_DF7 = bytes.fromhex("02 70 04 02 07 00 00 03")


def listen(settings: NoninSettings, patient: Patient | None = None) -> Listener:
    view = patient or Patient()
    return Listener(view, lambda on: NoninMonitor(on, settings, 1))


def sync_places(heard: bytes) -> list[int]:
    """Return the numbers of the frames of format 7 that begin a packet."""
    return [at // 5 for at in range(0, len(heard), 5) if heard[at] & 0x01]


@pytest.mark.parametrize(
    ("patient", "message", "truth"),
    [
        (vital_signs(), "80 61 62 00", TRUTH),
        (vital_signs(pulse_rate=300), "82 2C 62 00", {"spo2": 98, "pulse_rate@spo2": 300}),
        (vital_signs(perfusion_index=0.5), "88 61 62 00", TRUTH),
        (vital_signs(perfusion_index=0.2), "90 61 62 00", NONE),
        (Patient({0.0: NO_PROBE}), "E3 7F 7F 08", NONE),
        (vital_signs(pulse_rate=0), "A3 7F 7F 00", NONE),
    ],
)
def test_format_8_packs_a_second_into_four_bytes(
    patient: Patient, message: str, truth: dict[str, float | None]
) -> None:
    listener = listen(NoninSettings(format="df8"), patient)
    assert listener.wait(1) == bytes.fromhex(message)
    assert listener.sent[0].values == truth


def test_format_8_marks_motion_and_a_low_battery() -> None:
    settings = NoninSettings(format="df8", artifact_at_s=(1.5,), low_battery=True)
    listener = listen(settings)
    expected = "80616201 84616201 84616201 A4616201"
    assert listener.wait(4) == bytes.fromhex(expected)
    assert [sent.values for sent in listener.sent] == [TRUTH, NONE, NONE, NONE]


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (NoninSettings(format="ascii"), "SPO2=098 HR=097"),
        (NoninSettings(format="ascii", ascii_has_clock=True), "22:47:45 SPO2=098 HR=097"),
        (NoninSettings(format="ascii", ascii_flag="F"), "SPO2=098 HR=097 F"),
        (NoninSettings(format="ascii", event_marks_at_s=(0.5,)), "SPO2=098 HR=097*"),
    ],
)
def test_a_line_of_text_is_that_of_the_manuals(settings: NoninSettings, line: str) -> None:
    listener = listen(settings)
    assert listener.lines(1) == [line]
    assert listener.sent[0].values == TRUTH


def test_a_line_of_text_without_signal_shows_dashes() -> None:
    listener = listen(NoninSettings(format="ascii"), Patient({0.0: NO_PROBE}))
    assert listener.lines(2) == ["SPO2=--- HR=---"] * 2
    assert [sent.values for sent in listener.sent] == [NONE, NONE]


def test_an_accepted_format_command_is_acknowledged_and_obeyed_at_once() -> None:
    listener = listen(NoninSettings())
    assert len(listener.wait(0.5)) == 37 * 5
    listener.monitor.receive(SET_DF7, listener.now)
    heard = listener.wait(1)
    assert heard[:1] == b"\x06"
    assert len(heard) == 1 + 375
    assert sync_places(heard[1:]) == [0, 25, 50]
    listener.monitor.receive(SET_DF8, listener.now)
    assert listener.wait(2) == b"\x06" + bytes.fromhex("80616200 80616200")


@pytest.mark.parametrize(
    "command", ["02 70 02 02 09 03", "02 70 02 01 07 03", "02 72 02 02 07 03", "02 70 00 03"]
)
def test_a_command_that_is_not_understood_is_refused_and_changes_nothing(command: str) -> None:
    listener = listen(NoninSettings(format="df8"))
    listener.monitor.receive(bytes.fromhex(command), listener.now)
    assert listener.wait(1) == b"\x15" + bytes.fromhex("80616200")


def test_noise_around_a_command_and_a_split_of_it_do_no_harm() -> None:
    listener = listen(NoninSettings(format="df8"))
    noise = bytes.fromhex("FF 02 70 FF 02 70 02 55 55 55 02")
    for byte in noise + SET_DF7:
        listener.monitor.receive(bytes((byte,)), listener.now)
    assert listener.wait(1 / 75)[:1] == b"\x06"
    assert listener.monitor.bytes_to_send() == b""


def test_a_device_of_lines_takes_no_commands() -> None:
    listener = listen(NoninSettings(format="ascii"))
    listener.monitor.receive(SET_DF8, listener.now)
    assert listener.lines(1) == ["SPO2=098 HR=097"]
