"""Every command line that the README and the guides show is one that the program takes."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from edge_agent.__main__ import build_parser
from edge_agent.detect.language.rule import ShareCondition
from edge_agent.rulebook.rule_set import read_rulebook
from tests.support.pages import PAGES, ROOT

SHOWN_IN = [ROOT / "README.md", ROOT / "broker_config" / "README.md", *PAGES]
_COMMAND = re.compile(r"(?:\.venv/bin/)?crswatch ([a-z][a-z-]*(?: [^`\n]*)?)")
_OTHER = {"pulsetrak"}
"""Drivers that the guides write."""


def command_lines(text: str) -> list[str]:
    """Return what stands behind `crswatch` in blocks and in spans in backquotes."""
    spans = re.findall(r"`(crswatch [^`]+)`", text)
    lines = [line[4:] for line in text.splitlines() if line.startswith("    ")]
    fenced = "\n".join(re.findall(r"^```\w*.*?\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    lines += [line.removeprefix("$ ") for line in fenced.splitlines()]
    shown = [_COMMAND.match(line.split("  #")[0]) for line in (*spans, *lines)]
    return [re.split(r" > | 2> ", found[1])[0].strip() for found in shown if found is not None]


@pytest.mark.parametrize("path", SHOWN_IN, ids=lambda path: path.name)
def test_command_lines_are_taken(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = []
    for line in command_lines(path.read_text()):
        words = shlex.split(line.replace("[", "").replace("]", ""))
        if len(words) == 1 or "--help" in words or _OTHER & set(words):
            continue  # the name of a command alone
        try:
            build_parser(words[0]).parse_args(words)
        except SystemExit:
            said = capsys.readouterr().err.splitlines()[-1]
            if not said.endswith(f"argument {words[-1]}: expected one argument"):
                refused.append((line, said))  # an option's name alone is one that there is
    assert refused == []


def test_the_first_command_lines_of_the_readme_are_found() -> None:
    found = command_lines((ROOT / "README.md").read_text())
    assert "demo --speed 20 --for 300" in found
    assert "check-config gateway.toml" in found
    assert len(found) > 15


def test_the_line_of_the_guide_to_detect_is_of_the_rule_that_it_names() -> None:
    page = (ROOT / "docs" / "detect.md").read_text()
    texts = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    (line,) = [json.loads(text) for text in texts if "rule_version" in text]
    (rule,) = [rule for rule in read_rulebook(None).rules if rule.rule_id == line["rule_id"]]
    assert line["rule_version"] == rule.policy.rule_version
    (evidence,) = line["evidence"]
    assert any(
        isinstance(leaf, ShareCondition)
        and leaf.signal == evidence["kind"]
        and evidence["statistic"] == f"for_{leaf.at_least_s:g}_s"
        and leaf.window_s == evidence["window_s"]
        and leaf.threshold.value == evidence["threshold"]
        for leaf in rule.when.leaves()
    )
    assert rule.policy.text.startswith(line["text"].removesuffix("..."))
