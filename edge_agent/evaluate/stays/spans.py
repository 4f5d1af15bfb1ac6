"""Stretches of time in which a condition holds, as arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Stretches in order that do not touch: from each start, included, to its end, excluded."""

    starts_s: Float64
    ends_s: Float64

    @classmethod
    def of(cls, pairs: Iterable[tuple[float, float]]) -> Spans:
        """Return the union of stretches given in any order; empty ones are ignored."""
        merged: list[list[float]] = []
        for begin, end in sorted(pair for pair in pairs if pair[1] > pair[0]):
            if merged and begin <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([begin, end])
        ends = np.array(merged, np.float64).reshape(-1, 2)
        return cls(ends[:, 0], ends[:, 1])

    def hold(self, at_s: Float64) -> Bools:
        """Return True for each of the moments `at_s`, shape (n,), that lies inside."""
        index = np.searchsorted(self.starts_s, at_s, "right") - 1
        if not self.starts_s.size:
            return np.zeros(at_s.size, np.bool_)
        return np.asarray((index >= 0) & (at_s < self.ends_s[np.maximum(index, 0)]), np.bool_)

    def widened(self, before_s: float, after_s: float) -> Spans:
        """Return the spans, each begun earlier and ended later."""
        return Spans.of(
            (float(begin) - before_s, float(end) + after_s)
            for begin, end in zip(self.starts_s, self.ends_s, strict=True)
        )

    def joined(self, *others: Spans) -> Spans:
        """Return the union with other spans."""
        return Spans.of(pair for spans in (self, *others) for pair in spans.pairs())

    def pairs(self) -> list[tuple[float, float]]:
        """Return start and end of each stretch."""
        return list(zip(self.starts_s.tolist(), self.ends_s.tolist(), strict=True))

    @property
    def total_s(self) -> float:
        """Total length of all stretches, seconds."""
        return float((self.ends_s - self.starts_s).sum())


def first_and_after(is_so: Bools) -> Indices:
    """Return the first index of each stretch and the index after its last, shape (k, 2)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], is_so, [False])).astype(np.int8)))
    return np.reshape(edges, (-1, 2))


def runs(is_so: Bools, step_s: float) -> Spans:
    """Return the stretches in which a series of steps is true; step n covers [n, n + 1) steps."""
    ends = first_and_after(is_so).astype(np.float64) * step_s
    return Spans(ends[:, 0], ends[:, 1])


def persistent(spans: Spans, for_s: float, clear_for_s: float) -> Spans:
    """Return the spans of an alarm that waits `for_s` to begin and `clear_for_s` to end.

    A span shorter than `for_s` gives no alarm; a pause shorter than `clear_for_s` does not end one.
    """
    lasting = spans.ends_s - spans.starts_s >= for_s
    begins, ends = spans.starts_s[lasting] + for_s, spans.ends_s[lasting] + clear_for_s
    return Spans.of(zip(begins.tolist(), ends.tolist(), strict=True))
