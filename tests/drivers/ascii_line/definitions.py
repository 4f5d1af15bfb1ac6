"""Definitions with a mistake, and what is said of it."""

from __future__ import annotations

import pytest

from edge_agent.model.errors import ConfigError
from tests.drivers.ascii_line.line import opened

TEXT = '[fields.x]\nrole = "ignore"\n{}'


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        opened(text)
    assert {m.source for m in caught.value.mistakes} == {"definition"}
    return [f"{m.key}: {m.message}" for m in caught.value.mistakes]
