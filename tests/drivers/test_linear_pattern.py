"""Patterns out of files fit texts as a whole, in bounded time, or are refused."""

from __future__ import annotations

import time

import pytest

from edge_agent.drivers.hl7_oru.profile_files import profile_of
from edge_agent.drivers.linear_pattern import MAX_TEXT, LinearPattern, PatternError
from edge_agent.model.errors import ConfigError

LONGEST_CPU_S = 2.0
"""For a pattern with which Python's own engine needs years."""


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(\d+\.?)+x", "1" * 34),
        (r"(\d+\.?)+x", "1" * MAX_TEXT),
        ("(a*)*b", "a" * 60),
        ("((a+)+)+b", "a" * MAX_TEXT),
        ("(1|1)(1|1)" * 15 + "x", "1" * 30),
        ("a?" * 40 + "a{40}b", "a" * 40),
        (".*.*.*.*.*=", "x" * MAX_TEXT),
    ],
)
def test_a_pattern_that_would_backtrack_ends_at_once(pattern: str, text: str) -> None:
    begun_s = time.process_time()
    assert not LinearPattern(pattern).fullmatch(text)
    assert time.process_time() - begun_s < LONGEST_CPU_S


@pytest.mark.parametrize(
    ("pattern", "fitting", "other"),
    [
        (r"(.*\.)?2\.2\.150344", "1.2.2.150344", "1.2.2x150344"),
        ("0002-4a0[4-7]|(?i:nbp.*)", "NBPs", "0002-4a08"),
        ("^1.2$", "1.2", "1.23"),
        ("a{x}", "a{x}", "a"),
        ("", "", "a"),
        ("(a|)b", "b", "a"),
        ("a{0}b", "b", "ab"),
    ],
)
def test_texts_fit_as_a_whole(pattern: str, fitting: str, other: str) -> None:
    assert LinearPattern(pattern).fullmatch(fitting)
    assert not LinearPattern(pattern).fullmatch(other)


def test_a_text_beyond_the_bound_fits_nothing() -> None:
    assert LinearPattern(".*").fullmatch("x" * MAX_TEXT)
    assert not LinearPattern(".*").fullmatch("x" * (MAX_TEXT + 1))


@pytest.mark.parametrize(
    ("pattern", "seen"),
    [
        (r"(a)\1", r"\1"),
        ("(?=a)b", "(?="),
        ("*a", "*"),
        ("a**", "**"),
        ("a{3,2}", "{3,2}"),
        ("(a", "missing )"),
        ("a)", "unexpected )"),
        ("[a", "missing ]"),
        ("[b-a]", "b-a"),
        ("\\", "trailing"),
        ("(a{100}){100}", "{100}"),
        ("a" * 201, "201 characters; want at most 200"),
    ],
)
def test_what_cannot_be_matched_without_backtracking_is_refused(pattern: str, seen: str) -> None:
    with pytest.raises(PatternError) as refused:
        LinearPattern(pattern)
    assert seen in str(refused.value)


def test_a_pattern_of_the_greatest_length_is_read() -> None:
    assert LinearPattern("(" * 99 + "aa" + ")" * 99).fullmatch("aa")


def test_half_a_surrogate_pair_fits_any_character_and_no_letter() -> None:
    assert LinearPattern("a.").fullmatch("a\ud800")
    assert not LinearPattern(r"a\pL").fullmatch("a\ud800")


def test_a_profile_with_such_a_pattern_is_refused_with_its_key_and_the_value() -> None:
    text = "[[remap]]\ncode = 150344\nto = 188420\nsub_id = '(?=1)x'\n"
    with pytest.raises(ConfigError) as refused:
        profile_of("ward", text)
    (mistake,) = refused.value.mistakes
    assert mistake.key == "remap[0].sub_id"
    assert mistake.message.startswith(r"'(?=1)x'; want a regular expression without backtr")
