"""Debian's Chromium, driven by playwright, and the sizes of screens that a ward has."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from playwright.sync_api import expect, sync_playwright

from tests.support.system_binaries import system_binary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize

SIZES: Final[dict[str, ViewportSize]] = {
    "phone": {"width": 390, "height": 844},
    "tablet": {"width": 1280, "height": 800},
    "wall": {"width": 1920, "height": 1080},
}
WAIT_MS: Final = 60_000
"""Patience on a machine that many tests share; what has to be quick is measured."""
expect.set_options(timeout=WAIT_MS)
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def driven() -> Iterator[Playwright]:
    """Start what drives browsers; one at a time in a thread."""
    system_binary("chromium", "chromium")
    with sync_playwright() as driver:
        yield driver


@contextmanager
def chromium(driver: Playwright, *flags: str) -> Iterator[Browser]:
    """Start a browser without a window."""
    path = system_binary("chromium", "chromium")
    browser = driver.chromium.launch(executable_path=path, args=[*_FLAGS, *flags])
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def screen(
    browser: Browser, size: str = "tablet", theme: str = "dark", **options: str
) -> Iterator[BrowserContext]:
    """Open a browser of its own, without anything remembered; its pages may not fail."""
    context = browser.new_context(
        viewport=SIZES[size],
        color_scheme="light" if theme == "light" else "dark",
        reduced_motion="reduce" if options.get("motion") == "reduce" else "no-preference",
        locale=options.get("locale", "en-GB"),
    )
    context.set_default_timeout(WAIT_MS)
    if language := options.get("language"):
        chosen = f"localStorage.setItem('crswatch-screen', '{{\"language\": \"{language}\"}}')"
        context.add_init_script(f"if (location.protocol === 'http:') {chosen}")
    mistakes: list[str] = []
    context.on("weberror", lambda found: mistakes.append(str(found.error)))
    try:
        yield context
    finally:
        context.close()
    assert mistakes == []


def live(context: BrowserContext, url: str) -> Page:
    """Open a page and wait until it shows the ward.

    Playwright's questions to a page count as a person's tap. None is asked before the page has its
    audio output, which it opens in one go with its worker: else it would test its sound itself.
    """
    page = context.new_page()
    with page.expect_worker():
        page.goto(url)
    has_mode(page, "live")
    return page


def has_mode(page: Page, mode: str) -> None:
    """Wait until the page is live, lost, waking or asks to sign in."""
    expect(page.locator("body")).to_have_attribute("data-mode", mode, timeout=WAIT_MS)


def sounds(page: Page) -> None:
    """Tap the strip that says that there is no sound, and wait until the test tone was heard."""
    page.locator(".soundoff").click()
    expect(page.locator(".soundoff")).to_be_hidden(timeout=WAIT_MS)


def settled(page: Page) -> None:
    """Wait until the lost gateway of the busy ward is seen and its tiles stand still."""
    expect(page.locator('.tile[data-watch="not_assessing"]')).to_be_visible()
    still(page)


def still(page: Page) -> None:
    """Wait until no tile has moved for a second: a tap right after a new order is swallowed."""
    page.evaluate(
        """() => new Promise((done) => {
          let timer = setTimeout(done, 1000);
          new MutationObserver(() => {
            clearTimeout(timer);
            timer = setTimeout(done, 1000);
          }).observe(document.querySelector(".grid"), { childList: true });
        })"""
    )


def tile(page: Page, bed_id: str) -> str:
    """Return the selector of a bed's tile."""
    assert re.fullmatch(r"[\w-]+", bed_id), page.url
    return f'.tile[data-bed="{bed_id}"]'


def answer_as(page: Page, name: str) -> None:
    """Give the name for which the page asks."""
    page.locator("#person").fill(name)
    page.locator("#panel .primary").click()
