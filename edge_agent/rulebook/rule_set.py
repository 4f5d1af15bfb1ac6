"""The rule files, shipped or from a folder, read and checked as one set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from edge_agent.detect.language.needs import longest_window_s
from edge_agent.detect.language.rule import Rule, check_rules
from edge_agent.detect.language.rule_file import parse_rule
from edge_agent.detect.language.score_file import is_score, parse_score
from edge_agent.detect.language.score_table import ScoreTable
from edge_agent.detect.language.scored_rules import ScoredRules, shipped_score, shipped_text
from edge_agent.model.errors import ConfigError, Mistake, RuleError
from edge_agent.model.language import Language
from edge_agent.model.texts import read_text
from edge_agent.rulebook.limits import limit_mistakes
from edge_agent.rulebook.proof import run_vectors
from edge_agent.rulebook.vectors_file import parse_vectors
from edge_agent.wording.rule_texts import (
    RuleText,
    RuleTexts,
    general_text,
    is_text_file,
    read_rule_texts,
)

_VECTORS: Final = ".vectors.toml"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A checked set of rules with the texts of its files."""

    rules: ScoredRules
    texts: tuple[str, ...]
    """Texts of the rules and of the score."""
    vector_texts: tuple[tuple[str, str], ...]
    """Name and text of each vectors file."""
    words: RuleTexts
    """Words of every rule, by language."""

    @property
    def longest_span_s(self) -> float:
        """Longest time that any condition looks back, in seconds."""
        return longest_window_s(self.rules)


def read_rulebook(folder: Path | None, language: Language = Language.EN) -> Rulebook:
    """Return the rules below a folder, or those shipped with the program.

    A folder without the table of the score has the shipped one, and a rule without words of its own
    those of the shipped rule of that name.

    Parameters
    ----------
    language
        The site's language, in which alerts carry their text.

    Raises
    ------
    RuleError
        For all mistakes of all files together.
    """
    root: Traversable = folder if folder is not None else files("edge_agent") / "rules"
    mistakes: list[Mistake] = []
    found = sorted(_toml_files(root, mistakes), key=lambda named: named[0])
    rules: list[Rule] = []
    scores: list[ScoreTable] = []
    words_files = {name: text for name, text in found if is_text_file(name)}
    texts = {
        name: text
        for name, text in found
        if not name.endswith(_VECTORS) and name not in words_files
    }
    for name, text in texts.items():
        try:
            if is_score(text):
                scores.append(parse_score(name, text))
            else:
                rules.append(parse_rule(name, text))
        except RuleError as error:
            mistakes += error.mistakes
    if not rules and not mistakes:
        mistakes.append(Mistake(str(root), "-", "holds no rule file (*.toml)"))
    wrong_words: list[Mistake] = []
    words = read_rule_texts(words_files, [rule.rule_id for rule in rules], wrong_words)
    mistakes = [*(mistakes or _mistakes_of_set(rules, scores)), *wrong_words]
    if mistakes:
        raise RuleError(tuple(mistakes))
    rules = [_worded(rule, words[language]) for rule in rules]
    if not scores:
        scores.append(shipped_score())
        texts[scores[0].source_name] = shipped_text()
    vectors = tuple((name, text) for name, text in found if name.endswith(_VECTORS))
    return Rulebook(ScoredRules(rules, scores[0]), tuple(texts.values()), vectors, words)


def _worded(rule: Rule, words: Mapping[str, RuleText]) -> Rule:
    """Return a rule whose alerts carry its words in one language."""
    text = general_text(words[rule.rule_id])
    return replace(rule, policy=replace(rule.policy, text=text))


def _mistakes_of_set(rules: Sequence[Rule], scores: Sequence[ScoreTable]) -> list[Mistake]:
    """Return the mistakes between the files of a set, and the limits that nothing reaches."""
    return [
        *check_rules(rules),
        *limit_mistakes([*rules, *scores]),
        *(
            Mistake(score.source_name, "score", f"want one score; {scores[0].source_name} has one")
            for score in scores[1:]
        ),
    ]


def prove(book: Rulebook) -> list[Mistake]:
    """Return the mistakes where rules do not give the alert states in their vectors files."""
    mistakes: list[Mistake] = []
    proven = set()
    for name, text in book.vector_texts:
        try:
            vectors = parse_vectors(name, text)
        except RuleError as error:
            mistakes += error.mistakes
            continue
        proven.add(vectors.rule_id)
        mistakes += run_vectors(book.rules, vectors)
    mistakes += [
        Mistake(rule.rule_id, "-", f"has no vectors file (*{_VECTORS})")
        for rule in book.rules
        if rule.rule_id not in proven
    ]
    return mistakes


def _toml_files(
    folder: Traversable, mistakes: list[Mistake], prefix: str = ""
) -> list[tuple[str, str]]:
    """Return name and text of each file; note the mistakes of unreadable ones."""
    found = []
    for child in folder.iterdir():
        name = prefix + child.name
        if child.is_dir():
            found += _toml_files(child, mistakes, f"{name}/")
        elif child.name.endswith(".toml"):
            try:
                found.append((name, read_text(child, name)))
            except ConfigError as error:
                mistakes += error.mistakes
    return found
