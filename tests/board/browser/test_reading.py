"""The page can be read: from four metres, by everybody, in two languages, without a mouse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

from edge_agent.model.measurements import VitalKind
from tests.support.board_bodies import report, status_body, vitals_body
from tests.support.board_ward import now_ms
from tests.support.browsers import SIZES, has_mode, live, screen, settled, tile
from tests.support.made_alerts import DRIFT, LOST_PROBE, ORGAN_SIGN, SUSPECTED, Made

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.support.served_board import Served

VIEWS = ("", "#/bed/bed-02", "#/alerts", "#/handover", "#/audit", "#/screen")
STRICT = {"rules": {"color-contrast-enhanced": {"enabled": True}}, "resultTypes": ["violations"]}


SCANS = 3
"""A starved machine may make the page inert amid a scan; a true barrier stands in every scan."""


def faults(page: Page, mode: str = "live") -> list[str]:
    """Return what axe finds in every scan of a page whose flashing stands still."""
    found: list[str] = []
    for _ in range(SCANS):
        has_mode(page, mode)
        found = scanned(page)
        if not found:
            break
    return found


def scanned(page: Page) -> list[str]:
    found = Axe().run(page, options=STRICT).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {node['any'][:1]}"
        for one in found
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES)
def test_no_view_has_a_barrier(browser: Browser, busy: Served, size: str, theme: str) -> None:
    with screen(browser, size, theme, motion="reduce") as context:
        page = live(context, busy.server.url)
        for view in VIEWS:
            page.goto(busy.server.url + view)
            page.wait_for_function("() => document.querySelector('main').childElementCount")
            assert faults(page) == [], view


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_no_question_and_no_warning_has_a_barrier(
    browser: Browser, busy: Served, theme: str
) -> None:
    with screen(browser, "tablet", theme, motion="reduce") as context:
        page = live(context, busy.server.url)
        page.locator(f"{tile(page, 'bed-02')} .take").click()
        assert faults(page) == []
        page.locator(f"{tile(page, 'bed-02')} .other").click()
        page.locator("#panel .big").first.click()
        assert faults(page) == []
        page.goto(busy.server.url + "#/bed/bed-02")
        page.locator(".kinds summary").click()
        for i in range(page.locator(".kinds button").count()):
            page.locator(".kinds button").nth(i).click()
            assert faults(page) == []
        busy.server.stop()
        has_mode(page, "lost")
        assert faults(page, "lost") == []


def test_a_wall_is_read_from_four_metres(browser: Browser, quiet: Served) -> None:
    quiet.ward.raise_alert("bed-03", ORGAN_SIGN)
    with screen(browser, "wall") as context:
        page = live(context, quiet.server.url)
        expect(page.locator(".tile .alert:not([hidden])")).to_be_visible()
        size = "(node) => parseFloat(getComputedStyle(node).fontSize)"
        expect(page.locator(".tile .number")).to_have_count(32)
        page.wait_for_function(
            "() => [...document.querySelectorAll('.tile .number')]"
            ".every((node) => parseFloat(getComputedStyle(node).fontSize) >= 72)"
        )
        assert min(one.evaluate(size) for one in page.locator(".tile .bed").all()) >= 56
        assert page.locator(".tile .sentence:visible").first.evaluate(size) >= 28
        inside = "(node) => node.scrollHeight <= node.clientHeight + 1"
        assert page.locator("main").evaluate(inside)
        boxes = [one.bounding_box() for one in page.locator(".tile").all()]
        assert len({round(box["y"]) for box in boxes if box}) == 2


def test_the_buttons_of_a_phone_fit_a_thumb(browser: Browser, busy: Served) -> None:
    with screen(browser, "phone") as context:
        page = live(context, busy.server.url)
        page.locator(f"{tile(page, 'bed-02')} .take").click()
        for one in page.locator(".tile .foot button:visible, #panel .primary, nav a").all():
            box = one.bounding_box()
            assert box is not None
            assert box["height"] >= 56
        assert page.evaluate("document.documentElement.scrollWidth") == SIZES["phone"]["width"]
        expect(page.locator(".phone")).to_have_text("A locked phone does not ring.")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "de"])
def test_no_word_is_cut_off_or_lies_over_another(
    browser: Browser, busy: Served, size: str, language: str
) -> None:
    with screen(browser, size, language=language) as context:
        page = live(context, busy.server.url)
        settled(page)
        wide = page.evaluate(
            """() => [...document.querySelectorAll(".number, .label, .bed, .who, .watch, button")]
              .filter((one) => one.offsetParent && one.scrollWidth > one.clientWidth + 2
                && getComputedStyle(one).display !== "inline")
              .map((one) => `${one.className} ${one.textContent}`)"""
        )
        assert wide == []
        over = page.evaluate(
            """() => [...document.querySelectorAll(".tile")].flatMap((tile) => {
              const lowest = Math.max(...[...tile.querySelectorAll(".vital dd")]
                .filter((one) => one.offsetParent)
                .map((one) => one.getBoundingClientRect().bottom));
              const alert = tile.querySelector(".alert:not([hidden])");
              const inside = alert ? alert.getBoundingClientRect() : null;
              const foot = alert?.querySelector(".foot").getBoundingClientRect();
              const words = alert?.querySelector(".sentence").getBoundingClientRect();
              return inside && (lowest > inside.top + 4 || foot.bottom > inside.bottom + 1
                || words.bottom > foot.top + 1) ? [tile.dataset.bed] : [];
            })"""
        )
        assert over == []


def test_everything_is_done_with_the_keyboard_alone(browser: Browser, quiet: Served) -> None:
    quiet.ward.raise_alert("bed-03", ORGAN_SIGN)
    with screen(browser) as context:
        page = live(context, quiet.server.url)
        expect(page.locator('.tile[data-look="high"]')).to_be_visible()
        focused = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.id"
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate(focused) == "I'm on it: bed-03":
                break
        page.keyboard.press("Enter")
        expect(page.locator("#person")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#panel")).to_be_hidden()
        assert page.evaluate(focused) == "I'm on it: bed-03"
        page.keyboard.press("Enter")
        page.keyboard.type("N12", delay=80)
        page.keyboard.press("Enter")
        expect(page.locator(f"{tile(page, 'bed-03')} .who")).to_contain_text("N12 since")


def test_the_page_speaks_german(browser: Browser, busy: Served) -> None:
    with screen(browser, language="de") as context:
        page = live(context, busy.server.url)
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page.locator(".watching")).to_have_text("7 von 9 Betten überwacht")
        expect(page.locator(f"{tile(page, 'bed-02')} .take")).to_have_text("Ich gehe")
        temperature = page.locator(f"{tile(page, 'bed-01')} [data-kind='temperature'] .number")
        expect(temperature).to_have_text(re.compile(r"^\d\d,\d$"))


NASTY = '<img src=x onerror="window.hit=1">"\'&<b>'


def test_names_and_texts_from_outside_stay_text(browser: Browser, quiet: Served) -> None:
    bed_id = f"bed {NASTY}"
    made = Made("x.y", ORGAN_SIGN.priority, f"Text {NASTY}", f"Sentence {NASTY}")
    at_ms = now_ms()
    quiet.ward.feed.put(vitals_body(bed_id, {VitalKind.HEART_RATE: 91.0}, at_ms))
    quiet.ward.feed.put(status_body(report(bed_id, at_ms)))
    quiet.ward.raise_alert(bed_id, made)
    with screen(browser) as context:
        page = live(context, quiet.server.url)
        expect(page.locator('.tile[data-look="high"] .bed')).to_have_text(bed_id)
        page.locator('.tile[data-look="high"] .bed').click()
        expect(page.locator("h1")).to_have_text(bed_id)
        expect(page.locator(".bedview .sentence")).to_contain_text(NASTY)
        for view in ("#/alerts", "#/handover"):
            page.goto(quiet.server.url + view)
            expect(page.locator("main")).to_contain_text(bed_id)
        assert page.evaluate("window.hit") is None
        assert page.locator("img").count() == 0


def test_a_number_stays_on_one_line_with_its_unit(browser: Browser, quiet: Served) -> None:
    quiet.ward.raise_alert("bed-01", SUSPECTED)
    with screen(browser, "phone") as context:
        page = live(context, quiet.server.url)
        sentence = page.locator(f"{tile(page, 'bed-01')} .sentence")
        expect(sentence).to_have_text("T 38.6 °C and HR 118 /min for 15 min.")
        found = sentence.text_content() or ""
    assert found.count("\N{NO-BREAK SPACE}") == 3


def test_who_may_not_read_the_record_sees_no_empty_table(browser: Browser, quiet: Served) -> None:
    with screen(browser) as context:
        page = live(context, quiet.server.url)
        page.goto(f"{quiet.server.url}#/audit")
        expect(page.locator("main .soft")).to_have_text("Your role may not see this.")
        expect(page.locator("main table")).to_be_hidden()


def test_what_flashes_is_in_one_phase_and_never_more_than_three_times_a_second(
    browser: Browser, quiet: Served
) -> None:
    for bed_id, made in (
        ("bed-01", ORGAN_SIGN),
        ("bed-02", SUSPECTED),
        ("bed-03", DRIFT),
        ("bed-04", LOST_PROBE),
    ):
        quiet.ward.raise_alert(bed_id, made)
    with screen(browser) as context:
        page = live(context, quiet.server.url)
        expect(page.locator('.tile[data-look="high"]')).to_have_count(1)
        quiet.ward.raise_alert("bed-05", ORGAN_SIGN)
        expect(page.locator('.tile[data-look="high"]')).to_have_count(2)
        found = page.evaluate(
            """() => document.getAnimations().map((one) => ({
              name: one.animationName, start: one.startTime, look: one.effect.target.dataset.look,
              period: one.effect.getTiming().duration }))"""
        )
    high = [one for one in found if one["look"] == "high"]
    medium = [one for one in found if one["look"] == "medium"]
    assert {one["look"] for one in found} == {"high", "medium"}
    rates = {name: 1000 / group[0]["period"] for name, group in (("h", high), ("m", medium))}
    assert 1.4 <= rates["h"] <= 2.8  # IEC 60601-1-8, HIGH
    assert 0.4 <= rates["m"] <= 0.8  # MEDIUM
    assert rates["h"] + rates["m"] <= 3.0  # WCAG 2.3.1
    for group in (high, medium):
        phases = [one["start"] % one["period"] for one in group]
        away = [
            min(abs(p - phases[0]), one["period"] - abs(p - phases[0]))
            for p, one in zip(phases, group, strict=True)
        ]
        assert max(away) < 25


def test_whoever_wants_no_motion_gets_a_thick_still_border(browser: Browser, quiet: Served) -> None:
    quiet.ward.raise_alert("bed-01", ORGAN_SIGN)
    with screen(browser, motion="reduce") as context:
        page = live(context, quiet.server.url)
        high = page.locator('.tile[data-look="high"]')
        expect(high).to_be_visible()
        assert page.evaluate("document.getAnimations().length") == 0
        assert high.evaluate("(node) => parseFloat(getComputedStyle(node).outlineWidth)") >= 14
