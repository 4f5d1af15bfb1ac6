"""The sound of the pages, measured on the samples that a real browser renders."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.browsers import WAIT_MS, chromium, live, screen, sounds
from tests.support.made_alerts import DRIFT, ORGAN_SIGN, SUSPECTED

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from playwright.sync_api import Browser, Page, Playwright

    from tests.support.served_board import Served

RATE_HZ: Final = 48_000
AT_S: Final = 0.1
RENDER: Final = """async ([priority, rate, at]) => {
  const { playBurst, lengthOf } = await import("/bursts.js");
  const context = new OfflineAudioContext(1, Math.ceil((lengthOf(priority) + 0.3) * rate), rate);
  playBurst(context, context.destination, at, priority);
  const samples = (await context.startRendering()).getChannelData(0);
  const bytes = new Uint8Array(samples.buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768) {
    text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  }
  return btoa(text);
}"""
PULSES: Final = {"high": 10, "medium": 3, "low": 1}
PULSE_S: Final = {"high": (0.075, 0.2), "medium": (0.125, 0.25), "low": (0.125, 0.25)}
PAUSE_S: Final = {"high": (2.5, 15.0), "medium": (2.5, 30.0), "low": (15.0, 60.0)}
SPACING_S: Final = {"high": (0.05, 0.125), "medium": (0.125, 0.25)}
LONG: Final = (2, 7)
"""Spacings of HIGH after the third pulse of a group of five: 2x + td, after IEC 60601-1-8."""


@dataclass(frozen=True)
class Pulse:
    """Times at which one pulse crosses a share of its peak, seconds."""

    rise_10: float
    rise_90: float
    fall_90: float
    fall_10: float


@pytest.fixture(scope="module")
def samples(browser: Browser) -> dict[str, NDArray[np.float32]]:
    """Render every burst with the page's own code."""
    from tests.support.served_board import serving  # noqa: PLC0415 - a board for files only

    with serving() as served, screen(browser) as context:
        page = context.new_page()
        page.goto(served.server.url)
        return {
            priority: np.frombuffer(
                base64.b64decode(page.evaluate(RENDER, [priority, RATE_HZ, AT_S])), np.float32
            )
            for priority in PULSES
        }


def pulses_of(wave: NDArray[np.float32]) -> list[Pulse]:
    """Return the pulses in a burst, by their envelope over 4 ms."""
    width = RATE_HZ // 250
    padded = np.abs(np.pad(wave.astype(float), width // 2))
    envelope = np.lib.stride_tricks.sliding_window_view(padded, width).max(axis=1)
    level = envelope / envelope.max()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (level > 0.1).astype(int), [0]])))
    found = []
    for start, end in edges.reshape(-1, 2):
        above = np.flatnonzero(level[start:end] > 0.9) + start
        found.append(Pulse(*(float(i) / RATE_HZ for i in (start, above[0], above[-1], end))))
    return found


@pytest.mark.parametrize("priority", PULSES)
def test_a_burst_has_the_pulses_of_its_priority(
    samples: dict[str, NDArray[np.float32]], priority: str
) -> None:
    pulses = pulses_of(samples[priority])
    assert len(pulses) == PULSES[priority]
    shortest, longest = PULSE_S[priority]
    for pulse in pulses:
        td = pulse.fall_90 - pulse.rise_90
        assert shortest <= td <= longest
        assert 0.10 <= (pulse.rise_90 - pulse.rise_10) / td <= 0.40
        assert 0.10 <= (pulse.fall_10 - pulse.fall_90) / td <= 0.40


@pytest.mark.parametrize("priority", SPACING_S)
def test_the_pulses_are_as_far_apart_as_the_standard_says(
    samples: dict[str, NDArray[np.float32]], priority: str
) -> None:
    pulses = pulses_of(samples[priority])
    gaps = [late.rise_90 - early.fall_90 for early, late in pairwise(pulses)]
    shortest, longest = SPACING_S[priority]
    td = pulses[0].fall_90 - pulses[0].rise_90
    for i, gap in enumerate(gaps):
        if priority == "high" and i == 4:
            assert 0.35 <= gap <= 1.30  # five pulses, a pause, five pulses
        elif priority == "high" and i in LONG:
            assert gap == pytest.approx(2 * gaps[0] + td, abs=0.012)
        else:
            assert shortest <= gap <= longest


