"""The readings with which the conditions of rules began to be satisfied."""

from __future__ import annotations

from collections.abc import Mapping

from edge_agent.detect.arrays import Stamp
from edge_agent.detect.language.rule import ShareCondition
from edge_agent.detect.series.tracks import LATE_STEPS
from edge_agent.model.measurements import VitalKind


class FirstReadings:
    """First reading of each step that satisfies a condition's threshold, in every window."""

    def __init__(self, conditions: Mapping[VitalKind, tuple[ShareCondition, ...]]) -> None:
        self._found: dict[ShareCondition, dict[int, Stamp]] = {
            condition: {} for of_kind in conditions.values() for condition in of_kind
        }
        self._of_kind = {
            kind: [(condition, self._found[condition]) for condition in of_kind]
            for kind, of_kind in conditions.items()
        }

    def record(self) -> tuple[dict[int, Stamp], ...]:
        """Return the readings by step, in the order of the conditions in the rule set."""
        return tuple(self._found.values())

    def restore(self, record: tuple[dict[int, Stamp], ...]) -> None:
        """Restore the readings under the same rule set."""
        for found, stored in zip(self._found.values(), record, strict=True):
            found.clear()
            found.update(stored)

    def note(
        self, kind: VitalKind, step: int, value: float, stamp: Stamp, age_years: float | None
    ) -> None:
        """Note a reading that is the first of its step to satisfy a threshold; forget old ones."""
        for condition, found in self._of_kind.get(kind, ()):
            threshold = condition.threshold
            if not threshold.operator.holds(value, threshold.at_age(age_years)):
                continue
            first = found.get(step)
            if first is None or stamp.at < first.at:
                found[step] = stamp
                steps = condition.length + LATE_STEPS
                if len(found) > steps:
                    for old in [s for s in found if s <= step - steps]:
                        del found[old]

    def within(self, condition: ShareCondition, closed: int) -> Stamp | None:
        """Return the first reading in the window that ends with a step.

        None without one, and for a derived signal.
        """
        found = self._found.get(condition, {})
        begin = closed - condition.length
        steps = [s for s in found if begin < s <= closed]
        return found[min(steps)] if steps else None
