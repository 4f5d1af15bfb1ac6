"""An alert for a lost signal names what arrived instead, in the sender's own words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.registry import all_drivers, driver
from edge_agent.model.alerts import AlertState
from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.facts import Note, NoteKind
from edge_agent.model.measurements import GenerationMode, Readings
from edge_agent.model.session_events import FrameRejected, NumericsReceived, SessionEvent
from edge_agent.ward.bed_words import RECENT_S, UnusedReadings, silent_notes
from edge_agent.ward.monitor import Monitor
from simulators.monitors.device import PowerOn
from simulators.monitors.ge_dri.monitor import GeDriMonitor
from simulators.monitors.ge_dri.settings import GeDriSettings
from simulators.monitors.intellivue.monitor import IntellivueMonitor, IntellivueSettings
from simulators.patients.vitals import TrueVitals
from tests.support.pipelines import BED, PLACE, START, alerts_of, message, pipeline
from tests.support.said import said_of

if TYPE_CHECKING:
    from edge_agent.model.alerts import Alert
    from edge_agent.ward.beds import Outcome
    from edge_agent.ward.pipeline import Pipeline
    from simulators.monitors.device import MonitorDevice

SPO2 = frozenset({"spo2"})
DEAD = TrueVitals(0, 0, 97, 2.0, 14, 36.8, "core", None)
ILL = TrueVitals(150, 150, 77, 2.0, 30, 39.4, "core", None)


def lost(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    told = [alert for alert in alerts_of(outcomes) if alert.state is AlertState.RAISED]
    return [(alert.rule_id, said_of(alert)) for alert in told]


def play(line: Pipeline, *events: SessionEvent, seconds: range = range(0, 290, 5)) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for second in seconds:
        at = START.plus(second)
        outcomes += line.receive(PLACE, [message(second, hr=80), *events], at)
    return outcomes


def test_a_lost_signal_names_why_what_came_of_it_is_not_used() -> None:
    wrong = message(0, spo2=97)
    (numeric,) = wrong.numerics
    for changed, words in (
        ({"mode": GenerationMode.DEMO}, "Not used: monitor in demo mode."),
        ({"mode": GenerationMode.TEST}, "Not used: monitor in test mode."),
        ({"unit_code": 0, "unit": "xyz"}, "Not used: code 150456 wants %, got unit 0 xyz."),
    ):
        line = pipeline(SPO2)
        outcomes: list[Outcome] = []
        for second in range(0, 290, 5):
            said = replace(numeric, received_at=START.plus(second), **changed)
            event = replace(wrong, numerics=(said,), at=START.plus(second))
            outcomes += line.receive(PLACE, [event], event.at)
        assert lost(outcomes) == [("signal.lost.spo2", words)]


def test_a_lost_signal_names_what_was_not_understood_newest_first() -> None:
    line = pipeline(SPO2)
    reasons = ("not understood: 150456 SpO2 in 'xyz'", "fcs", "\x00 a third", "a fourth")
    for second, reason in enumerate(reasons):
        line.receive(PLACE, [FrameRejected(reason, b"")], START.plus(second))
    assert lost(play(line)) == [
        ("signal.lost.spo2", "Not understood: a fourth; a third; fcs; and 1 more.")
    ]
    known = pipeline(SPO2)
    known.receive(PLACE, [FrameRejected(reasons[0], b"")], START)
    assert lost(play(known)) == [("signal.lost.spo2", "Not understood: 150456 SpO2 in 'xyz'.")]


def test_what_came_long_ago_does_not_explain_a_loss() -> None:
    unused, line = UnusedReadings(), pipeline(SPO2)
    outcomes = play(line, seconds=range(1))
    (readings,) = [o for o in outcomes if isinstance(o, Readings)]
    (vital,) = readings.vitals
    unused.note([replace(vital, mode=GenerationMode.DEMO, reason="demo")])
    assert unused.reasons("heart_rate", START.plus(RECENT_S)) == ["demo"]
    assert unused.reasons("heart_rate", START.plus(RECENT_S + 1)) == []
    assert unused.reasons("spo2", START) == []
    unused.note([replace(vital, mode=GenerationMode.DEMO, reason="newer")])
    assert unused.reasons("heart_rate", START) == ["newer"]
    unused.note([vital])
    assert unused.reasons("heart_rate", START) == []
    line.receive(PLACE, [FrameRejected("fcs", b"")], START.plus(1))
    for second in range(5, 400, 5):
        line.receive(PLACE, [message(second, hr=80, spo2=97)], START.plus(second))
    assert lost(play(line, seconds=range(400, 690, 5))) == [("signal.lost.spo2", "")]


def test_a_monitor_that_sends_nothing_that_is_judged_is_said_to_answer() -> None:
    line = pipeline(SPO2)
    event = message(0, spo2=97)
    other = replace(event.numerics[0], code=7, label="ST-II", unit="mm")
    everyone = DevicePlace("", "mllp://0.0.0.0:1")
    outcomes = line.receive(everyone, [FrameRejected("no bed has the origin 'X'", b"")], START)
    for second in range(0, 60, 5):
        at = START.plus(second)
        outcomes += line.receive(PLACE, [NumericsReceived((other,), event.device_now, at)], at)
    assert lost(outcomes) == [
        (
            "system.feed",
            "The monitor answers but sends no vital sign that is evaluated: ST-II (code 7, mm). "
            "Not understood: no bed has the origin 'X'.",
        )
    ]


def test_what_is_nobodys_is_counted_whenever_it_comes() -> None:
    line = pipeline(SPO2)
    everyone = DevicePlace("", "mllp://0.0.0.0:1")
    for second in (0, 1, 60, 600):
        refused = FrameRejected("no bed has the origin 'X'", b"")
        assert alerts_of(line.receive(everyone, [refused], START.plus(second))) == []
    (counted,) = [device for device in line.device_status() if not device.bed_id]
    assert [(r.reason, r.times) for r in counted.rejections] == [("no bed has the origin 'X'", 4)]


def test_a_monitor_that_was_heard_long_ago_is_not_said_to_answer() -> None:
    monitor = Monitor()
    event = message(0, spo2=97)
    other = replace(event.numerics[0], code=7, label="ST-II", unit="mm")
    monitor.note_numerics(NumericsReceived((other,), event.device_now, START))
    names = ("ST-II (code 7, mm)",)
    assert silent_notes([monitor], [], START.plus(30)) == [Note(NoteKind.NO_VITAL, names)]
    assert silent_notes([monitor], [], START.plus(31)) == []


def test_reasons_that_are_not_named_are_counted() -> None:
    monitor = Monitor()
    for n in range(5):
        monitor.note_rejection(FrameRejected(f"not understood: code {n}", b""), START.plus(n))
    said = ("code 4", "code 3", "code 2", "and 2 more")
    assert silent_notes([monitor], [], START.plus(5)) == [Note(NoteKind.NOT_UNDERSTOOD, said)]


def test_a_bed_of_which_nothing_at_all_came_says_no_more_than_that() -> None:
    line = pipeline(SPO2)
    assert lost(line.tick(START.plus(60))) == [("system.feed", "")]


def dialogue(name: str, monitor: MonitorDevice, line: Pipeline, seconds: int) -> list[Outcome]:
    """Let a driver's session talk with a simulated monitor."""
    session = driver(name).open_session(SessionOptions(device_id=BED))
    outcomes: list[Outcome] = []
    for tick in range(seconds * 5):
        at = START.plus(tick / 5)
        monitor.receive(session.bytes_to_send(), at)
        monitor.tick(at)
        events = [*session.receive(monitor.bytes_to_send(), at), *session.tick(at)]
        outcomes += line.receive(PLACE, events, at)
    return outcomes


