"""The course of a ward of two beds over a restart: messages, entries and acknowledgements.

It builds on the model alone, so that an older program can run it, too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from edge_agent.model import answers
from edge_agent.model.alerts import Alert
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, GenerationMode, Numeric, Validity
from edge_agent.model.patient import BedEntry, EntryKind, PatientEntry
from edge_agent.model.session_events import NumericsReceived

if TYPE_CHECKING:
    from collections.abc import Iterator

BEDS: Final = ("bed-01", "bed-02")
ONE, TWO = BEDS
START: Final = Instant(1_000_000_000_000, (1_800_000_000 + 1200) * 10**9)
"""Twenty minutes past an hour: usual values are computed on the hour."""
EVERY_S: Final = 20
KILLED_S: Final = 60 * 60 + 5
"""Ward second at which the older program was killed; not the end of a step."""
OVER_S: Final = 92 * 60
CODES: Final = {
    "hr": (147842, 264864, "/min"),
    "rr": (151562, 264928, "/min"),
    "spo2": (150456, 262688, "%"),
    "pulse": (149530, 264864, "/min"),
    "temp": (150344, 268192, "Cel"),
    "systolic": (150021, 266016, "mm[Hg]"),
    "diastolic": (150022, 266016, "mm[Hg]"),
    "mean": (150023, 266016, "mm[Hg]"),
}
Course = tuple[tuple[float, float], ...]
"""Minutes and values, linear in between."""
COURSES: Final[dict[str, dict[str, Course]]] = {
    ONE: {
        "hr": ((0, 84), (5, 88), (25, 118), (60, 124), (80, 134)),
        "rr": ((0, 17), (10, 19), (35, 28), (96, 29)),
        "spo2": ((0, 97), (25, 96), (45, 92), (64, 91), (68, 86), (76, 86), (80, 94)),
        "temp": ((0, 37.4), (12, 38.2), (40, 38.7), (70, 39.3), (96, 38.9)),
        "systolic": ((0, 126), (60, 120), (62, 98), (72, 84), (88, 72)),
    },
    TWO: {
        "hr": ((0, 92), (6, 94), (7, 128), (12, 128), (13, 96), (78, 98), (82, 146)),
        "rr": ((0, 20), (96, 22)),
        "spo2": ((0, 97), (6, 97), (7, 84), (12, 84), (13, 97), (84, 97), (86, 83)),
        "temp": ((0, 36.6), (50, 37.0), (96, 37.8)),
        "systolic": ((0, 102), (96, 98)),
    },
}
OFF: Final = {(TWO, "temp"): (42.0, 75.0), (ONE, "rr"): (86.0, 92.0)}
"""Minutes while a sensor is off the patient."""
PATIENTS: Final = {ONE: "P1", TWO: "P2"}
CUFF_MIN: Final = {ONE: 15, TWO: 30}


def entry(at_min: float, bed: str, kind: str, name: str = "", **more: Any) -> BedEntry:  # noqa: ANN401 - any field
    """Return an entry made `at_min` minutes after the start, about a fact `ago_min` older."""
    entered_ns = START.plus(at_min * 60).utc_ns
    ago_min, lasts_min = more.pop("ago_min", 0.0), more.pop("lasts_min", None)
    at_ns = START.plus((at_min - ago_min) * 60).utc_ns
    until_ns = None if lasts_min is None else at_ns + round(lasts_min * 60e9)
    number = f"{bed}-{at_min:g}-{kind}-{name}"
    patient = PatientEntry(
        number,
        patient_id=PATIENTS[bed],
        kind=EntryKind(kind),
        at_utc_ns=at_ns,
        name=name,
        until_utc_ns=until_ns,
        by="N12",
        entered_utc_ns=entered_ns,
        **more,
    )
    return BedEntry(bed, patient)


ENTRIES: Final = (
    entry(1, ONE, "admitted", bed_id=ONE),
    entry(1, TWO, "admitted", bed_id=TWO),
    entry(2, ONE, "age", amount=64),
    entry(2, TWO, "age", amount=8),
    entry(3, ONE, "infusion", "axi-cel", ago_min=30 * 60),
    entry(3, TWO, "infusion", "tisa-cel", ago_min=5 * 24 * 60),
    entry(4, ONE, "baseline", "heart_rate", amount=92),
    entry(4, ONE, "baseline", "nibp_systolic", amount=122),
    entry(4, TWO, "weight", amount=27),
    entry(5, ONE, "flag", "neutropenia"),
    entry(6, ONE, "vasopressor", "none"),
    entry(10, ONE, "oxygen", "nasal cannula", amount=2, lasts_min=45),
    entry(12, ONE, "lab", "crp", amount=84, unit="mg/L", ago_min=40),
    entry(20, ONE, "spot", "nibp_systolic", amount=112),
    entry(20, ONE, "spot", "nibp_mean", amount=82),
    entry(20, ONE, "spot", "nibp_diastolic", amount=67),
    entry(25, TWO, "spot", "temperature", amount=37.1, site="tympanic"),
    entry(36, ONE, "antipyretic", "paracetamol", amount=1000, unit="mg"),
    entry(37, ONE, "consciousness", "A"),
    entry(38, ONE, "ice", amount=9),
    entry(39, ONE, "symptom", "chills"),
    entry(44, ONE, "transfusion", "platelets"),
    entry(47, ONE, "spot", "temperature", amount=39.0),
    entry(48, ONE, "procedure", "pain", lasts_min=10),
    entry(49, TWO, "cooling"),
    entry(50, ONE, "fluids", amount=0.5),
    entry(59, TWO, "oxygen", "air"),
    entry(64, ONE, "oxygen", "face mask", amount=8, lasts_min=20),
    entry(66, TWO, "spot", "temperature", amount=37.4),
    entry(78, ONE, "vasopressor", "norepinephrine"),
    entry(79, ONE, "transfusion", "none"),
    entry(81, ONE, "spot", "nibp_systolic", amount=80),
    entry(81, ONE, "spot", "nibp_mean", amount=58),
    entry(85, ONE, "tocilizumab"),
    entry(86, ONE, "steroid", "dexamethasone", amount=10, unit="mg"),
    entry(87, ONE, "ice", amount=6),
    entry(90, TWO, "oxygen", "nasal cannula", amount=1),
)
"""Entries of both beds, in their order, before and after the restart."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A nurse's acknowledgement of the open alert of a rule."""

    at_s: float
    bed_id: str
    rule_id: str

    def to(self, alerts: list[Alert]) -> answers.Answer:
        """Return the acknowledgement of the alert among those in force."""
        (alert,) = (a for a in alerts if (a.bed_id, a.rule_id) == (self.bed_id, self.rule_id))
        seen = (answers.SeenAlert(alert.alert_id),)
        return answers.Answer(self.bed_id, answers.AnswerKind.ACKNOWLEDGE, "N12", seen)


