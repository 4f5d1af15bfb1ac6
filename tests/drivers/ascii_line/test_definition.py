"""Every mistake of a definition is told at once, with its key, what it is and what fits."""

from __future__ import annotations

import random
from importlib.resources import files

import pytest

from edge_agent.drivers.ascii_line import SPEC
from edge_agent.drivers.base import SessionOptions
from edge_agent.model.clock import Instant
from edge_agent.model.errors import ConfigError
from tests.drivers.ascii_line.line import HEAD, SPO2, definition, opened

WORDS = '[fields.w]\nrole = "{}"\nwords = {}\n{}'
TEMPERATURE = '[fields.t]\nrole = "value"\nkind = "temperature"\ndigits = "##.#"\n{}'
SITED = TEMPERATURE.format('unit = "Cel"\nsite_from = "w"')
TEXT = '[fields.x]\nrole = "ignore"\n{}'
TIME = '[fields.x]\nrole = "time"\nformat = "{}"\n{}'


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        opened(text)
    assert {m.source for m in caught.value.mistakes} == {"definition"}
    return [f"{m.key}: {m.message}" for m in caught.value.mistakes]


def spo2(**changes: str) -> str:
    """Return the table of a field with some of its lines changed."""
    keys = {"role": '"value"', "kind": '"spo2"', "unit": '"%"', "digits": '"###"'} | changes
    return "\n".join(["[fields.spo2]", *(f"{key} = {value}" for key, value in keys.items())])


def test_a_text_that_is_no_toml_is_told_with_its_place() -> None:
    (told,) = mistakes("[[line]]\npattern = x")
    assert told.startswith("-: is not TOML: ")
    assert "line 2" in told


def test_an_empty_text_lacks_everything_and_says_so_at_once() -> None:
    assert mistakes("# nothing") == [
        "manufacturer: missing; want a text of printable ASCII characters",
        "model: missing; want a text of printable ASCII characters",
        "fields: missing; want a table [fields.NAME] for each {NAME} of a pattern",
        "line: missing; want a list of tables [[line]]",
    ]


def test_mistakes_in_several_places_are_told_together() -> None:
    text = """
        manufacturer = 5
        modell = "Probe"
        quiet_s = -1
        baud = true
        [[line]]
        pattern = "T={t} {u}"
        checksum = "crc"
        [fields.t]
        role = "value"
        kind = "temperature@oral"
        unit = "mm[Hg]"
        digits = "##;#"
        padded = "no"
        scale = 0
        missing = "--.-"
        colour = "red"
    """
    assert mistakes(text) == [
        "manufacturer: 5; want a text of printable ASCII characters",
        "model: missing; want a text of printable ASCII characters",
        "baud: true; want a whole number from 1 to 921600",
        "fields.t.unit: 'mm[Hg]'; want one of Cel, [degF]",
        "fields.t.scale: 0; want a number above 0 to 1000000000",
        "fields.t.digits: '##;#'; want a # for each digit, such as '###', '###.#' or '##,#'",
        "fields.t.padded: 'no'; want true or false",
        "fields.t.missing: '--.-'; want a list, each item a text without line ends that latin-1 "
        "can write",
        "line[0].checksum: 'crc'; want one of sum8, xor8",
        "line[0].pattern: {u} has no table [fields.u]",
        "quiet_s: -1; want a number above 0 to 1000000000",
        "modell: unknown key; known here: baud, encoding, fields, line, manufacturer, model, "
        "quiet_s, source, title; did you mean model?",
        "fields.t.colour: unknown key; known here: digits, kind, missing, padded, role, "
        "scale, sent_once, site_from, unit, unit_from, zero_is_a_value",
    ]


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


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("{spo2} {", "line[0].pattern: a lone brace; want {name}, or {{ and }} for braces of"),
        ("{spo2} }", "line[0].pattern: a lone brace; want {name}, or {{ and }} for braces of"),
        ("{spo2} {A}", "line[0].pattern: a lone brace; want {name}, or {{ and }} for braces of"),
        ("{spo2} {spo2}", "line[0].pattern: {spo2} occurs in it more than once"),
        ("{spo2} {u}", "line[0].pattern: {u} has no table [fields.u]"),
        ("x" * 248 + "{spo2}", "line[0].pattern: lines of up to 251 characters; want at most 250"),
        ("{spo2} {checksum}", "line[0].checksum: want {checksum} as the last of the pattern, and"),
    ],
)
def test_a_wrong_pattern_is_told(pattern: str, told: str) -> None:
    (found,) = mistakes(definition(pattern, SPO2))
    assert found.startswith(told)


