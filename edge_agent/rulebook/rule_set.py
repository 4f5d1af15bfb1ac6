"""The rule files, shipped or from a folder, read and checked as one set."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from edge_agent.detect.language.needs import longest_look_s
from edge_agent.detect.language.rule import check_rules
from edge_agent.detect.language.rule_file import parse_rule
from edge_agent.model.errors import ConfigError, Mistake, RuleError
from edge_agent.model.texts import read_text
from edge_agent.rulebook.limits import limit_mistakes
from edge_agent.rulebook.proof import run_vectors
from edge_agent.rulebook.vectors_file import parse_vectors

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from edge_agent.detect.language.rule import Rule

_VECTORS: Final = ".vectors.toml"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A checked set of rules with the texts of its files."""

    rules: tuple[Rule, ...]
    texts: tuple[str, ...]
    vector_texts: tuple[tuple[str, str], ...]
    """Name and text of each vectors file."""

    @property
    def longest_span_s(self) -> float:
        """Longest time that any condition looks back, in seconds."""
        return longest_look_s(self.rules)


def read_rulebook(folder: Path | None) -> Rulebook:
    """Return the rules below a folder, or those shipped with the program.

    Raises
    ------
    RuleError
        For all mistakes of all files together.
    """
    root: Traversable = folder if folder is not None else files("edge_agent") / "rules"
    mistakes: list[Mistake] = []
    found = sorted(_toml_files(root, mistakes), key=lambda named: named[0])
    rules = []
    texts = [(name, text) for name, text in found if not name.endswith(_VECTORS)]
    for name, text in texts:
        try:
            rules.append(parse_rule(name, text))
        except RuleError as error:
            mistakes += error.mistakes
    if not texts and not mistakes:
        mistakes.append(Mistake(str(root), "-", "holds no rule file (*.toml)"))
    mistakes = mistakes or check_rules(rules) + limit_mistakes(rules)
    if mistakes:
        raise RuleError(tuple(mistakes))
    vectors = tuple((name, text) for name, text in found if name.endswith(_VECTORS))
    return Rulebook(tuple(rules), tuple(text for _, text in texts), vectors)


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
