"""One browser for all tests of the pages, and a moving ward for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.browsers import chromium, driven
from tests.support.served_board import Served, serving
from tests.support.stream_gate import StreamGate, gated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Playwright


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    with driven() as started:
        yield started


@pytest.fixture(scope="session")
def browser(driver: Playwright) -> Iterator[Browser]:
    with chromium(driver) as started:
        yield started


def _moving(scene: str) -> Iterator[Served]:
    with serving(scene) as served:
        served.ward.start()
        try:
            yield served
        finally:
            served.ward.stop()


@pytest.fixture
def quiet() -> Iterator[Served]:
    """Serve a ward on which all is well."""
    yield from _moving("quiet")


@pytest.fixture
def busy() -> Iterator[Served]:
    """Serve a ward with a bed in every state."""
    yield from _moving("all")


@pytest.fixture
def gate(quiet: Served) -> Iterator[StreamGate]:
    with gated(quiet.port) as opened:
        yield opened
