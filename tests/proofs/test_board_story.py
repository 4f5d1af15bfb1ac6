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
    still,
    tile,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.proof, pytest.mark.pty]

SPEED: Final = 10
STORY_MS: Final = 15 * 60_000
"""Patience of each step: it only keeps a story that goes wrong from lasting for ever."""
READ_MS: Final = 2000
"""Time for reading: a tap right after a new sign answers what was there before it."""
MEASURED: Final = re.compile(r"^T\s3\d\.\d\s°C, \d\.\d above usual")
"""Values are not torn from their units: the space between them does not break."""
TREATED, ILL, PROBE = "bed-05", "bed-04", "bed-03"
"""The patient with a fever, the one who gets worse and oxygen, and the one with the probe."""


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
    """Take over what is open on a bed, as a person at this screen who has read it."""
    page.wait_for_timeout(READ_MS)
    still(page)
    alert_of(page, bed_id).locator(".take").click()
    answer_as(page, name)


def test_the_first_fever_is_answered_and_ends_on_a_phone_a_tablet_and_a_wall() -> None:
    with demo() as url, driven() as driver, chromium(driver) as browser, ExitStack() as screens:
        pages = {size: live(screens.enter_context(screen(browser, size)), url) for size in SIZES}
        for page in pages.values():
            sounds(page)
        picture(pages, "1_quiet")
        fever_is_told(pages)
        answer(pages["phone"], TREATED, "N07")
        all_see(pages, TREATED, "answered", "N07 since")
        picture(pages, "3_answered")
        shock_is_told(pages)
        answer(pages["tablet"], ILL, "charge.meyer")
        all_see(pages, ILL, "answered", "charge.meyer since")
        new_sign_waits(pages, ILL, "high", "CRS or infection", "charge.meyer")
        answer(pages["tablet"], ILL, "charge.meyer")
        all_see(pages, ILL, "answered", "charge.meyer since")
        new_sign_waits(pages, TREATED, "medium", "CRS or infection", "N07")
        answer(pages["phone"], TREATED, "N07")
        all_see(pages, TREATED, "answered", "N07 since")
        new_sign_waits(pages, ILL, "high", "Very low oxygen", "charge.meyer")
        answer(pages["tablet"], ILL, "charge.meyer")
        all_see(pages, ILL, "answered", "charge.meyer since")
        for page in pages.values():
            page.goto(f"{url}#/bed/{ILL}")
        oxygen_ends_it(pages)
        for page in pages.values():
            page.goto(url)
            has_mode(page, "live")
            expect(alert_of(page, ILL).locator(".who")).to_contain_text("charge.meyer")
            expect(alert_of(page, PROBE)).to_be_hidden()
        picture(pages, "7_back_on_the_ward")


def all_see(pages: dict[str, Page], bed_id: str, look: str, who: str) -> None:
    """Wait until every screen shows a bed's problem in a state, and who has it."""
    for page in pages.values():
        expect(alert_of(page, bed_id)).to_have_attribute("data-look", look, timeout=STORY_MS)
        expect(alert_of(page, bed_id).locator(".who")).to_contain_text(who)


def fever_is_told(pages: dict[str, Page]) -> None:
    all_see(pages, TREATED, "medium", "Nobody yet")
    for page in pages.values():
        fever = alert_of(page, TREATED)
        expect(fever.locator(".title")).to_contain_text("Fever")
        expect(fever.locator(".sentence")).to_contain_text(MEASURED)
        expect(page.locator("body")).to_have_attribute("data-sounding", re.compile("medium|high"))
    picture(pages, "2_first_fever")


def shock_is_told(pages: dict[str, Page]) -> None:
    """Wait for the first low pressure of the ill patient: very low, beside a fast heart."""
    all_see(pages, ILL, "high", "Nobody yet")
    for page in pages.values():
        expect(alert_of(page, ILL).locator(".title")).to_contain_text("Possible shock")
        expect(page.locator("body")).to_have_attribute("data-sounding", "high")
    picture(pages, "4_possible_shock")


def new_sign_waits(pages: dict[str, Page], bed_id: str, look: str, title: str, who: str) -> None:
    """Wait for what came after an answer, which was not to it."""
    all_see(pages, bed_id, look, f"Rest: {who}")
    for page in pages.values():
        expect(alert_of(page, bed_id).locator(".title")).to_contain_text(title, timeout=STORY_MS)
    picture(pages, f"5_{title.lower().replace(' ', '_')}_{bed_id}")


def oxygen_ends_it(pages: dict[str, Page]) -> None:
    """Wait on the bed's page until an answered sign has ended, and is told as past."""
    for page in pages.values():
        expect(page.locator(".card.problem")).to_contain_text("Very low oxygen")
    picture(pages, "6_bed")
    for page in pages.values():
        problem = page.locator(".card.problem")
        expect(problem).not_to_contain_text("Very low oxygen", timeout=STORY_MS)
        expect(problem).to_contain_text("CRS or infection")
        past = page.locator(".card", has=page.get_by_role("heading", name="Alerts so far"))
        expect(past).to_contain_text("Very low oxygen")
        has_mode(page, "live")
    picture(pages, "6_bed_ended")
