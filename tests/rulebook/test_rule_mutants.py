"""The vectors of the shipped rules find small mistakes in them: a limit, a comparison, a time."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import pytest

from edge_agent.rulebook.proof import run_vectors
from edge_agent.rulebook.rule_set import read_rulebook
from edge_agent.rulebook.vectors_file import parse_vectors
from tests.support.rule_mutants import Mutant, mutants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_agent.detect.language.rule import Rule

BOOK: Final = read_rulebook(None)
AT_MOST: Final = 8
"""Mutants of one rule, spread over all of it: each plays the whole course of the rule's vectors."""
TELLING: Final = ("flipped", "share", "longer", "age", "state", "within", "for_s", "left out")
UNSEEN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        # The limit itself is a fraction that the signal does not hit, and a number of hours that
        # no vectors wait for.
        # The newest minute of a signal that is worked out counts: there is nothing shorter.
        "crs.fever": ("when 3.1 flipped", "when 4.1 flipped", "when 4.1 longer"),
        "crs.prefever": (
            *(f"when {n} flipped" for n in (0, 1, 3)),
            *(f"when {n} longer" for n in (0, 3)),
        ),
        "crs.organ_sign": ("when 0.1 flipped", "when 0.1 -0.5", "when 0.2 flipped", "when 0.2 -1"),
        # No vectors wait for a week after a fever.
        "crs.hypotension": tuple(f"when {n}.2 within +" for n in (4, 6, 8)),
        # One minute of a signal that is worked out: there is nothing shorter.
        "signal.hidden.heart_rate": ("when 1 longer",),
        "signal.hidden.spo2": ("when 1 longer",),
        "signal.hidden.temperature": ("when 1 longer",),
        "signal.not_computable": ("when 1 longer",),
        # Any reading counts, and none is near 0; the absence is known by the minute.
        "system.still_away": (
            "when 0 longer",
            *(f"when 2.{n} {how}" for n in (0, 1) for how in ("flipped", "-1", "+1")),
        ),
        # The limit itself is a fraction that the signal does not hit.
        "signal.slipped.temperature": ("when 1.0 flipped", "when 1.1 flipped"),
        # One step of a signal: there is nothing shorter.
        "signal.hidden.monitor": ("when 4.0 longer", "when 4.1 longer"),
        # What was known once is known for good, and an SpO2 of 0 is no value.
        "signal.lost.monitor": (
            *(f"when 4.{n} {how}" for n in (0, 1) for how in ("longer", "-1")),
            *(f"when 4.1 {how}" for how in ("flipped", "+1")),
        ),
        # The cuff's overdue time is known by the minute, the age of the line comes before it.
        "signal.lost.blood_pressure": ("when 1 age -10", "when 2 age -10"),
    }
)
"""Mutants that the vectors cannot tell, and why."""


def _is_asked(rule: Rule, mutant: Mutant) -> bool:
    """Return whether a mutant is one of those that every rule's vectors must tell."""
    name = mutant.name
    if name.startswith("clear ") or "child" in name or "window" in name:
        return False
    is_limit = name.rpartition(" ")[2][0] in "+-"
    is_told = is_limit or any(word in name for word in TELLING)
    return is_told and name not in UNSEEN.get(rule.rule_id, ())


def _asked() -> list[tuple[Rule, Mutant]]:
    found = []
    for rule in BOOK.rules:
        some = [mutant for mutant in mutants(rule) if _is_asked(rule, mutant)]
        every = max(1, -(-len(some) // AT_MOST))
        found += [(rule, mutant) for mutant in some[::every]]
    return found


def _is_found_out(mutant: Mutant) -> bool:
    rule_id = mutant.rule.rule_id
    rules = [mutant.rule if rule.rule_id == rule_id else rule for rule in BOOK.rules]
    courses = [parse_vectors(name, text) for name, text in BOOK.vector_texts]
    ours = [course for course in courses if course.rule_id == rule_id]
    ours.sort(key=lambda course: max(expected.at_s for expected in course.expect))
    return any(run_vectors(rules, course) for course in ours)


@pytest.mark.proof
@pytest.mark.parametrize(
    ("rule", "mutant"), [pytest.param(r, m, id=f"{r.rule_id}: {m.name}") for r, m in _asked()]
)
def test_a_small_mistake_in_a_shipped_rule_is_found_out(rule: Rule, mutant: Mutant) -> None:
    assert mutant.rule != rule
    assert _is_found_out(mutant)


def test_every_shipped_rule_has_at_least_three_planted_mistakes() -> None:
    counts = {rule.rule_id: 0 for rule in BOOK.rules}
    for rule, _ in _asked():
        counts[rule.rule_id] += 1
    assert min(counts.values()) >= 3
