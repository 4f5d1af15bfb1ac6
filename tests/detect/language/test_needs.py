"""Needs of a rule set, the same in every process: they order the windows stored for a restart."""

from __future__ import annotations

import os
import subprocess
import sys

from edge_agent.detect.language.needs import needs_of
from edge_agent.detect.language.rule import ShareCondition
from edge_agent.rulebook.rule_set import read_rulebook

PRINT = """
from edge_agent.detect.language.needs import needs_of
from edge_agent.rulebook.rule_set import read_rulebook
needs = needs_of(read_rulebook(None).rules)
print([(kind.value, [str(c) for c in conditions]) for kind, conditions in needs.firsts.items()])
"""


def test_conditions_stand_in_the_order_of_the_rules() -> None:
    rules = read_rulebook(None).rules
    leaves = dict.fromkeys(leaf for rule in rules for leaf in rule.leaves())
    for kind, conditions in needs_of(rules).firsts.items():
        assert conditions == tuple(
            leaf for leaf in leaves if isinstance(leaf, ShareCondition) and leaf.kind is kind
        )


def test_two_processes_agree_on_the_order() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", PRINT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1
