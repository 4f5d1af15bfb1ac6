"""Mistakes in the fields of a definition: units, sites, states, times and words."""

from __future__ import annotations

import pytest

from tests.drivers.ascii_line.definitions import TEXT, mistakes
from tests.drivers.ascii_line.line import HEAD, SPO2, definition, opened

WORDS = '[fields.w]\nrole = "{}"\nwords = {}\n{}'
TEMPERATURE = '[fields.t]\nrole = "value"\nkind = "temperature"\ndigits = "##.#"\n{}'
SITED = TEMPERATURE.format('unit = "Cel"\nsite_from = "w"')
TIME = '[fields.x]\nrole = "time"\nformat = "{}"\n{}'


def spo2(**changes: str) -> str:
    """Return the table of a field with some of its lines changed."""
    keys = {"role": '"value"', "kind": '"spo2"', "unit": '"%"', "digits": '"###"'} | changes
    return "\n".join(["[fields.spo2]", *(f"{key} = {value}" for key, value in keys.items())])


@pytest.mark.parametrize(
    ("field", "told"),
    [
        (spo2(role='"number"'), "spo2.role: 'number'; want one of value, site, unit, status, "),
        (spo2(role="1"), "spo2.role: 1; want one of value, "),
        (spo2(kind='"spO2"'), "spo2.kind: 'spO2'; want one of heart_rate, "),
        (spo2(unit='"percent"'), "spo2.unit: 'percent'; want %"),
        (spo2(unit='"mm[Hg]"'), "spo2.unit: 'mm[Hg]'; want %"),
        (spo2(kind='"nibp_mean"'), "spo2.unit: '%'; want one of mm[Hg], kPa"),
        (spo2(kind='"temperature"'), "spo2.unit: '%'; want one of Cel, [degF]"),
        (spo2(digits='""'), "spo2.digits: ''; want a # for each digit"),
        (spo2(digits='"#######"'), "spo2.digits: '#######'; want a # for each digit"),
        (spo2(missing="[1]"), "spo2.missing[0]: 1; want a text without"),
        (spo2(missing='[""]'), "spo2.missing[0]: ''; want a text without"),
        (spo2(scale='"0.1"'), "spo2.scale: '0.1'; want a number above 0"),
        (spo2(scale="nan"), "spo2.scale: nan; want a number above 0"),
        (spo2(sent_once='"yes"'), "spo2.sent_once: 'yes'; want true or false"),
    ],
)
def test_a_wrong_key_of_a_value_is_told_with_what_fits(field: str, told: str) -> None:
    (found,) = mistakes(definition("{spo2}", field))
    assert found.startswith(f"fields.{told}")


@pytest.mark.parametrize(
    ("field", "told"),
    [
        (WORDS.format("status", "{}", ""), "w.words: missing; want a table of"),
        (WORDS.format("status", '"OK"', ""), "w.words: 'OK'; want a table [fields."),
        (WORDS.format("status", '{ OK = "good" }', ""), "w.words.OK: 'good'; want one of inv"),
        (WORDS.format("status", "{ OK = 1 }", ""), "w.words.OK: 1; want one of invalid, "),
        (WORDS.format("status", '{ "" = "valid" }', ""), "w.words.\"\": ''; want a text with"),
        (WORDS.format("status", '{ OK = "valid" }', "width = 1"), "w.width: 1; 'OK' is longer"),
        (WORDS.format("status", '{ OK = "valid" }', "width = 0"), "w.width: 0; want a whole nu"),
        (WORDS.format("unit", '{ C = "celsius" }', ""), "w.words.C: 'celsius'; want one of /min"),
        (WORDS.format("site", '{ E = "ear" }', ""), "w.words.E: 'ear'; want one of spo2, nibp"),
        (TEXT.format("").replace(".x", ".w"), "w.width: want either width or longest"),
        (TEXT.format("width = 1\nlongest = 2").replace(".x", ".w"), "w.width: want either width"),
        (TIME.format("HH:mm", "").replace(".x", ".w"), "w.format: 'HH:mm'; 'HH' is none of YYYY"),
        (TIME.format("--", "").replace(".x", ".w"), "w.format: '--'; want at least one of YYYY"),
        (TIME.format("hh", 'of = "x"').replace(".x", ".w"), "w.of: 'x'; want one of line, rea"),
    ],
)
def test_a_wrong_key_of_another_role_is_told_with_what_fits(field: str, told: str) -> None:
    (found,) = mistakes(definition("{spo2} {w}", SPO2, field))
    assert found.startswith(f"fields.{told}")


def test_a_field_that_is_in_no_pattern_is_told() -> None:
    assert mistakes(definition("{spo2}", SPO2, TEXT.format("width = 1"))) == [
        "fields.x: is in no pattern"
    ]


