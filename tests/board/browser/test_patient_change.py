"""Nothing of a former patient stays on any screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from playwright.sync_api import expect

from edge_agent.board.feed import BodyKind, FeedBody
from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.payloads.events import ContextEvent
from tests.support.board_bodies import GATEWAY
from tests.support.board_ward import now_ms
from tests.support.browsers import live, screen, tile

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.served_board import Served

INK = """(canvas) => {
  const { width, height } = canvas;
  const pen = canvas.getContext("2d");
  return pen.getImageData(0, 0, width || 1, height || 1).data.some((part) => part > 0);
}"""


def entered(kind: EntryKind, patient_id: str) -> FeedBody:
    """Return the body of an entry about who is in bed-03."""
    entry = PatientEntry(
        entry_id=f"{kind}-{patient_id}",
        patient_id=patient_id,
        kind=kind,
        at_utc_ns=now_ms() * 1_000_000,
        bed_id="bed-03" if kind is EntryKind.ADMITTED else "",
        by="N12",
    )
    event = ContextEvent("bed-03", entry, "2026-01-31T14:05:00Z")
    return FeedBody(BodyKind.CONTEXT, GATEWAY, "bed-03", msgspec.json.encode(event))


@pytest.mark.parametrize("view", ["", "#/bed/bed-03"])
def test_a_bed_swap_leaves_nothing_of_the_former_patient(
    browser: Browser, quiet: Served, view: str
) -> None:
    with screen(browser) as context:
        page = live(context, quiet.server.url + view)
        place = page.locator(tile(page, "bed-03") if not view else ".bedview")
        expect(place).to_contain_text("Day 4")
        expect(place).to_contain_text("teclistamab")
        expect(place.locator('[data-kind="heart_rate"] .number').first).not_to_have_text("--")
        quiet.ward.stop()
        quiet.ward.feed.put(entered(EntryKind.DISCHARGED, "p-2"))
        expect(place).to_contain_text("Free bed")
        expect(place).not_to_contain_text("teclistamab")
        quiet.ward.feed.put(entered(EntryKind.ADMITTED, "p-new"))
        expect(place).not_to_contain_text("Free bed")
        for number in place.locator(".number").all():
            expect(number).to_have_text("--")
        expect(place).not_to_contain_text("teclistamab")
        for canvas in place.locator("canvas.spark").all():
            assert canvas.evaluate(INK) is False


def test_a_form_begun_for_the_former_patient_is_closed_with_words(
    browser: Browser, quiet: Served
) -> None:
    with screen(browser) as context:
        page = live(context, quiet.server.url + "#/bed/bed-03")
        page.locator(".kinds button").first.click()
        expect(page.locator("#panel form")).to_be_visible()
        quiet.ward.stop()
        quiet.ward.feed.put(entered(EntryKind.DISCHARGED, "p-2"))
        expect(page.locator("#panel")).to_be_hidden()
        expect(page.locator(".message")).to_contain_text("Another patient is in bed-03 now")
