"""Pictures of the board: `python -m tests.support.board_pictures FOLDER [--readme]`.

A ward with a bed in every state and nine days of past is served and shown in headless Chromium:
every view at three sizes in both themes; with `--readme` the two pictures of the README alone.
"""

from __future__ import annotations

import argparse
import io
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image
from playwright.sync_api import sync_playwright

from edge_agent.access.roles import Role
from edge_agent.board.gatekeeper import OpenGate
from tests.support.board_ward import now_ms
from tests.support.browsers import SIZES, chromium, live, screen, sounds
from tests.support.served_board import serving
from tests.support.stored_past import stored_past

_VIEWS: Final = {
    "ward": "#/",
    "bed": "#/bed/bed-02",
    "answered": "#/bed/bed-06",
    "alerts": "#/alerts",
    "handover": "#/handover",
    "audit": "#/audit",
    "screen": "#/screen",
}
_IN_README: Final = (("wall", "dark", "ward"), ("phone", "dark", "ward"))
_IS_WHOLE: Final = """() => {
  const drawn = (canvas) => canvas.getContext("2d")
    .getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte);
  const canvases = [...document.querySelectorAll("main canvas")]
    .filter((one) => one.clientHeight && !one.closest('[data-watch="not_assessing"]'));
  const isLive = document.body.dataset.mode === "live" && document.querySelector(".message").hidden;
  return isLive && document.querySelector("main").childElementCount && canvases.every(drawn);
}"""
_LOOK_AGAIN_MS: Final = 2000
"""Pause between two looks, so that looking does not keep the page from painting."""
_COLOURS: Final = 128
"""Colours of a picture: enough for flat areas and their letters, at a quarter of the size."""


class _ChargeGate(OpenGate):
    """Everybody is a charge nurse, who reads the audit trail, too."""

    def __init__(self) -> None:
        super().__init__()
        self._visitor = replace(self._visitor, role=Role.CHARGE)


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--only", default="", help="views, sizes and themes, such as ward,dark")
    parser.add_argument("--language", default="en", choices=("en", "de"))
    parser.add_argument("--scene", default="all", choices=("all", "night", "quiet"))
    arguments = parser.parse_args()
    every = [
        (size, theme, view) for size in SIZES for theme in ("dark", "light") for view in _VIEWS
    ]
    wanted = set(filter(None, arguments.only.split(",")))
    scene = "night" if arguments.readme else arguments.scene
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with (
        sync_playwright() as driver,
        chromium(driver) as browser,
        TemporaryDirectory() as folder,
        serving(
            scene, _ChargeGate(), stored_past(Path(folder) / "journal.db", now_ms(), scene)
        ) as served,
    ):
        served.ward.start()
        for size, theme, view in _IN_README if arguments.readme else every:
            if not wanted <= {size, theme, view}:
                continue
            with screen(
                browser, size, theme, motion="reduce", language=arguments.language
            ) as context:
                page = live(context, served.server.url)
                sounds(page)
                page.goto(served.server.url + _VIEWS[view])
                page.wait_for_function(_IS_WHOLE, polling=_LOOK_AGAIN_MS)
                name = f"board_{size}.png" if arguments.readme else f"{view}_{size}_{theme}.png"
                _store(page.screenshot(), arguments.folder / name)
        served.ward.stop()


def _store(png: bytes, path: Path) -> None:
    Image.open(io.BytesIO(png)).convert("RGB").quantize(_COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main()
