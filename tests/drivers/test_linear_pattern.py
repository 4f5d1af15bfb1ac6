"""Patterns out of files fit what Python's own engine fits, in bounded time, or are refused."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


_ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", r"\.", "(?i:b)", "1", "[]a]"])
_COUNTS = st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "{2}?"])
_PATTERNS = st.recursive(
    st.builds(str.__add__, _ATOMS, _COUNTS),
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("({}|{}){}".format, inner, inner, _COUNTS),
        st.builds("(?:{}){}".format, inner, _COUNTS),
    ),
    max_leaves=6,
)


@given(_PATTERNS, st.text("abAB1.]", max_size=7))
def test_it_fits_what_pythons_own_engine_fits(pattern: str, text: str) -> None:
    expected = re.fullmatch(pattern, text) is not None
    assert LinearPattern(pattern).fullmatch(text) is expected, (pattern, text)


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
        (r"\bword", r"\b"),
        ("(?=a)b", "(?"),
        ("(?P<name>a)", "(?"),
        ("a^b", "^"),
        ("a$b", "$"),
        ("*a", "*"),
        ("a**", "*"),
        ("a|{2}", "{2}"),
        ("a{3,2}", "3 to 2"),
        ("(a", "without its )"),
        ("a)", "without its ("),
        ("[a", "without its ]"),
        ("[b-a]", "bad character range"),
        ("[a--b]", "the set"),
        ("\\", "\\"),
        ("a{600}", "500 places"),
        ("(a{100}){100}", "500 places"),
        ("a{90}" * 6, "500 places"),
        ("a" * 201, "201 characters; want at most 200"),
    ],
)
def test_what_cannot_be_matched_without_backtracking_is_refused(pattern: str, seen: str) -> None:
    with pytest.raises(PatternError) as refused:
        LinearPattern(pattern)
    assert seen in str(refused.value)


def test_patterns_of_the_greatest_depth_and_size_are_read() -> None:
    deep = "(" * 99 + "a" + ")" * 99
    assert LinearPattern(deep).fullmatch("a")
    assert LinearPattern("a{500}").fullmatch("a" * MAX_TEXT) is False
    assert LinearPattern("a{250}.{250}").fullmatch("a" * 249) is False
    assert LinearPattern("(a{249}b?)*").fullmatch("a" * 249 + "b")
    for too_big in ("a{250}.{251}", "(a{497}b?)*", "(a?b?){0,101}", "a{501}"):
        with pytest.raises(PatternError):
            LinearPattern(too_big)


def test_a_profile_with_such_a_pattern_is_refused_with_its_key_and_the_value() -> None:
    text = "[[remap]]\ncode = 150344\nto = 188420\nsub_id = '(?=1)x'\n"
    with pytest.raises(ConfigError) as refused:
        profile_of("ward", text)
    (mistake,) = refused.value.mistakes
    assert mistake.key == "remap[0].sub_id"
    assert mistake.message.startswith(r"is '(?=1)x'; want a regular expression without backtr")
