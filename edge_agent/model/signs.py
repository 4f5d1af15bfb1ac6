"""The signs of a patient behind some evidence, and which of them have not been reported yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from types import MappingProxyType
from typing import Final

from edge_agent.model.findings import Branch, Evidence
from edge_agent.model.measurements import VitalKind

HIGH: Final = 1
LOW: Final = -1

SCORE: Final = "{score}"
"""Unit of scores."""
Sign = tuple[str, int]
"""Name of the sign, and its direction: HIGH or LOW."""

_TEMPERATURE: Final = (("temperature", HIGH),)
_HEART: Final = (("heart rate", HIGH),)
_PRESSURE: Final = (("blood pressure", HIGH),)
_OXYGEN: Final = (("oxygen", HIGH),)
_SHOCK_INDEX: Final = (("heart rate", HIGH), ("blood pressure", LOW))
_SIGNS: Final[Mapping[str, tuple[Sign, ...]]] = MappingProxyType(
    {
        **{kind.value: ((kind.value, HIGH),) for kind in VitalKind},
        "temperature": _TEMPERATURE,
        "spot_temperature": _TEMPERATURE,
        "last_temperature": _TEMPERATURE,
        "temperature_by_minute": _TEMPERATURE,
        "temperature_over_baseline": _TEMPERATURE,
        "temperature_slope": _TEMPERATURE,
        "temperature_shift": _TEMPERATURE,
        "heart_rate": _HEART,
        "pulse_rate": _HEART,
        "heart_rate_agreed": _HEART,
        "last_heart_rate": _HEART,
        "heart_rate_by_minute": _HEART,
        "heart_rate_over_baseline": _HEART,
        "heart_rate_excess": _HEART,
        "spo2": _OXYGEN,
        "spo2_agreed": _OXYGEN,
        "last_spo2": _OXYGEN,
        "nibp_systolic": _PRESSURE,
        "nibp_mean": _PRESSURE,
        "nibp_diastolic": _PRESSURE,
        "art_systolic": _PRESSURE,
        "art_mean": _PRESSURE,
        "art_diastolic": _PRESSURE,
        "systolic_share_of_baseline": _PRESSURE,
        "shock_index": _SHOCK_INDEX,
        "shock_index_rise": _SHOCK_INDEX,
    }
)
"""Signs of each kind of evidence when its value is high. Entries, scores, other rules and
monitoring states are not signs: they are known, consist of signs, or are reported themselves."""
_SCALES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "spot_temperature": "temperature",
        "temperature_by_minute": "temperature",
        "heart_rate_agreed": "heart_rate",
        "heart_rate_by_minute": "heart_rate",
        "spo2_agreed": "spo2",
        "art_systolic": "nibp_systolic",
        "art_mean": "nibp_mean",
        "art_diastolic": "nibp_diastolic",
    }
)
"""Kinds whose limits are compared with those of another kind."""
_AGES: Final = frozenset({"age", "age_of_last_present"})


def adds_sign(
    reported: Sequence[Evidence], branches: Iterable[Branch], again_at: float = inf
) -> bool:
    """Return True if a branch adds a sign to the evidence already reported.

    A branch adds a sign if it exceeds every reported limit of the same measurement, or if none of
    its signs was reported. A worse value for the same limit is not new, unless it is a score; signs
    that other rules find are reported by those rules.

    Parameters
    ----------
    again_at
        Points by which a score must exceed the reported one; infinite: no score is new.
    """
    return any(
        _adds_sign(branch, reported) or _scores_more(branch, reported, again_at)
        for branch in branches
    )


def is_opposite(evidence: Sequence[Evidence], other: Sequence[Evidence]) -> bool:
    """Return True if some evidence holds a sign that the other holds only on the other side.

    The upper limit of a range, such as 37.2 to 38.0, does not make its values low.
    """
    signs, others = (
        {sign for e in each if not _ends_range(e, each) for sign in _signs(e)}
        for each in (evidence, other)
    )
    return any((name, -way) in others and (name, way) not in others for name, way in signs)


def _scores_more(branch: Branch, reported: Sequence[Evidence], points: float) -> bool:
    """Return True if a score of the branch exceeds the reported one by some points."""
    before = {evidence.kind: evidence.value for evidence in reported if evidence.unit == SCORE}
    return any(
        evidence.value >= value + points
        for evidence in branch.own
        if evidence.value is not None and (value := before.get(evidence.kind)) is not None
    )


def _adds_sign(branch: Branch, reported: Sequence[Evidence]) -> bool:
    """Return True if one branch adds a sign to the evidence already reported."""
    own = [evidence for evidence in branch.own if _signs(evidence)]
    if not own:
        return False
    limits = {_limit(evidence) for evidence in reported}
    fresh = [evidence for evidence in own if _limit(evidence) not in limits]
    if any(_exceeds(evidence, reported) for evidence in fresh):
        return True
    known = {sign for evidence in reported for sign in _signs(evidence)}
    is_known = any(_signs(evidence) & known for evidence in branch.evidence)
    return fresh == own and not is_known


def _exceeds(evidence: Evidence, reported: Sequence[Evidence]) -> bool:
    scale, limit = _limit(evidence)
    way = _direction(evidence)
    others = [e.threshold for e in reported if _limit(e)[0] == scale and _direction(e) == way]
    return bool(others) and all(way * limit > way * other for other in others)


def _ends_range(evidence: Evidence, others: Iterable[Evidence]) -> bool:
    """Return True if the others state a high value of the same measurement below its limit."""
    scale, limit = _limit(evidence)
    begins = [_limit(e)[1] for e in others if _limit(e)[0] == scale and _direction(e) == HIGH]
    return _direction(evidence) == LOW and any(begin < limit for begin in begins)


def _limit(evidence: Evidence) -> tuple[str, float]:
    return _SCALES.get(evidence.kind, evidence.kind), evidence.threshold


def _signs(evidence: Evidence) -> frozenset[Sign]:
    if evidence.statistic in _AGES:
        return frozenset()
    way = _direction(evidence)
    return frozenset((sign, way * high) for sign, high in _SIGNS.get(evidence.kind, ()))


def _direction(evidence: Evidence) -> int:
    """Return the side of the limit on which a value lies; one without a value counts as high."""
    return LOW if evidence.value is not None and evidence.value < evidence.threshold else HIGH
