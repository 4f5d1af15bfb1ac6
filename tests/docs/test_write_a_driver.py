"""The page about writing a driver, followed to the letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.pages import ROOT, block, blocks, commands
from tests.third_party.installation import EXAMPLE, Site

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "write_a_driver.md"


def files() -> dict[str, str]:
    """Return the files that the page shows, by name."""
    return {b.name: b.text for b in blocks(PAGE) if b.language != "console"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Write the files of the page into a folder and give its commands in order."""
    folder = tmp_path_factory.mktemp("page")
    for name, text in files().items():
        path: Path = folder / "crswatch-pulsetrak" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    made = Site(folder)
    for line, output in commands(block(PAGE, "")):
        # 1: it discarded bytes, as the page shows
        printed = made.run(line, status=1 if line.startswith("crswatch decode") else 0)
        missing = [text for text in output if text not in printed]
        assert not missing, f"$ {line}\n{printed}"
    return made


def test_the_files_of_the_page_are_those_of_the_example() -> None:
    kept = {
        path.relative_to(EXAMPLE).as_posix(): path.read_text()
        for path in EXAMPLE.rglob("*")
        if path.suffix in {".py", ".toml", ".md"}
    }
    assert files() == kept


def test_every_block_is_a_file_or_a_command() -> None:
    assert all(b.name for b in blocks(PAGE) if b.language != "console")
    assert [b.name for b in blocks(PAGE) if b.language == "console"] == ["", "checkout"]


def test_the_commands_print_what_the_page_shows(site: Site) -> None:
    assert (site.folder / "site" / "crswatch_pulsetrak" / "golden.toml").exists()
    assert (site.folder / "line.bin").exists()


def test_the_driver_of_the_page_keeps_the_contract(site: Site) -> None:
    ((line, output),) = commands(block(PAGE, "checkout"))
    printed = site.run(line, cwd=ROOT)
    assert all(text in printed for text in output), printed
