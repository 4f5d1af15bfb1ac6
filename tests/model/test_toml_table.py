"""TOML files report all mistakes at once, each with its key, the value seen and what is allowed."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import pytest

from edge_agent.model import toml_table as toml
from edge_agent.model.errors import ConfigError, RuleError
from edge_agent.model.toml_table import TomlTable, read_toml, shown

if TYPE_CHECKING:
    from collections.abc import Callable


class Colour(Enum):
    """Colour of a lamp."""

    RED = "red"
    GREEN = "green"


NUMBER = toml.number_from(0, 10)
OPEN = toml.number_from(0, is_open=True)
WHOLE = toml.whole_from(1, 9)


def mistakes(text: str, read: Callable[[TomlTable], object]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_toml(text, "x.toml", read)
    assert {mistake.source for mistake in caught.value.mistakes} == {"x.toml"}
    return [f"{m.key}: {m.message}" for m in caught.value.mistakes]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (NUMBER, "0", 0.0),
        (NUMBER, "10.0", 10.0),
        (OPEN, "0.001", 0.001),
        (OPEN, "1000000000", 1e9),
        (WHOLE, "1", 1),
        (WHOLE, "9", 9),
        (toml.FLAG, "false", False),
        (toml.FLAG, "true", True),
        (toml.TEXT, '" a "', " a "),
        (toml.TEXT, '"a\\nb"', "a\nb"),
        (toml.ANY_TEXT, '""', ""),
        (toml.NAME, '"bed-01.a_b"', "bed-01.a_b"),
        (toml.word_of(("a", "b")), '"b"', "b"),
        (toml.member_of(Colour), '"green"', Colour.GREEN),
    ],
)
def test_an_allowed_value_is_read(kind: toml.FieldType[object], text: str, value: object) -> None:
    read = read_toml(f"a = {text}", "x.toml", lambda file: file.get("a", kind))
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (NUMBER, "-0.5", "-0.5; want a number from 0 to 10"),
        (NUMBER, "10.5", "10.5; want a number from 0 to 10"),
        (NUMBER, "nan", "nan; want a number from 0 to 10"),
        (NUMBER, "inf", "inf; want a number from 0 to 10"),
        (NUMBER, "true", "true; want a number from 0 to 10"),
        (NUMBER, '"5"', "'5'; want a number from 0 to 10"),
        (NUMBER, "[5]", "[5]; want a number from 0 to 10"),
        (OPEN, "0", "0; want a number above 0 to 1000000000"),
        (OPEN, "1000000001", "1000000001; want a number above 0 to 1000000000"),
        (WHOLE, "0", "0; want a whole number from 1 to 9"),
        (WHOLE, "10", "10; want a whole number from 1 to 9"),
        (WHOLE, "5.0", "5.0; want a whole number from 1 to 9"),
        (WHOLE, "true", "true; want a whole number from 1 to 9"),
        (toml.FLAG, "0", "0; want true or false"),
        (toml.FLAG, '"false"', "'false'; want true or false"),
        (toml.TEXT, '" "', "' '; want a text that is not empty"),
        (toml.TEXT, "7", "7; want a text that is not empty"),
        (toml.ANY_TEXT, "7", "7; want a text"),
        (toml.word_of(("a", "b")), '"c"', "'c'; want one of a, b"),
        (toml.word_of(("a", "b")), "1", "1; want one of a, b"),
        (toml.word_of(("s",)), '"min"', "'min'; want s"),
        (toml.word_of((",", "a", "")), "1", "1; want one of ',', 'a', ''"),
        (toml.member_of(Colour), '"blue"', "'blue'; want one of red, green"),
        (toml.NAME, f'"{"a" * 65}"', f"'{'a' * 65}'; want 1 to 64 letters, digits"),
        (toml.TEXT, "2026-01-31T08:00:00Z", "2026-01-31 08:00:00+00:00; want a text"),
        (toml.FieldType("a name", lambda _: None, "", is_shown=False), '"Eva"', "its value is not"),
    ],
)
def test_another_value_is_named_with_what_is_allowed(
    kind: toml.FieldType[object], text: str, message: str
) -> None:
    (found,) = mistakes(f"a = {text}", lambda file: file.get("a", kind, "usual"))
    assert found.startswith(f"a: {message}")


def test_a_long_value_is_cut_in_a_message() -> None:
    assert shown("x" * 198) == f"'{'x' * 198}'"
    assert shown("x" * 199) == f"'{'x' * 199}..."


def test_a_missing_field_is_a_mistake_unless_it_has_a_default() -> None:
    assert mistakes("", lambda file: file.get("a", WHOLE)) == [
        "a: missing; want a whole number from 1 to 9"
    ]
    assert read_toml("", "x.toml", lambda file: file.get("a", WHOLE, 5)) == 5
    assert read_toml("", "x.toml", lambda file: file.find("a", WHOLE)) is None
    assert read_toml("a = 3", "x.toml", lambda file: file.find("a", WHOLE)) == 3
    assert mistakes("a = 0", lambda file: file.find("a", WHOLE)) == [
        "a: 0; want a whole number from 1 to 9"
    ]


def test_each_wrong_item_of_a_list_is_named() -> None:
    assert read_toml("a = [1, 2]", "x.toml", lambda file: file.items("a", WHOLE)) == (1, 2)
    assert read_toml("", "x.toml", lambda file: file.items("a", WHOLE)) == ()
    want = "want a whole number from 1 to 9"
    assert mistakes("a = [1, 0, 2, true]", lambda file: file.items("a", WHOLE)) == [
        f"a[1]: 0; {want}",
        f"a[3]: true; {want}",
    ]
    seen: list[int] = []
    mistakes("a = [1, 0, 2]", lambda file: seen.extend(file.items("a", WHOLE)))
    assert seen == [1, 2]
    assert mistakes("a = 1", lambda file: file.items("a", WHOLE)) == [
        "a: 1; want a list, each item a whole number from 1 to 9"
    ]


def test_a_table_has_the_path_of_its_fields() -> None:
    def read(file: TomlTable) -> float:
        return sum(t.table("c").get("d", NUMBER) for t in file.table("a").tables("b"))

    assert read_toml("[[a.b]]\nc.d = 1\n[[a.b]]\nc.d = 2", "x.toml", read) == 3
    assert mistakes("[[a.b]]\nc.d = 1\n[[a.b]]\nc = 2\n[[a.b]]\nc.d = -1", read) == [
        "a.b[1].c: 2; want a table [a.b.c]",
        "a.b[2].c.d: -1; want a number from 0 to 10",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["a: missing; want a table [a]"]),
        ("a = 3", ["a: 3; want a table [a]"]),
        ("[[a]]", ["a: [{}]; want a table [a]"]),
    ],
)
def test_a_required_table_is_a_table(text: str, found: list[str]) -> None:
    assert mistakes(text, lambda file: file.table("a", is_required=True)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["a: missing; want a list of tables [[a]]"]),
        ("a = []", ["a: []; want a list of tables [[a]]"]),
        ("[a]", ["a: {}; want a list of tables [[a]]"]),
        ("a = [3, {}]", ["a[0]: 3; want a table"]),
    ],
)
def test_required_tables_are_a_list_of_at_least_one(text: str, found: list[str]) -> None:
    assert mistakes(text, lambda file: file.tables("a", is_required=True)) == found


@pytest.mark.parametrize("text", ["", "a = []"])
def test_tables_that_are_not_required_may_be_missing(text: str) -> None:
    assert read_toml(text, "x.toml", lambda file: file.tables("a")) == []
    assert not list(read_toml("", "x.toml", lambda file: file.table("a")))
    assert mistakes("a = 0", lambda file: file.tables("a")) == ["a: 0; want a list of tables [[a]]"]


def test_a_key_that_nobody_read_is_unknown_in_every_table() -> None:
    def read(file: TomlTable) -> None:
        file.get("colour", toml.TEXT)
        file.table("inner").find("size", NUMBER)

    assert mistakes('color = "red"\n[inner]\nweight = 3', read) == [
        "colour: missing; want a text that is not empty",
        "color: unknown key; known here: colour, inner; did you mean colour?",
        "inner.weight: unknown key; known here: size",
    ]


def test_a_key_without_a_name_is_unknown() -> None:
    assert mistakes('"" = 1', lambda file: file.find("a", NUMBER)) == [
        '"": unknown key; known here: a'
    ]


def test_keys_whose_meaning_a_wrong_field_decides_are_accepted() -> None:
    def read(file: TomlTable) -> None:
        file.get("kind", toml.word_of(("a",)))
        file.accept_rest()

    assert mistakes('kind = "b"\nsize = 3', read) == ["kind: 'b'; want a"]


def test_the_same_mistake_is_named_once() -> None:
    assert mistakes("a = 0", lambda file: [file.get("a", WHOLE), file.get("a", WHOLE)]) == [
        "a: 0; want a whole number from 1 to 9"
    ]


def test_a_table_knows_the_fields_that_are_wrong() -> None:
    def read(file: TomlTable) -> None:
        assert "b" in file
        assert not file.refused()
        assert not file.any_wrong()
        file.get("a", WHOLE)
        assert file.refused()
        assert file.refused("b", "a")
        assert file.any_wrong()
        assert not file.refused("b")
        file.wrong("", "is odd")
        file.refuse("b", "more than a")

    assert mistakes("a = 0\nb = true", read)[1:] == ["-: is odd", "b: true; want more than a"]


def test_the_caller_chooses_the_error() -> None:
    with pytest.raises(RuleError, match=r"x\.toml: a: unknown key"):
        read_toml("a = 1", "x.toml", lambda _: None, RuleError)
    with pytest.raises(RuleError, match=r"x\.toml: is not TOML"):
        read_toml("a = ", "x.toml", lambda _: None, RuleError)
