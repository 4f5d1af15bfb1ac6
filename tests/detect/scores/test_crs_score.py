"""The table of the CRS suspicion score gives the answers of a slow reference, minute by minute."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import isnan
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from edge_agent.detect.language.rule import ConditionGroup, ShareCondition
from edge_agent.detect.language.score_table import ScoreTable
from edge_agent.detect.language.scored_rules import shipped_score
from edge_agent.detect.minutes.formulas import ROW, WINDOW_MIN, derived, score_signals
from edge_agent.detect.scores.crs_score import CrsScore, compiled
from tests.support.rule_mutants import FLIPPED
from tests.support.slow_score import random_minutes, slow_answers, slow_score

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_agent.detect.arrays import FloatArray
    from edge_agent.detect.conditions.kleene import Answers

TABLE: Final = shipped_score()
NAMES: Final = [term.name for term in TABLE.terms]
STEPS: Final = {
    "temperature": 0.1,
    "temperature_over_baseline": 0.1,
    "temperature_slope": 0.01,
    "shock_index": 0.02,
    "shock_index_rise": 0.02,
}
"""A small change of a limit; 1 of the unit where it is not given."""
MINUTES: Final = 120
STAYS: Final = [random_minutes(np.random.default_rng(seed), MINUTES) for seed in range(28)]


def signals(inputs: FloatArray, score: CrsScore) -> dict[str, FloatArray]:
    row = {name: inputs[at] for name, at in ROW.items()}
    return score_signals(row, derived(inputs, score))


def both(inputs: FloatArray, score: CrsScore) -> tuple[Answers, Answers]:
    """Return the answers as entered, and with what nobody entered."""
    read = signals(inputs, score)
    entered = score.answers(read)
    return entered, score.with_unknown(entered, read)


EXPECTED: Final = [
    tuple(
        np.array(list(slow_answers(inputs, as_entered=as_entered).values()))
        for as_entered in (True, False)
    )
    for inputs in STAYS
]


def score_differs(table: ScoreTable) -> bool:
    """Return True if a table gives another answer or score than the reference in any minute."""
    score = CrsScore(table)
    for inputs, expected in zip(STAYS, EXPECTED, strict=True):
        found = both(inputs, score)
        if any(not np.array_equal(a, b) for a, b in zip(found, expected, strict=True)):
            return True
        answers = dict(zip(NAMES, expected[1].tolist(), strict=True))
        total = score.total(expected[1])
        ends = zip(total.low.tolist(), total.high.tolist(), strict=True)
        if list(ends) != [slow_score(answers, minute) for minute in range(MINUTES)]:
            return True
    return False


def test_the_table_gives_the_answers_of_the_slow_reference() -> None:
    assert not score_differs(TABLE)
    answers = np.concatenate([expected[1] for expected in EXPECTED], axis=1)
    for name, row in zip(NAMES, answers, strict=True):
        assert {-1, 1} <= set(row.tolist()), name


def test_the_newest_of_the_stored_minutes_has_the_answers_of_the_whole_stay() -> None:
    score = compiled(TABLE)
    for inputs in STAYS[:6]:
        for whole, name in zip(both(inputs, score), ("entered", "unknown"), strict=True):
            for end in range(WINDOW_MIN, MINUTES, 7):
                live = both(inputs[:, end - WINDOW_MIN : end], score)[name == "unknown"]
                assert live[:, -1].tolist() == whole[:, end - 1].tolist()


def test_the_range_holds_every_score_that_the_missing_answers_allow() -> None:
    rng = np.random.default_rng(1)
    score = compiled(TABLE)
    for _ in range(50):
        answers = rng.integers(-1, 2, (len(NAMES), 1)).astype(np.int8)
        open_rows = np.flatnonzero(answers[:, 0] == 0)
        answers[open_rows[6:]] = -1
        sums = []
        for values in product((-1, 1), repeat=open_rows[:6].size):
            settled = answers.copy()
            settled[open_rows[:6], 0] = values
            one = score.total(settled)
            assert one.low[0] == one.high[0]
            sums.append(one.low[0])
        whole = score.total(answers)
        assert (whole.low[0], whole.high[0]) == (min(sums), max(sums))


def changed_leaves(leaf: ShareCondition) -> Iterator[tuple[str, ShareCondition]]:
    """Yield a condition with one small mistake each."""
    limit, least_s, window_s = leaf.threshold, leaf.at_least_s, leaf.window_s
    step = STEPS.get(leaf.signal, 1.0)
    thresholds = {"flipped": replace(limit, operator=FLIPPED[limit.operator])}
    for change in (-step, step):
        thresholds[f"{change:+g}"] = replace(limit, value=limit.value + change)
    for index, (below, value) in enumerate(limit.by_age):
        for name, pair in (
            ("age", (below + 1, value)),
            ("limit", (below, (limit.value if isnan(value) else value) - 0.1)),
        ):
            by_age = (*limit.by_age[:index], pair, *limit.by_age[index + 1 :])
            thresholds[f"{name} of child {index}"] = replace(limit, by_age=by_age)
    yield from ((name, replace(leaf, threshold=changed)) for name, changed in thresholds.items())
    yield "longer", replace(leaf, at_least_s=least_s + 60, window_s=window_s + 60)
    if window_s > 60:
        yield "share -", replace(leaf, at_least_s=least_s - 60)
        yield "share +", replace(leaf, at_least_s=least_s + 60)
        yield "window -", replace(leaf, window_s=window_s - 60)
        yield "window +", replace(leaf, window_s=window_s + 60)


def changed_groups(group: ConditionGroup) -> Iterator[tuple[str, ConditionGroup]]:
    """Yield the conditions of a term with one small mistake each."""
    parts = group.conditions
    for index, part in enumerate(parts):
        if isinstance(part, ConditionGroup):
            changes: list[tuple[str, ConditionGroup | ShareCondition]] = [*changed_groups(part)]
        else:
            assert isinstance(part, ShareCondition)
            changes = [*changed_leaves(part)]
        for name, changed in changes:
            others = (*parts[:index], changed, *parts[index + 1 :])
            yield f"{index} {name}", replace(group, conditions=others)
        if len(parts) > 1:
            yield (
                f"{index} left out",
                replace(group, conditions=(*parts[:index], *parts[index + 1 :])),
            )
    if len(parts) > 1:
        yield "any for all", replace(group, is_any=not group.is_any)


def mutants() -> Iterator[tuple[str, ScoreTable]]:
    """Yield the shipped table with one small mistake each."""
    for index, term in enumerate(TABLE.terms):
        changed = [
            ("points", replace(term, points=term.points + 1 or 2)),
            ("limb", replace(term, is_limb=not term.is_limb)),
        ]
        if term.unless:
            changed.append(("unless", replace(term, unless=None)))
        other = "" if term.unknown_without else "treatment"
        changed.append(("unknown", replace(term, unknown_without=other)))
        changed += [(name, replace(term, when=when)) for name, when in changed_groups(term.when)]
        for name, mutant in changed:
            terms = (*TABLE.terms[:index], mutant, *TABLE.terms[index + 1 :])
            yield (
                f"{term.name} {name}",
                ScoreTable("", "crs.suspicion", 1, "test", "unvalidated", terms),
            )


EQUAL: Final = {"high_fever limb"}
"""A high fever is a fever: what speaks against CRS never outweighs their four points."""


@pytest.mark.untraced
def test_a_small_mistake_in_the_table_is_found() -> None:
    survived = {name for name, table in mutants() if not score_differs(table)}
    assert survived == EQUAL
