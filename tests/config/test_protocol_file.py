"""The file of the hospital's own protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_agent.config.protocol_file import read_protocol

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """
version = 3
title = "CRS protocol, haematology"
[grades]
0 = "Watch as usual."
1 = "Take blood cultures."
2 = "Call the doctor on duty."
3 = "Call the rapid response team."
4 = "Call the rapid response team."
"""


def test_a_protocol_has_a_version_and_a_text_for_each_grade(tmp_path: Path) -> None:
    path = tmp_path / "protocol.toml"
    path.write_text(TEXT)
    card = read_protocol(path)
    assert (card.version, card.title) == (3, "CRS protocol, haematology")
    assert sorted(card.texts) == [0, 1, 2, 3, 4]
    assert card.texts[2] == "Call the doctor on duty."
