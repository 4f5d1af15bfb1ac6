"""Signing in, shared screens, PIN and badge, with real accounts, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from edge_agent.access.roles import Role
from tests.support.browsers import has_mode, live, screen, tile
from tests.support.made_alerts import ORGAN_SIGN
from tests.support.served_board import Served, serving
from tests.support.session_gate import BADGE, PASSWORD, PIN, SessionGate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page


@pytest.fixture
def gatekeeper(tmp_path: Path) -> Iterator[SessionGate]:
    gate = SessionGate(tmp_path)
    gate.add("meyer", Role.CHARGE, pin=PIN, badge=BADGE)
    yield gate
    gate.access.file.close()


@pytest.fixture
def ward(gatekeeper: SessionGate) -> Iterator[Served]:
    """Serve a ward with accounts, and an alert that waits."""
    with serving(gate=gatekeeper) as served:
        served.ward.start()
        served.ward.raise_alert("bed-03", ORGAN_SIGN)
        yield served
        served.ward.stop()


def sign_in(page: Page, secret: str = PASSWORD) -> None:
    """Sign in with a password on the page that asks for it."""
    page.locator("#who").fill("meyer")
    page.locator("#secret").fill(secret)
    page.locator(".signin .primary").click()


def scan(page: Page, code: str) -> None:
    """Type as a badge reader does: far faster than this machine's load lets playwright type."""
    page.evaluate(
        """(keys) => keys.forEach((key) => document.activeElement.dispatchEvent(
          new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })))""",
        [*code, "Enter"],
    )


def make_shared(page: Page, url: str) -> None:
    """Sign in as somebody who may, and make the screen a shared one."""
    page.goto(url)
    has_mode(page, "login")
    sign_in(page)
    has_mode(page, "live")
    page.goto(url + "#/screen")
    page.get_by_role("button", name="Make this a shared screen").click()
    expect(page.locator(".message")).to_have_text("This is a shared screen now.")
    page.goto(url + "#/")
    has_mode(page, "live")


def test_nobody_sees_the_ward_without_signing_in(browser: Browser, ward: Served) -> None:
    with screen(browser) as context:
        page = context.new_page()
        page.goto(ward.server.url)
        has_mode(page, "login")
        expect(page.locator("body")).not_to_contain_text("bed-03")
        sign_in(page, "not the right one")
        expect(page.locator(".signin .trouble")).to_be_visible()
        sign_in(page)
        has_mode(page, "live")
        expect(page.locator(".person")).to_have_text("meyer")
        page.locator(f"{tile(page, 'bed-03')} .take").click()
        expect(page.locator(f"{tile(page, 'bed-03')} .who")).to_contain_text("meyer since")


def test_after_signing_out_nothing_of_a_patient_is_left_in_any_tab(
    browser: Browser, ward: Served
) -> None:
    with screen(browser) as context:
        page = context.new_page()
        page.goto(ward.server.url)
        has_mode(page, "login")
        sign_in(page)
        has_mode(page, "live")
        other = live(context, ward.server.url)
        page.goto(ward.server.url + "#/screen")
        page.get_by_role("button", name="Sign out").click()
        for one in (page, other):
            has_mode(one, "login")
            expect(one.locator("body")).not_to_contain_text("bed-03")
        sign_in(page)
        for one in (page, other):
            has_mode(one, "live")


def test_a_revoked_session_ends_on_the_screen(
    browser: Browser, ward: Served, gatekeeper: SessionGate
) -> None:
    with screen(browser) as context:
        page = context.new_page()
        page.goto(ward.server.url)
        has_mode(page, "login")
        sign_in(page)
        has_mode(page, "live")
        gatekeeper.revoke("meyer")
        has_mode(page, "login")
        expect(page.locator("body")).not_to_contain_text("bed-03")


def test_a_shared_screen_asks_for_a_pin_each_time(browser: Browser, ward: Served) -> None:
    with screen(browser) as context:
        page = context.new_page()
        make_shared(page, ward.server.url)
        alert = page.locator(f"{tile(page, 'bed-03')} .alert")
        alert.locator(".take").click()
        page.locator("#person").fill("meyer")
        for digit in "0000":
            page.locator("#panel .pad").get_by_role("button", name=digit, exact=True).click()
        page.locator("#panel .primary").click()
        expect(alert.locator(".trouble")).to_be_visible()
        expect(alert).to_contain_text("Nobody yet")
        alert.locator(".take").click()
        page.locator("#panel .chip", has_text="meyer").click()
        page.locator("#pin").fill(PIN)
        page.locator("#panel .primary").click()
        expect(alert.locator(".who")).to_contain_text("meyer since")


def test_a_badge_answers_at_a_shared_screen(browser: Browser, ward: Served) -> None:
    with screen(browser) as context:
        page = context.new_page()
        make_shared(page, ward.server.url)
        alert = page.locator(f"{tile(page, 'bed-03')} .alert")
        alert.locator(".take").click()
        expect(page.locator("#panel")).to_contain_text("hold your badge to the reader")
        scan(page, BADGE)
        expect(alert.locator(".who")).to_contain_text("meyer since")
        assert page.evaluate("Object.values(localStorage).join()").find(BADGE) < 0


def test_what_a_person_types_slowly_is_no_badge(browser: Browser, ward: Served) -> None:
    with screen(browser) as context:
        page = context.new_page()
        make_shared(page, ward.server.url)
        page.locator(f"{tile(page, 'bed-03')} .take").click()
        page.locator("#person").press_sequentially(BADGE, delay=90)
        page.keyboard.press("Enter")
        expect(page.locator("#panel")).to_be_visible()
    assert ward.ward.answers == []
