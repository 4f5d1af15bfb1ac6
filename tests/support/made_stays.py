"""Small truths, tellings and stays made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from edge_agent.evaluate.stays.grades import GradeCheck
from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlert
from edge_agent.evaluate.stays.scoring import Counts, EpisodeResult, MethodScore
from edge_agent.evaluate.stays.spans import Spans
from edge_agent.evaluate.stays.stay import OURS, EpisodeOutcome, Place, StayOutcome
from edge_agent.evaluate.stays.truth import AlertWindow, CrsEpisode, Ground
from edge_agent.model.alerts import AlertPriority
from simulators.cohorts.cohort import PhysiologyName

if TYPE_CHECKING:
    from collections.abc import Iterable

HOUR_S: Final = 3600.0
NONE: Final = Spans.of(())
NO_COUNTS: Final = Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0)
UNTOLD: Final = EpisodeResult(None, None, was_open_before=False)


def hours(*pairs: tuple[float, float]) -> Spans:
    """Return spans given in hours."""
    return Spans.of((begin * HOUR_S, end * HOUR_S) for begin, end in pairs)


def quiet_ground() -> Ground:
    """Return two days in which nothing is the matter."""
    return Ground(
        length_s=48 * HOUR_S,
        episodes=(),
        chance_windows=(),
        fever=NONE,
        rising=NONE,
        hypotension=NONE,
        hypoxia=NONE,
        crs=NONE,
        infection=NONE,
        other_real=NONE,
        grade=np.zeros(48 * 60, np.int8),
        grade_if_crs=np.zeros(48 * 60, np.int8),
    )


def crs_ground() -> Ground:
    """Return CRS that drifts from hour 5, is fever from hour 10 to 30, low pressure from 20 on."""
    episode = CrsEpisode(AlertWindow(5 * HOUR_S, 10 * HOUR_S), 30 * HOUR_S, 2, 20 * HOUR_S)
    return replace(
        quiet_ground(),
        episodes=(episode,),
        fever=hours((10, 30)),
        rising=hours((5, 10)),
        hypotension=hours((20, 28)),
        crs=hours((5, 30)),
    )


def reported_alert(
    at_h: float,
    about: About = About.FEVER,
    priority: AlertPriority = AlertPriority.MEDIUM,
    until_h: float | None = None,
    rule_id: str = "crs.fever",
) -> ReportedAlert:
    """Return one telling; it lasts an hour unless said otherwise."""
    until_s = (at_h + 1.0 if until_h is None else until_h) * HOUR_S
    kinds = ("temperature",)
    return ReportedAlert(at_h * HOUR_S, until_s, rule_id, about, priority, kinds, "Temp 38.4 <hot>")


def stay(
    number: int,
    ours: Iterable[EpisodeResult] = (),
    theirs: Iterable[EpisodeResult] = (),
    counts: Counts = NO_COUNTS,
    reported: tuple[ReportedAlert, ...] = (),
) -> StayOutcome:
    """Return two days of one patient with an episode for each `ours`; `theirs` is every 4 h."""
    found = tuple(ours)
    truth = crs_ground().episodes[0]
    episodes = tuple(
        EpisodeOutcome(truth, 1.0, is_limb_in_time=True, limb_delay_h=0.5) for _ in found
    )
    checks = tuple(theirs) or tuple(UNTOLD for _ in found)
    methods = {OURS: MethodScore(found, (), counts)}
    for name in ("spot_4h", "spot_6h", "spot_8h"):
        methods[name] = MethodScore(checks, (), NO_COUNTS)
    return StayOutcome(
        patient_id=f"made-{number:05}",
        number=number,
        place=Place("", PhysiologyName.CURVES),
        product="axi-cel",
        age_group="adult under 65",
        is_beta_blocked=False,
        grade=2 if found else 0,
        days=2.0,
        episodes=episodes,
        methods=methods,
        points=(),
        has_probe=True,
        fever_delays_min=(2.0,) if found else (),
        grades=GradeCheck(100, 99, 1, 0, 0, 50, 48, 10, 9, 80, 80),
        suggested=(),
        faults=(),
        false_from_faults=(),
        reported=reported,
        is_right=tuple(False for _ in reported),
    )


def found(at_h: float | None, watched_h: float | None = None) -> EpisodeResult:
    """Return an episode told at an hour, None: not at all."""
    reported_s = None if at_h is None else at_h * HOUR_S
    with_watch_s = reported_s if watched_h is None else watched_h * HOUR_S
    return EpisodeResult(reported_s, with_watch_s, was_open_before=False)
