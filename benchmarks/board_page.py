"""The board's ward view in headless Chromium: its weight, and the time until it is useful."""

from __future__ import annotations

import shutil
import statistics
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Browser, sync_playwright

_FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync")
_WAIT_MS: Final = 60_000
_PAINTED: Final = """(beds) => {
    const tiles = document.querySelectorAll("[data-bed]");
    const shown = [...tiles].filter((tile) => /\\d/.test(tile.textContent)).length;
    return shown >= beds && performance.now();
}"""
"""Time since the navigation at which every bed shows a number, looked at in each frame."""


@dataclass(frozen=True, slots=True)
class Page:
    """Figures of the page."""

    kb: float
    paint_ms: float


def load_page(url: str, beds: int, loads: int) -> Page:
    """Return the weight of the page and the median time until it shows every bed."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise RuntimeError("the figures of the page need chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            found = [_load(browser, url, beds) for _ in range(loads)]
        finally:
            browser.close()
    return Page(max(one.kb for one in found), statistics.median(one.paint_ms for one in found))


def _load(browser: Browser, url: str, beds: int) -> Page:
    """Return the figures of one load by a browser that has nothing of the page yet."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    received: list[float] = []
    session = context.new_cdp_session(page)
    session.send("Network.enable")

    def note(event: dict[str, Any]) -> None:
        received.append(float(event["encodedDataLength"]))

    session.on("Network.loadingFinished", note)
    page.goto(url)
    handle = page.wait_for_function(_PAINTED, arg=beds, polling="raf", timeout=_WAIT_MS)
    paint_ms = float(handle.json_value())
    page.wait_for_load_state("load")
    context.close()
    return Page(sum(received) / 1e3, paint_ms)
