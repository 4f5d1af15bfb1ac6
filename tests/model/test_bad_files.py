"""Files of every kind with many mistakes are answered with all of them, in the same words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from edge_agent.broker.site_file import parse_site
from edge_agent.config.gateway_file import parse_config
from edge_agent.config.protocol_file import parse_protocol
from edge_agent.config.ward_file import WardScope, parse_ward_plan
from edge_agent.detect.language.rule_file import parse_rule
from edge_agent.drivers.ascii_line.definition_file import read_definition
from edge_agent.drivers.hl7_oru.profile_files import profile_of
from edge_agent.model.errors import ConfigError, RuleError
from edge_agent.recorded.context_file import parse_context
from edge_agent.recorded.mapping_file import parse_mapping
from edge_agent.rulebook.vectors_file import parse_vectors
from simulators.cohorts.cohort_file import parse_cohort
from simulators.scenarios.scenario_file import parse_scenario
from simulators.wards.ward_file import parse_ward

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER: Final = Path(__file__).parent / "bad_files"
READERS: Final[dict[str, Callable[[str], object]]] = {
    "rule": lambda text: parse_rule("x", text),
    "vectors": lambda text: parse_vectors("x", text),
    "scenario": lambda text: parse_scenario(text, "x", 1),
    "cohort": lambda text: parse_cohort(text, "x"),
    "ward": lambda text: parse_ward(text, "x", Path()),
    "mapping": lambda text: parse_mapping(text, "x"),
    "context": lambda text: parse_context(text, "x", 10**18),
    "definition": lambda text: read_definition(text, "x"),
    "profile": lambda text: profile_of("x", text),
    "gateway": lambda text: parse_config(text, source="x"),
    "protocol": lambda text: parse_protocol(text, "x"),
    "site": lambda text: parse_site(text, "x"),
    "ward_plan": lambda text: parse_ward_plan(
        text, "x", WardScope(("bed-01", "bed-02"), ("pager", "phone"))
    ),
}
COMMON: Final = {
    "unknown key": r": unknown key; known here: \w+, \w+",
    "wrong type": r": (\d|'|\[).*; want ",
    "true for a number": r": true; want (a|one|0|1).*\d",
    "missing": r": missing; want ",
    "number that is none": r": (nan|inf); want a (number|multiple)",
    "empty text": r": ''; want ",
}
IMPOSSIBLE: Final = {("protocol", "number that is none")}
"""Mistakes that a kind cannot hold: it has no field of that type."""
each_kind = pytest.mark.parametrize("kind", READERS)


def mistakes(kind: str, text: str) -> list[str]:
    with pytest.raises((ConfigError, RuleError)) as caught:
        READERS[kind](text)
    assert {mistake.source.partition(",")[0] for mistake in caught.value.mistakes} == {"x"}
    return [f"{mistake.key}: {mistake.message}" for mistake in caught.value.mistakes]


@each_kind
def test_all_mistakes_of_a_bad_file_are_reported_at_once(kind: str) -> None:
    text = (FOLDER / f"{kind}.toml").read_text()
    assert mistakes(kind, text) == (FOLDER / f"{kind}.txt").read_text().splitlines()


@each_kind
@pytest.mark.parametrize("mistake", COMMON)
def test_a_mistake_has_the_same_words_in_files_of_every_kind(kind: str, mistake: str) -> None:
    lines = (FOLDER / f"{kind}.txt").read_text().splitlines()
    has_found = any(re.search(COMMON[mistake], line) for line in lines)
    assert has_found or (kind, mistake) in IMPOSSIBLE


@each_kind
def test_a_key_at_the_top_that_is_unknown_is_named_beside_the_known(kind: str) -> None:
    (found,) = [line for line in mistakes(kind, "x = [1]") if line.startswith("x: ")]
    assert re.fullmatch(r"x: unknown key; known here: (\w+, )*\w+", found)


@each_kind
def test_a_text_that_is_no_toml_is_named_as_such(kind: str) -> None:
    (found,) = mistakes(kind, "x = ")
    assert found.startswith("-: is not TOML: ")
