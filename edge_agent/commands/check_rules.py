"""`crswatch check-rules`: a check of the rules and of their vectors."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from edge_agent.detect.language.rule import Rule
from edge_agent.detect.language.score_table import ScoreTable
from edge_agent.rulebook.rule_set import prove, read_rulebook


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Read every rule below a folder (default: the rules shipped with the "
        "program), report every mistake at once and run each rule's vectors. Exit status 0: all "
        "as expected, 1: a vector differs, 2: a file is wrong."
    )
    parser.add_argument("folder", type=Path, nargs="?", help="folder of *.toml rule files")


def run(arguments: argparse.Namespace) -> int:
    """Check the rules and list them."""
    book = read_rulebook(arguments.folder)
    for rule in sorted(book.rules, key=lambda r: r.rule_id):
        policy = rule.policy
        kind = f"{policy.kind.value:<14}{policy.priority.name.lower():<7}"
        _list(rule, policy.rule_version, kind)
    score = book.rules.score
    _list(score, score.version, f"{f'score of {len(score.terms)} terms':<21}")
    mistakes = prove(book)
    for mistake in mistakes:
        sys.stderr.write(f"{mistake}\n")
    verdict = f"{len(mistakes)} differ" if mistakes else "all vectors as expected"
    sys.stdout.write(f"{len(book.rules)} rules, {len(book.vector_texts)} vectors: {verdict}\n")
    return 1 if mistakes else 0


def _list(rule: Rule | ScoreTable, version: int, kind: str) -> None:
    sys.stdout.write(f"{rule.rule_id:<26} v{version} {kind} {rule.status:<12} {rule.source}\n")
