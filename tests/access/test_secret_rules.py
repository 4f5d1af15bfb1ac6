"""Passwords, PINs and badge numbers that are accepted, and the reasons against others."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.access.secret_rules import (
    badge_mistake,
    folded,
    name_mistake,
    normal_password,
    password_mistake,
    pin_mistake,
)


@pytest.mark.parametrize(
    "password",
    [
        "trout bicycle magenta over",
        "Blaue Möwe isst Zimtbrot",
        "4829174839204816",
        "xkq-9fT2-mwLo-77Zp",
        "正しい馬の電池ホチキス紙飛行機雲",
        "a" + " b c d e f g h" * 9,
    ],
)
def test_long_passwords_of_any_kind_are_accepted(password: str) -> None:
    assert password_mistake(password, "nurse 7") == ""


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "has 0 characters; want at least 15"),
        ("Tr0ub4dor&3", "has 11 characters; want at least 15"),
        ("x" * 129, "want at most 128"),
        ("trout bicycle\tmagenta", "cannot be typed"),
        ("trout bicycle \ud800 magenta", "cannot be typed"),
        ("aaaaaaaaaaaaaaaaaaa", "repeats itself"),
        ("troutbicycletroutbicycle", "repeats itself"),
        ("abcabcabcabcabcabc", "repeats itself"),
        ("passwordpassword", "repeats itself"),
        ("Password12345678", "tried first"),
        ("qwertzuiopasdfghjkl", "tried first"),
        ("9876543210987654321", "tried first"),
        ("Willkommen-Station-2", "tried first"),
        ("krankenhaus intensiv", "tried first"),
        ("Annemarie.Huber1234567", "tried first"),
        ("password!!!!!!!!!!!!", "tried first"),
    ],
)
def test_a_refusal_gives_its_reason_and_never_the_password(password: str, reason: str) -> None:
    said = password_mistake(password, "annemarie.huber")
    assert reason in said
    assert len(password) < 5 or password not in said


@given(st.text(max_size=200), st.text(max_size=40))
def test_any_text_is_judged(password: str, person: str) -> None:
    said = password_mistake(password, person)
    assert said or len(normal_password(password)) >= 15


@given(st.text(max_size=80))
def test_a_password_is_the_same_however_the_keyboard_composes_it(password: str) -> None:
    apart = unicodedata.normalize("NFD", password)
    assert normal_password(apart) == normal_password(unicodedata.normalize("NFC", password))


@pytest.mark.parametrize("pin", ["8351", "90417", "48210639", "7029"])
def test_pins_that_nobody_tries_first_are_accepted(pin: str) -> None:
    assert pin_mistake(pin) == ""


@pytest.mark.parametrize(
    ("pin", "reason"),
    [
        ("", "4 to 8 digits"),
        ("835", "4 to 8 digits"),
        ("835183518", "4 to 8 digits"),
        ("83a1", "4 to 8 digits"),
        ("\u0664\u0665\u0667\u0668", "4 to 8 digits"),
        ("0000", "repeats itself"),
        ("1221", "repeats itself"),
        ("8383", "repeats itself"),
        ("2580", "repeats itself"),
        ("1234", "is a row"),
        ("87654", "is a row"),
        ("9012", "is a row"),
        ("1987", "is a year"),
        ("2031", "is a year"),
    ],
)
def test_a_pin_that_is_tried_first_is_refused(pin: str, reason: str) -> None:
    assert reason in pin_mistake(pin)


def test_badges_are_what_a_reader_types() -> None:
    assert badge_mistake("0049182734") == ""
    for badge in ("", "12345", "1 2 3 4 5 6", "12345\n", "x" * 65):
        assert "want 6 to 64" in badge_mistake(badge)


def test_names_are_of_somebody() -> None:
    assert name_mistake("Jürgen M. 7") == ""
    for name in ("", " ", " nurse 7", "nurse\u202e7", "x" * 81, "a\nb"):
        assert name_mistake(name)
    assert folded(" NURSE 7 ") == folded("nurse 7")
    assert folded("ﬁona") == folded("FIONA")
    assert folded("STRASSE") == folded("straße")
