"""A short run of the fuzzer on every driver; `make proof-fuzz` is the long one."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edge_agent.drivers.registry import all_drivers
from tests.third_party.installation import EXAMPLE, Site

ROOT = Path(__file__).resolve().parents[2]


def test_a_short_run_finds_nothing(driver_name: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.fuzz_driver", driver_name, "--megabytes", "0.3"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert "nothing found" in run.stdout


def test_an_installed_driver_is_guided_by_its_own_coverage(tmp_path: Path, fuzzer: None) -> None:
    del fuzzer
    site = Site(tmp_path)
    shutil.copytree(EXAMPLE, tmp_path / "source", ignore=shutil.ignore_patterns("__pycache__"))
    site.run("pip install --quiet --no-deps --no-build-isolation ./source")
    said = site.run("python -m tests.fuzz.fuzz_driver pulsetrak --megabytes 0.1", cwd=ROOT)
    assert "Instrumenting crswatch_pulsetrak.session" in said
    assert "pulsetrak: 1" in said


@pytest.fixture
def fuzzer() -> None:
    if importlib.util.find_spec("atheris") is None:
        missing = "no wheel of the fuzzer atheris for this machine and Python"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing}, and CI must run this test")
        pytest.skip(missing)


@pytest.fixture(params=sorted(all_drivers()))
def driver_name(request: pytest.FixtureRequest, fuzzer: None) -> str:
    del fuzzer
    return str(request.param)
