"""Staff of a ward enter late or never, measure by hand, and answer after a while or not at all."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import median

import numpy as np
import pytest

from edge_agent.model.durations import HOUR_S, MINUTE_S
from simulators.habits.people import Traits
from simulators.habits.staff import HAND_SITES, answer_delay_s
from simulators.patients.context import TimedEntry
from simulators.patients.plan import FaultKind
from simulators.patients.shapes import Float64
from tests.simulators.habits.test_ward_stay import WARD, stay


def steady_core(at_s: Float64) -> Float64:
    return np.full(at_s.size, 37.0)


def test_entries_come_late_and_some_never() -> None:
    ward = replace(WARD, entry_delay_median_min=20.0, entry_missing_share=0.2, pain_per_day=0.0)
    events = [TimedEntry(float(second), "ice", "10") for second in range(2000)]
    lived = replace(stay(ward), entries=(), hand_times_s=())
    made = lived.charted(events, steady_core)
    assert made == lived.charted(events, steady_core)
    assert len(made) / 2000 == pytest.approx(0.8, abs=0.03)
    delays = [(entry.entered_s or 0.0) - entry.at_s for entry in made]
    assert median(delays) == pytest.approx(1200.0, rel=0.1)
    assert min(delays) > 0
    assert max(delays) <= 12 * HOUR_S


def test_an_infusion_is_always_entered_at_once() -> None:
    ward = replace(WARD, entry_missing_share=1.0)
    events = [TimedEntry(0.0, "infusion", "axi-cel"), TimedEntry(1.0, "ice", "10")]
    made = replace(stay(ward), hand_times_s=()).charted(events, steady_core)
    assert [e for e in made if e.kind != "away"] == events[:1]


def test_temperatures_by_hand_are_taken_at_one_site_and_near_the_core() -> None:
    ward = replace(WARD, hand_every_h=4.0, hand_jitter_min=10.0, hand_missed_share=0.1)
    sites = set()
    for seed in range(12):
        made = [e for e in stay(ward, seed).charted((), steady_core) if e.kind == "spot"]
        assert 60 < len(made) < 85
        (site,) = {entry.value for entry in made}
        sites.add(site)
        bias, spread = HAND_SITES[site]
        values = [entry.amount or 0.0 for entry in made]
        assert np.mean(values) == pytest.approx(37.0 + bias, abs=0.15)
        assert np.std(values) == pytest.approx(spread, rel=0.4)
        gaps = [later.at_s - earlier.at_s for earlier, later in pairwise(made)]
        assert median(gaps) == pytest.approx(4 * HOUR_S, abs=10 * MINUTE_S)
        assert all((entry.entered_s or 0.0) > entry.at_s for entry in made)
    assert len(sites) > 1


def test_what_lasts_for_life_and_absences_are_entered_by_some() -> None:
    ward = replace(
        WARD,
        low_pressure_entered_share=1.0,
        pacemaker_entered_share=1.0,
        transport_per_day=1.0,
        transport_entered_share=1.0,
    )
    lived = stay(ward, traits=Traits(systolic=96.0, paced_per_min=60.0))
    by_kind = {entry.kind: entry for entry in lived.entries}
    assert (by_kind["baseline"].value, by_kind["baseline"].amount) == ("nibp_systolic", 96.0)
    assert TimedEntry(0.0, "flag", "paced") in lived.entries
    journeys = [f for f in lived.faults if f.kind is FaultKind.TRANSPORT]
    absences = [(e.at_s, e.until_s) for e in lived.entries if e.kind == "away"]
    assert absences == [(fault.from_s, fault.to_s) for fault in journeys]
    nobody = replace(ward, low_pressure_entered_share=0.0, pacemaker_entered_share=0.0)
    silent = stay(nobody, traits=Traits(systolic=96.0, paced_per_min=60.0))
    assert not {"nibp_systolic", "paced"} & {entry.value for entry in silent.entries}


def test_pain_and_procedures_are_as_often_as_the_ward_says() -> None:
    ward = replace(WARD, pain_per_day=0.5, procedures_per_day=0.25, pain_entered_share=0.5)
    lived = [stay(ward, seed) for seed in range(30)]
    pains = sum(len(one.pains) for one in lived)
    assert pains / 30 / 14 == pytest.approx(0.75, rel=0.15)
    noted = sum(e.value in {"pain", "procedure"} for one in lived for e in one.entries)
    assert noted / pains == pytest.approx(0.5, rel=0.2)


def test_answers_come_after_the_wards_time_or_never() -> None:
    ward = replace(WARD, answer_median_min=10.0, answer_never_share=0.2)
    delays = [answer_delay_s(ward, 5, number) for number in range(1000)]
    assert delays == [answer_delay_s(ward, 5, number) for number in range(1000)]
    answered = [delay for delay in delays if delay is not None]
    assert len(answered) / 1000 == pytest.approx(0.8, abs=0.04)
    assert median(answered) == pytest.approx(600.0, rel=0.15)
    assert min(answered) > 0
