"""Names of places are equal where they are the same, and never because something is missing."""

from __future__ import annotations

import pytest

from edge_agent.model import origins


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("ICU^^5", "ICU^^5"),
        (" ICU ^^5 ", "ICU^^5"),
        ("ICU^^5^^", "ICU^^5"),
        ("ICU^^\u00a05", "ICU^^5"),
        ("Su\u0308d^^5", "S\u00fcd^^5"),
        ("VS^^^00A1", "VS^^^00A1"),
        ("icu^^5", "icu^^5"),
        ("x" * origins.LONGEST, "x" * origins.LONGEST),
        ("x" * (origins.LONGEST + 1), "x" * (origins.LONGEST - 1) + "\ufffd"),
        ("", ""),
    ],
)
def test_one_place_has_one_name(name: str, plain: str) -> None:
    assert origins.plain(name) == plain
    assert origins.plain(plain) == plain


@pytest.mark.parametrize(
    ("one", "other", "is_alike"),
    [
        ("ICU^^5a", "icu^^5A", True),
        ("ICU^^5 a", "ICU^^5a", True),
        ("ICU^^5\u200b", "ICU^^5", True),
        ("ICU^^\uff15", "ICU^^5", True),
        ("ICU^^5", "ICU^^6", False),
        ("ICU^5", "ICU^^5", False),
        ("Süd", "Sud", False),
    ],
)
def test_names_that_look_alike_are_known(one: str, other: str, *, is_alike: bool) -> None:
    assert (origins.as_seen(one) == origins.as_seen(other)) is is_alike


@pytest.mark.parametrize(
    ("name", "is_so"),
    [
        ("ICU^^5", True),
        ("ICU^^bed 5?", True),
        ("ICU^^\ufffd", False),
        ("ICU^^??", False),
        ("ICU^^?", False),
        ("?^^5", False),
        ("ICU^^b??", False),
    ],
)
def test_a_name_with_an_unknown_character_is_not_readable(name: str, *, is_so: bool) -> None:
    assert origins.is_readable(name) is is_so


@pytest.mark.parametrize(
    ("origin", "is_of_device"),
    [
        ("VS^^^00A037000001", True),
        ("VS^^^00a0370000000001", True),
        ("^^BED-001^10.0.0.98:1", True),
        ("^^BED-001^10.0.0.98", True),
        ("ICU^^5^ST MARY", False),
        ("ICU^^5^4012345000009", False),  # a global location number has 13 digits
        ("00A037000001^^5", False),
        ("ICU", False),
    ],
)
def test_a_number_or_an_address_is_of_one_device_and_a_facility_is_not(
    origin: str, *, is_of_device: bool
) -> None:
    assert origins.is_of_device(origin) is is_of_device


def test_a_name_has_neither_facility_nor_number() -> None:
    named = [origins.name_of(o) for o in ("ICU^^5^A", "ICU^^5", "VS^^^1", "^^^A", "ICU")]
    assert named == ["ICU^^5", "ICU^^5", "VS", "", "ICU"]
