"""The registry finds built-in and installed drivers and names them when asked for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.drivers.registry import all_drivers, driver
from edge_agent.model.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """
from dataclasses import replace
from edge_agent.drivers.philips_intellivue import SPEC as PHILIPS
SPEC = replace(PHILIPS, name="{name}", title="from another distribution")
"""


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, module: str) -> None:
    info = folder / "other-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[crswatch.drivers]\n{name} = {module}:SPEC\n")
    (folder / f"{module}.py").write_text(MODULE.format(name=name))
    monkeypatch.syspath_prepend(folder)


def test_a_built_in_driver_is_found_by_its_name() -> None:
    assert driver("philips_intellivue") is all_drivers()["philips_intellivue"]


def test_an_unknown_name_is_answered_with_those_that_exist() -> None:
    with pytest.raises(ConfigError, match=r"tricorder: no such driver; there are: .*intellivue"):
        driver("tricorder")


def test_every_driver_is_listed_under_its_own_name() -> None:
    assert all(name == spec.name for name, spec in all_drivers().items())


def test_an_installed_driver_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, "other_monitor", "crswatch_other_monitor")
    assert driver("other_monitor").title == "from another distribution"


def test_a_built_in_driver_wins_over_an_installed_namesake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, "philips_intellivue", "crswatch_namesake")
    assert driver("philips_intellivue").title != "from another distribution"
