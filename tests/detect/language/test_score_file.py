"""The table of the score: its mistakes are all reported, and its texts follow from it."""

from __future__ import annotations

import pytest

from edge_agent.detect.language.score_file import parse_score
from edge_agent.detect.language.scored_rules import shipped_score, shipped_text
from edge_agent.detect.language.signals import SCORED
from edge_agent.model.errors import RuleError

FEVER = (
    '{ vital = "temperature", op = ">=", value = 38.0, unit = "Cel", at_least_s = 600, '
    "window_s = 900 }"
)
HEAD = '[score]\nid = "a.b"\nversion = 1\nsource = "test"\nstatus = "unvalidated"\n'
TERM = '[[term]]\nname = "fever"\npoints = 3\nall = [CONDITION]\n'


def table(condition: str = FEVER, more: str = "") -> str:
    return HEAD + TERM.replace("CONDITION", condition) + more


def mistakes(text: str) -> list[str]:
    with pytest.raises(RuleError) as caught:
        parse_score("own.toml", text)
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD, "own.toml: term: missing; want a list of tables [[term]]"),
        (TERM.replace("CONDITION", FEVER), "own.toml: score: missing; want a table [score]"),
        (table(FEVER.replace("temperature", "etco2")), "vital: 'etco2'; want one of temperature"),
        (table('{ signal = "news2" }'), "signal: 'news2'; want one of temperature_over_baseline"),
        (table(FEVER.replace('"Cel"', '"K"')), "term[0].all[0].unit: 'K'; want Cel"),
        (table(FEVER.replace("900", "950")), "window_s: 950; want a multiple of 60 s above 0"),
        (table(FEVER.replace("900", "1860")), "window_s: 1860; want at most 1800 s"),
        (table(FEVER.replace("600", "960")), "at_least_s: 960; want at most the 900 s of the"),
        (table(FEVER.replace("unit", "if_monitored = true, unit")), "if_monitored: unknown key"),
        (table(FEVER.replace("unit", 'by_age = [[1, "no"]], unit')), "by_age: [[1, 'no']]; want"),
        (table(FEVER.replace("unit", 'by_age = [["never", 1]], unit')), "want a list of [below_y"),
        (table(FEVER.replace("unit", "by_age = [[1, 2, 3]], unit")), "want a list of [below_years"),
        (table().replace("points = 3", "points = 0"), "want a whole number from -100 to 100, not"),
        (table().replace("points = 3", "points = 101"), "points: 101; want a whole number from"),
        (table().replace("points = 3", "points = true"), "points: true; want a whole number from"),
        (table(more="is_limb = 1\n"), "is_limb: 1; want true or false"),
        (
            table(more="is_limb = true\n").replace("points = 3", "points = -3"),
            "points: -3; want more than 0 where is_limb = true",
        ),
        (table(more='unless = "cold"\n'), "term[0].unless: 'cold'; want a term above: none"),
        (table(more='unless = "fever"\n'), "term[0].unless: 'fever'; want a term above: none"),
        (table(more="unless = 3\n"), "term[0].unless: 3; want a name such as high_fever"),
        (table(more='unknown_without = "age"\n'), "want one of product, oxygen, treatment"),
        (table(more='shows = "fever"\n'), "shows: 'fever'; want one of temperature, heart_rate"),
        (table(more="text = 3\n"), "term[0].text: unknown key; known here: all, any, is_limb,"),
        (
            table(more=TERM.replace("CONDITION", FEVER)),
            "term[1].name: fever is the name of more than one term",
        ),
    ],
)
def test_a_mistake_is_reported_with_what_is_allowed(text: str, message: str) -> None:
    (found,) = [mistake for mistake in mistakes(text) if message in mistake]
    assert found.startswith("own.toml: ")


def test_all_mistakes_are_reported_at_once() -> None:
    text = shipped_text().replace("points = 3", "points = 0").replace('op = "<="', 'op = "="')
    assert len(mistakes(text)) == 2 + 3


@pytest.mark.parametrize("points", [-100, -1, 1, 100])
def test_points_may_speak_for_or_against(points: int) -> None:
    score = parse_score("own.toml", table().replace("points = 3", f"points = {points}"))
    assert score.terms[0].points == points


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (FEVER, "temperature ≥ 38.0 °C for 10 of 15 min"),
        (FEVER.replace("38.0", "38.25"), "temperature ≥ 38.25 °C for 10 of 15 min"),
        ('{ vital = "spo2", op = "<", value = 92, unit = "%" }', "SpO2 < 92 %"),
        (
            '{ vital = "respiratory_rate", op = ">", value = 22, unit = "/min", '
            'by_age = [[1, 40], [18, "never"]] }',
            "respiratory rate > 22/min (below age 1: 40/min, below age 18: never)",
        ),
        ('{ signal = "is_cooled", op = ">", value = 0, unit = "1" }', "cooling"),
        (
            '{ signal = "hours_since_infusion", op = ">=", value = 24, unit = "h" }, '
            '{ signal = "hours_since_infusion", op = "<=", value = 48, unit = "h" }',
            "time since the product ≥ 24 h and ≤ 2 days",
        ),
        (
            '{ all = [{ signal = "is_cooled", op = ">", value = 0, unit = "1" }] }, '
            '{ vital = "spo2", op = "<", value = 92, unit = "%" }',
            "cooling and SpO2 < 92 %",
        ),
        (
            '{ signal = "is_cooled", op = ">", value = 0, unit = "1" }, { any = ['
            '{ signal = "pressure_fall", op = ">", value = 20, unit = "mm[Hg]" }, '
            '{ signal = "hours_since_infusion", op = "<", value = 50, unit = "h" }] }',
            "cooling and (systolic fall since 3 to 6 h before > 20 mmHg or time since the product "
            "< 50 h)",
        ),
    ],
)
def test_the_text_says_the_conditions(condition: str, text: str) -> None:
    assert parse_score("own.toml", table(condition)).terms[0].text == text


def test_a_term_that_another_excludes_says_so() -> None:
    warm = TERM.replace("CONDITION", FEVER.replace("38.0", "37.0")).replace('"fever"', '"warm"')
    score = parse_score("own.toml", table(more=f'{warm}unless = "fever"\n'))
    assert score.terms[1].text == (
        "temperature ≥ 37.0 °C for 10 of 15 min, unless temperature ≥ 38.0 °C for 10 of 15 min"
    )


def test_every_shipped_term_has_a_text_of_its_own() -> None:
    texts = {term.text for term in shipped_score().terms}
    assert len(texts) == len(shipped_score().terms) == 16
    assert {leaf.signal for leaf in shipped_score().leaves()} <= set(SCORED)
