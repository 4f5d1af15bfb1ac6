"""Files that people write, as their editors save them: read, or refused with the cause."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.config.gateway_file import load_config
from edge_agent.detect.language.rule_file import parse_rule
from edge_agent.drivers.ascii_line.definition_file import read_definition
from edge_agent.drivers.hl7_oru.profile_files import profile_of
from edge_agent.model.errors import ConfigError, RuleError
from edge_agent.model.texts import (
    LARGEST_SECRET_BYTES,
    LARGEST_TEXT_BYTES,
    read_secret,
    read_text,
    secret_has_more_lines,
    text_of,
    toml_of,
    wide_encoding,
)
from edge_agent.recorded.context_file import load_context
from edge_agent.recorded.mapping_file import load_mapping
from edge_agent.rulebook.rule_set import read_rulebook
from simulators.cohorts.cohort_file import load_cohort
from simulators.scenarios.scenario_file import parse_scenario
from simulators.wards.ward_file import load_ward

MARK = "\ufeff"


def put(folder: Path, content: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read_text(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def secret_refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read_secret(path)
    assert caught.value.__cause__ is None or isinstance(caught.value.__cause__, OSError)
    return str(caught.value).removeprefix(f"{path}: ")


def test_a_text_is_read_with_and_without_a_byte_order_mark(tmp_path: Path) -> None:
    assert read_text(put(tmp_path, "a = 'ä'".encode())) == "a = 'ä'"
    assert read_text(put(tmp_path, (MARK + "a = 'ä'").encode())) == "a = 'ä'"


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
    ],
)
def test_the_encodings_of_other_editors_are_named(
    tmp_path: Path, encoding: str, named: str
) -> None:
    path = put(tmp_path, 'id = "gw-01"\n'.encode(encoding))
    assert refusal(path) == f"is saved as {named}; save it as UTF-8"
    assert secret_refusal(path) == f"is saved as {named}; save it as UTF-8"


def test_marks_of_the_other_byte_order_are_known() -> None:
    assert wide_encoding(b"\xfe\xff\x00a") == "UTF-16"
    assert wide_encoding(b"\x00\x00\xfe\xff\x00\x00\x00a") == "UTF-32"


@pytest.mark.parametrize("data", [b"", b"ab", b"a\x00b", b"\x00\x00\x00\x00", b"abcd\x00\x00"])
def test_plain_bytes_are_not_taken_for_wide_characters(data: bytes) -> None:
    assert wide_encoding(data) == ""


def test_a_byte_of_an_older_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    path = put(tmp_path, b"a = 1\nb = 'Ger\xe4t'\n")
    assert refusal(path).startswith("cannot be read: line 2 holds the byte 0xe4, which is no UTF-8")
    with pytest.raises(ConfigError, match="name: cannot be read: line 1 holds the byte 0xff"):
        text_of(b"\xff", "name")


def test_what_cannot_be_opened_is_named_with_the_reason(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none") == "cannot be read: No such file or directory"
    assert refusal(tmp_path) == "cannot be read: Is a directory"
    with pytest.raises(ConfigError, match="null byte"):
        read_text(Path("a\x00b"))


def test_a_file_that_no_person_wrote_is_not_read_whole(tmp_path: Path) -> None:
    path = put(tmp_path, b"x" * LARGEST_TEXT_BYTES)
    assert len(read_text(path)) == LARGEST_TEXT_BYTES
    put(tmp_path, b"x" * (LARGEST_TEXT_BYTES + 1))
    assert refusal(path).startswith("is over 16777216 bytes")
    assert secret_refusal(put(tmp_path, b"x" * (LARGEST_SECRET_BYTES + 1))).startswith("is over")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("a = 1\nb = \u201cx\u201d", "line 2 has the typographic quote"),
        ("[[beds]]\nid = 1\n[beds]\nid = 2", "a list of tables is written"),
        ("a = 1\na = 2", "stands there twice"),
        ("a = 1\rb = 2\r", "its lines end with CR alone"),
        ("a = ", "is not TOML"),
        ("a = " + "[" * 100_000, "nested too deep"),
    ],
)
def test_slips_of_toml_are_answered_with_the_likely_cause(text: str, cause: str) -> None:
    with pytest.raises(ConfigError) as caught:
        toml_of(text, "gateway.toml")
    assert cause in str(caught.value).replace("A list", "a list")
    assert str(caught.value).startswith("gateway.toml: is not TOML")


def test_whole_numbers_have_64_bits_as_toml_says() -> None:
    assert toml_of(f"a = {2**63 - 1}\nb = {-(2**63)}", "x") == {"a": 2**63 - 1, "b": -(2**63)}
    with pytest.raises(ConfigError) as caught:
        toml_of(f"a = {2**63}\n[b]\nc = [1, {{ d = {-(2**63) - 1} }}, {10**400}]", "x")
    assert [mistake.key for mistake in caught.value.mistakes] == ["a", "b.c[1].d", "b.c[2]"]


def test_toml_with_a_mark_and_with_crlf_is_toml() -> None:
    assert toml_of(MARK + "a = 1\r\nb = 2\r\n", "x") == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    "content",
    [b"s3cret", b"s3cret\n", b"\xef\xbb\xbfs3cret\r\n", b" s3cret\t\n\n", b"s3cret\rmore"],
)
def test_a_secret_is_the_first_line(tmp_path: Path, content: bytes) -> None:
    assert read_secret(put(tmp_path, content)) == "s3cret"


def test_more_lines_than_the_secret_are_noticed(tmp_path: Path) -> None:
    assert secret_has_more_lines(put(tmp_path, b"abc123\n# created for gw-01\n"))
    assert not secret_has_more_lines(put(tmp_path, b"abc123\n\n \r\n"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "first line is empty"),
        (b"\n", "first line is empty"),
        (b"\ns3cret\n", "first line is empty"),
        (b"s3\x00cret", "cannot be printed"),
        (b"s3\xffcret", "is no UTF-8"),
    ],
)
def test_a_secret_that_cannot_be_sent_is_refused_without_showing_it(
    tmp_path: Path, content: bytes, message: str
) -> None:
    said = secret_refusal(put(tmp_path, content))
    assert message in said
    assert "s3" not in said


def test_a_secret_for_a_header_is_ascii(tmp_path: Path) -> None:
    path = put(tmp_path, "pässword".encode())
    assert read_secret(path) == "pässword"
    with pytest.raises(ConfigError, match="not ASCII"):
        read_secret(path, is_ascii=True)


READERS = {
    "gateway": load_config,
    "mapping": lambda path: load_mapping(str(path)),
    "context": lambda path: load_context(path, 0),
    "ward": load_ward,
    "cohort": load_cohort,
}


@pytest.mark.parametrize("reader", READERS)
def test_every_file_of_toml_is_read_the_same_way(reader: str, tmp_path: Path) -> None:
    read = READERS[reader]
    with pytest.raises(ConfigError, match="saved as UTF-16"):
        read(put(tmp_path, "a = 1\n".encode("utf-16")))
    with pytest.raises(ConfigError, match="0xe4"):
        read(put(tmp_path, b"a = '\xe4'\n"))
    with pytest.raises(ConfigError, match="nonsense"):
        read(put(tmp_path, f"{MARK}nonsense = 1\n".encode()))


def test_texts_that_are_read_elsewhere_may_begin_with_a_mark() -> None:
    text = f"{MARK}nonsense = 1\n"
    for read in (
        lambda: read_definition(text, "x"),
        lambda: profile_of("", text),
        lambda: parse_scenario(text, "x", 0),
    ):
        with pytest.raises(ConfigError, match="nonsense"):
            read()
    with pytest.raises(RuleError, match="nonsense"):
        parse_rule("x", text)


def test_a_folder_of_rules_names_each_file_that_is_no_text(tmp_path: Path) -> None:
    put(tmp_path, "a = 1\n".encode("utf-16"), "a.toml")
    put(tmp_path, b"a = '\xe4'\n", "b.toml")
    put(tmp_path, f"{MARK}nonsense = 1\n".encode(), "c.toml")
    with pytest.raises(RuleError) as caught:
        read_rulebook(tmp_path)
    said = [str(mistake) for mistake in caught.value.mistakes]
    assert said[0] == "a.toml: is saved as UTF-16; save it as UTF-8"
    assert said[1].startswith("b.toml: cannot be read: line 1 holds the byte 0xe4")
    assert any(line.startswith("c.toml: nonsense") for line in said)