@pytest.mark.parametrize("pattern", ["{spo2}", "{checksum} {spo2}", "{spo2}{checksum};"])
def test_a_checksum_ends_its_pattern(pattern: str) -> None:
    (found,) = mistakes(definition(pattern, SPO2, line='checksum = "sum8"'))
    assert found.startswith("line[0].checksum: want {checksum} as the last")


def test_two_checksums_are_one_too_many() -> None:
    found = mistakes(definition("{checksum}{spo2}{checksum}", SPO2, line='checksum = "sum8"'))
    assert [told.partition(":")[0] for told in found] == ["line[0].checksum", "line[0].pattern"]


def test_a_field_that_is_in_no_pattern_is_told() -> None:
    assert mistakes(definition("{spo2}", SPO2, TEXT.format("width = 1"))) == [
        "fields.x: is in no pattern"
    ]


def test_a_definition_without_a_value_is_told() -> None:
    assert mistakes(definition("{x}", TEXT.format("width = 1"))) == [
        "line: no pattern holds a field with role = 'value'"
    ]


@pytest.mark.parametrize("name", ["Spo2", "a-b", "a__b", "checksum", "a" * 31])
def test_a_name_that_no_pattern_can_hold_is_told(name: str) -> None:
    found = mistakes(definition("{spo2}", SPO2, TEXT.format("width = 1").replace("x", name)))
    assert found[0].startswith(f"fields.{name}: want a name of a-z, 0-9 and single _")


def test_a_field_that_is_no_table_is_told() -> None:
    found = mistakes(definition("{spo2}", SPO2, "[fields]\nx = 1"))
    assert "fields.x: 1; want a table [fields.x]" in found


def test_a_line_that_is_no_table_is_told() -> None:
    found = mistakes(HEAD + 'line = [1]\n[fields.x]\nrole = "ignore"\nwidth = 1')
    assert "line[0]: 1; want a table" in found


def test_a_text_of_variable_length_needs_an_end() -> None:
    (found,) = mistakes(definition("{x}{spo2}", SPO2, TEXT.format("longest = 3")))
    assert found == "line[0].pattern: {x}{spo2}; want a character between the two"


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


def test_too_many_lines_are_told() -> None:
    text = definition("{spo2}", SPO2) + '\n[[line]]\npattern = "{spo2}"' * 16
    assert mistakes(text) == ["line: 17 tables; want at most 16"]


@pytest.mark.parametrize(
    ("profile", "text", "told"),
    [
        ("thermo", "", "ascii_line: profile: 'thermo'; want one of suntech_like, suretemp_like"),
        (
            "suntech_like",
            "x",
            "ascii_line: profile: 'suntech_like' beside the text of a definition",
        ),
    ],
)
def test_a_profile_that_is_none_is_told(profile: str, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        SPEC.open_session(SessionOptions("spot-1", profile=profile, profile_text=text))
    assert str(caught.value).startswith(told)


@pytest.mark.parametrize("name", ["suretemp_like", "suntech_like"])
def test_a_slip_of_the_pen_anywhere_is_told_or_does_no_harm(name: str) -> None:
    shipped = (files("edge_agent.drivers.ascii_line") / "devices" / f"{name}.toml").read_text()
    chance, told = random.Random(3), 0
    for _ in range(400):
        at, typed = chance.randrange(len(shipped)), chance.choice('x{}"#.[]=1 \\\n*')
        try:
            session = opened(shipped[:at] + typed + shipped[at + chance.randrange(3) :])
        except ConfigError:
            told += 1
        else:
            session.receive(b"ST690 SN=0012345 ORAL   T= 38.4 C OK\r\n", Instant(0, 0))
    assert told > 100


@pytest.mark.parametrize(
    ("head", "pattern", "told"),
    [
        (
            "",
            "T={spo2}\\u20ac",
            "'T={spo2}€'; want a text without line ends that latin-1 can write",
        ),
        ('encoding = "ascii"', "{spo2}°", "'{spo2}°'; want a text without line ends that ascii"),
        ("", "{spo2}\\r", "want a text without line ends that latin-1 can write"),
        ("", "{spo2}\\n", "want a text without line ends that latin-1 can write"),
    ],
)
def test_a_pattern_that_no_line_can_hold_is_told(head: str, pattern: str, told: str) -> None:
    assert told in mistakes(definition(pattern, SPO2, head=HEAD + head))[0]


def test_an_encoding_that_is_none_of_the_known_is_told_with_those() -> None:
    text = definition("{spo2}", SPO2, head=HEAD + 'encoding = "klingon"')
    assert mistakes(text) == [
        "encoding: 'klingon'; want one of latin-1, cp1252, cp437, cp850, utf-8, ascii"
    ]


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