@pytest.mark.parametrize("name", ["Spo2", "a-b", "a__b", "checksum", "a" * 31])
def test_a_name_that_no_pattern_can_hold_is_told(name: str) -> None:
    found = mistakes(definition("{spo2}", SPO2, TEXT.format("width = 1").replace("x", name)))
    assert found[0].startswith(f"fields.{name}: want a name of a-z, 0-9 and single _")


def test_a_field_that_is_no_table_is_told() -> None:
    found = mistakes(definition("{spo2}", SPO2, "[fields]\nx = 1"))
    assert "fields.x: 1; want a table [fields.x]" in found


def test_a_unit_stands_once() -> None:
    unit = WORDS.format("unit", '{ C = "Cel" }', "")
    both = TEMPERATURE.format('unit = "Cel"\nunit_from = "w"')
    assert mistakes(definition("{t} {w}", both, unit)) == [
        "fields.t.unit: 'Cel' beside unit_from = 'w'; want one of the two"
    ]


@pytest.mark.parametrize(
    ("pattern", "words", "told"),
    [
        ("{t} {w}", '{ C = "mm[Hg]" }', "w 'C' is mm[Hg], no unit of temperature"),
        ("{t}", '{ C = "Cel" }', "t.unit_from is 'w'; want a field with role = 'unit' of the s"),
    ],
)
def test_a_unit_from_the_line_fits_its_value(pattern: str, words: str, told: str) -> None:
    value, unit = TEMPERATURE.format('unit_from = "w"'), WORDS.format("unit", words, "")
    assert mistakes(definition(pattern, value, unit))[0].startswith(f"line[0].pattern: {told}")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (WORDS.format("site", '{ A = "nibp" }', ""), "w 'A' is nibp, no site of temperature"),
        (WORDS.format("unit", '{ C = "Cel" }', ""), "t.site_from is 'w'; want a field with role"),
    ],
)
def test_a_site_from_the_line_fits_its_value(words: str, told: str) -> None:
    (found,) = mistakes(definition("{t} {w}", SITED, words))
    assert found.startswith(f"line[0].pattern: {told}")


def test_a_kind_with_its_site_takes_no_other_one() -> None:
    value = SITED.replace('"temperature"', '"temperature@oral"')
    (found,) = mistakes(definition("{t} {w}", value, WORDS.format("site", '{ A = "oral" }', "")))
    assert found.startswith("fields.t.kind: 'temperature@oral'; want one of heart_rate, ")


def test_a_status_applies_to_values_of_its_line() -> None:
    status = WORDS.format("status", '{ OK = "valid" }', 'applies_to = ["spo2", "pulse"]')
    assert mistakes(definition("{spo2} {w}", SPO2, status)) == [
        "line[0].pattern: status w applies to pulse, no value in it"
    ]


def test_a_time_says_each_of_its_parts_once() -> None:
    second = TIME.format("mm:ss", "").replace(".x", ".y")
    text = definition("{spo2} {x} {y}", SPO2, TIME.format("hh:mm", ""), second)
    assert mistakes(text) == [
        "line[0].pattern: mm of the time of the line occurs in it more than once"
    ]
    opened(text.replace('"mm:ss"', '"mm:ss"\nof = "reading"'))


def test_a_word_has_at_most_40_bytes() -> None:
    field = WORDS.format("status", f'{{ "{"é" * 21}" = "valid" }}', "")
    head = HEAD + 'encoding = "utf-8"'
    (told,) = mistakes(definition("{spo2} {w}", SPO2, field, head=head))
    assert "want a text without line ends that utf-8 can write, at most 40 bytes" in told


@pytest.mark.parametrize(
    ("seen", "want"),
    [
        ("5", ": 5; want a list, each item "),
        ('"--"', ": '--'; want a list, each item "),
        ('[""]', "[0]: ''; want "),
        ('["-", 5]', "[1]: 5; want "),
        ('["a\\r"]', "[0]: 'a\\r'; want "),
    ],
)
def test_texts_for_missing_are_a_list_of_texts_that_a_line_can_hold(seen: str, want: str) -> None:
    (told,) = mistakes(definition("{spo2}", spo2(missing=seen)))
    assert told == f"fields.spo2.missing{want}a text without line ends that latin-1 can write"


@pytest.mark.parametrize("seen", ["5", '"spo2"', '["é"]'])
def test_what_a_status_applies_to_is_a_list_of_names(seen: str) -> None:
    field = WORDS.format("status", '{ OK = "valid" }', f"applies_to = {seen}")
    (told,) = mistakes(definition("{spo2} {w}", SPO2, field))
    assert told.endswith("1 to 40 printable ASCII characters")
