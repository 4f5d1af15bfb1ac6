"""Every number on a command line has bounds; beyond them the command says what it takes."""

from __future__ import annotations

import argparse

import pytest

from edge_agent.__main__ import main
from edge_agent.commands.numbers import number_within, whole_within


@pytest.mark.parametrize("text", ["0", "1", "0.5", "1e0", " 1 "])
def test_numbers_within_bounds_are_taken(text: str) -> None:
    assert number_within(0, 1)(text) == float(text)


@pytest.mark.parametrize("text", ["-0.1", "1.1", "nan", "inf", "-inf", "1e400", "x", ""])
def test_other_numbers_are_refused_with_the_bounds(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        number_within(0, 1)(text)
    assert str(caught.value) == f"is {text}; want a number from 0 to 1"


def test_a_bound_may_be_no_number_itself() -> None:
    assert number_within(0, 1, is_open=True)("1e-9") == 1e-9
    with pytest.raises(argparse.ArgumentTypeError, match="is 0; want a number above 0 to 1"):
        number_within(0, 1, is_open=True)("0")


@pytest.mark.parametrize("text", ["0", "3", "10"])
def test_whole_numbers_within_bounds_are_taken(text: str) -> None:
    assert whole_within(0, 10)(text) == int(text)
    assert whole_within(-5, 10)("-5") == -5


@pytest.mark.parametrize("text", ["-1", "11", "1.0", "1_0", "\u0663", "1e1", "", "-", "9" * 5000])
def test_what_is_no_whole_number_within_bounds_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="want a whole number 0 to 10"):
        whole_within(0, 10)(text)


@pytest.mark.parametrize(
    "words",
    [
        "demo --speed 0",
        "demo --speed -3",
        "demo --for nan",
        "demo --seed -1",
        "simulate --beds 0",
        "simulate --speed 1e300",
        "simulate --seed 1e3",
        "replay --to inf x.csv",
        "replay --from 1e300 x.csv",
        "replay --speed nan x.csv",
        "replay --speed x x.csv",
        "cohort make --patients 0 --out x",
        "cohort make --days nan --out x",
        "cohort make --workers 0 --out x",
        "cohort report --patients 0",
        "evaluate --patients 0 --cohort tune",
        "evaluate --jobs 0 --cohort tune",
        "probe --seconds inf /dev/null",
        "probe --baud 0 /dev/null",
        "record --for 0 /dev/null",
        "record --baud 99999999 /dev/null",
        "scenarios show --seed -1 baseline",
        "context --amount nan oxygen",
    ],
)
def test_no_command_takes_a_number_without_bounds(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words.split())
    assert caught.value.code == 2
    assert "; want a " in capsys.readouterr().err


def test_a_duration_has_a_bound_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["simulate", "--for", "367 d"])
    assert "at most 366 d" in capsys.readouterr().err
