"""A ward with two nurses and a charge nurse, each with password, PIN and badge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.access.roles import Role
from tests.support.ward_accesses import Ward, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    with opened(tmp_path / "accounts") as found:
        found.person("nurse 7")
        found.person("nurse 8")
        found.person("boss", Role.CHARGE)
        yield found
