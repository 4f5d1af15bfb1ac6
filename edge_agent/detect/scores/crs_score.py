"""The CRS suspicion score: a sum of points by the terms of a table, over arrays of minutes.

Missing inputs make the score a range, from the lowest to the highest sum that they allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, reduce
from itertools import groupby
from math import inf, nextafter
from typing import Final

import numpy as np
import numpy.typing as npt

from edge_agent.detect.arrays import FloatArray
from edge_agent.detect.conditions.kleene import (
    ABSENT,
    INDETERMINATE,
    PRESENT,
    Answers,
    answers_from_counts,
    counted,
)
from edge_agent.detect.language.rule import Condition, ConditionGroup, Operator
from edge_agent.detect.language.score_table import MINUTE_S, ScoreTable

PointArray = npt.NDArray[np.int16]
_KNOWN_BY: Final = {
    "product": "product_is_known",
    "oxygen": "has_oxygen",
    "treatment": "treatment_is_known",
}
"""Signal that is NaN where nobody entered it."""


@dataclass(frozen=True, slots=True)
class ScoreRange:
    """Lowest and highest score that the inputs allow, shape (n,)."""

    low: FloatArray
    high: FloatArray


class CrsScore:
    """A table of the score as rows of limits, for answers in all minutes at once."""

    def __init__(self, table: ScoreTable) -> None:
        self.terms = table.terms
        self.texts = [term.text for term in table.terms]
        leaves = sorted(dict.fromkeys(table.leaves()), key=lambda leaf: leaf.window_s)
        thresholds = [leaf.threshold for leaf in leaves]
        self._signals = [leaf.signal for leaf in leaves]
        self._row_of: dict[Condition, int] = {leaf: row for row, leaf in enumerate(leaves)}
        self._directions = _column([-1.0 if t.operator.low_is_bad else 1.0 for t in thresholds])
        self._least = _column([_least(t.operator, t.value) for t in thresholds])
        self._by_age = [(row, t) for row, t in enumerate(thresholds) if t.by_age]
        needed = [[round(leaf.at_least_s / MINUTE_S)] for leaf in leaves]
        self._needed = np.array(needed, np.int8)
        self._spans: list[tuple[int, slice]] = []
        """Window in minutes of each run of rows."""
        for window_s, same_window in groupby(leaves, key=lambda leaf: leaf.window_s):
            begin = self._spans[-1][1].stop if self._spans else 0
            rows = slice(begin, begin + len(list(same_window)))
            self._spans.append((round(window_s / MINUTE_S), rows))
        self._points = np.array([[term.points] for term in self.terms], np.int16)
        self._is_limb = np.array([term.is_limb for term in self.terms])

    def answers(self, signals: Mapping[str, FloatArray]) -> Answers:
        """Return the answer of each term in each minute by what was measured and entered.

        Where nobody entered the product, oxygen or treatment, its term counts as if there were
        none.

        Parameters
        ----------
        signals
            Those of `SCORED`, and the age in years, each of shape (n,).

        Returns
        -------
        Answers
            Shape (terms, n).
        """
        values = np.array([signals[name] for name in self._signals])
        signed = self._directions * values
        satisfies = signed >= self._least
        for row, threshold in self._by_age:
            limits = np.full(signed.shape[1], self._least[row])
            for below, limit in reversed(threshold.by_age):
                limits[signals["age_years"] < below] = _least(threshold.operator, limit)
            satisfies[row] = signed[row] >= limits
        is_empty = np.isnan(values)
        found = np.empty(values.shape, np.int8)
        for minutes, rows in self._spans:
            satisfied, empty = counted(satisfies[rows], minutes), counted(is_empty[rows], minutes)
            found[rows] = answers_from_counts(satisfied, empty, self._needed[rows])
        by_term: dict[str, Answers] = {}
        for term in self.terms:
            answer = self._answer(term.when, found)
            if term.unless is not None:
                answer = np.minimum(answer, -by_term[term.unless.name])
            by_term[term.name] = answer
        return np.array(list(by_term.values()))

    def _answer(self, condition: Condition, found: Answers) -> Answers:
        if not isinstance(condition, ConditionGroup):
            row: Answers = found[self._row_of[condition]]
            return row
        parts = [self._answer(part, found) for part in condition.conditions]
        answer: Answers = reduce(np.maximum if condition.is_any else np.minimum, parts)
        return answer

    def with_unknown(self, answers: Answers, signals: Mapping[str, FloatArray]) -> Answers:
        """Return the answers, at least INDETERMINATE where nobody entered what a term needs."""
        found = answers.copy()
        for row, term in enumerate(self.terms):
            if term.unknown_without:
                is_missing = np.isnan(signals[_KNOWN_BY[term.unknown_without]])
                found[row, is_missing] = np.maximum(found[row, is_missing], INDETERMINATE)
        return found

    def points(self, answers: Answers) -> tuple[PointArray, PointArray]:
        """Return the lowest and highest points of each term, each of shape (terms, n)."""
        certain = self._points * (answers == PRESENT)
        possible = self._points * (answers != ABSENT)
        return np.minimum(certain, possible), np.maximum(certain, possible)

    def total(self, answers: Answers) -> ScoreRange:
        """Return the range of the score.

        Terms against CRS reduce the points of all terms but those of pressure and oxygen.
        """
        low, high = self.points(answers)
        return ScoreRange(self._total(low), self._total(high))

    def _total(self, points: PointArray) -> FloatArray:
        limb, others = points[self._is_limb], points[~self._is_limb]
        total: FloatArray = np.maximum(others.sum(axis=0), 0.0) + limb.sum(axis=0)
        return total


def _column(values: list[float]) -> FloatArray:
    return np.array(values, np.float64)[:, np.newaxis]


def _least(operator: Operator, limit: float) -> float:
    """Return the lowest value that satisfies a limit; values are negated where low is bad."""
    signed = -limit if operator.low_is_bad else limit
    is_strict = operator in {Operator.BELOW, Operator.ABOVE}
    return nextafter(signed, inf) if is_strict else signed


@cache
def compiled(table: ScoreTable) -> CrsScore:
    """Return the score of a table."""
    return CrsScore(table)