def reds(outcomes: list[Outcome]) -> list[Alert]:
    return [alert for alert in alerts_of(outcomes) if alert.rule_id == "monitor.alarm"]


def test_the_red_alarm_of_a_simulated_monitor_reaches_the_nurse() -> None:
    intellivue = IntellivueMonitor(PowerOn(lambda _at: DEAD, START), IntellivueSettings(), 1)
    (told,) = reds(dialogue("philips_intellivue", intellivue, pipeline(), 20))
    assert told.state is AlertState.RAISED
    assert "ASYSTOLE" in said_of(told)
    ge = GeDriMonitor(PowerOn(lambda _at: DEAD, START), GeDriSettings(), 1)
    told, *_ = reds(dialogue("ge_dri", ge, pipeline(), 20))
    assert "asystole" in said_of(told).lower()


WITHOUT_MARK = {"ge_dri", "masimo_ascii", "nellcor_ascii", "nonin"}
"""Drivers whose protocol, as far as it is published, has no mark for a demonstration or a test."""
MARKED = {
    "philips_intellivue": "bits of the measurement's state, below",
    "hl7_oru": "OBX-8 and MSH-11, below",
    "ascii_line": "a status word, tests/drivers/ascii_line",
}


def test_of_every_driver_it_is_known_how_a_demonstration_is_marked() -> None:
    assert all_drivers().keys() == MARKED.keys() | WITHOUT_MARK


@pytest.mark.parametrize("place", ["MSH-11", "OBX-8"])
def test_a_demonstration_over_hl7_raises_nothing_but_lost_signals(place: str) -> None:
    mark, trial = ("DEMO", "P") if place == "OBX-8" else ("", "D")
    session = driver("hl7_oru").open_session(SessionOptions(device_id=BED))
    line = pipeline(frozenset({"heart_rate", "spo2"}))
    outcomes: list[Outcome] = []
    for second in range(0, 300, 5):
        rows = (
            f"MSH|^~\\&|maker|W^^1|||20270115080000||ORU^R01|1|{trial}|2.6",
            "PV1||I|W^^1",
            "OBR|1",
            f"OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1|77|262688^MDC_DIM_PERCENT^MDC||{mark}|||F",
            f"OBX|2|NM|147842^MDC_ECG_HEART_RATE^MDC|1|150|264864^MDC_DIM_BEAT_PER_MIN^MDC||{mark}|||F",
        )
        at = START.plus(second)
        events = session.receive(b"\x0b" + "\r".join(rows).encode() + b"\r\x1c\r", at)
        outcomes += line.receive(PLACE, events, at)
    assert {alert.kind.value for alert in alerts_of(outcomes)} == {"technical"}
    words = dict(lost(outcomes))["signal.lost.spo2"]
    assert words in {"Not used: monitor in demo mode.", "Not used: monitor in test mode."}


def test_nothing_of_a_demonstration_is_ever_judged() -> None:
    monitor = IntellivueMonitor(
        PowerOn(lambda _at: ILL, START), IntellivueSettings(is_demo=True), 1
    )
    line = pipeline(frozenset({"heart_rate", "spo2"}))
    outcomes = dialogue("philips_intellivue", monitor, line, 300)
    assert {alert.kind.value for alert in alerts_of(outcomes)} == {"technical"}
    told = dict(lost(outcomes))
    assert told["signal.lost.heart_rate"] == "Not used: monitor in demo mode."
    assert told["signal.lost.spo2"] == "Not used: monitor in demo mode."
