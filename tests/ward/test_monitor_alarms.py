"""Red alarms of a monitor itself: their choice and their words."""

from __future__ import annotations

import pytest

from edge_agent.drivers.ge_dri.alarms import signalled
from edge_agent.model.bed_events import BedState
from edge_agent.model.session_events import DeviceAlarm
from edge_agent.ward.monitor_alarms import MOST_WORDS, limited, names_alarm, one_line, red_words

EVENT = 3 << 16
PATIENT, FAULT = BedState.MONITOR_ALARM, BedState.MONITOR_FAULT


def alarm(
    text: str = "VTACH",
    priority: str = "high",
    *,
    is_technical: bool | None = False,
    event_code: int = 0,
    is_usable: bool = True,
) -> DeviceAlarm:
    return DeviceAlarm(0, event_code, priority, is_technical, 0, "", text, is_usable)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (alarm(), {PATIENT: ('"VTACH"',)}),
        (alarm(is_technical=None), {PATIENT: ('"VTACH"',)}),
        (alarm(is_technical=True), {FAULT: ('"VTACH"',)}),
        (alarm(priority="medium"), {}),
        (alarm(priority="low"), {}),
        (alarm(priority=""), {}),
        (alarm(is_usable=False), {}),
        (alarm("*** VTACH", ""), {PATIENT: ('"*** VTACH"',)}),
        (alarm("** HR HIGH", ""), {}),
        (alarm("!!! CUFF OVERPRESS", "", is_technical=None), {FAULT: ('"!!! CUFF OVERPRESS"',)}),
        (alarm("*** as it calls it", "medium"), {}),
        (alarm("", "", event_code=EVENT + 3076), {PATIENT: ('"asystole"',)}),
        (alarm("Asistolia", "", event_code=EVENT + 3076), {PATIENT: ('"Asistolia"',)}),
        (
            alarm("", "", event_code=(1024 << 16) + 0x402),
            {PATIENT: ('"rapid ventricular tachycardia"',)},
        ),
        (alarm("", "", event_code=EVENT + 62), {}),
        (
            alarm("\0\t", event_code=EVENT + 62),
            {PATIENT: ("an alarm without a text (code 196670)",)},
        ),
    ],
)
def test_an_alarm_is_red_where_the_device_says_so_or_its_event_is_the_gravest(
    given: DeviceAlarm, expected: dict[BedState, tuple[str, ...]]
) -> None:
    assert red_words([given]) == expected


def test_each_alarm_is_named_once_and_what_is_not_named_is_counted() -> None:
    assert red_words([alarm("ASYSTOLE"), alarm("", "", event_code=EVENT + 3076)]) == {
        PATIENT: ('"ASYSTOLE"',)
    }
    (words,) = red_words([alarm(f"ALARM {'x' * n}") for n in range(MOST_WORDS + 1)]).values()
    assert len(words) == MOST_WORDS + 1
    assert limited(words, MOST_WORDS) == (*words[:MOST_WORDS], "and 1 more")
    assert limited(words, MOST_WORDS + 1) == words


@pytest.mark.parametrize(
    ("bit", "words"),
    [
        (0, '"asystole"'),
        (1, '"ventricular fibrillation"'),
        (2, '"rapid ventricular tachycardia"'),
        (3, '"ventricular tachycardia"'),
        (4, '"extreme bradycardia"'),
        (5, '"extreme tachycardia"'),
        (32, '"apnea (co2)"'),
    ],
)
def test_the_gravest_bits_of_a_ge_monitor_are_red_without_a_text(bit: int, words: str) -> None:
    (found,) = red_words(signalled(1 << bit)).values()
    assert [said.lower() for said in found] == [words]


def test_other_bits_of_a_ge_monitor_are_not_red() -> None:
    others = sum(1 << bit for bit in range(6, 32))
    assert red_words(signalled(others)) == {}


def test_what_cannot_be_shown_is_left_out_of_a_text() -> None:
    assert one_line("\ue40d\ue40d SpO\u2082   LOW \x1b[31m\u202e\r\n\0") == "SpO\u2082 LOW [31m"
    assert one_line("a b " * 100) == ("a b " * 20).rstrip()
    assert one_line("") == ""


@pytest.mark.parametrize(
    ("words", "sentence", "expected"),
    [
        ('"BRADY 48 < 50"', 'The monitor shows "BRADY 46.5 < 50".', True),
        ('"VTACH"', 'The monitor shows "NON-SUSTAINED VTACH".', False),
        ('"VTACH"', "", False),
        ('"P2 LOW 40 < 50"', 'The monitor shows "P1 LOW 40 < 50".', False),
        ("an alarm (code 72)", "The monitor shows an alarm (code 71).", False),
        ('"HR 7.5"', 'The monitor shows "HR 12.25".', True),
    ],
)
def test_another_measured_number_in_its_text_makes_no_new_alarm(
    words: str, sentence: str, *, expected: bool
) -> None:
    assert names_alarm(words, sentence) == expected
