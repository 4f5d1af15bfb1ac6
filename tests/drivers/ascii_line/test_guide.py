"""The promises of the guide, tried on the driver."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from edge_agent.drivers.ascii_line.vocabulary import KINDS, UNIT_NAMES, VERDICTS
from tests.drivers.ascii_line.line import decoded, messages, numerics, printed, reasons, serials

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "ascii_line.md").read_text()


def block(language: str) -> str:
    """Return the one fenced block that begins with these words."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_example_of_the_guide_reads_the_lines_of_the_guide() -> None:
    wire = block("text lines").replace("\n", "\r\n").encode()
    events = decoded(wire, block("toml"))
    assert [printed(n) for n in numerics(events)] == block("text values").splitlines()
    assert reasons(events) == []
    assert serials(events) == ["A1207"]


def test_the_clock_of_the_example_dates_its_lines() -> None:
    wire = block("text lines").encode()
    times = [e.device_now.wall_ns for e in messages(decoded(wire, block("toml")))]
    first = datetime(2026, 3, 1, 8, 15, 2, tzinfo=UTC)
    assert times == [int(first.timestamp() + 60 * n) * 10**9 for n in range(4)]


def test_the_gateway_example_is_toml_that_names_this_driver() -> None:
    (device,) = tomllib.loads(block("toml gateway"))["beds"]["devices"]
    assert device["driver"] == "ascii_line"


def test_the_guide_names_every_word() -> None:
    words = [name if "@" not in name else name.partition("@")[2] for name in KINDS]
    for word in (*words, *UNIT_NAMES, *VERDICTS):
        assert word in GUIDE, word
