"""Cases near the limits of every score, and the totals that independent packages give for them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import clincalc
import numpy as np
from open_medicine.mcp.calculators import (  # type: ignore[import-untyped]  # it has no types
    mews,
    news2,
    pews,
    qsofa,
)
from vitalscore import score_news2, score_qsofa  # type: ignore[import-untyped]  # no types

from edge_agent.detect.scores.bedside_pews import ChildObservations
from edge_agent.detect.scores.early_warning import Observations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge_agent.detect.arrays import FloatArray, IntArray
    from edge_agent.detect.scores.bands import BandedScore

SEED = 20_260_301
ACVPU = ("alert", "confusion", "voice", "pain", "unresponsive")
AGES = (
    ("0_to_3_months", 0.0, 0.2499),
    ("3_to_12_months", 0.25, 0.999),
    ("1_to_4_years", 1.0, 3.99),
    ("4_to_12_years", 4.0, 11.99),
    ("over_12_years", 12.0, 17.9),
)
EFFORTS = ("normal", "mild_increase", "moderate_increase", "severe_increase_or_apnoea")
OXYGEN = ("room_air", "lt_4L_or_lt_50pct", "gte_4L_or_gte_50pct")


@dataclass(frozen=True)
class Adults:
    """Adults as whole numbers, which is what the packages score."""

    seen: Observations
    scale_2: np.ndarray[Any, np.dtype[np.bool_]]


def adults(count: int) -> Adults:
    """Return adults whose values lie around every limit of the three scores."""
    rng = np.random.default_rng(SEED)
    return Adults(
        Observations(
            respiratory_rate=_whole(rng, count, 5, 36),
            spo2=_whole(rng, count, 80, 101),
            on_oxygen=_whole(rng, count, 0, 2),
            systolic=_near(rng, count, (70, 80, 90, 100, 110, 200, 220), (50, 260)),
            pulse=_whole(rng, count, 35, 136),
            temperature=_whole(rng, count, 340, 401) / 10,
            consciousness=_whole(rng, count, 0, 5),
        ),
        scale_2=rng.random(count) < 0.5,
    )


def children(count: int) -> tuple[ChildObservations, IntArray]:
    """Return children around every limit, and the age band of each."""
    rng = np.random.default_rng(SEED)
    bands = rng.integers(0, len(AGES), count)
    first, last = (np.array([age[index] for age in AGES])[bands] for index in (1, 2))
    # the first day of a band is a case of its own
    ages = np.where(rng.random(count) < 0.2, first, first + (last - first) * rng.random(count))
    seen = ChildObservations(
        age_years=ages,
        pulse=_whole(rng, count, 35, 196),
        systolic=_whole(rng, count, 40, 196),
        capillary_refill_s=_whole(rng, count, 0, 60) / 10,
        respiratory_rate=_whole(rng, count, 5, 96),
        effort=_whole(rng, count, 0, 4),
        spo2=_whole(rng, count, 85, 101),
        oxygen=_whole(rng, count, 0, 3),
    )
    return seen, bands


def _whole(rng: np.random.Generator, count: int, first: int, end: int) -> FloatArray:
    return rng.integers(first, end, count).astype(np.float64)


def _near(
    rng: np.random.Generator, count: int, limits: tuple[int, ...], span: tuple[int, int]
) -> FloatArray:
    close = rng.choice(limits, count) + rng.integers(-2, 3, count)
    return np.where(rng.random(count) < 0.7, close, rng.integers(*span, count)).astype(np.float64)


def shifted(values: FloatArray, step: float) -> FloatArray:
    """Return values that round half up to these: from half a step below to nearly half above."""
    rng = np.random.default_rng(SEED)
    by = rng.choice([-0.5, -0.49, -0.2, 0.0, 0.2, 0.49], values.size)
    return values + by * step


def means_of_tenths() -> tuple[FloatArray, FloatArray]:
    """Return means of two temperatures, and each in whole tenths by integer arithmetic, half up."""
    tenths = np.arange(300, 451)
    sums = np.add.outer(tenths, tenths)
    means = np.add.outer(tenths / 10, tenths / 10) / 2
    return means, ((sums + 1) // 2).astype(np.float64)


_Seen = TypeVar("_Seen", Observations, ChildObservations)


def unrounded(seen: _Seen, steps: Mapping[str, float]) -> _Seen:
    """Return observations that round to these."""
    moved = {name: shifted(getattr(seen, name), step) for name, step in steps.items()}
    return replace(seen, **moved)


@cache
def news2_by_clincalc(count: int) -> FloatArray:
    cases = adults(count)
    return _each(
        cases.seen,
        lambda i, row: clincalc.calculate(
            "news2",
            {
                "respiratory_rate": int(row["respiratory_rate"]),
                "spo2": int(row["spo2"]),
                "spo2_scale": "2" if cases.scale_2[i] else "1",
                "on_oxygen": bool(row["on_oxygen"]),
                "systolic_bp": int(row["systolic"]),
                "pulse": int(row["pulse"]),
                "consciousness": "confusion-or-vpu" if row["consciousness"] else "alert",
                "temperature": row["temperature"],
            },
        )["result"],
    )


@cache
def news2_by_vitalscore(count: int) -> FloatArray:
    cases = adults(count)
    return _each(
        cases.seen,
        lambda i, row: (
            score_news2(
                int(row["respiratory_rate"]),
                row["spo2"],
                bool(row["on_oxygen"]),
                int(row["systolic"]),
                int(row["pulse"]),
                "ACVPU"[int(row["consciousness"])],
                row["temperature"],
                use_spo2_scale2=bool(cases.scale_2[i]),
            ).total
        ),
    )


@cache
def news2_by_open_medicine(count: int) -> FloatArray:
    cases = adults(count)
    return _each(
        cases.seen,
        lambda i, row: (
            news2.calculate_news2(
                news2.NEWS2Params(
                    respiration_rate=int(row["respiratory_rate"]),
                    spo2=int(row["spo2"]),
                    spo2_scale="scale_2" if cases.scale_2[i] else "scale_1",
                    on_supplemental_o2=bool(row["on_oxygen"]),
                    systolic_bp=int(row["systolic"]),
                    pulse=int(row["pulse"]),
                    consciousness=ACVPU[int(row["consciousness"])],
                    temperature=row["temperature"],
                )
            ).value
        ),
    )


@cache
def mews_by_open_medicine(count: int) -> FloatArray:
    """Return totals; NaN for new confusion, which AVPU does not have."""

    def total(_: int, row: Mapping[str, float]) -> float:
        if row["consciousness"] == 1:
            return float("nan")
        params = mews.MEWSParams(
            systolic_bp=int(row["systolic"]),
            heart_rate=int(row["pulse"]),
            respiratory_rate=int(row["respiratory_rate"]),
            temperature=row["temperature"],
            avpu=ACVPU[int(row["consciousness"])],
        )
        return float(mews.calculate_mews(params).value)

    return _each(adults(count).seen, total)


@cache
def qsofa_by_packages(count: int) -> tuple[FloatArray, ...]:
    """Return the totals of clincalc, vitalscore and open-medicine."""

    def by_clincalc(_: int, row: Mapping[str, float]) -> float:
        asked = {
            "respiratory_rate": row["respiratory_rate"],
            "systolic_bp": row["systolic"],
            "altered_mentation": row["consciousness"] > 0,
        }
        return float(clincalc.calculate("qsofa", asked)["result"])

    def by_vitalscore(_: int, row: Mapping[str, float]) -> float:
        coma_score = (15, 14, 13, 8, 3)[int(row["consciousness"])]
        score = score_qsofa(coma_score, int(row["respiratory_rate"]), int(row["systolic"]))
        return float(score.total)

    def by_open_medicine(_: int, row: Mapping[str, float]) -> float:
        params = qsofa.QSOFAParams(
            respiratory_rate=int(row["respiratory_rate"]),
            systolic_blood_pressure=int(row["systolic"]),
            altered_mentation=row["consciousness"] > 0,
        )
        return float(qsofa.calculate_qsofa(params).value)

    seen = adults(count).seen
    return tuple(_each(seen, one) for one in (by_clincalc, by_vitalscore, by_open_medicine))


@cache
def pews_by_open_medicine(count: int) -> FloatArray:
    """Return totals with what the package halves put right.

    It gives 2 points for a slow capillary refill and 1 or 2 for oxygen, at most 22 in all; the
    paper gives 4, and 2 or 4, at most 26.
    """
    seen, bands = children(count)

    def total(i: int, row: Mapping[str, float]) -> float:
        params = pews.PEWSParams(
            age_group=AGES[bands[i]][0],
            heart_rate=int(row["pulse"]),
            systolic_bp=int(row["systolic"]),
            capillary_refill_seconds=row["capillary_refill_s"],
            respiratory_rate=int(row["respiratory_rate"]),
            respiratory_effort=EFFORTS[int(row["effort"])],
            spo2=int(row["spo2"]),
            oxygen_therapy=OXYGEN[int(row["oxygen"])],
        )
        halved = 2 * (row["capillary_refill_s"] >= 3) + row["oxygen"]
        return float(pews.calculate_pews(params).value + halved)

    return _each(seen, total)


def _each(
    seen: Observations | ChildObservations, total: Callable[[int, Mapping[str, float]], float]
) -> FloatArray:
    """Return the total of every row, asked for one by one."""
    columns = {field.name: getattr(seen, field.name).tolist() for field in fields(seen)}
    rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    return np.array([total(i, row) for i, row in enumerate(rows)], dtype=np.float64)


class _Score(Protocol):
    def __call__(self, seen: Any, /) -> BandedScore: ...  # noqa: ANN401 - adults or children


def assert_bounds_are_reached(
    score: _Score, seen: _Seen, possible: Mapping[str, tuple[float, ...]]
) -> None:
    """Assert that low and high are the least and greatest totals over all that may be missing."""
    rng = np.random.default_rng(SEED)
    names = list(possible)
    count = getattr(seen, names[0]).size
    for i in range(count):
        one = replace(seen, **{f.name: getattr(seen, f.name)[[i]] for f in fields(seen)})
        gone = rng.permutation(names)[: rng.integers(1, 4)].tolist()
        score_now = score(replace(one, **{name: np.array([np.nan]) for name in gone}))
        ways = np.array(list(product(*(possible[name] for name in gone))))
        filled = {f.name: np.repeat(getattr(one, f.name), len(ways)) for f in fields(one)}
        filled |= {name: ways[:, index] for index, name in enumerate(gone)}
        totals = score(replace(one, **filled)).total
        assert (score_now.low[0], score_now.high[0]) == (totals.min(), totals.max()), gone
        assert np.isnan(score_now.total[0])
