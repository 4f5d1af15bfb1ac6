"""Words of the rules: a headline and an action for each rule, in each language."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from edge_agent.model import toml_table as toml
from edge_agent.model.errors import Mistake, RuleError
from edge_agent.model.facts import FactKind
from edge_agent.model.language import Language
from edge_agent.model.texts import read_text
from edge_agent.model.toml_table import TomlTable, read_toml

_FOLDER: Final = "texts"
"""Folder of the texts in a folder of rules; each file is named after its language."""
HIGH: Final = "high"
LOW: Final = "low"
_VARIANTS: Final = (HIGH, LOW, *(kind.value for kind in FactKind))
"""Keys of headlines for one case of a rule: its limit was passed upwards or downwards, or the fact
that leads is of that kind."""
_MISSING: Final = "missing; want a table with headline and action"


@dataclass(frozen=True, slots=True)
class RuleText:
    """Words of one rule in one language."""

    headline: str
    """The finding, in a few words."""
    action: str
    """Advice on what to do, one sentence."""
    cases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Headlines of single cases, by their key in `_VARIANTS`."""


RuleTexts = Mapping[Language, Mapping[str, RuleText]]
"""Words by language and rule."""


def is_text_file(name: str) -> bool:
    """Return True for the name of a file of texts in a folder of rules."""
    return name.startswith(f"{_FOLDER}/")


def read_rule_texts(
    files_found: Mapping[str, str], rule_ids: Collection[str], mistakes: list[Mistake]
) -> RuleTexts:
    """Return the words of a folder's rules; note the mistakes in its files of texts.

    A rule without words in the folder has those of the shipped rule of that name.

    Parameters
    ----------
    files_found
        Text of each file of texts, by name.
    rule_ids
        Rules of the folder.
    """
    shipped, own = shipped_texts(), _own_texts(files_found, mistakes)
    mistakes += [
        Mistake(_file_of(language), rule_id, _no_rule(rule_id, rule_ids))
        for language, texts in own.items()
        for rule_id in texts
        if rule_id not in rule_ids
    ]
    words = {language: {**shipped[language], **own.get(language, {})} for language in Language}
    mistakes += [
        Mistake(_file_of(language), rule_id, _MISSING)
        for language, texts in words.items()
        for rule_id in rule_ids
        if rule_id not in texts
    ]
    return MappingProxyType(words)


@cache
def shipped_texts() -> RuleTexts:
    """Return the words of the shipped rules."""
    folder = files("edge_agent") / "rules" / _FOLDER
    found = {
        _file_of(language): read_text(folder / f"{language.value}.toml", _file_of(language))
        for language in Language
    }
    mistakes: list[Mistake] = []
    texts = _own_texts(found, mistakes)
    assert not mistakes, mistakes
    return MappingProxyType(texts)


def general_text(text: RuleText) -> str:
    """Return a rule's words in general, without a patient's values."""
    return f"{text.headline}. {text.action}"


def _own_texts(
    files_found: Mapping[str, str], mistakes: list[Mistake]
) -> dict[Language, dict[str, RuleText]]:
    languages = {_file_of(language): language for language in Language}
    own: dict[Language, dict[str, RuleText]] = {}
    for name, text in files_found.items():
        if name not in languages:
            mistakes.append(Mistake(name, "-", f"want one of {', '.join(languages)}"))
            continue
        try:
            own[languages[name]] = read_toml(text, name, _rule_texts, RuleError)
        except RuleError as error:
            mistakes += error.mistakes
    return own


def _file_of(language: Language) -> str:
    return f"{_FOLDER}/{language.value}.toml"


def _no_rule(rule_id: str, rule_ids: Iterable[str]) -> str:
    near = get_close_matches(rule_id, rule_ids, n=1)
    return "no rule has this id" + "".join(f"; did you mean {known}?" for known in near)


def _rule_texts(file: TomlTable) -> dict[str, RuleText]:
    return {rule_id: _rule_text(file.table(rule_id)) for rule_id in file}


def _rule_text(table: TomlTable) -> RuleText:
    cases = {case: table.get(case, toml.TEXT) for case in _VARIANTS if case in table}
    return RuleText(
        table.get("headline", toml.TEXT), table.get("action", toml.TEXT), MappingProxyType(cases)
    )
