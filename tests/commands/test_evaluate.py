"""`crswatch evaluate` from options to page."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from edge_agent.commands.evaluate import FIGURES, PAGE
from simulators.cohorts.cohort_file import format_cohort, load_cohort

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "short.toml"
    path.write_text(format_cohort(replace(load_cohort("train"), days=1.5, patients=6)))
    return path


@pytest.mark.untraced
def test_six_patients_become_a_page_and_a_file(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ["evaluate", "--cohort", str(spec), "--rules", "rules", "--out", str(out)]
    assert main([*arguments, "--jobs", "1"]) == 0
    content = json.loads((out / FIGURES).read_text(encoding="utf-8"))
    assert content["cohort"]["patients"] == 6
    assert content["cinc_auroc"] is None
    assert "not a medical device" in (out / PAGE).read_text(encoding="utf-8")
    assert str(out / PAGE) in capsys.readouterr().out
    again = tmp_path / "again"
    assert main([*arguments[:-1], str(again), "--jobs", "2", "--compare", "rules"]) == 0
    same = json.loads((again / FIGURES).read_text(encoding="utf-8"))
    other = same.pop("compared_with")
    assert same == content
    assert other == {key: value for key, value in content.items() if key in other}


def test_what_is_wrong_with_the_options_is_named(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["evaluate", "--cohort", str(spec), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--patients", "7"]) == 2
    assert "want 1 to 6" in capsys.readouterr().err
    assert main([*arguments, "--real", str(tmp_path / "nowhere")]) == 2
    assert "is no folder" in capsys.readouterr().err
    assert main(["evaluate", "--cohort", "nobody", "--out", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()
