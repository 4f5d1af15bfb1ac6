"""A running line that two beds share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.brokers import free_port
from tests.support.shared_lines import Line, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def line() -> Iterator[Line]:
    subject = Line(free_port())
    with running(subject):
        yield subject
