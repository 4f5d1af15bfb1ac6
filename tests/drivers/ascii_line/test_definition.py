"""Every mistake of a definition is reported at once, with its key, what it is and what fits."""

from __future__ import annotations

import random
from importlib.resources import files

import pytest

from edge_agent.drivers.ascii_line import SPEC
from edge_agent.drivers.base import SessionOptions
from edge_agent.model.clock import Instant
from edge_agent.model.errors import ConfigError
from tests.drivers.ascii_line.definitions import TEXT, mistakes
from tests.drivers.ascii_line.line import HEAD, SPO2, definition, opened


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


def test_a_definition_without_a_value_is_told() -> None:
    assert mistakes(definition("{x}", TEXT.format("width = 1"))) == [
        "line: no pattern holds a field with role = 'value'"
    ]


def test_a_line_that_is_no_table_is_told() -> None:
    found = mistakes(HEAD + 'line = [1]\n[fields.x]\nrole = "ignore"\nwidth = 1')
    assert "line[0]: 1; want a table" in found


def test_a_text_of_variable_length_needs_an_end() -> None:
    (found,) = mistakes(definition("{x}{spo2}", SPO2, TEXT.format("longest = 3")))
    assert found == "line[0].pattern: {x}{spo2}; want a character between the two"


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


@pytest.mark.untraced
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
