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


@pytest.mark.untraced
def test_several_wards_begin_the_page_with_the_worst_of_them(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ["evaluate", "--cohort", str(spec), "--wards", "tune-01,tune-07", "--jobs", "1"]
    arguments += [
        "--physiologies",
        "curves,setpoint",
        "--patients",
        "1",
        "--rules",
        "rules",
        "--compare",
        "rules",
        "--out",
        str(out),
    ]
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert "on the worst ward\n" in shown
    assert "(curves, tune-0" in shown
    content = json.loads((out / FIGURES).read_text(encoding="utf-8"))
    assert content["cohort"]["patients"] == 4
    assert content["cohort"]["answered"] == "ward"
    assert [(row["ward"], row["physiology"]) for row in content["by_ward"]] == [
        ("tune-01", "curves"),
        ("tune-07", "curves"),
        ("tune-01", "setpoint"),
        ("tune-07", "setpoint"),
    ]
    row = content["over_wards"]["technical_per_patient_day"]
    values = [one["figures"]["technical_per_patient_day"]["value"] for one in content["by_ward"]]
    assert row["curves"]["worst"] == max(values[:2])
    assert row["setpoint"]["worst"] == max(values[2:])
    assert row["target"] == "≤ 2"
    assert content["compared_with"]["over_wards"] == content["over_wards"]
    assert set(content["readings"]) >= {"plain", "baseline_2sd"}
    page = (out / PAGE).read_text(encoding="utf-8")
    for text in ("Targets on the worst ward", "Ward by ward", "too few to say", "plain persistent"):
        assert text in page
    assert "as the nurses of each ward do" in page
    assert "eICU demo 2.0" in page  # the figures that the wards were fitted to
    assert "data:image/svg+xml;base64," in page
    assert "data:image/png" not in page


def test_what_is_wrong_with_the_options_is_named(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["evaluate", "--cohort", str(spec), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--patients", "7"]) == 2
    assert "want 1 to 6" in capsys.readouterr().err
    assert main([*arguments, "--real", str(tmp_path / "nowhere")]) == 2
    assert "is no folder" in capsys.readouterr().err
    assert main(["evaluate", "--cohort", "nobody", "--out", str(tmp_path / "out")]) == 2
    for options, message in (
        (["--wards", "tune-01,nowhere"], "--wards: has 'nowhere'; want tune or test"),
        (["--wards", "tune"], "--wards: are 12; the cohort has 6 patients"),
        (["--wards", "tune-01,tune-02", "--patients", "4"], "--patients: is 4; want 1 to 3"),
        (["--physiologies", "curves,clay"], "--physiologies: has 'clay'; want some of curves"),
        (["--answered", "ward"], "--answered: is ward; want --wards"),
    ):
        capsys.readouterr()
        assert main([*arguments, *options]) == 2
        assert message in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*arguments, "--answered", "soon"])
    assert "want a number from 0 to 1440, never or ward" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
