"""A page without its stream says so within 3 s, and recovers by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from edge_agent.board.server import Address, BoardServer
from edge_agent.model.measurements import VitalKind
from edge_agent.vitals.canonical import max_age_s
from tests.support.board_bodies import vitals_body
from tests.support.board_ward import BoardWard, board_of, now_ms
from tests.support.browsers import WAIT_MS, has_mode, live, screen, sounds, tile
from tests.support.made_alerts import ORGAN_SIGN
from tests.support.nginx import nginx_before

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.support.served_board import Served
    from tests.support.stream_gate import StreamGate

NOTE_MODES = """() => {
  window.modes = [];
  new MutationObserver(() => modes.push([document.body.dataset.mode, performance.now()]))
    .observe(document.body, { attributes: true, attributeFilter: ["data-mode"] });
}"""


def lost_after_ms(page: Page, began: float) -> float:
    """Return the time from a moment of the page to its red banner."""
    has_mode(page, "lost")
    expect(page.locator(".lost")).to_be_visible()
    found: float = page.evaluate("modes.find(([mode]) => mode === 'lost')[1]")
    return found - began


def streams_of(board: Served) -> int:
    return len(board.server._board.hub._streams)


def test_a_held_stream_is_said_within_three_seconds_with_sound(
    browser: Browser, gate: StreamGate
) -> None:
    with screen(browser) as context:
        page = live(context, gate.url)
        sounds(page)
        page.evaluate(NOTE_MODES)
        began: float = page.evaluate("performance.now()")
        gate.hold()
        assert lost_after_ms(page, began) <= 3000
        expect(page.locator(".lost")).to_contain_text("Nothing on this screen is live")
        expect(page.locator("body")).to_have_attribute("data-sounding", "high")
        assert page.evaluate("document.getElementById('main').inert")
        gate.release()
        has_mode(page, "live")
        expect(page.locator(".lost")).to_be_hidden()
        assert not page.evaluate("document.getElementById('main').inert")


def test_a_cut_stream_comes_back_before_anybody_has_to_be_told(
    browser: Browser, quiet: Served, gate: StreamGate
) -> None:
    with screen(browser) as context:
        page = live(context, gate.url)
        gate.cut()
        quiet.ward.raise_alert("bed-05", ORGAN_SIGN)
        expect(page.locator(f'{tile(page, "bed-05")}[data-look="high"]')).to_be_visible()
        has_mode(page, "live")


def test_a_proxy_that_answers_502_is_said_and_left_as_soon_as_the_board_is_back(
    browser: Browser, tmp_path: Path
) -> None:
    ward = BoardWard("quiet")
    server = BoardServer(board_of(ward), Address())
    server.start()
    ward.start()
    with nginx_before(server.port, tmp_path) as port, screen(browser) as context:
        page = live(context, f"http://127.0.0.1:{port}/")
        page.evaluate(NOTE_MODES)
        began: float = page.evaluate("performance.now()")
        server.stop()
        assert lost_after_ms(page, began) <= 3000
        with page.expect_response(lambda answer: answer.status == 502):
            pass
        again = BoardServer(board_of(ward), Address(port=server.port))
        again.start()
        has_mode(page, "live")
        ward.raise_alert("bed-02", ORGAN_SIGN)
        expect(page.locator('.tile[data-look="high"]')).to_be_visible()
        context.close()
        again.stop()
    ward.stop()


def test_eight_tabs_share_one_stream_and_outlive_the_one_that_led(
    browser: Browser, quiet: Served
) -> None:
    with screen(browser) as context:
        pages = [live(context, quiet.server.url) for _ in range(8)]
        assert streams_of(quiet) == 1
        pages[0].close()
        quiet.ward.raise_alert("bed-04", ORGAN_SIGN)
        for page in pages[1:]:
            expect(page.locator('.tile[data-look="high"]')).to_have_count(1, timeout=WAIT_MS)
            has_mode(page, "live")
        assert streams_of(quiet) == 1


def test_after_sleep_the_page_is_inert_until_the_present_state_is_painted(
    browser: Browser, quiet: Served, gate: StreamGate
) -> None:
    with screen(browser) as context:
        page = live(context, gate.url)
        session = context.new_cdp_session(page)
        gate.hold()
        session.send("Page.setWebLifecycleState", {"state": "frozen"})
        quiet.ward.raise_alert("bed-06", ORGAN_SIGN)
        session.send("Page.setWebLifecycleState", {"state": "active"})
        page.wait_for_function("() => document.getElementById('main').inert")
        assert page.locator('.tile[data-look="high"]').count() == 0
        gate.release()
        has_mode(page, "live")
        expect(page.locator(f'{tile(page, "bed-06")}[data-look="high"]')).to_be_visible()
        assert not page.evaluate("document.getElementById('main').inert")


def test_a_value_is_judged_by_the_page_and_not_only_by_the_server(
    browser: Browser, quiet: Served, gate: StreamGate
) -> None:
    limit_s = max_age_s(VitalKind.HEART_RATE, "")
    at_ms = now_ms() - round(limit_s * 1000) + 8000
    quiet.ward.feed.put(vitals_body("bed-77", {VitalKind.HEART_RATE: 91.0}, at_ms))
    with screen(browser) as context:
        page = live(context, gate.url)
        number = page.locator(f'{tile(page, "bed-77")} [data-kind="heart_rate"] .number')
        expect(number).to_have_text("91")
        gate.hold()
        expect(number).to_have_text("--", timeout=WAIT_MS)


@pytest.mark.parametrize(("offset_ms", "words"), [(95_000, "1 min fast"), (-95_000, "1 min slow")])
def test_a_device_whose_clock_differs_is_told_so(
    browser: Browser, quiet: Served, offset_ms: int, words: str
) -> None:
    shift = f"const real = Date.now; Date.now = () => real() + {offset_ms};"
    with screen(browser) as context:
        context.add_init_script(shift)
        page = live(context, quiet.server.url)
        expect(page.locator(".clocks")).to_contain_text(f"This device's clock is {words}")
        expect(page.locator(".clocks")).to_contain_text("All times shown are the ward's")
