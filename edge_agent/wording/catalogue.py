"""Phrases by language, and English words of the program in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from edge_agent.model.language import Language
from edge_agent.model.texts import read_text, toml_of

_HOLE: Final = re.compile(r"\{(\w+)\}")


@cache
def phrases(language: Language) -> Mapping[str, str]:
    """Return the phrases of a language by their keys, such as `signal.first`."""
    name = f"wording/{language.value}.toml"
    table = toml_of(read_text(files("edge_agent") / name, name), name)
    return MappingProxyType(dict(_flat(table)))


def _flat(table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for section, content in table.items():
        assert isinstance(content, dict), "a catalogue has sections of phrases"
        for key, phrase in content.items():
            assert isinstance(phrase, str), "a phrase is a text"
            yield f"{section}.{key}", phrase


def phrase(language: Language, key: str, /, **values: str) -> str:
    """Return a phrase with its placeholders filled."""
    return _HOLE.sub(lambda hole: values[hole[1]], phrases(language)[key])


def number(language: Language, value: float, decimals: int = 0) -> str:
    """Return a number with a fixed count of decimals, as the language writes it."""
    return f"{value:.{decimals}f}".replace(".", phrase(language, "number.point"))


def short_number(language: Language, value: float) -> str:
    """Return a number with as many decimals as it needs."""
    return f"{value:g}".replace(".", phrase(language, "number.point"))


def listed(words: tuple[str, ...] | list[str]) -> str:
    """Return some words as a list in a sentence."""
    return ", ".join(words)


def translated(section: str, text: str, language: Language) -> str:
    """Return an English text of the program in a language; one that is not known stays as it is.

    Parameters
    ----------
    section
        Section of the catalogue; a placeholder in its English phrase stands for any words.
    """
    for key, pattern in _patterns(section):
        if found := pattern.fullmatch(text):
            return phrase(language, key, **found.groupdict())
    return text


@cache
def _patterns(section: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the English phrases of a section as patterns, those with the most letters first."""
    found = {k: text for k, text in phrases(Language.EN).items() if k.startswith(f"{section}.")}
    by_length = sorted(found.items(), key=lambda item: -len(_HOLE.sub("", item[1])))
    return tuple((key, _pattern(text)) for key, text in by_length)


def _pattern(text: str) -> re.Pattern[str]:
    """Return the pattern of an English phrase, with a group for each placeholder."""
    parts = _HOLE.split(text)
    literal = [re.escape(part) for part in parts[::2]]
    groups = [f"(?P<{name}>.+?)" for name in parts[1::2]]
    pieces = [piece for pair in zip(literal, [*groups, ""], strict=True) for piece in pair]
    return re.compile("".join(pieces), re.DOTALL)
