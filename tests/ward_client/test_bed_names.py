"""Beds are named as people say them, and understood as people type them."""

from __future__ import annotations

import pytest

from edge_agent.ward_client.bed_names import bed_labels, beds_meant, by_number, plain

BEDS = ["bed-01", "bed-04", "bed-14", "room-3b", "window"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("bed-04", ["bed-04"]),
        ("BED-04", ["bed-04"]),
        (" 4 ", ["bed-04"]),
        ("04", ["bed-04"]),
        ("bed 4", ["bed-04"]),
        ("Bett 14", ["bed-14"]),
        ("window", ["window"]),
        ("3", ["room-3b"]),
        ("5", []),
        ("", []),
        ("bed", []),
        ("4 or 14", []),
    ],
)
def test_a_bed_is_meant_by_its_name_or_by_its_only_number(text: str, meant: list[str]) -> None:
    assert beds_meant(text, BEDS) == meant


def test_two_beds_with_one_number_are_both_meant() -> None:
    assert beds_meant("4", ["a-4", "b-04"]) == ["a-4", "b-04"]
    assert beds_meant("a-4", ["a-4", "b-04"]) == ["a-4"]


def test_a_bed_with_a_number_is_called_by_it() -> None:
    labels = bed_labels(BEDS, "BED")
    assert labels == {
        "bed-01": "BED 1",
        "bed-04": "BED 4",
        "bed-14": "BED 14",
        "room-3b": "room-3b",
        "window": "window",
    }


def test_beds_that_would_be_called_the_same_keep_their_names() -> None:
    assert bed_labels(["bed-4", "bed-04"], "BED") == {"bed-4": "bed-4", "bed-04": "bed-04"}


def test_bed_10_comes_after_bed_9() -> None:
    beds = ["bed-10", "bed-9", "a", "bed-09b", "7"]
    assert sorted(beds, key=by_number) == ["7", "a", "bed-9", "bed-09b", "bed-10"]


def test_no_text_commands_a_terminal() -> None:
    assert plain("N12\x1b[2J\n\u202e") == "N12\N{REPLACEMENT CHARACTER}[2J" + 2 * (
        "\N{REPLACEMENT CHARACTER}"
    )
