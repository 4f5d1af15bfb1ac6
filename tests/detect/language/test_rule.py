"""A set of rules fits together: known ids, no cycles, and orders that say who comes first."""

from __future__ import annotations

from edge_agent.detect.language.rule import absorption_order, check_rules, evaluation_order
from tests.support.detector_inputs import rule


def reading(*needed: str) -> str:
    return "all = [" + ", ".join(f'{{ rule = "{name}" }}' for name in needed) + "]"


AGE = 'all = [{ vital = "any", statistic = "age", op = ">", value = 30, unit = "s" }]'


def test_a_fitting_set_has_no_mistakes_and_reads_before_it_is_read() -> None:
    rules = [
        rule(reading("a.b", "a.c"), rule_id="a.a"),
        rule(reading("a.c"), rule_id="a.b"),
        rule(AGE, rule_id="a.c"),
    ]
    assert check_rules(rules) == []
    assert [r.rule_id for r in evaluation_order(rules)] == ["a.c", "a.b", "a.a"]


def test_absorbing_rules_come_first_then_the_urgent_ones() -> None:
    rules = [
        rule(AGE, rule_id="b.x"),
        rule(AGE, rule_id="b.y", head='absorbs = ["b.*", "c.x"]'),
        rule(AGE, rule_id="c.x", head='absorbs = ["b.x"]'),
        rule(AGE, rule_id="a.x"),
    ]
    assert check_rules(rules) == []
    assert [r.rule_id for r in absorption_order(rules)] == ["a.x", "b.y", "c.x", "b.x"]


def test_doubled_and_unknown_names_are_mistakes() -> None:
    rules = [
        rule(AGE, rule_id="a.a"),
        rule(AGE, rule_id="a.a"),
        rule(reading("x.y"), rule_id="b.b", head='absorbs = ["b.*", "c.c"]'),
    ]
    got = [f"{m.key}: {m.message}" for m in check_rules(rules)]
    assert got == [
        "rule.id: a.a is the id of more than one rule",
        "rule.id: a.a is the id of more than one rule",
        "when: no rule has the id x.y",
        "rule.absorbs: no other rule matches b.*",
        "rule.absorbs: no other rule matches c.c",
    ]


def test_rules_that_read_each_other_are_a_mistake() -> None:
    rules = [rule(reading("a.b"), rule_id="a.a"), rule(reading("a.a"), rule_id="a.b")]
    (mistake,) = check_rules(rules)
    assert mistake.key == "when"
    assert mistake.message.startswith("rules in a cycle: a.")


def test_rules_that_absorb_each_other_are_a_mistake() -> None:
    rules = [
        rule(AGE, rule_id="a.a", head='absorbs = ["a.b"]'),
        rule(AGE, rule_id="a.b", head='absorbs = ["a.*"]'),
    ]
    (mistake,) = check_rules(rules)
    assert mistake.key == "rule.absorbs"
