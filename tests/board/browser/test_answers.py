"""People answer on the page, and it shows what the stream has, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from edge_agent.model.answers import AnswerKind
from tests.support.browsers import SIZES, answer_as, has_mode, live, screen, settled, tile
from tests.support.made_alerts import LOST_PROBE, ORGAN_SIGN, SUSPECTED

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.served_board import Served
    from tests.support.stream_gate import StreamGate


@pytest.mark.parametrize("size", SIZES)
def test_three_taps_take_an_alert_over(browser: Browser, quiet: Served, size: str) -> None:
    raised = quiet.ward.raise_alert("bed-03", ORGAN_SIGN)
    with screen(browser, size) as context:
        page = live(context, quiet.server.url)
        alert = page.locator(f"{tile(page, 'bed-03')} .alert")
        expect(alert).to_contain_text("HIGH")
        expect(alert).to_contain_text("Nobody yet")
        alert.get_by_role("button", name="I'm on it").click()
        answer_as(page, "nurse.lang")
        expect(alert).to_contain_text("ANSWERED")
        expect(alert).to_contain_text("nurse.lang since")
        expect(page.locator("#panel")).to_be_hidden()
    (answer,) = quiet.ward.answers
    assert answer.by == "nurse.lang"
    assert [(seen.alert_id, seen.n) for seen in answer.seen] == [(raised.alert_id, raised.n)]


def test_an_answer_shows_only_once_the_stream_has_it(
    browser: Browser, quiet: Served, gate: StreamGate
) -> None:
    quiet.ward.raise_alert("bed-03", ORGAN_SIGN)
    with screen(browser) as context:
        page = live(context, gate.url)
        alert = page.locator(f"{tile(page, 'bed-03')} .alert")
        page.route("**/answer", lambda route: route.fulfill(status=202, body='{"ok": true}'))
        alert.locator(".take").click()
        answer_as(page, "N12")
        expect(alert.locator(".take")).to_have_text("Sending")
        expect(alert).to_contain_text("HIGH")
        expect(alert.locator(".trouble")).to_have_text("Not confirmed. Try again.")
        expect(alert.locator(".take")).to_have_text("I'm on it")
        has_mode(page, "live")


def test_a_refusal_is_shown_in_the_servers_words(browser: Browser, quiet: Served) -> None:
    quiet.ward.raise_alert("bed-03", ORGAN_SIGN)
    words = '{"error": {"en": "your role may not do this", "de": "das darf Ihre Rolle nicht"}}'
    with screen(browser) as context:
        page = live(context, quiet.server.url)
        page.route("**/answer", lambda route: route.fulfill(status=403, body=words))
        alert = page.locator(f"{tile(page, 'bed-03')} .alert")
        alert.locator(".take").click()
        answer_as(page, "N12")
        expect(alert.locator(".trouble")).to_have_text("your role may not do this")


def test_a_proxys_page_instead_of_an_answer_is_said_in_words(
    browser: Browser, quiet: Served
) -> None:
    quiet.ward.raise_alert("bed-03", ORGAN_SIGN)
    with screen(browser) as context:
        page = live(context, quiet.server.url)
        page.route("**/answer", lambda route: route.fulfill(status=502, body="<h1>502</h1>"))
        alert = page.locator(f"{tile(page, 'bed-03')} .alert")
        alert.locator(".take").click()
        answer_as(page, "N12")
        expect(alert.locator(".trouble")).to_have_text("Not sent: no connection. Try again.")


def test_two_browsers_see_who_was_first(browser: Browser, quiet: Served) -> None:
    quiet.ward.raise_alert("bed-03", ORGAN_SIGN)
    with screen(browser) as wall, screen(browser, "phone") as phone:
        pages = [live(one, quiet.server.url) for one in (wall, phone)]
        for page in pages:
            page.locator(f"{tile(page, 'bed-03')} .take").click()
            page.locator("#person").fill(f"N{pages.index(page)}")
        pages[0].locator("#panel .primary").click()
        pages[1].locator("#panel .primary").click()
        for page in pages:
            expect(page.locator(f"{tile(page, 'bed-03')} .who")).to_contain_text("N0 since")
    assert {answer.by for answer in quiet.ward.answers} == {"N0", "N1"}


@pytest.mark.parametrize(
    ("which", "kind", "reason"),
    [(0, AnswerKind.REJECT, "with another patient"), (1, AnswerKind.SILENCE, "known and treated")],
)
def test_silence_and_refusal_want_a_reason(
    browser: Browser, quiet: Served, which: int, kind: AnswerKind, reason: str
) -> None:
    quiet.ward.raise_alert("bed-03", ORGAN_SIGN)
    with screen(browser) as context:
        page = live(context, quiet.server.url)
        page.locator(f"{tile(page, 'bed-03')} .other").click()
        page.locator("#panel .big").nth(which).click()
        page.locator("#panel .primary").click()
        expect(page.locator("#panel .trouble")).to_have_text("Choose a reason")
        page.locator("#panel").get_by_role("button", name=reason).click()
        page.locator("#panel .primary").click()
        answer_as(page, "N12")
        expect(page.locator("#panel")).to_be_hidden()
        if kind is AnswerKind.SILENCE:
            who = page.locator(f"{tile(page, 'bed-03')} .who")
            expect(who).to_contain_text("Silent until")
            expect(who).to_contain_text("Nobody yet")
        else:
            page.wait_for_function(
                "() => !document.querySelector('[data-bed=\"bed-03\"] .take[aria-disabled]')"
            )
    (answer,) = quiet.ward.answers
    assert (answer.kind, answer.reason) == (kind, reason)


def test_a_problem_nobody_saw_end_stays_until_somebody_has_seen_it(
    browser: Browser, quiet: Served
) -> None:
    raised = quiet.ward.raise_alert("bed-03", SUSPECTED)
    quiet.ward.end_alert(raised)
    with screen(browser) as context:
        page = live(context, quiet.server.url)
        alert = page.locator(f"{tile(page, 'bed-03')} .alert")
        expect(alert).to_contain_text("ENDED")
        expect(alert).to_contain_text("Ended, not seen by anybody")
        alert.get_by_role("button", name="Seen").click()
        answer_as(page, "N12")
        expect(alert).to_be_hidden()


@pytest.mark.parametrize("size", SIZES)
def test_no_question_ever_covers_an_alert_of_high_priority(
    browser: Browser, busy: Served, size: str
) -> None:
    with screen(browser, size) as context:
        page = live(context, busy.server.url)
        settled(page)
        page.locator(f"{tile(page, 'bed-05')} .take").click()
        expect(page.locator("#panel")).to_be_visible()
        covered = """() => {
          const panel = document.getElementById("panel").getBoundingClientRect();
          const meets = (box) => box.left < panel.right && panel.left < box.right
            && box.top < panel.bottom && panel.top < box.bottom;
          const frame = document.getElementById("main").getBoundingClientRect();
          const high = [...document.querySelectorAll('.tile[data-look="high"]')]
            .map((one) => one.getBoundingClientRect());
          const seen = high.filter((box) => box.top >= frame.top - 2
            && box.bottom <= frame.bottom + 2);
          const rail = [...document.querySelectorAll("#rail:not([hidden]) a")]
            .map((one) => one.getBoundingClientRect());
          return { all: high.length, told: seen.length + rail.length,
                   covered: meets(frame) || [...seen, ...rail].some(meets) };
        }"""
        page.wait_for_function(f"() => (({covered})()).told >= 1")
        found = page.evaluate(covered)
    assert found["all"] == 1
    assert not found["covered"]


def test_a_new_sign_that_was_painted_a_moment_ago_is_not_answered_by_the_tap(
    browser: Browser, quiet: Served
) -> None:
    first = quiet.ward.raise_alert("bed-03", LOST_PROBE)
    with screen(browser) as context:
        page = live(context, quiet.server.url)
        expect(page.locator(f"{tile(page, 'bed-03')} .take")).to_be_visible()
        page.evaluate(
            """() => {
              const alert = document.querySelector('.tile[data-bed="bed-03"] .alert');
              new MutationObserver((_, self) => {
                if (alert.dataset.look !== "high") return;
                self.disconnect();
                alert.querySelector(".take").click();
              }).observe(alert, { attributes: true });
            }"""
        )
        page.wait_for_timeout(600)
        quiet.ward.raise_alert("bed-03", ORGAN_SIGN)
        answer_as(page, "N12")
        expect(page.locator("#panel")).to_be_hidden()
    (answer,) = quiet.ward.answers
    assert [seen.alert_id for seen in answer.seen] == [first.alert_id]
