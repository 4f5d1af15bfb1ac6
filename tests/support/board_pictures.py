"""Pictures of the board: `python -m tests.support.board_pictures FOLDER [--readme]`.

A ward with a bed in every state is served and shown in headless Chromium: every view at three sizes
in both themes; with `--readme` the two pictures of the README alone.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.support.browsers import SIZES, chromium, live, screen, sounds
from tests.support.served_board import serving

_VIEWS: Final = {
    "ward": "",
    "bed": "#/bed/bed-02",
    "alerts": "#/alerts",
    "handover": "#/handover",
    "audit": "#/audit",
    "screen": "#/screen",
}
_IN_README: Final = (("wall", "dark", "ward"), ("phone", "dark", "ward"))
_COLOURS: Final = 128
"""Colours of a picture: enough for flat areas and their letters, at a quarter of the size."""


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--readme", action="store_true")
    arguments = parser.parse_args()
    every = [
        (size, theme, view) for size in SIZES for theme in ("dark", "light") for view in _VIEWS
    ]
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver, chromium(driver) as browser, serving("all") as served:
        served.ward.start()
        for size, theme, view in _IN_README if arguments.readme else every:
            with screen(browser, size, theme, motion="reduce") as context:
                page = live(context, served.server.url)
                sounds(page)
                page.goto(served.server.url + _VIEWS[view])
                page.wait_for_function("() => document.querySelector('main').childElementCount")
                name = f"board_{size}.png" if arguments.readme else f"{view}_{size}_{theme}.png"
                _store(page.screenshot(), arguments.folder / name)
        served.ward.stop()


def _store(png: bytes, path: Path) -> None:
    Image.open(io.BytesIO(png)).convert("RGB").quantize(_COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main()
