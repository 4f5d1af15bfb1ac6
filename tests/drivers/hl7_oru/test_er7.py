"""Our reader agrees with python-hl7, an independent one, and never fails on a charset."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hl7  # type: ignore[import-untyped]  # python-hl7 ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.hl7_oru import er7
from tests.drivers.hl7_oru import sender
from tests.support.shared_data import shared_data

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES = ["comen_nc5", "mindray_egateway", "mindray_r40_leadoff", "northern_aquaris"]
HEAD = sender.header()
TEXT = st.text("ab7 .-", max_size=5)
ESCAPED = st.sampled_from(["", r"\F\x", r"a\S\b", r"\T\\R\ ", r"\E\E", r"\X41\c"])
LEAVES = st.one_of(TEXT, ESCAPED)
FIELDS = st.lists(
    st.lists(
        st.lists(st.lists(LEAVES, min_size=1, max_size=3).map("&".join), min_size=1, max_size=3),
        min_size=1,
        max_size=3,
    ),
    min_size=1,
    max_size=5,
)


def parsed(*segments: str) -> er7.Er7Message:
    return er7.parse("".join(segment + "\r" for segment in segments).encode())


def in_python_hl7(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield segment, field and text of every field as python-hl7 reads them."""
    for s, segment in enumerate(hl7.parse(text)):
        for f in range(1, len(segment)):
            yield s, f, str(segment[f])


def check_fields(text: str) -> None:
    message = er7.parse(text.encode())
    segments = [message.header, *message.segments]
    theirs = list(in_python_hl7(text))
    assert theirs
    assert [(s, f, segments[s].field(f)) for s, f, _ in theirs] == theirs
    assert [s.name for s in segments] == [str(s[0]) for s in hl7.parse(text)]


@pytest.mark.parametrize("name", SAMPLES)
def test_fields_of_recorded_messages_are_those_that_python_hl7_reads(name: str) -> None:
    frame = shared_data(f"captures/samples/hl7/{name}.mllp").read_bytes()
    check_fields(frame[1:-2].decode())


@pytest.mark.parametrize("name", SAMPLES)
def test_components_of_recorded_messages_are_those_that_python_hl7_reads(name: str) -> None:
    text = shared_data(f"captures/samples/hl7/{name}.mllp").read_bytes()[1:-2].decode()
    theirs, ours = hl7.parse(text), er7.parse(text.encode())
    rows = [segment for segment in ours.segments if segment.name == "OBX"]
    for n, row in enumerate(rows, 1):
        for field in (3, 5, 6, 18):
            for m, component in enumerate(row.components(field), 1):
                assert theirs.extract_field("OBX", n, field, 1, m, 1) == component


@pytest.mark.untraced
@given(FIELDS)
def test_built_messages_read_the_same_down_to_the_subcomponents(
    fields: list[list[list[str]]],
) -> None:
    texts = ["~".join("^".join(components) for components in field) for field in fields]
    text = f"{HEAD}\rOBX|{'|'.join(texts)}|end\r"
    check_fields(text)
    (row,) = er7.parse(text.encode()).segments
    theirs = hl7.parse(text)
    for f, field in enumerate(fields, 1):
        assert row.repetitions(f) == texts[f - 1].split("~")
        for m, component in enumerate(field[0], 1):
            ours = row.subcomponents(f, m)
            assert len(ours) == len(component.split("&"))
            for k, subcomponent in enumerate(ours, 1):
                assert theirs.extract_field("OBX", 1, f, 1, m, k) == subcomponent


def test_a_field_after_the_end_is_empty() -> None:
    message = parsed(HEAD, "OBX|1")
    (row,) = message.segments
    assert (row.field(9), row.component(9, 1), row.component(1, 4)) == ("", "", "")
    assert row.subcomponents(1, 3) == [""]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (r"a\F\b\S\c\R\d\T\e\E\f", r"a|b^c~d&e\f"),
        (r"\X48C3A9\llo", "Héllo"),
        (r"\H\loud\N\ \.br\next", "loud \nnext"),
        (r"C:\dir\file", r"C:\dir\file"),
        (r"\XZZ\ \X4\ ", r"\XZZ\ \X4\ "),
        (r"one\two", r"one\two"),
        (r"\Zlocal\ ", r"\Zlocal\ "),
    ],
)
def test_escapes_are_resolved_and_unknown_ones_stay(text: str, meaning: str) -> None:
    (row,) = parsed(HEAD, f"NTE|{text}").segments
    assert row.text(1) == meaning


