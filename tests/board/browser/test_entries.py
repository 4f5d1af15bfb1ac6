"""Everything that `crswatch context` takes is entered on the page, with a second look."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import expect

from edge_agent.board.feed import BodyKind, FeedBody
from edge_agent.board.server import Address, BoardServer
from edge_agent.model.bed_events import BedEvent, ContextEntered
from edge_agent.model.patient import EntryKind
from edge_agent.patient.entry_check import check_entry
from edge_agent.payloads.events import encode_event
from tests.support.board_bodies import GATEWAY, instant
from tests.support.board_ward import BoardWard, board_of, now_ms
from tests.support.browsers import answer_as, live, screen, still
from tests.support.served_board import Served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from edge_agent.board.commands import Reply, Signature
    from edge_agent.model.patient import BedEntry, PatientEntry

BED: Final = "bed-03"
ARRIVALS: Final = {EntryKind.ADMITTED, EntryKind.TRANSFERRED}


class EnteringWard(BoardWard):
    """A ward on which entries come back on the feed, as from a gateway."""

    def __init__(self) -> None:
        super().__init__("quiet")
        self.entries: list[PatientEntry] = []

    def enter(self, entry: BedEntry, signature: Signature, reply: Reply) -> bool:
        """Take an entry and confirm it."""
        super().enter(entry, signature, reply)
        fact = entry.entry
        bed_id = entry.bed_id if fact.kind in ARRIVALS else ""
        whole = replace(
            fact,
            patient_id=fact.patient_id or "p-2",
            bed_id=bed_id,
            entered_utc_ns=now_ms() * 1_000_000,
        )
        self.entries.append(whole)
        if fact.kind not in ARRIVALS | {EntryKind.DISCHARGED}:
            event = BedEvent(BED, BED, ContextEntered(whole), instant(now_ms()))
            self.feed.put(FeedBody(BodyKind.CONTEXT, GATEWAY, BED, encode_event(event)))
        return True


@pytest.fixture
def ward() -> EnteringWard:
    return EnteringWard()


@pytest.fixture
def board(ward: EnteringWard) -> Iterator[Served]:
    server = BoardServer(board_of(ward), Address())
    server.start()
    ward.start()
    yield Served(ward, server)
    ward.stop()
    server.stop()


def fill(page: Page, kind: EntryKind) -> None:
    """Fill a form in with the first value that it offers, and a number in its range."""
    form = page.locator("#panel form")
    for choice in form.locator("select:visible").all():
        options = choice.locator("option").all()
        choice.select_option(index=min(1, len(options) - 1))
    for field in form.locator("input[list]").all():
        hints = form.locator("datalist option")
        field.fill((hints.first.get_attribute("value") if hints.count() else None) or "saline")
    for field in form.locator("input[inputmode=decimal]:visible").all():
        field.fill({EntryKind.SPOT: "38,2", EntryKind.BASELINE: "37,1"}.get(kind, "2"))
    for field in form.locator("input[pattern]").all():
        field.fill("P-17")


def confirm(page: Page) -> None:
    """Look twice, and say who enters it."""
    page.locator("#panel form .primary").click()
    page.locator("#panel .look").wait_for()
    page.locator("#panel .buttons .primary").click()
    answer_as(page, "N12")


def test_every_kind_of_entry_is_one_that_the_gateway_accepts(
    browser: Browser, board: Served, ward: EnteringWard
) -> None:
    with screen(browser) as context:
        page = live(context, board.server.url + f"#/bed/{BED}")
        page.locator(".kinds summary").click()
        kinds = [kind for kind in EntryKind if kind != "away"]
        buttons = page.locator(".kinds button")
        assert buttons.count() == len(kinds)
        for i in range(len(kinds)):
            buttons.nth(i).click()
            found = page.evaluate(
                "([i]) => import('/kinds.js').then((m) => Object.keys(m.ENTRIES)[i])", [i]
            )
            fill(page, EntryKind(found))
            with page.expect_response("**/entries"):
                confirm(page)
    assert {entry.kind for entry in ward.entries} == set(kinds)
    assert [check_entry(entry) for entry in ward.entries if check_entry(entry)] == []


def test_oxygen_takes_three_taps_and_stands_in_the_history(
    browser: Browser, board: Served, ward: EnteringWard
) -> None:
    with screen(browser, "phone") as context:
        page = live(context, board.server.url + f"#/bed/{BED}")
        page.get_by_role("button", name="Oxygen", exact=True).click()
        page.get_by_label("Device").select_option("nasal cannula")
        page.get_by_label("Amount").fill("2")
        page.locator("#panel form .primary").click()
        expect(page.locator("#panel .look")).to_contain_text(BED)
        expect(page.locator("#panel .look")).to_contain_text("Oxygen: nasal cannula 2 l/min")
        page.locator("#panel .buttons .primary").click()
        answer_as(page, "N12")
        expect(page.locator(".message")).to_have_text("Entered.")
        row = page.locator(".entries li", has_text="nasal cannula 2 l/min")
        expect(row).to_contain_text("N12, entered")
        row.get_by_role("button", name="End").click()
        page.locator("#panel .buttons .primary").click()
        answer_as(page, "N07")
        expect(page.locator(".entries .gone")).to_contain_text("corrected")
        page.locator(".entries li:not(.gone)").get_by_role("button", name="Withdraw").click()
        page.locator("#panel .buttons .primary").click()
        answer_as(page, "N07")
        expect(page.locator(".entries .gone", has_text="withdrawn")).to_be_visible()
    first, ended, withdrawn = ward.entries
    assert (first.amount, first.unit, first.by) == (2, "L/min", "N12")
    assert (ended.corrects, ended.until_utc_ns is not None) == (first.entry_id, True)
    assert (withdrawn.corrects, withdrawn.is_void) == (ended.entry_id, True)
    assert [check_entry(entry) for entry in ward.entries if check_entry(entry)] == []


def test_a_form_says_what_is_missing_and_what_is_out_of_range(
    browser: Browser, board: Served, ward: EnteringWard
) -> None:
    with screen(browser) as context:
        page = live(context, board.server.url + f"#/bed/{BED}")
        page.get_by_role("button", name="Measured by hand").click()
        page.locator("#panel form .primary").click()
        trouble = page.locator("#panel .trouble")
        expect(trouble).to_have_text("Please fill in: Vital sign")
        page.get_by_label("Vital sign").select_option("temperature")
        page.get_by_label("Value").fill("382")
        page.locator("#panel form .primary").click()
        expect(trouble).to_have_text("Value: from 33 to 42.5")
    assert ward.entries == []


def test_a_patient_who_leaves_is_shown_as_not_watched_until_the_end(
    browser: Browser, board: Served, ward: EnteringWard
) -> None:
    with screen(browser) as context:
        page = live(context, board.server.url + f"#/bed/{BED}")
        page.get_by_role("button", name="Patient leaves the bed").click()
        page.locator("#panel form .primary").click()
        page.locator("#panel .buttons .primary").click()
        answer_as(page, "N12")
        expect(page.locator(".bedhead .watch")).to_contain_text("Away: CT until")
        page.goto(board.server.url + "#/")
        expect(page.locator(".remarks")).to_contain_text(f"away: {BED}")
    (entry,) = ward.entries
    assert (entry.kind, entry.name, entry.by) == ("away", "ct", "N12")


def test_a_test_alert_is_marked_and_runs_through_every_screen(
    browser: Browser, board: Served
) -> None:
    with screen(browser) as one, screen(browser, "phone") as other:
        page, phone = live(one, board.server.url + f"#/bed/{BED}"), live(other, board.server.url)
        page.get_by_role("button", name="Test alert").click()
        page.get_by_role("button", name="Start the test").click()
        answer_as(page, "N12")
        for seen in (page, phone):
            expect(seen.locator(".alert:visible").first).to_contain_text("TEST")
        still(phone)
        phone.locator(f'.tile[data-bed="{BED}"] .take').click()
        answer_as(phone, "N07")
        expect(phone.locator(".alert:visible")).to_have_count(0)
        expect(page.locator(".testwords")).to_contain_text("Alert test passed")
        expect(page.locator(".testwords")).to_contain_text("N07")
