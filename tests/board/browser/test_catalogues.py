"""Words, kinds of entries, and weight of the pages, checked on their text."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from edge_agent.model.measurements import CANONICAL_UNITS, VitalKind
from edge_agent.model.patient import NONE, EntryKind
from edge_agent.patient import entry_check
from tests.support.browsers import screen

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.served_board import Served

STATIC: Final = Path(__file__).resolve().parents[3] / "edge_agent" / "board" / "static"
SOURCES: Final = {path.name: path.read_text() for path in sorted(STATIC.glob("*.js"))}
CODE: Final = "".join(text for name, text in SOURCES.items() if name != "words.js")
_TEXT: Final = r'"((?:[^"\\]|\\.)*)"'
LISTED: Final = re.compile(rf"^  (\w+): \[\s*{_TEXT},\s*{_TEXT},?\s*\]", re.M)
WORDS: Final = {key: (en, de) for key, en, de in LISTED.findall(SOURCES["words.js"])}
NEVER: Final = re.compile(r"\b(error|exception|null|undefined|NaN|JSON|HTTP|UUID)\b", re.I)
"""Words that no nurse reads."""


def test_every_word_is_there_in_both_languages_with_the_same_places() -> None:
    assert len(WORDS) > 200
    for key, (en, de) in WORDS.items():
        assert en, key
        assert de, key
        assert sorted(re.findall(r"\{\w+\}", en)) == sorted(re.findall(r"\{\w+\}", de)), key


def test_no_word_is_one_of_a_programmer() -> None:
    assert [text for pair in WORDS.values() for text in pair if NEVER.search(text)] == []


def test_every_word_that_a_page_asks_for_exists() -> None:
    asked = set(re.findall(r'\bt\("(\w+)"', CODE))
    assert len(asked) > 100
    assert asked - WORDS.keys() == set()


def test_every_word_is_used() -> None:
    named = set(re.findall(r"\w+", CODE))
    made = {"better", "worse", "by_concern", "by_bed", "gateway_lost", "gateway_stopped"}
    made |= {f"{kind}_long" for kind in ("heart_rate", "spo2", "temperature", "pressure")}
    made |= {"respiratory_rate_long", "not_assessing", "degraded", "assessing", "unknown"}
    assert WORDS.keys() - named - made == set()


def test_the_pages_are_light() -> None:
    files = [path.read_bytes() for path in STATIC.rglob("*") if path.is_file()]
    assert sum(len(gzip.compress(content, mtime=0)) for content in files) <= 75_000


def test_no_page_reads_text_as_html_or_asks_another_host() -> None:
    as_html = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(")
    assert [name for name, text in SOURCES.items() if as_html.search(text)] == []
    everything = CODE + (STATIC / "index.html").read_text() + (STATIC / "board.css").read_text()
    assert set(re.findall(r"https?://[\w.]+", everything)) == {"http://www.w3.org"}
    assert " style=" not in everything


def test_a_module_of_the_pages_is_read_at_one_sitting() -> None:
    lengths = {name: len(text.splitlines()) for name, text in SOURCES.items()}
    assert {name for name, lines in lengths.items() if lines > 300} <= {"words.js"}


@pytest.fixture(scope="module")
def entries(browser: Browser) -> dict[str, Any]:
    """Return the table of entries as the page has it."""
    from tests.support.served_board import serving  # noqa: PLC0415 - a board for files only

    served: Served
    with serving() as served, screen(browser) as context:
        page = context.new_page()
        page.goto(served.server.url)
        found: dict[str, Any] = page.evaluate("import('/kinds.js').then((m) => m.ENTRIES)")
        return found


def test_the_page_can_enter_everything_that_the_gateway_takes(entries: dict[str, Any]) -> None:
    kinds = {kind.value for kind in EntryKind} - {"away"}
    assert entries.keys() == kinds


@pytest.mark.parametrize("kind", [kind for kind in EntryKind if kind != "away"])
def test_the_limits_of_a_form_are_those_of_the_gateway(
    entries: dict[str, Any], kind: EntryKind
) -> None:
    form, row = entries[kind], entry_check._ROWS[kind]
    assert form["names"] == (None if row.names is None else list(form["names"] or []))
    assert set(form["names"] or []) == set(row.names or ())
    assert bool(form.get("nameless")) == row.may_be_nameless
    assert bool(form.get("none")) == row.may_be_none
    assert bool(form.get("ends")) == row.may_end
    assert bool(form.get("needs")) == row.needs_amount
    assert bool(form.get("anyUnit")) == (row.unit is None)
    assert bool(form.get("patient")) == row.has_bed
    if "vitals" not in form:
        assert form.get("amount") == (None if row.amounts is None else list(row.amounts))
        assert form.get("unit", "") == (row.unit or "")


@pytest.mark.parametrize("kind", [EntryKind.SPOT, EntryKind.BASELINE])
def test_the_range_of_a_vital_sign_is_that_of_the_gateway(
    entries: dict[str, Any], kind: EntryKind
) -> None:
    for name, (low, high, unit) in entries[kind]["vitals"].items():
        assert (low, high) == entry_check.RANGES[VitalKind(name)]
        assert unit == CANONICAL_UNITS[VitalKind(name)]
    sites = entries[EntryKind.SPOT]["sites"]
    allowed = {kind.value: list(sites) for kind, sites in entry_check.SPOT_SITES.items()}
    assert sites == allowed


def test_the_units_of_the_laboratory_are_those_of_the_gateway(entries: dict[str, Any]) -> None:
    units = {name: list(allowed) for name, allowed in entry_check.LAB_UNITS.items()}
    assert entries[EntryKind.LAB]["units"] == units
    assert f'export const NONE = "{NONE}";' in SOURCES["kinds.js"]
