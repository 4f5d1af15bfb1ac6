"""Agreement of drivers and simulated monitors, written apart, on everything a monitor shows.

`make proof-monitors` takes an hour of each, over a real line and broker.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.registry import BUILT_IN, driver
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import Readings
from edge_agent.model.session_events import NumericsReceived
from edge_agent.payloads.readings import decode_vitals_message, vitals_message
from edge_agent.vitals.normalise import Normaliser
from simulators.monitors.device import PowerOn
from tests.support.full_course import full_course
from tests.support.monitor_lines import CASES, Case
from tests.support.subscribed import NIBP, cuff_readings, explained, good_keys, values_of
from tests.support.witnessed import BED, Cable, Watched, watch

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.payloads.readings import VitalsWire
    from simulators.monitors.device import Sent

START: Final = Instant(5_000_000_000_000, 1_800_000_000_000_000_000)
STEP_S: Final = 0.25
MINUTES: Final = 30.0


def joined(case: Case, seed: int) -> Watched:
    """Return what became of a monitor's course, its session at the end of its cable."""
    sent: list[Sent] = []
    received: list[VitalsWire] = []
    cable = Cable(case.line.rates, seed)
    spec = driver(case.line.driver)
    monitor = case.build(PowerOn(full_course(seed, MINUTES).vitals_at, START, sent.append))
    session = spec.open_session(SessionOptions(BED, profile=case.line.profile))
    normaliser = Normaliser(BED)
    for step in range(round(MINUTES * 60 / STEP_S)):
        at = START.plus(step * STEP_S)
        monitor.tick(at)
        wire = cable.pass_on(monitor.bytes_to_send(), at)
        for event in [*session.receive(wire, at), *session.tick(at)]:
            if isinstance(event, NumericsReceived):
                vitals = normaliser.normalise(event)
                readings = Readings(BED, BED, at, event.numerics, vitals)
                message = vitals_message(readings, "gw", step, historical=False)
                received.append(decode_vitals_message(message))
        monitor.receive(session.bytes_to_send(), at)
    return Watched(sent, cable.carried(sent, spec.silence_s), received)


def check(watched: Watched) -> None:
    """Check that nothing was invented and nothing is missing that came whole."""
    assert any(watched.whole)
    assert explained(watched) == ""
    for key in NIBP:
        pairs = zip(watched.sent, watched.whole, strict=True)
        shown = cuff_readings([sent.values.get(key) for sent, is_whole in pairs if is_whole])
        got = [value for m in watched.received for value in values_of(m).get(key, [])]
        good = [v for m in watched.received if key in good_keys(m) for v in values_of(m)[key]]
        assert is_among(shown, cuff_readings(got))
        assert is_among(cuff_readings(good), shown)


def is_among(readings: list[float], others: list[float]) -> bool:
    """Return whether all readings come in the same order among the others."""
    rest = iter(others)
    return all(any(abs(reading - other) < 0.01 for other in rest) for reading in readings)


def test_every_built_in_driver_has_a_simulated_counterpart() -> None:
    names = {spec.name for spec in BUILT_IN}
    assert {case.line.driver for case in CASES.values()} == names


@pytest.mark.untraced
@pytest.mark.parametrize("name", CASES)
def test_what_is_read_is_what_was_sent(name: str) -> None:
    check(joined(CASES[name], seed=3))


@pytest.mark.untraced
@pytest.mark.pty
@pytest.mark.broker
@pytest.mark.parametrize(
    ("name", "minutes", "speed"),
    [
        ("ge_dri", 4, 60),
        ("hl7_oru mindray", 4, 60),
        ("masimo_ascii", 4, 60),
        # it sends 75 frames a second: a reader that has to wait for the machine looks like silence
        ("nonin df2", 1, 5),
    ],
)
def test_what_a_subscriber_has_is_what_was_sent(
    tmp_path: Path, name: str, minutes: float, speed: float
) -> None:
    """Minutes of it over a real line and broker; the proof takes an hour of each monitor."""
    case = CASES[name]
    check(watch(tmp_path, replace(case.line, minutes=minutes, speed=speed), case.build))
