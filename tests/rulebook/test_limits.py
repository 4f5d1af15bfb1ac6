"""A limit that no reading can reach is a mistake of the rule, named before it runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edge_agent.detect.language.rule_file import parse_rule
from edge_agent.model.errors import RuleError
from edge_agent.rulebook.limits import limit_mistakes
from edge_agent.rulebook.rule_set import read_rulebook

RULE = """
[rule]
id = "ward.own"
version = 1
kind = "physiological"
priority = "high"
source = "test"
status = "unvalidated"
latch_s = 0
[when]
all = [
  {{ {condition} }},
]
for_s = 0
clear_for_s = 0
"""
RUNNING = 'vital = "{}", op = "{}", value = {}, unit = "{}", at_least_s = 60, window_s = 60'
LATEST = (
    'vital = "{}", statistic = "latest", op = "{}", value = {}, unit = "{}", confirm = 1, '
    "window_s = 3600"
)
CHILD = LATEST.format("nibp_systolic", "<", "90, by_age = [[1, {}]]", "mm[Hg]")
FAST_CHILD = RUNNING.format("heart_rate", ">", "150, by_age = [[1, {}]]", "/min")
SPOT = LATEST.replace("vital =", "signal =")


def said(condition: str) -> list[str]:
    rule = parse_rule("own.toml", RULE.format(condition=condition))
    return [str(mistake) for mistake in limit_mistakes([rule])]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (
            RUNNING.format("temperature", ">=", 101, "Cel"),
            "ward.own: temperature: limit 101; want 33 to 42.5 Cel: no reading beyond it is used",
        ),
        (RUNNING.format("spo2", "<", 0.92, "%"), "ward.own: spo2: limit 0.92; want 40 to 100 %"),
        (RUNNING.format("spo2", "<", 0, "%"), "ward.own: spo2: limit 0; want 40 to 100 %"),
        (RUNNING.format("spo2", "<=", 0, "%"), "ward.own: spo2: limit 0; want 40 to 100 %"),
        (RUNNING.format("spo2", ">", 100.5, "%"), "ward.own: spo2: limit 100.5; want 40 to 100 %"),
        (LATEST.format("nibp_systolic", "<", 10, "mm[Hg]"), "limit 10; want 50 to 250 mm[Hg]"),
        (SPOT.format("spot_temperature", ">", 99, "Cel"), "limit 99; want 33 to 42.5 Cel"),
        (CHILD.format(29), "limit 29 of a child; want 30 to 250 mm[Hg]: no reading beyond it"),
        (CHILD.format(251), "limit 251 of a child; want 30 to 250 mm[Hg]"),
        (FAST_CHILD.format(281), "limit 281 of a child; want 20 to 280 /min"),
    ],
)
def test_a_limit_outside_what_a_sign_can_be_is_named(condition: str, message: str) -> None:
    (found,) = said(condition)
    assert message in found


@pytest.mark.parametrize(
    "condition",
    [
        RUNNING.format("temperature", ">=", 33, "Cel"),
        RUNNING.format("temperature", "<=", 42.5, "Cel"),
        LATEST.format("nibp_systolic", "<", 90, "mm[Hg]"),
        CHILD.format(30),
        CHILD.format(250),
        CHILD.format(0),
        FAST_CHILD.format(280),
        RUNNING.format("spo2", ">=", 0, "%"),
        RUNNING.format("spo2", ">", 0, "%"),
        SPOT.format("systolic_share_of_baseline", "<", 30, "%"),
        'signal = "shock_index", op = ">=", value = 900, unit = "1"',
        'vital = "temperature", statistic = "age", op = ">", value = 900, unit = "s"',
    ],
)
def test_other_limits_are_taken(condition: str) -> None:
    assert said(condition) == []


def test_a_limit_is_named_once_and_a_folder_with_it_is_refused(tmp_path: Path) -> None:
    one = RUNNING.format("temperature", ">=", 101, "Cel")
    both = f"{one} }},\n  {{ {one}"
    assert len(said(both)) == 1
    (tmp_path / "own.toml").write_text(RULE.format(condition=one))
    with pytest.raises(RuleError, match="limit 101; want 33 to"):
        read_rulebook(tmp_path)


def test_no_text_states_a_limit() -> None:
    for texts in read_rulebook(None).words.values():
        for rule_id, text in texts.items():
            words = (text.headline, text.action, *text.cases.values())
            assert not re.search(r"(?<!SpO)(?<!NEWS)\d", " ".join(words)), rule_id
