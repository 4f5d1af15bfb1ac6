"""Training messages, and alarm limits of observations."""

from __future__ import annotations

import pytest

from edge_agent.drivers.hl7_oru import codes
from edge_agent.model.measurements import GenerationMode
from edge_agent.model.session_events import AlarmLimits, AlarmLimitsChanged
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.sender import (
    BPM,
    HR,
    PERCENT,
    SPO2,
    START,
    numerics,
    obx,
    read,
    results,
)


@pytest.mark.parametrize(
    ("rest", "mode"),
    [
        ("1|P|2.6", GenerationMode.REAL),
        ("1||2.6", GenerationMode.REAL),
        ("1|T|2.6", GenerationMode.TEST),
        ("1|D|2.6", GenerationMode.TEST),
    ],
)
def test_values_of_a_training_message_are_not_real(rest: str, mode: GenerationMode) -> None:
    frame = sender.frame(sender.header(rest=rest), obx(HR, "66", BPM))
    assert [n.mode for n in numerics(read(frame))] == [mode]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("90-160", 90, 160),
        ("36.0-38.5", 36, 38.5),
        ("-2.0--1.5", -2, -1.5),
        (">98", 98, None),
        ("<=200", None, 200),
    ],
)
def test_alarm_limits_are_read(text: str, low: float | None, high: float | None) -> None:
    events = read(results(obx(HR, "66", BPM, limits=text)))
    (changed,) = [e for e in events if isinstance(e, AlarmLimitsChanged)]
    assert changed.limits == (AlarmLimits(147842, "/min", low, high),)
    assert changed.origin == "ICU^^5"


@pytest.mark.parametrize("text", ["", "3600^3900", "normal", "90-", "-"])
def test_what_is_no_limit_is_not_made_one(text: str) -> None:
    events = read(results(obx(HR, "66", BPM, limits=text)))
    assert not [e for e in events if isinstance(e, AlarmLimitsChanged)]


def test_limits_are_told_when_they_change_and_then_in_full() -> None:
    session = sender.session()
    heart, oxygen = obx(HR, "66", BPM, limits="50-120"), obx(SPO2, "97", PERCENT, limits="90-100")
    told = [
        len(event.limits)
        for data in (
            results(heart),
            results(heart),
            results(oxygen),
            results(heart, location="ICU^^6"),
            results(obx(HR, "66", BPM, limits="50-130")),
        )
        for event in session.receive(data, START)
        if isinstance(event, AlarmLimitsChanged)
    ]
    assert told == [1, 2, 1, 2]


@pytest.mark.untraced
def test_codes_without_end_are_not_all_remembered() -> None:
    session = sender.session()
    for n in range(5000):
        row = obx(f"{150000 + n}^X^MDC", "1", BPM, limits="0-9")
        session.receive(results(row), START)
    assert len(session._reader._dictionary._codes) <= 4096
    assert len(session._known.at("ICU^^5")._limits) == 256


def test_a_full_memory_of_codes_begins_anew() -> None:
    known = dict.fromkeys(range(codes._MOST_CACHED - 1), 0)
    codes._remember(known, -1, 1)
    assert len(known) == codes._MOST_CACHED
    codes._remember(known, -2, 2)
    assert known == {-2: 2}
