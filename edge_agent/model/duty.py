"""People of a ward: their duties in a shift, their ways out, and the steps of a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from edge_agent.model.alerts import AlertPriority


class Duty(StrEnum):
    """Duties that a step of a call is addressed to."""

    NURSE = "nurse"
    """Nurse to whom the bed is assigned."""
    BUDDY = "buddy"
    """Nurse who stands in for the bed's nurse."""
    CHARGE = "charge"
    """Nurse in charge of the shift."""
    RAPID_RESPONSE = "rapid_response"
    """Doctor on duty or rapid response team."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the staff; never a patient."""

    person_id: str
    """Staff id, as in answers and in the audit trail."""
    ways: tuple[str, ...]
    """Names of the ways out that reach the person, all used at once."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift of a day; it may pass midnight."""

    name: str
    begins: time
    """Time of day in the ward's zone."""
    ends: time
    nurses: dict[str, str]
    """Person id by bed."""
    buddies: dict[str, str]
    """Person id of the buddy by that of the nurse."""
    charge: str = ""
    """Person id; empty if nobody is in charge."""
    rapid_response: str = ""
    """Person id; empty if there is none."""


@dataclass(frozen=True, slots=True)
class CallStep:
    """One step of a ward's call plan."""

    after_s: float
    """Seconds after the problem was signalled."""
    duty: Duty


@dataclass(frozen=True, slots=True)
class ResponseTimes:
    """Times of the life of an alert of one priority, seconds."""

    reminder_s: float
    """Time without an answer after which it signals again, and again."""
    answer_s: float
    """Time for which an answer holds while the condition goes on."""
    silence_s: float
    """Longest time of silence."""


DEFAULT_STEPS: Final[Mapping[AlertPriority, tuple[CallStep, ...]]] = MappingProxyType(
    {
        AlertPriority.HIGH: (
            CallStep(0, Duty.NURSE),
            CallStep(60, Duty.BUDDY),
            CallStep(120, Duty.CHARGE),
            CallStep(180, Duty.RAPID_RESPONSE),
        ),
        AlertPriority.MEDIUM: (
            CallStep(0, Duty.NURSE),
            CallStep(300, Duty.BUDDY),
            CallStep(600, Duty.CHARGE),
        ),
        AlertPriority.LOW: (),
    }
)
"""Steps of a ward that sets none; LOW is a work list on the board, and nobody is called. The order
is that of practice (Biomed Instrum Technol 2017; 51(s2):16, secondary alarms); the times are design
start values, unvalidated."""
DEFAULT_TIMES: Final[Mapping[AlertPriority, ResponseTimes]] = MappingProxyType(
    {
        AlertPriority.HIGH: ResponseTimes(reminder_s=300, answer_s=1800, silence_s=120),
        AlertPriority.MEDIUM: ResponseTimes(reminder_s=1800, answer_s=7200, silence_s=600),
        AlertPriority.LOW: ResponseTimes(reminder_s=1800, answer_s=28800, silence_s=3600),
    }
)
"""Times of a ward that sets none; design start values, unvalidated. No ward may silence longer."""


@dataclass(frozen=True, slots=True)
class WardPlan:
    """The ward file: the people to call, when, and how; by default nobody, as without a file."""

    people: dict[str, Person] = field(default_factory=dict)
    """Everybody by person id."""
    shifts: tuple[Shift, ...] = ()
    steps: Mapping[AlertPriority, tuple[CallStep, ...]] = field(
        default_factory=lambda: DEFAULT_STEPS
    )
    """Steps by priority, in the order of time."""
    times: Mapping[AlertPriority, ResponseTimes] = field(default_factory=lambda: DEFAULT_TIMES)
    """Times by priority."""
    answers_for_high: int = 1
    """Number of different people who must acknowledge an alert of priority HIGH, 1 or 2."""
