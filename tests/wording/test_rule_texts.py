"""Words of the rules: one headline and one action for each rule in every language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.detect.language.rule_file import parse_rule
from edge_agent.model.errors import RuleError
from edge_agent.model.language import Language
from edge_agent.rulebook.rule_set import read_rulebook
from edge_agent.wording.rule_texts import read_rule_texts, shipped_texts
from edge_agent.wording.sentence import HEADLINE_WORDS

if TYPE_CHECKING:
    from pathlib import Path

RULE = """
[rule]
id = "{}"
version = 1
kind = "physiological"
priority = "high"
source = "test"
status = "unvalidated"
latch_s = 0
[when]
all = [{{ rule = "{}" }}]
for_s = 0
clear_for_s = 0
"""
GOOD = '["ward.own"]\nheadline = "Ours"\naction = "Go."\n'


def write(folder: Path, **texts: str) -> None:
    own = RULE.format("ward.own", "ward.own").replace('rule = "ward.own"', 'state = "link_lost"')
    (folder / "own.toml").write_text(own)
    (folder / "texts").mkdir()
    for language, text in texts.items():
        (folder / "texts" / f"{language}.toml").write_text(text)


def wrong(folder: Path) -> list[str]:
    with pytest.raises(RuleError) as caught:
        read_rulebook(folder)
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize("language", Language)
def test_every_shipped_rule_has_words_and_no_words_are_of_no_rule(language: Language) -> None:
    rules = {rule.rule_id for rule in read_rulebook(None).rules}
    assert set(shipped_texts()[language]) == rules


def test_the_words_have_the_same_cases_in_every_language() -> None:
    english = shipped_texts()[Language.EN]
    for texts in shipped_texts().values():
        assert {k: set(t.cases) for k, t in texts.items()} == {
            k: set(t.cases) for k, t in english.items()
        }


def test_a_headline_leaves_room_for_its_value() -> None:
    for texts in shipped_texts().values():
        for rule_id, text in texts.items():
            for words in (text.headline, *text.cases.values()):
                assert len(words.split()) <= HEADLINE_WORDS - 1, rule_id
                assert words[0].isupper()
            assert text.action[0].isupper()
            assert text.action.endswith((".", "?"))


def test_no_words_are_a_code() -> None:
    for texts in shipped_texts().values():
        for rule_id, text in texts.items():
            for words in (text.headline, text.action, *text.cases.values()):
                assert rule_id not in words
                assert "_" not in words
                assert not {"error", "null", "exception"} & set(words.lower().split())


def test_an_alert_carries_the_words_of_the_sites_language() -> None:
    for language, words in ((Language.EN, "Fever. Check"), (Language.DE, "Fieber. Nach")):
        rules = read_rulebook(None, language).rules
        (fever,) = [rule for rule in rules if rule.rule_id == "crs.fever"]
        assert fever.policy.text.startswith(words)


def test_a_folder_brings_the_words_of_its_own_rules(tmp_path: Path) -> None:
    write(tmp_path, en=GOOD, de=GOOD.replace("Ours", "Unsere"))
    book = read_rulebook(tmp_path, Language.DE)
    assert book.rules[0].policy.text == "Unsere. Go."
    assert book.words[Language.EN]["ward.own"].headline == "Ours"


def test_words_of_a_shipped_rule_may_be_changed_and_need_not_be() -> None:
    mistakes: list[object] = []
    own = {"texts/en.toml": '["crs.fever"]\nheadline = "Hot"\naction = "Go."\n'}
    texts = read_rule_texts(own, ["crs.fever", "vital.shock"], mistakes)  # type: ignore[arg-type]  # none is added
    assert mistakes == []
    assert texts[Language.EN]["crs.fever"].headline == "Hot"
    assert texts[Language.DE]["crs.fever"].headline == "Fieber"
    assert texts[Language.EN]["vital.shock"].headline == "Possible shock"


def test_a_rule_without_words_is_a_mistake_of_each_file_that_lacks_them(tmp_path: Path) -> None:
    write(tmp_path, en=GOOD)
    assert wrong(tmp_path) == [
        "texts/de.toml: ward.own: missing; want a table with headline and action"
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('["ward.own"]\nheadline = "Ours"\n', "ward.own.action: missing; want a text"),
        (f"{GOOD}fast = 1\n", "ward.own.fast: unknown key; known here: action"),
        (f"{GOOD}high = ' '\n", "ward.own.high: ' '; want a text"),
        (f"{GOOD}['ward.own2']\nheadline='a'\naction='b'\n", "ward.own2: no rule has this id; did"),
        (f"{GOOD}['x']\nheadline='a'\naction='b'\n", "x: no rule has this id"),
        ("[rule", "is not TOML"),
        ("x = 3", "x: 3; want a table"),
    ],
)
def test_a_mistake_is_named_by_file_and_key(tmp_path: Path, text: str, mistake: str) -> None:
    write(tmp_path, en=text, de=GOOD)
    assert any(line.startswith(f"texts/en.toml: {mistake}") for line in wrong(tmp_path))


def test_a_file_of_another_language_is_a_mistake(tmp_path: Path) -> None:
    write(tmp_path, en=GOOD, de=GOOD, fr=GOOD)
    assert wrong(tmp_path) == ["texts/fr.toml: want one of texts/en.toml, texts/de.toml"]


def test_a_text_in_a_rule_file_is_refused_with_its_new_place() -> None:
    old = RULE.format("ward.own", "crs.fever").replace("version = 1", 'version = 1\ntext = "Go."')
    with pytest.raises(RuleError, match=r"rule.text: want it in texts/<language>.toml"):
        parse_rule("own.toml", old)
