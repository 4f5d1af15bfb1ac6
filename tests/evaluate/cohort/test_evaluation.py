"""The rules and the score that an evaluation names."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.detect.language.scored_rules import ScoredRules, shipped_score
from edge_agent.evaluate.cohort.evaluation import RuleSet
from edge_agent.rulebook.rule_set import read_rulebook


def test_the_versions_are_those_of_the_rules_and_of_the_score_that_they_read() -> None:
    shipped = read_rulebook(None).rules
    fever = next(rule for rule in shipped if rule.rule_id == "crs.fever")
    version = fever.policy.rule_version
    own = ScoredRules([fever], replace(shipped_score(), version=7))
    assert RuleSet.of("own", own).rules == (("crs.fever", version), ("crs.suspicion", 7))
    plain = (("crs.fever", version), ("crs.suspicion", shipped_score().version))
    assert RuleSet.of("without a score of its own", [fever]).rules == plain
    assert len(RuleSet.of("shipped", shipped).rules) == len(shipped) + 1