@pytest.mark.parametrize("marks", ["^~\\&", "^~\\&#", "@*+$"])
def test_an_escaped_text_is_one_field_that_reads_the_same(marks: str) -> None:
    syntax = er7.parse(f"MSH|{marks}|\r".encode()).syntax
    text = "a|b^c~d\\e&f@g*h+i$j Größe"
    assert not set(syntax.escaped(text).replace(syntax.escape, "")) & set(f"|{marks[:2]}{marks[3]}")
    assert syntax.unescaped(syntax.escaped(text)) == text
    assert syntax.escaped("a\r\nb\x0b\x1cc") == "a b c"


def test_without_an_escape_a_separator_in_a_text_becomes_a_blank() -> None:
    syntax = er7.parse(b"MSH|^|\r").syntax
    assert syntax.escaped("a|b^c~d") == "a b c~d"


def test_separators_are_those_of_the_header() -> None:
    (row,) = parsed("MSH#*!@%#A", "OBX#1#NM#7*x%y*MDC#a!b#5@S@6").segments
    assert row.components(3) == ["7", "x%y", "MDC"]
    assert row.subcomponents(3, 2) == ["x", "y"]
    assert row.repetitions(4) == ["a", "b"]
    assert row.text(5) == "5*6"


def test_separators_that_are_left_out_separate_nothing() -> None:
    (row,) = parsed("MSH|^|A", r"OBX|a~b\F\c& d^e").segments
    assert row.repetitions(1) == [r"a~b\F\c& d^e"]
    assert row.components(1) == [r"a~b\F\c& d", "e"]
    assert row.subcomponents(1, 1) == [r"a~b\F\c& d"]


@pytest.mark.parametrize(
    ("ends", "count"), [("\r", 2), ("\n", 2), ("\r\n", 2), ("\r\n\r\n", 2), ("\r \r", 2)]
)
def test_segments_end_with_any_line_end(ends: str, count: int) -> None:
    text = ends.join([HEAD, "OBR|1", "OBX|1", ""])
    assert [s.name for s in er7.parse(text.encode()).segments] == ["OBR", "OBX"][:count]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\r",
        b"PID|1",
        b"MSH",
        b"MSH|",
        b"MSH||A",
        b"MSHA^~\\&A",
        b"MSH ^~\\& A",
        b"MSH|^^\\&|A",
        b"MSH|^~\\&#!|A",
        b"MSH|a~\\&|A",
    ],
)
def test_a_message_without_a_sound_header_is_malformed(body: bytes) -> None:
    with pytest.raises(er7.MalformedTextError):
        er7.parse(body)


@pytest.mark.parametrize(
    ("charset", "encoding", "text"),
    [
        ("UNICODE UTF-8", "utf-8", "Grün 床"),
        ("", "utf-8", "Grün 床"),
        ("ASCII", "utf-8", "Grün"),
        ("8859/1", "latin-1", "Grün"),
        ("8859/15~UNICODE UTF-8", "iso8859-15", "€"),
        ("GB 18030-2000", "gb18030", "床"),
        ("UNICODE", "utf-16-le", "Grün 床"),
        ("UNICODE", "utf-16-be", "Grün 床"),
        ("UNICODE", "utf-16", "Grün 床"),
        ("UNICODE", "utf-8", "Grün"),
    ],
)
def test_the_charset_of_the_header_is_followed(charset: str, encoding: str, text: str) -> None:
    head = sender.header(rest=f"1|P|2.6||||||{charset}")
    message = er7.parse(f"{head}\rNTE|{text}\r".encode(encoding))
    assert message.segments[0].text(1) == text


def test_bytes_that_fit_no_charset_never_fail() -> None:
    message = er7.parse(HEAD.encode() + b"\rNTE|a\xff\xfeb\r")
    assert message.segments[0].text(1) == "a\ufffd\ufffdb"


@given(st.binary(max_size=60))
def test_no_bytes_after_a_header_raise(noise: bytes) -> None:
    message = er7.parse(HEAD.encode() + b"\r" + noise)
    for segment in message.segments:
        assert segment.text(1) is not None
        assert segment.subcomponents(1, 1)


def test_a_message_is_whole_where_every_segment_has_a_lawful_name() -> None:
    assert parsed(HEAD, "OBX|1", "ZX9|1").is_whole
    assert not parsed(HEAD, "X|7").is_whole
    assert not parsed(HEAD, "\x1cBX|7").is_whole
