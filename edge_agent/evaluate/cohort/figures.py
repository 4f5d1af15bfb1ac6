"""Figures of an evaluation, each with its interval and its target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
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
from edge_agent.evaluate.cohort.targets import TARGETS
from edge_agent.evaluate.estimates.bootstrap import median, rate, share
from edge_agent.evaluate.estimates.figure import Figure
from edge_agent.evaluate.stays.stay import OURS


def _main(stays: Stays) -> Iterator[Figure]:
    yield Figure(
        "crs_sensitivity",
        "episodes of CRS that were found",
        sensitivity(stays, OURS),
        why="an owed alert from the drift of the temperature to 12 h after the onset: fever, CRS "
        "or a limb alert while that limb is truly abnormal; the pre-fever alert does not count",
    )
    yield Figure(
        "chance_sensitivity",
        "found by chance, in patients without CRS",
        chance(stays, OURS),
        why="the same window: what an alarm that rings at any time finds; infections are among "
        "these patients",
    )
    in_time = [
        [e.is_limb_in_time for e in stay.episodes if e.is_limb_in_time is not None]
        for stay in stays
    ]
    yield Figure(
        "grade2_in_time",
        "grade 2 and more: alerted before or within 10 min",
        share([sum(of_one) for of_one in in_time], [len(of_one) for of_one in in_time]),
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
        why="median over true fevers that a continuous probe shows for 10 min; one reported in the "
        "hour before counts as 0, one not reported within 12 h as 12 h",
    )
    yield Figure("delay_hours", "from onset to the alert", delay(stays, OURS), "h", why="median")


def _leads(stays: Stays) -> Iterator[Figure]:
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
                why="median over all episodes; a method that does not alert counts as alerting at "
                "the end of the window. A perfect 38.0 rule gains about half an interval",
            )


@dataclass(frozen=True, slots=True)
class _PerDay:
    """A figure that is counted per patient-day."""

    key: str
    text: str
    count: Count
    why: str = ""


_PER_DAY: Final = (
    _PerDay(
        "false_fever",
        "false fever alerts",
        lambda c: c.false_fever,
        "reported with no true fever there or on its way; infection counts as right",
    ),
    _PerDay(
        "false_watch",
        "false pre-fever alert",
        lambda c: c.false_watch,
        "the price of early warning: low priority, reported while no illness is there or coming",
    ),
    _PerDay(
        "false_crs",
        "false CRS-type alerts",
        lambda c: c.false_crs,
        "reported while neither CRS nor infection is there, which vital signs cannot tell apart",
    ),
    _PerDay(
        "crs_in_infection",
        "CRS-type alerts of an infection alone",
        lambda c: c.crs_in_infection,
        "right above; the wording is CRS or infection",
    ),
    _PerDay(
        "nurse_alerts",
        "alerts for nurses",
        lambda c: c.nurse,
        "medium and high, technical ones too; a rise in priority counts again",
    ),
    _PerDay(
        "patient_alerts",
        "alerts for nurses about the patient",
        lambda c: c.evaluated,
        "medium and high",
    ),
    _PerDay("high", "alerts of high priority", lambda c: c.high),
    _PerDay("medium", "of these, medium", lambda c: c.medium),
    _PerDay("nurse_technical", "technical alerts for nurses", lambda c: c.nurse_technical),
    _PerDay("low", "work list, low", lambda c: c.low),
    _PerDay("technical", "technical alerts", lambda c: c.technical, "at any priority"),
    _PerDay(
        "alarm_periods",
        "stretches with an open alert",
        lambda c: c.alarm_periods,
        "about the patient, medium or high; until the condition ends",
    ),
    _PerDay("alarm_hours", "hours with an open alert", lambda c: c.alarm_hours, "the same"),
)


def _burden(stays: Stays) -> Iterator[Figure]:
    for row in _PER_DAY:
        yield Figure(
            f"{row.key}_per_patient_day",
            row.text,
            per_day(stays, OURS, row.count),
            "per patient-day",
            why=row.why,
        )
    yield Figure(
        "ppv",
        "alerts about something real",
        precision(stays, OURS),
        why="of those about the patient, medium and high; a fever of infection is real",
    )


def _grades(stays: Stays) -> Iterator[Figure]:
    grades = [stay.grades for stay in stays]
    for key, text, tops, bottoms in (
        ("grade_covered", "minutes whose true grade is in the interval", "covered", "minutes"),
        (
            "grade_covered_settled",
            "the same, an hour and more from any change of the true grade",
            "covered_settled",
            "settled",
        ),
        ("grade_equal_complete", "it and no other, inputs complete", "equal", "complete"),
        ("grade_equal_crs", "the same, in CRS", "equal_crs", "complete_crs"),
        ("grade_too_low", "minutes with an interval below the truth", "below", "minutes"),
        ("grade_too_high", "minutes with an interval above the truth", "above", "minutes"),
        ("grade_unstated", "minutes without an interval", "unstated", "minutes"),
    ):
        found = share([getattr(g, tops) for g in grades], [getattr(g, bottoms) for g in grades])
        yield Figure(key, text, found, why="ASTCT, if CRS, every minute of every stay")
    whole = share([float(g.covered == g.minutes) for g in grades], [1.0] * len(grades))
    text = "patients whose true grade is in the interval at every minute"
    yield Figure("grade_covered_patients", text, whole)


def _faults(stays: Stays) -> Iterator[Figure]:
    faults = [stay.faults for stay in stays]
    losses = [[f for f in of if f.is_loss and not f.is_of_temperature] for of in faults]
    temperatures = [[f for f in of if f.is_loss and f.is_of_temperature] for of in faults]
    for key, text, owed, why in (
        (
            "faults_announced",
            "planted faults that were announced in their time",
            faults,
            "those that lasted long enough; losses, and values that are stuck",
        ),
        (
            "losses_in_5_min",
            "losses announced within 5 min",
            losses,
            "a signal that is gone, or not the patient's, for 5 min and more; a cuff by its own "
            "clock: two intervals and 5 min. A work-list item counts, and an absence that staff "
            "entered",
        ),
        (
            "temperature_losses_in_20_min",
            "temperature losses announced within 20 min",
            temperatures,
            "a probe that is off, slipped, cooled or in another unit for 20 min and more",
        ),
    ):
        in_time = [sum(f.is_in_time for f in of) for of in owed]
        yield Figure(key, text, share(in_time, [len(of) for of in owed]), why=why)
    yield Figure(
        "false_from_faults_per_patient_day",
        "alerts about the patient made of a fault of a signal",
        rate([len(s.false_from_faults) for s in stays], [s.days for s in stays]),
        "per patient-day",
        why="any priority; rests on a sensor that had a fault then or in the 10 min before: off, "
        "zero, flat, moved, slipped, warmed, cooled, or a single wrong cuff reading; nothing real "
        "was there",
    )


_GROUPS: Final = (_main, _leads, _burden, _grades, _faults)


def figures_of(stays: Stays) -> tuple[Figure, ...]:
    """Return every figure of a cohort with its target."""
    return tuple(
        replace(figure, target=TARGETS.get(figure.key))
        for group in _GROUPS
        for figure in group(stays)
    )
