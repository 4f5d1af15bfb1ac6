"""Every benchmark runs, in its quick form, and gives the figures that are quoted of it."""

from __future__ import annotations

import importlib
import json
import math
from pathlib import Path

import pytest

from benchmarks import (
    board,
    cohort,
    decode,
    detect,
    latency,
    restart,
    stepped_gateway,
    ward_rates,
)
from benchmarks.report import Promise, show
from edge_agent.detect.language.rule import check_rules
from edge_agent.detect.language.rule_file import parse_rule
from edge_agent.rulebook.rule_set import read_rulebook

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
FIGURES = {
    board: {
        "p50_ms",
        "p99_ms",
        "max_ms",
        "events",
        "cpu_percent",
        "agent_cpu_percent",
        "kb_per_stream_s",
        "page_kb",
        "paint_ms",
    },
    cohort: {"patient_days_per_s_alone"},
    decode: {"times_line_rate", "times_line_rate_random", "times_line_rate_by_profile"},
    detect: {
        "patient_days_per_s_per_core",
        "times_polars",
        "times_pandas",
        "times_river",
        "live_beds",
        "live_cpu_percent",
        "bytes_per_bed",
    },
    latency: {
        "p50_ms",
        "p99_ms",
        "max_ms",
        "reading_p50_s",
        "reading_max_s",
        "alerts",
        "cpu_percent",
        "rss_mb",
    },
    restart: {"beds", "load_s", "restart_s", "restart_without_snapshot_s"},
    ward_rates: {
        "cuff_first_below_75_unconfirmed",
        "cuff_first_below_90_unconfirmed",
        "rates_apart",
        "spo2_gaps_per_day",
        "temperature_interval_p50_min",
    },
}
"""By benchmark, what its JSON object holds."""
SHOWN = {"least_low": 1.999, "least_even": 2.0, "most_even": 2.0, "most_high": 2.001}


def figures(name: str, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """Run a benchmark and return its figures."""
    importlib.import_module(f"benchmarks.{name}").main(["--quick", "--json"])
    found: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_every_benchmark_is_run_here_and_by_make() -> None:
    names = {path.stem for path in FOLDER.glob("*.py") if "\ndef main(" in path.read_text()}
    assert {module.__name__.removeprefix("benchmarks.") for module in FIGURES} == names
    makefile = (FOLDER.parent / "Makefile").read_text()
    assert all(f"-m benchmarks.{name}\n" in makefile for name in names)


def test_a_benchmark_shows_what_its_processes_report_as_errors() -> None:
    texts = {path.stem: path.read_text() for path in FOLDER.glob("*.py")}
    hiding = ("DEVNULL", "capture_output", "stderr")
    assert [name for name, text in texts.items() if any(word in text for word in hiding)] == []


def test_a_promise_that_is_broken_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    limits = {name: Promise(2.0, is_least=name.startswith("least")) for name in SHOWN}
    show(SHOWN | {"free": 9.0}, limits, as_json=True)
    *table, last = capsys.readouterr().out.splitlines()
    broken = {name for name in SHOWN for line in table if name in line and "NOT KEPT" in line}
    assert broken == {"least_low", "most_high"}
    assert json.loads(last) == SHOWN | {"free": 9.0}


@pytest.mark.untraced
@pytest.mark.parametrize("name", ["cohort", "decode", "detect", "restart"])
def test_a_benchmark_gives_its_figures(
    name: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    found = figures(name, capsys)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
    assert found.keys() == FIGURES[importlib.import_module(f"benchmarks.{name}")]
    numbers = [value for value in found.values() if isinstance(value, int | float)]
    assert all(math.isfinite(number) and number >= 0 for number in numbers)


@pytest.mark.untraced
def test_rates_of_wards_stand_beside_real_ones(capsys: pytest.CaptureFixture[str]) -> None:
    found = figures("ward_rates", capsys)
    assert found.keys() >= FIGURES[ward_rates]
    for row in found.values():
        assert isinstance(row, dict)
        assert row.keys() == {"real", "n", "source", "simulated"}


@pytest.mark.pty
@pytest.mark.broker
def test_the_latency_of_an_alert_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    found = figures("latency", capsys)
    assert found.keys() == FIGURES[latency]
    assert found["alerts"] == 1


@pytest.mark.pty
def test_the_board_is_measured_with_streams_and_a_browser(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = figures("board", capsys)
    assert found.keys() == FIGURES[board]
    assert found["events"] == 3


def test_the_rule_of_the_latency_benchmark_is_one() -> None:
    own = parse_rule("bench", stepped_gateway.RULE)
    assert check_rules([*read_rulebook(None).rules, own]) == []
    assert own.rule_id == stepped_gateway.RULE_ID
