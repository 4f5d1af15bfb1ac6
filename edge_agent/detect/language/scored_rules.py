"""A set of rules with the table of the score that they read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from edge_agent.detect.language.rule import Rule
from edge_agent.detect.language.score_file import parse_score
from edge_agent.detect.language.score_table import ScoreTable

_SHIPPED: Final = "score/crs_suspicion.toml"


class ScoredRules(tuple[Rule, ...]):
    """Rules and the score of one folder."""

    score: ScoreTable

    def __new__(cls, rules: Iterable[Rule], score: ScoreTable) -> ScoredRules:
        """Return the rules with their score."""
        made = super().__new__(cls, rules)
        made.score = score
        return made

    def __getnewargs__(self) -> tuple[tuple[Rule, ...], ScoreTable]:
        """Return the arguments that make it again in another process."""
        return tuple(self), self.score


def score_of(rules: Sequence[Rule]) -> ScoreTable:
    """Return the score of a set of rules, the shipped one for rules without their own."""
    return rules.score if isinstance(rules, ScoredRules) else shipped_score()


def shipped_text() -> str:
    """Return the text of the shipped table."""
    return (files("edge_agent") / "rules" / _SHIPPED).read_text("utf-8")


@cache
def shipped_score() -> ScoreTable:
    """Return the shipped table."""
    return parse_score(_SHIPPED, shipped_text())
