"""Every shipped rule does what its vectors say, and a wrong expectation is found out."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge_agent.detect.language.rule import Rule, check_rules
from edge_agent.detect.language.signals import DERIVED, SCORED
from edge_agent.rulebook.proof import run_vectors
from edge_agent.rulebook.rule_set import read_rulebook
from edge_agent.rulebook.vectors import Expectation
from edge_agent.rulebook.vectors_file import parse_vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

RULES = Path(__file__).resolve().parents[2] / "rules"
VECTORS = sorted(RULES.rglob("*.vectors.toml"))


def shipped() -> Sequence[Rule]:
    return read_rulebook(None).rules


def named(path: Path) -> str:
    return path.relative_to(RULES).as_posix()


def test_the_table_of_the_score_names_every_value_with_its_unit_and_words() -> None:
    text = (RULES / "README.md").read_text("utf-8")
    for name, signal in SCORED.items():
        assert f"| `{name}` | {signal.unit} | {signal.words} |\n" in text


def test_the_shipped_rules_fit_together_and_each_has_vectors() -> None:
    rules = shipped()
    assert check_rules(rules) == []
    proven = {parse_vectors(named(p), p.read_text("utf-8")).rule_id for p in VECTORS}
    assert proven == {rule.rule_id for rule in rules}


def test_severe_hypoxia_is_never_part_of_another_alert() -> None:
    assert not [r.rule_id for r in shipped() if r.policy.absorbs_rule("vital.severe_hypoxia")]


def test_the_text_of_a_crs_pattern_never_rules_infection_out() -> None:
    texts = {rule.rule_id: rule.policy.text for rule in read_rulebook(None).rules}
    for rule_id in ("crs.suspected", "crs.organ_sign"):
        assert texts[rule_id].startswith("CRS or infection")


@pytest.mark.untraced
@pytest.mark.parametrize("path", VECTORS, ids=named)
def test_a_shipped_rule_does_what_its_vectors_say(path: Path) -> None:
    vectors = parse_vectors(named(path), path.read_text("utf-8"))
    assert run_vectors(shipped(), vectors) == []


@pytest.mark.parametrize("rule", shipped(), ids=lambda rule: rule.rule_id)
def test_the_vectors_of_a_rule_show_silence_an_alert_a_gap_and_how_it_ends(rule: Rule) -> None:
    texts = [(named(path), path.read_text("utf-8")) for path in VECTORS]
    ours = [(name, text) for name, text in texts if f'rule = "{rule.rule_id}"\n' in text]
    states = [e.state for name, text in ours for e in parse_vectors(name, text).expect]
    assert {"none", "raised"} <= set(states)
    assert {"latched", "resolved"} & set(states)
    lines = [line for _, text in ours for line in text.splitlines()]
    assert any("_" in line.partition("=")[2] for line in lines if line.startswith("series."))


def test_a_wrong_expectation_is_found_out() -> None:
    path = RULES / "system" / "feed.vectors.toml"
    vectors = parse_vectors(named(path), path.read_text("utf-8"))
    wrong = replace(vectors, expect=(Expectation(170, "raised"), Expectation(300, "raised")))
    (mistake,) = run_vectors(shipped(), wrong)
    assert str(mistake) == (
        "system/feed.vectors.toml: expect[0].state: raised at 170 s; the alert is none"
    )


def test_vectors_of_an_unknown_rule_are_a_mistake() -> None:
    path = RULES / "system" / "feed.vectors.toml"
    vectors = parse_vectors(named(path), path.read_text("utf-8"))
    (mistake,) = run_vectors(shipped(), replace(vectors, rule_id="crs.gone"))
    assert mistake.message == "no rule has the id crs.gone"


def test_a_pending_alert_shows_in_the_states_and_one_that_vanished_does_not() -> None:
    path = RULES / "system" / "feed.vectors.toml"
    rules = [r for r in shipped() if r.rule_id == "system.feed"]
    slow = [replace(r, policy=replace(r.policy, for_s=100)) for r in rules]
    vectors = parse_vectors(named(path), path.read_text("utf-8"))
    states = (Expectation(300, "pending"), Expectation(380, "none"))
    assert run_vectors(slow, replace(vectors, expect=states, acknowledge_at_s=(300,))) == []


def test_the_table_of_signals_names_every_signal_with_its_unit_and_meaning() -> None:
    text = (RULES / "README.md").read_text("utf-8")
    for name, signal in DERIVED.items():
        assert re.search(rf"^\| `{name}` \| {re.escape(signal.unit)} \| .* \|$", text, re.M), name
        assert signal.meaning in text