@pytest.mark.parametrize("priority", PULSES)
def test_a_pulse_has_a_low_tone_and_four_partials_of_nearly_its_level(
    samples: dict[str, NDArray[np.float32]], priority: str
) -> None:
    first = pulses_of(samples[priority])[0]
    flat = samples[priority][round(first.rise_90 * RATE_HZ) : round(first.fall_90 * RATE_HZ)]
    spectrum = np.abs(np.fft.rfft(flat * np.hanning(len(flat)), 8 * RATE_HZ))
    hz = np.fft.rfftfreq(8 * RATE_HZ, 1 / RATE_HZ)
    is_peak = np.zeros(len(hz), bool)
    is_peak[1:-1] = (spectrum[1:-1] > spectrum[:-2]) & (spectrum[1:-1] > spectrum[2:])
    strong = is_peak & (spectrum > spectrum.max() * 10 ** (-15 / 20)) & (hz <= 4000)
    peaks = hz[strong]
    assert 150 <= peaks[0] <= 1000
    harmonics = peaks / peaks[0]
    assert np.allclose(harmonics, np.round(harmonics), atol=0.02)
    assert len(peaks) >= 5
    assert sum(300 <= peak <= 4000 for peak in peaks) >= 4


@pytest.mark.parametrize("priority", PULSES)
def test_every_pulse_of_a_burst_is_as_loud_as_the_others(
    samples: dict[str, NDArray[np.float32]], priority: str
) -> None:
    wave = samples[priority]
    peaks = [
        np.abs(wave[round(p.rise_10 * RATE_HZ) : round(p.fall_10 * RATE_HZ)]).max()
        for p in pulses_of(wave)
    ]
    assert max(peaks) <= min(peaks) * 1.05
    assert 0.4 <= max(peaks) <= 1.0


def rings(page: Page, priority: str) -> None:
    """Wait until bursts of a priority repeat on a page; empty for silence."""
    body = page.locator("body")
    if priority:
        expect(body).to_have_attribute("data-sounding", priority)
    else:
        expect(body).not_to_have_attribute("data-sounding", re.compile("."))


def test_the_pauses_between_bursts_are_in_the_windows(browser: Browser, quiet: Served) -> None:
    with screen(browser) as context:
        page = live(context, quiet.server.url)
        patterns = page.evaluate("import('/bursts.js').then((m) => m.PATTERNS)")
    for priority, (shortest, longest) in PAUSE_S.items():
        assert shortest <= patterns[priority]["pause"] <= longest


def test_a_page_says_that_it_has_no_sound_until_the_test_tone_was_heard(
    browser: Browser, quiet: Served
) -> None:
    with screen(browser) as context:
        page = live(context, quiet.server.url)
        strip = page.locator(".soundoff")
        expect(strip).to_have_text("Sound is off on this screen: tap to test")
        quiet.ward.raise_alert("bed-03", ORGAN_SIGN)
        expect(page.locator('.tile[data-look="high"]')).to_be_visible()
        rings(page, "")  # nothing is queued for later
        sounds(page)
        rings(page, "high")


def test_a_screen_set_up_for_it_tests_its_sound_itself(driver: Playwright, quiet: Served) -> None:
    flag = "--autoplay-policy=no-user-gesture-required"
    with chromium(driver, flag) as kiosk, screen(kiosk, "wall") as context:
        page = live(context, quiet.server.url)
        expect(page.locator(".soundoff")).to_be_hidden(timeout=WAIT_MS)


def test_only_the_most_urgent_alert_sounds(browser: Browser, quiet: Served) -> None:
    with screen(browser) as context:
        page = live(context, quiet.server.url)
        sounds(page)
        rings(page, "")
        quiet.ward.raise_alert("bed-01", DRIFT)
        rings(page, "low")
        quiet.ward.raise_alert("bed-02", SUSPECTED)
        rings(page, "medium")
        quiet.ward.raise_alert("bed-03", ORGAN_SIGN)
        rings(page, "high")
        expect(page.locator(".soundwords")).to_have_text("Sounding: HIGH, bed-03")


def test_a_pause_is_shown_with_its_time_and_a_new_sign_breaks_it(
    browser: Browser, quiet: Served
) -> None:
    quiet.ward.raise_alert("bed-03", ORGAN_SIGN)
    with screen(browser) as context:
        page = live(context, quiet.server.url)
        sounds(page)
        rings(page, "high")
        page.locator(".pause").click()
        page.locator("#person").fill("N12")
        page.locator("#panel .primary").click()
        expect(page.locator(".soundwords")).to_contain_text("Sound paused, 1:")
        rings(page, "")
        quiet.ward.raise_alert("bed-04", ORGAN_SIGN)
        rings(page, "high")


def test_eight_tabs_sound_once(browser: Browser, quiet: Served) -> None:
    quiet.ward.raise_alert("bed-03", ORGAN_SIGN)
    with screen(browser) as context:
        pages = [live(context, quiet.server.url) for _ in range(3)]
        sounds(pages[0])
        rings(pages[0], "high")
        for page in pages[1:]:
            expect(page.locator(".soundoff")).to_be_hidden(timeout=WAIT_MS)
            rings(page, "")
