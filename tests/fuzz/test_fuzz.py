"""A short run of the fuzzer on every driver; `make proof-fuzz` is the long one."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

from edge_agent.drivers.registry import all_drivers


def test_a_short_run_finds_nothing(driver_name: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.fuzz_driver", driver_name, "--megabytes", "0.3"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert "nothing found" in run.stdout


@pytest.fixture(params=sorted(all_drivers()))
def driver_name(request: pytest.FixtureRequest) -> str:
    if importlib.util.find_spec("atheris") is None:
        missing = "no wheel of the fuzzer atheris for this machine and Python"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing}, and CI must run this test")
        pytest.skip(missing)
    return str(request.param)
