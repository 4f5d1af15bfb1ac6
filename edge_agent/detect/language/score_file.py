"""Reader of the score's table in TOML; `rules/README.md` describes it."""

from __future__ import annotations

import re
from typing import Final

from edge_agent.detect.language.rule import VITALS, Leaf, ShareCondition
from edge_agent.detect.language.rule_file import (
    BY_AGE_OR_NEVER,
    COUNT,
    RULE_ID,
    STATUS,
    read_group,
    read_threshold,
    read_times,
)
from edge_agent.detect.language.score_table import LONGEST_MIN, MINUTE_S, ScoreTable, Term
from edge_agent.detect.language.signals import SCORED
from edge_agent.model import toml_table as toml
from edge_agent.model.errors import RuleError
from edge_agent.model.toml_table import FieldType, TomlTable, read_toml

_HEAD: Final = re.compile(r"^\s*\[\s*score\s*\]", re.MULTILINE)
_NAME: Final = toml.text_like(r"[a-z][a-z0-9_]*", "a name such as high_fever")
_MOST_POINTS: Final = 100
_POINTS: Final = FieldType(
    f"a whole number from -{_MOST_POINTS} to {_MOST_POINTS}, not 0",
    lambda seen: seen if type(seen) is int and 0 < abs(seen) <= _MOST_POINTS else None,
    1,
)
_ENTRY: Final = toml.word_of(("product", "oxygen", "treatment"))
_SHOWN: Final = toml.word_of(SCORED)
_VITALS: Final = toml.word_of(name for name in SCORED if name in VITALS)
_SIGNALS: Final = toml.word_of(name for name in SCORED if name not in VITALS)


def is_score(text: str) -> bool:
    """Return True if a TOML text is the table of the score, and not a rule."""
    return _HEAD.search(text) is not None


def parse_score(source_name: str, text: str) -> ScoreTable:
    """Return the score that a TOML text describes.

    Raises
    ------
    RuleError
        For all mistakes together: each with its key, the value seen and the values allowed.
    """
    return read_toml(text, source_name, lambda file: _score(file, source_name), RuleError)


def _score(file: TomlTable, source_name: str) -> ScoreTable:
    head = file.table("score", is_required=True)
    terms: dict[str, Term] = {}
    for table in file.tables("term", is_required=True):
        term = _term(table, terms)
        if term.name in terms:
            table.wrong("name", f"{term.name} is the name of more than one term")
        terms[term.name] = term
    return ScoreTable(
        source_name=source_name,
        rule_id=head.get("id", RULE_ID),
        version=head.get("version", COUNT),
        source=head.get("source", toml.TEXT),
        status=head.get("status", STATUS),
        terms=tuple(terms.values()),
    )


def _term(table: TomlTable, above: dict[str, Term]) -> Term:
    """Return the term of a table; `above` holds those before it."""
    points = table.get("points", _POINTS)
    is_limb = table.get("is_limb", toml.FLAG, default=False)
    if is_limb and points < 0:
        table.refuse("points", "more than 0 where is_limb = true")
    unless = table.find("unless", _NAME)
    if unless is not None and unless not in above and not table.refused("unless"):
        table.refuse("unless", f"a term above: {', '.join(above) or 'none'}")
    return Term(
        name=table.get("name", _NAME),
        points=points,
        when=read_group(table, _leaf),
        is_limb=is_limb,
        unless=above.get(unless or ""),
        unknown_without=table.find("unknown_without", _ENTRY) or "",
        shows=table.find("shows", _SHOWN) or "",
    )


def _leaf(table: TomlTable) -> Leaf:
    """Return the condition about a value of each minute."""
    is_vital = "vital" in table
    name = table.get("vital", _VITALS) if is_vital else table.get("signal", _SIGNALS)
    at_least_s, window_s = read_times(table, MINUTE_S, float(MINUTE_S))
    if window_s > LONGEST_MIN * MINUTE_S:
        table.refuse("window_s", f"at most {LONGEST_MIN * MINUTE_S} s")
    threshold = read_threshold(table, SCORED[name].unit, BY_AGE_OR_NEVER)
    return ShareCondition(name, threshold, at_least_s, window_s, if_monitored=False)
