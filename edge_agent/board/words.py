"""Texts of the board in every language, from the catalogues of `wording`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

from edge_agent.board.shapes import Words
from edge_agent.model.language import Language
from edge_agent.wording.catalogue import phrase

NOTHING: Final = Words("", "")


def both(words_in: Callable[[Language], str]) -> Words:
    """Return a text in every language, given the function that returns it in one."""
    return Words(words_in(Language.EN), words_in(Language.DE))


@cache
def said(key: str) -> Words:
    """Return a phrase without placeholders in every language."""
    return both(lambda language: phrase(language, key))


def filled(key: str, **values: str) -> Words:
    """Return a phrase in every language with its placeholders filled."""
    return both(lambda language: phrase(language, key, **values))


def same(text: str) -> Words:
    """Return a text that is the same in every language."""
    return Words(text, text)
