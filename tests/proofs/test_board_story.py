"""The demonstration's story on three screens: from the first fever to its answer and its end.

The real program with its eight simulated monitors; a phone, a tablet and a wall in one browser.
Pictures of each step go to the folder that `CRSWATCH_PICTURES` names, where it names one.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import expect

from tests.support.browsers import (
    SIZES,
    answer_as,
    chromium,
    driven,
    has_mode,
    live,
    screen,
    sounds,
    tile,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.proof, pytest.mark.pty]

SPEED: Final = 20
STORY_MS: Final = 15 * 60_000
"""Patience of each step: it only keeps a story that goes wrong from lasting for ever."""
MEASURED: Final = re.compile(r"T 3\d\.\d °C at \d\d:\d\d")
TREATED, ILL, PROBE = "bed-05", "bed-04", "bed-03"
"""The patient whose fever tocilizumab ends, the one who gets worse, and the one with the probe."""


@contextmanager
def demo() -> Iterator[str]:
    """Run the demonstration; yield the address of its board."""
    command = [sys.executable, "-m", "edge_agent", "demo", "--speed", str(SPEED)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            first = running.stdout.readline()
            assert first.startswith("the board: http://127.0.0.1:"), first
            yield first.removeprefix("the board: ").strip()
        finally:
            running.terminate()
            running.communicate()
        assert running.returncode == 0


def alert_of(page: Page, bed_id: str) -> Locator:
    return page.locator(f"{tile(page, bed_id)} .alert")


def picture(pages: dict[str, Page], step: str) -> None:
    """Keep a picture of every screen, where a folder is named for it."""
    if folder := os.environ.get("CRSWATCH_PICTURES"):
        for size, page in pages.items():
            page.screenshot(path=Path(folder) / f"{step}_{size}.png")


def answer(page: Page, bed_id: str, name: str) -> None:
    """Take over what is open on a bed, as a person at this screen."""
    alert_of(page, bed_id).locator(".take").click()
    answer_as(page, name)


def test_the_first_fever_is_answered_and_ends_on_a_phone_a_tablet_and_a_wall() -> None:
    with demo() as url, driven() as driver, chromium(driver) as browser, ExitStack() as screens:
        pages = {size: live(screens.enter_context(screen(browser, size)), url) for size in SIZES}
        for page in pages.values():
            sounds(page)
        picture(pages, "1_quiet")

        for page in pages.values():
            fever = alert_of(page, TREATED)
            expect(fever.locator(".title")).to_contain_text("Fever", timeout=STORY_MS)
            expect(fever).to_contain_text("MEDIUM")
            expect(fever.locator(".sentence")).to_have_text(MEASURED)
            expect(fever.locator(".who")).to_contain_text("Nobody yet")
            expect(page.locator("body")).to_have_attribute("data-sounding", re.compile("."))
        picture(pages, "2_first_fever")

        answer(pages["phone"], TREATED, "N07")
        for page in pages.values():
            expect(alert_of(page, TREATED)).to_contain_text("ANSWERED")
            expect(alert_of(page, TREATED).locator(".who")).to_contain_text("N07 since")
        picture(pages, "3_answered")

        for page in pages.values():
            grave = alert_of(page, ILL)
            expect(grave).to_have_attribute("data-look", "high", timeout=STORY_MS)
            expect(grave.locator(".title")).to_contain_text("CRS or infection")
            expect(page.locator("body")).to_have_attribute("data-sounding", "high")
        picture(pages, "4_crs_or_infection")

        answer(pages["tablet"], ILL, "charge.meyer")
        for page in pages.values():
            expect(alert_of(page, ILL).locator(".who")).to_contain_text("charge.meyer")
        picture(pages, "5_taken_over")

        expect(alert_of(pages["wall"], TREATED)).to_be_hidden(timeout=STORY_MS)
        for page in pages.values():
            expect(alert_of(page, TREATED)).to_be_hidden()
            expect(alert_of(page, PROBE)).to_be_hidden(timeout=STORY_MS)
            has_mode(page, "live")
        picture(pages, "6_ended")

        pages["tablet"].goto(f"{url}#/bed/{TREATED}")
        expect(pages["tablet"].locator("main")).to_contain_text("N07")
        picture(pages, "7_looking_back")
