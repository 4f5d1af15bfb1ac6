"""Property tests are seeded and never fail for being slow; heavy tests may go untraced."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Generator

settings.register_profile("seeded", deadline=None, derandomize=True)
settings.load_profile("seeded")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test that is marked `untraced` without coverage, which would triple its time."""
    if item.get_closest_marker("untraced") is None:
        return (yield)
    of_this_thread, of_new_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        threading.settrace(of_new_threads)
        sys.settrace(of_this_thread)
