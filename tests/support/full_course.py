"""One simulated patient with everything that a monitor shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from simulators.scenarios.scenario_file import parse_scenario

if TYPE_CHECKING:
    from simulators.patients.patient import Patient

_COURSE: Final = """
title = "everything that a monitor shows"
expects = "what the subscriber has equals what the monitor sent"
lasts = "60 min"

[patient]
temperature = 36.8
site = "core"

[[cuff]]
from = "2 min"
every = "7 min"

[[illness]]
cause = "crs"
begins = "3 min"
rises_for = "20 min"
peak = 39.4
ends = "50 min"
falls_for = "12 min"
excess_heart_rate = 20

[illness.hypotension]
begins = "14 min"
rises_for = "18 min"
ends = "50 min"
falls_for = "10 min"
depth = 44

[illness.hypoxia]
begins = "15 min"
rises_for = "18 min"
ends = "48 min"
falls_for = "10 min"
depth = 11

[[episode]]
kind = "atrial_fibrillation"
from = "33 min"
to = "37 min"
size = 165

[[episode]]
kind = "sleep_bradycardia"
from = "30 min"
to = "80 min"
size = 48
"""
_FAULT: Final = """
[[fault]]
kind = "probe_off"
sensor = "{sensor}"
from = "{start} min"
to = "{end} min"
"""
_OFF: Final = (
    ("spo2", 8, 10),
    ("ecg", 12, 13),
    ("temperature", 18, 22),
    ("cuff", 28, 40),
    ("spo2", 50, 51),
)


def full_course(seed: int, minutes: float = 60.0) -> Patient:
    """Return an hour with fast and slow hearts, low oxygen and every sensor off for a while.

    Parameters
    ----------
    minutes
        Length of the course; everything in it takes its share.
    """
    faults = (_FAULT.format(sensor=sensor, start=start, end=end) for sensor, start, end in _OFF)
    text = re.sub(r"(\d+) min", lambda m: f"{float(m[1]) * minutes:g} s", _COURSE + "".join(faults))
    return parse_scenario(text, "full", seed).patient
