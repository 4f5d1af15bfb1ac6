"""Keys of a gateway.toml that need each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_agent.config.gateway_file import parse_config
from tests.config.test_gateway_file import GOOD, mistakes_of

if TYPE_CHECKING:
    from pathlib import Path


def test_screens_of_other_machines_need_a_broker(tmp_path: Path) -> None:
    (tmp_path / "ward.toml").touch()
    ward = f'[ward]\nfile = "{tmp_path}/ward.toml"\n'
    (key, message), *others = mistakes_of(f"{GOOD}{ward}needs_screen = true\n").items()
    assert (key, message.startswith("is true without [mqtt]")) == ("ward.needs_screen", True)
    assert not others
    for text in (ward, f'{ward}needs_screen = true\n[mqtt]\nhost = "broker"\n'):
        config = parse_config(GOOD + text, source="gateway.toml")
        assert config.ward is not None
        assert config.ward.needs_screen is ("true" in text)
