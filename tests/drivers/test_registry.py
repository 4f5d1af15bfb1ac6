"""The registry finds drivers and names them when asked for another.

That it finds installed ones is shown in `tests/third_party`.
"""

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
SPEC = replace(PHILIPS, title="from another distribution")
"""


def test_a_built_in_driver_is_found_by_its_name() -> None:
    assert driver("philips_intellivue") is all_drivers()["philips_intellivue"]


def test_an_unknown_name_is_answered_with_those_that_exist() -> None:
    with pytest.raises(ConfigError, match=r"tricorder: no such driver; there are: .*intellivue"):
        driver("tricorder")


def test_every_driver_is_listed_under_its_own_name() -> None:
    assert all(name == spec.name for name, spec in all_drivers().items())


def test_a_built_in_driver_wins_over_an_installed_namesake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "other-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    entry = "philips_intellivue = crswatch_namesake:SPEC"
    (info / "entry_points.txt").write_text(f"[crswatch.drivers]\n{entry}\n")
    (tmp_path / "crswatch_namesake.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    assert driver("philips_intellivue").title != "from another distribution"