ANSWERS: Final = (
    Answer(30 * 60 + 3, ONE, "crs.organ_sign"),
    Answer(63 * 60 + 3, TWO, "vital.severe_hypoxia"),
    Answer(79 * 60 + 3, ONE, "vital.shock"),
)


def value_at(course: Course, minute: float) -> float:
    """Return the value of a course, held after its last point."""
    for (begin, low), (end, high) in pairwise(course):
        if begin <= minute < end:
            return low + (high - low) * (minute - begin) / (end - begin)
    return course[-1][1]


def values_at(bed_id: str, second: int) -> dict[str, float | None]:
    """Return what the monitor of a bed shows; None where it shows dashes."""
    minute, found = second / 60, dict[str, float | None]()
    for number, (name, course) in enumerate(COURSES[bed_id].items()):
        wobble = (0.05 if name == "temp" else 0.4) * math.sin(second / 7 + number)
        value = value_at(course, minute) + wobble
        off = OFF.get((bed_id, name), (0.0, 0.0))
        found[name] = None if off[0] <= minute < off[1] else round(value, int(name == "temp"))
    systolic = found.pop("systolic")
    if found["hr"] is not None:
        found["pulse"] = found["hr"] + 1
    if systolic is not None and (second - 120) % (CUFF_MIN[bed_id] * 60) < EVERY_S:
        found |= {"systolic": systolic, "diastolic": systolic - 42, "mean": systolic - 28}
    return found


def message(bed_id: str, second: int) -> NumericsReceived:
    """Return a monitor's message, with the clock of a device that started a day ago."""
    at = START.plus(second)
    now = DeviceTime(elapsed_ns=(86_400 + second) * 10**9, wall_ns=at.utc_ns - 3 * 10**9)
    numerics = tuple(
        Numeric(
            device_id=bed_id,
            channel=name,
            code=CODES[name][0],
            label=name,
            value=value,
            unit_code=CODES[name][1],
            unit=CODES[name][2],
            state=0,
            validity=Validity.NOT_AVAILABLE if value is None else Validity.VALID,
            mode=GenerationMode.REAL,
            measured_at=now,
            received_at=at,
        )
        for name, value in values_at(bed_id, second).items()
    )
    return NumericsReceived(numerics, now, at)


Message = NumericsReceived | BedEntry | Answer


def course_of_ward(from_s: float, until_s: float) -> Iterator[tuple[float, Message]]:
    """Yield every message of a part of the course with its second, in order of time."""
    device = [
        (float(second + number), message(bed_id, second + number))
        for number, bed_id in enumerate(BEDS)
        for second in range(1, OVER_S, EVERY_S)
    ]
    entered = [((e.entry.entered_utc_ns - START.utc_ns) / 1e9, e) for e in ENTRIES]
    acknowledged = [(answer.at_s, answer) for answer in ANSWERS]
    whole: list[tuple[float, Message]] = [*entered, *acknowledged, *device]
    for second, each in sorted(whole, key=lambda dated: dated[0]):
        if from_s <= second < until_s:
            yield second, each
