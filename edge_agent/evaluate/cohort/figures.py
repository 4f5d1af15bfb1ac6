"""Figures of an evaluation, each with its interval and its target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edge_agent.evaluate.cohort.measures import (
    Count,
    Stays,
    chance,
    delay,
    lead,
    per_day,
    precision,
    sensitivity,
)
from edge_agent.evaluate.estimates.bootstrap import median, ratio
from edge_agent.evaluate.estimates.figure import Figure, Target
from edge_agent.evaluate.stays.stay import OURS


def _main(stays: Stays) -> Iterator[Figure]:
    yield Figure(
        "crs_sensitivity",
        "episodes of CRS that were found",
        sensitivity(stays, OURS),
        target=Target(0.95),
        why="an owed alert from the drift of the temperature to 12 h after the onset: fever, CRS "
        "or a limb alert while that limb is truly abnormal; the pre-fever alert does not count",
    )
    yield Figure(
        "chance_sensitivity",
        "the same window in patients without CRS",
        chance(stays, OURS),
        why="what an alarm that rings at any time would find; infections are among these patients",
    )
    in_time = [
        [e.is_limb_in_time for e in stay.episodes if e.is_limb_in_time is not None]
        for stay in stays
    ]
    yield Figure(
        "grade2_in_time",
        "grade 2 and more: alerted before or within 10 min",
        ratio([sum(of_one) for of_one in in_time], [len(of_one) for of_one in in_time]),
        target=Target(0.98),
        why="an owed alert from the drift to 10 min after pressure or oxygen make it grade 2",
    )
    limb_h = [[h for e in s.episodes if (h := e.limb_delay_h) is not None] for s in stays]
    yield Figure(
        "limb_delay_hours",
        "from grade 2 to an alert about that limb",
        median(limb_h),
        "h",
        why="median; the cuff measures every 15 to 60 min, and two readings confirm a low pressure",
    )
    yield Figure(
        "fever_delay_minutes",
        "from 38.0 at the probe to the report",
        median([list(stay.fever_delays_min) for stay in stays]),
        "min",
        Target(3.0, is_most=True),
        "median over true fevers that a continuous probe shows for 10 min; one reported in the "
        "hour before counts as 0, one not reported within 12 h as 12 h",
    )
    yield Figure("delay_hours", "from onset to the alert", delay(stays, OURS), "h", why="median")


def _leads(stays: Stays) -> Iterator[Figure]:
    targets = {4: Target(2.0), 8: Target(4.5)}
    for with_watch, suffix, text in (
        (True, "", "with the pre-fever alert, whose price is below"),
        (False, "_without_watch", "without the pre-fever alert"),
    ):
        for hours in (4, 6, 8):
            yield Figure(
                f"lead_over_{hours}h_hours{suffix}",
                f"lead over checks every {hours} h, {text}",
                lead(stays, f"spot_{hours}h", with_watch=with_watch),
                "h",
                targets.get(hours) if with_watch else None,
                "median over all episodes; a method that does not alert counts as alerting at the "
                "end of the window. A perfect 38.0 rule gains about half an interval",
            )


@dataclass(frozen=True, slots=True)
class _PerDay:
    """A figure that is counted per patient-day."""

    key: str
    text: str
    count: Count
    most: float | None = None
    """Target, at most so many per patient-day; None where there is no target."""
    why: str = ""


_PER_DAY: Final = (
    _PerDay(
        "false_fever",
        "false fever alerts",
        lambda c: c.false_fever,
        0.02,
        "reported with no true fever there or on its way; infection counts as right",
    ),
    _PerDay(
        "false_watch",
        "false pre-fever alert",
        lambda c: c.false_watch,
        0.05,
        "the price of early warning: low priority, reported while no illness is there or coming",
    ),
    _PerDay(
        "false_crs",
        "false CRS-type alerts",
        lambda c: c.false_crs,
        0.1,
        "reported while neither CRS nor infection is there, which vital signs cannot tell apart",
    ),
    _PerDay(
        "crs_in_infection",
        "CRS-type alerts of an infection alone",
        lambda c: c.crs_in_infection,
        None,
        "right above; the wording is CRS or infection",
    ),
    _PerDay(
        "nurse_alerts",
        "alerts for nurses",
        lambda c: c.nurse,
        1.5,
        "medium and high, technical ones too; a rise in priority counts again",
    ),
    _PerDay("high", "of these, high", lambda c: c.high),
    _PerDay("medium", "of these, medium", lambda c: c.medium),
    _PerDay("nurse_technical", "of these, technical", lambda c: c.nurse_technical),
    _PerDay("low", "work list, low", lambda c: c.low),
    _PerDay("technical", "technical alerts", lambda c: c.technical, 2.0, "at any priority"),
    _PerDay(
        "alarm_periods",
        "stretches with an open alert",
        lambda c: c.alarm_periods,
        None,
        "about the patient, medium or high; until the condition ends",
    ),
    _PerDay("alarm_hours", "hours with an open alert", lambda c: c.alarm_hours, None, "the same"),
)


def _burden(stays: Stays) -> Iterator[Figure]:
    for row in _PER_DAY:
        yield Figure(
            f"{row.key}_per_patient_day",
            row.text,
            per_day(stays, OURS, row.count),
            "per patient-day",
            None if row.most is None else Target(row.most, is_most=True),
            row.why,
        )
    yield Figure(
        "ppv",
        "alerts about something real",
        precision(stays, OURS),
        target=Target(0.5),
        why="of those about the patient, medium and high; a fever of infection is real",
    )


def _grades(stays: Stays) -> Iterator[Figure]:
    grades = [stay.grades for stay in stays]
    for key, text, tops, bottoms, goal in (
        (
            "grade_covered",
            "minutes whose true grade is in the interval",
            "covered",
            "minutes",
            0.99,
        ),
        (
            "grade_covered_settled",
            "the same, an hour and more from any change of the true grade",
            "covered_settled",
            "settled",
            None,
        ),
        ("grade_equal_complete", "it and no other, inputs complete", "equal", "complete", 0.90),
        ("grade_equal_crs", "the same, in CRS", "equal_crs", "complete_crs", None),
        ("grade_too_low", "minutes with an interval below the truth", "below", "minutes", None),
        ("grade_too_high", "minutes with an interval above the truth", "above", "minutes", None),
        ("grade_unstated", "minutes without an interval", "unstated", "minutes", None),
    ):
        found = ratio([getattr(g, tops) for g in grades], [getattr(g, bottoms) for g in grades])
        target = None if goal is None else Target(goal)
        yield Figure(
            key, text, found, target=target, why="ASTCT, if CRS, every minute of every stay"
        )
    whole = ratio([float(g.covered == g.minutes) for g in grades], [1.0] * len(grades))
    text = "patients whose true grade is in the interval at every minute"
    yield Figure("grade_covered_patients", text, whole)


def _faults(stays: Stays) -> Iterator[Figure]:
    faults = [stay.faults for stay in stays]
    losses = [[f for f in of if f.is_loss and not f.is_of_temperature] for of in faults]
    temperatures = [[f for f in of if f.is_loss and f.is_of_temperature] for of in faults]
    for key, text, owed, goal, why in (
        (
            "faults_announced",
            "planted faults that were announced in their time",
            faults,
            0.99,
            "those that lasted long enough; losses, and values that are stuck",
        ),
        (
            "losses_in_5_min",
            "losses announced within 5 min",
            losses,
            0.99,
            "a signal that is gone, or not the patient's, for 5 min and more; a cuff by its own "
            "clock: two intervals and 5 min. A work-list item counts, and an absence that staff "
            "entered",
        ),
        (
            "temperature_losses_in_20_min",
            "temperature losses announced within 20 min",
            temperatures,
            0.9,
            "a probe that is off, slipped, cooled or in another unit for 20 min and more",
        ),
    ):
        shares = ratio([sum(f.is_in_time for f in of) for of in owed], [len(of) for of in owed])
        yield Figure(key, text, shares, target=Target(goal), why=why)
    yield Figure(
        "false_from_faults_per_patient_day",
        "alerts about the patient made of a fault of a signal",
        ratio([float(len(s.false_from_faults)) for s in stays], [s.days for s in stays]),
        "per patient-day",
        Target(0.02, is_most=True),
        "any priority; rests on a sensor that had a fault then or in the 10 min before: off, zero, "
        "flat, moved, slipped, warmed, cooled, or a single wrong cuff reading; nothing real was "
        "there",
    )


_GROUPS: Final = (_main, _leads, _burden, _grades, _faults)


def figures_of(stays: Stays) -> tuple[Figure, ...]:
    """Return every figure of a cohort."""
    return tuple(figure for group in _GROUPS for figure in group(stays))
