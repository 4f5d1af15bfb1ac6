"""The terms of the CRS suspicion score minute by minute, as they stood in code before the table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from edge_agent.detect.minutes.formulas import INPUTS, ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge_agent.detect.arrays import FloatArray

NAN: Final = math.nan
Minute = dict[str, float]


class _Minutes:
    """Inputs of some minutes, filled in by name."""

    def __init__(self, rng: np.random.Generator, minutes: int) -> None:
        self.rng = rng
        self.rows = np.zeros((len(INPUTS), minutes))

    def fill(
        self, name: str, near: tuple[float, ...], missing: float = 0.0, lasts: int = 1
    ) -> None:
        """Fill in values, each for `lasts` minutes, of which a share is missing."""
        minutes = self.rows.shape[1]
        drawn = np.repeat(self.rng.choice(near, -(-minutes // lasts)), lasts)[:minutes]
        self.rows[ROW[name]] = np.where(self.rng.random(minutes) < missing, NAN, drawn)


def random_minutes(rng: np.random.Generator, minutes: int) -> FloatArray:
    """Return inputs that lie on and just beside the limits, some unknown."""
    made = _Minutes(rng, minutes)
    fill, inputs = made.fill, made.rows
    few = rng.choice([0.0, 0.02, 0.15])
    side = float(rng.choice([37.9, 38.0, 38.9, 39.0, 37.25, 37.5]))
    base = float(rng.choice([36.75, side - 0.7, side]))
    is_child = rng.random() < 0.4
    beside = (side, side - 0.1, 34.9) if rng.random() < 0.5 else (side,)
    fill("temperature", (side, side, side, side, *beside), few)
    fill("base_temperature", (base,))
    expected = 80 + (10 if is_child else 7) * (side - base)
    fill("heart_rate", tuple(expected + over for over in (14, 15, 25, 24, 28, 16)), few, lasts=11)
    fill("base_heart_rate", (80.0,))
    fill("spo2", (92.0, 93.0, 95.0), few, lasts=13)
    fill("base_spo2", (92.0, 94.0, 95.0, 96.0, 98.0), lasts=minutes)
    fill("respiratory_rate", (22.0, 22.0, 21.0, 26.0, 25.0), few, lasts=8)
    fill("base_respiratory_rate", (16.0, 19.0, 20.0), lasts=minutes)
    index = rng.choice([0.88, 0.9, 0.91, 1.0, 1.01, 0.99, 1.22, 1.21, 1.24], minutes)
    systolic = inputs[ROW["heart_rate"]] / index
    inputs[ROW["systolic"]] = np.where(rng.random(minutes) < 0.2, NAN, systolic)
    usual = (65.0, 65.0, 80 / 0.65) if is_child else (80 / 0.66, 80 / 0.65, 80 / 0.75, NAN)
    fill("base_systolic", usual, lasts=minutes)
    fill("is_low_twice", (0.0, 1.0), 0.2)
    fill("pressure_fall", (19.0, 20.0, 21.0), 0.2)
    fill("slope", (0.24, 0.25, 0.26), 0.2)
    fill("base_is_own", (0.0, 1.0), lasts=minutes)
    ages = (6.9, 7.5, 12.9, 13.5, 17.9) if is_child else (NAN, 18.0, 18.5, 50.0)
    fill("age_years", ages, lasts=minutes)
    _enter(made)
    return inputs


def _enter(made: _Minutes) -> None:
    """Fill in what people entered."""
    fill, inputs, rng = made.fill, made.rows, made.rng
    fill("has_oxygen", (0.0, 1.0, NAN))
    fill("oxygen_raised", (0.0, 0.0, 1.0))
    hours = (math.inf, -1.0, 0.0, 0.5, 3.9, 4.0, 23.0, 24.0, 50.0, 100.0, 101.0, 336.0, 337.0)
    fill("hours_since_infusion", (*hours, 719.0, 720.0, 721.0, -0.5))
    is_given = np.isfinite(inputs[ROW["hours_since_infusion"]])
    inputs[ROW["onset_from_h"]] = np.where(is_given, rng.choice([24.0, 0.0, 51.0]), NAN)
    inputs[ROW["onset_to_h"]] = np.where(is_given, rng.choice([100.0, 100.0, 721.0]), NAN)
    inputs[ROW["product_is_known"]] = np.where(is_given, 1.0, NAN)
    fill("hours_since_anticytokine", (math.inf, 0.0, 167.0, 168.0, 169.0))
    fill("hours_since_transfusion", (math.inf, math.inf, math.inf, 3.0, 4.0, 5.0))
    fill("hours_since_procedure", (math.inf, math.inf, math.inf, 0.0, 1.0, 2.0))
    fill("is_cooled", (0.0, 0.0, 0.0, 1.0))
    fill("treatment_is_known", (1.0, NAN))


def slow_answers(inputs: FloatArray, *, as_entered: bool = False) -> dict[str, list[int]]:
    """Return the answer of each term in each minute; `as_entered`: what nobody said is no."""
    past: list[Minute] = []
    answers: dict[str, list[int]] = {}
    for column in inputs.T:
        past.append(_with_derived(dict(zip(INPUTS, column.tolist(), strict=True))))
        found = _answers(past)
        if not as_entered:
            for term, name in (
                ("time_likely", "product_is_known"),
                ("low_oxygen", "has_oxygen"),
                ("treated", "treatment_is_known"),
            ):
                found[term] = max(found[term], 0) if math.isnan(past[-1][name]) else found[term]
        for term, answer in found.items():
            answers.setdefault(term, []).append(answer)
    return answers


def _with_derived(now: Minute) -> Minute:
    is_child = now["age_years"] < 18
    now["worn"] = NAN if now["temperature"] < 35 else now["temperature"]
    now["over"] = now["worn"] - now["base_temperature"]
    beats = now["heart_rate"] - now["base_heart_rate"] - (10 if is_child else 7) * now["over"]
    now["excess"] = NAN if is_child and not now["base_is_own"] > 0 else beats
    now["index"] = now["heart_rate"] / now["systolic"]
    now["rise"] = now["index"] - now["base_heart_rate"] / now["base_systolic"]
    return now


def _answers(past: list[Minute]) -> dict[str, int]:
    now, age = past[-1], past[-1]["age_years"]

    def share(name: str, holds: Callable[[Minute], bool], needed: int, of: int) -> int:
        window = past[-of:]
        sure = sum(holds(minute) for minute in window)
        unknown = sum(math.isnan(minute[name]) for minute in window)
        return 1 if sure >= needed else 0 if sure + unknown >= needed else -1

    def at_once(name: str, limit: float) -> int:
        return share(name, lambda minute: minute[name] >= limit, 1, 1)

    hours = now["hours_since_infusion"]
    is_likely = now["onset_from_h"] <= hours <= now["onset_to_h"]
    fever = share("worn", lambda m: m["worn"] >= 38, 10, 15)
    warmer = share("over", lambda m: m["over"] >= 0.75, 25, 30)
    index_limit = 1.22 if age < 7 else 1.0 if age < 13 else 0.9
    is_excused = (
        0 <= hours < 4
        or now["hours_since_transfusion"] < 4
        or now["hours_since_procedure"] < 1
        or now["is_cooled"] > 0
    )
    return {
        "time_likely": _said(is_likely),
        "time_possible": _said(not is_likely and 24 <= hours <= 14 * 24),
        "time_unlikely": _said(
            math.isfinite(hours) and not is_likely and not 0 <= hours <= 30 * 24
        ),
        "fever": fever,
        "high_fever": share("worn", lambda m: m["worn"] >= 39, 10, 15),
        "warmer": min(warmer, -fever),
        "rising": at_once("slope", 0.25),
        "fast": share("excess", lambda m: m["excess"] >= 15, 8, 10),
        "faster": share("excess", lambda m: m["excess"] >= 25, 8, 10),
        "low_pressure": at_once("is_low_twice", 1),
        "falling_pressure": at_once("pressure_fall", 20),
        "shock_index": max(at_once("index", index_limit), at_once("rise", 0.25)),
        "low_oxygen": max(
            share("spo2", lambda m: m["spo2"] <= 92, 13, 15),
            share("spo2", lambda m: m["base_spo2"] - m["spo2"] >= 3, 13, 15),
            _said(now["oxygen_raised"] > 0),
        ),
        "fast_breathing": max(
            share(
                "respiratory_rate",
                lambda m: m["respiratory_rate"] >= 22 and not m["age_years"] < 18,
                8,
                10,
            ),
            share(
                "respiratory_rate",
                lambda m: m["respiratory_rate"] - m["base_respiratory_rate"] >= 6,
                8,
                10,
            ),
        ),
        "treated": _said(now["hours_since_anticytokine"] <= 7 * 24),
        "other_reason": _said(is_excused),
    }


def _said(is_so: bool) -> int:  # noqa: FBT001  (a truth to put in words)
    return 1 if is_so else -1


POINTS: Final[Mapping[str, int]] = {
    "time_likely": 2,
    "time_possible": 1,
    "time_unlikely": -1,
    "fever": 3,
    "high_fever": 1,
    "warmer": 1,
    "rising": 1,
    "fast": 1,
    "faster": 1,
    "low_pressure": 3,
    "falling_pressure": 1,
    "shock_index": 1,
    "low_oxygen": 2,
    "fast_breathing": 1,
    "treated": 2,
    "other_reason": -2,
}
LIMBS: Final = {"low_pressure", "falling_pressure", "shock_index", "low_oxygen"}


def slow_score(answers: Mapping[str, list[int]], minute: int) -> tuple[int, int]:
    """Return the lowest and highest score that the answers of one minute allow."""
    ends = []
    for is_high in (False, True):
        limb = others = 0
        for term, points in POINTS.items():
            counts = answers[term][minute] >= (1 if (points > 0) is not is_high else 0)
            if term in LIMBS:
                limb += points * counts
            else:
                others += points * counts
        ends.append(limb + max(others, 0))
    return ends[0], ends[1]
