"""An entry as a command comes back as it was; what is no entry is refused without its text."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from edge_agent.model.patient import BedEntry
from edge_agent.payloads.common import MAX_COMMAND_BYTES
from edge_agent.payloads.entries import encode_entry, parse_entry
from tests.support.patient_entries import NOW_NS, an_entry

WHOLE = an_entry(
    "e-1",
    "spot",
    "temperature",
    amount=38.2,
    unit="Cel",
    site="axillary",
    by="nurse 7",
    entered_utc_ns=3,
    corrects="e-0",
    is_void=True,
    bed_id="bed-01",
)
LEAST = {"entry_id": "e-2", "kind": "cooling", "at_utc_ns": NOW_NS, "by": "nurse 7"}


def test_an_entry_comes_back_as_it_was() -> None:
    lasting = an_entry("e-3", "cooling", at_h=1, until_h=2, by="N12")
    for entry in (WHOLE, lasting):
        assert parse_entry("bed-01", encode_entry(entry)) == BedEntry("bed-01", entry)


def test_what_is_not_said_is_left_to_the_bed() -> None:
    given = parse_entry("bed-01", json.dumps(LEAST).encode())
    assert given.entry == an_entry("e-2", "cooling", patient_id="", by="nurse 7")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "weather"}, "Invalid enum value 'weather'"),
        ({"patient_name": "Eva Maier"}, "unknown field `patient_name`"),
        ({"at_utc_ns": "noon"}, "Expected `int`"),
        ({"by": " "}, "entry 'e-2': by is ' '; want who enters it, 1 to 80 characters"),
        ({"by": "n" * 81}, "want who enters it"),
        ({"by": "\u202eesruN"}, "want who enters it"),
        ({"until_utc_ns": 5}, "entry 'e-2': cooling: ends before it begins"),
    ],
)
def test_what_is_no_entry_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        parse_entry("bed-01", json.dumps(LEAST | change).encode())
    assert "Maier" not in str(caught.value)


@pytest.mark.parametrize("payload", [b"", b"[]", b"\xff", b"{}", b" " * (MAX_COMMAND_BYTES + 1)])
def test_what_is_no_command_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match=f"entry (of|has) {len(payload)} bytes"):
        parse_entry("bed-01", payload)


def test_who_enters_it_is_kept_without_the_blanks_around() -> None:
    given = parse_entry("b", json.dumps(LEAST | {"by": f"N12{' ' * 3000}"}).encode())
    assert given.entry.by == "N12"


def test_an_entry_that_is_too_long_says_how_long_it_may_be() -> None:
    with pytest.raises(ValueError, match=f"at most {MAX_COMMAND_BYTES} allowed"):
        parse_entry("b", encode_entry(replace(WHOLE, name="x" * MAX_COMMAND_BYTES)))
