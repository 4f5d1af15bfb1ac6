"""A number is what everybody takes for one; anything else is answered with its likely cause."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from edge_agent.recorded.cells import is_no_reading, number_of, part_of, why_no_number


@pytest.mark.parametrize(
    ("seen", "number"),
    [
        ("97", 97),
        (" 97 ", 97),
        ("+9.6E1", 96),
        ("-.5", -0.5),
        ("3.", 3),
        ("1e2", 100),
        (97, 97),
        (36.8, 36.8),
        (Decimal("36.8"), 36.8),
        ("inf", math.inf),
        ("-Infinity", -math.inf),
    ],
)
def test_numbers_are_read(seen: object, number: float) -> None:
    assert number_of(seen) == number


@pytest.mark.parametrize("seen", ["nan", "NaN", "-nan"])
def test_not_a_number_is_said_in_words(seen: str) -> None:
    found = number_of(seen)
    assert found is not None
    assert math.isnan(found)


@pytest.mark.parametrize(
    "seen",
    [
        "1_20",
        "\u0661\u0662\u0660",
        "0x58",
        "97%",
        "37,8",
        "1 234",
        "",
        "-",
        "e5",
        True,
        None,
        b"97",
    ],
)
def test_what_only_a_program_takes_for_a_number_is_none(seen: object) -> None:
    assert number_of(seen) is None


def test_a_decimal_comma_is_read_where_it_is_said_and_a_point_then_is_not() -> None:
    assert number_of("37,8", ",") == 37.8
    assert number_of("37", ",") == 37
    assert number_of("37.8", ",") is None
    assert number_of("1,234,5", ",") is None


@pytest.mark.parametrize(
    ("seen", "parts"),
    [
        ("122/73", ("122", "73", "")),
        (" 122 / 73 ", ("122", "73", "")),
        ("122/73 (89)", ("122", "73", "89")),
        ("122/73/89", ("122", "73", "89")),
        ("122/73 [89]", ("122", "73", "89")),
        ("122.5/73", ("122.5", "73", "")),
    ],
)
def test_a_pair_of_pressures_has_parts(seen: str, parts: tuple[str, ...]) -> None:
    assert tuple(part_of(seen, part) for part in range(3)) == parts


@pytest.mark.parametrize("seen", ["122", "122/", "/73", "122-73", "a/b", 122, None, "1/2/3/4"])
def test_what_is_no_pair_has_none(seen: object) -> None:
    assert part_of(seen, 0) is None


@pytest.mark.parametrize(
    ("seen", "decimal", "cause"),
    [
        ("37,8", ".", 'set decimal = ","'),
        ("37.8", ",", 'set decimal = "."'),
        ("NULL", ".", 'set missing = ["NULL"]'),
        ("---", ".", 'set missing = ["---"]'),
        ("122/73", ".", 'set kind = "nibp"'),
        ("97%", ".", "without its unit"),
        ("37,8 \u00b0C", ".", "without its unit"),
        ("low", ".", ""),
        ("inf", ".", ""),
        ("0x58", ".", ""),
    ],
)
def test_the_cause_is_named(seen: str, decimal: str, cause: str) -> None:
    said = why_no_number(seen, decimal)
    assert cause in said
    assert bool(said) == bool(cause)


def test_words_and_marks_stand_for_nothing() -> None:
    assert all(is_no_reading(text) for text in ("NA", "n/a", "null", "--", "?", "."))
    assert not any(is_no_reading(text) for text in ("low", "9", "-1"))
