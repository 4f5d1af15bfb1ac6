"""Words for the rules of a folder that a test writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_agent.model.language import Language

if TYPE_CHECKING:
    from pathlib import Path


def write_words(folder: Path, *rule_ids: str) -> None:
    """Give each rule a headline and an action in every language."""
    (folder / "texts").mkdir(exist_ok=True)
    for language in Language:
        tables = [f'["{name}"]\nheadline = "Look"\naction = "Look."\n' for name in rule_ids]
        (folder / "texts" / f"{language}.toml").write_text("\n".join(tables))
