"""Property tests are seeded and never fail for being slow; heavy tests may go untraced."""

from __future__ import annotations

import gc
import os
import sys
import threading
from contextlib import contextmanager
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

import edge_agent
import simulators

if TYPE_CHECKING:
    from collections.abc import Generator

settings.register_profile("seeded", deadline=None, derandomize=True)
settings.load_profile("seeded")


@contextmanager
def untraced() -> Generator[None]:
    """Run without coverage, which would double or triple the time."""
    of_this_thread, of_new_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        yield
    finally:
        threading.settrace(of_new_threads)
        sys.settrace(of_this_thread)


def forget_cached() -> None:
    """Empty the caches of the product: what is in them is not worked out again, traced or not."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("edge_agent.", "simulators.")):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Import the product traced, and then rewrite the asserts of all tests untraced."""
    if sys.gettrace() is None:
        return (yield)
    for package in (edge_agent, simulators):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    with untraced():
        found = yield
    forget_cached()
    return found


def pytest_collection_finish() -> None:
    """Let the garbage collector not look at all tests and modules again and again."""
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin each worker's part with heavy tests, so that no long one is left alone at the end."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    heavy = [item for item in items if item.get_closest_marker("untraced")]
    light = [item for item in items if not item.get_closest_marker("untraced")]
    items[:] = [
        item
        for part in range(workers)
        for some in (heavy, light)
        for item in some[len(some) * part // workers : len(some) * (part + 1) // workers]
    ]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test that is marked `untraced` without coverage."""
    if item.get_closest_marker("untraced") is None:
        return (yield)
    with untraced():
        result = yield
    if sys.gettrace() is not None:
        forget_cached()
    return result


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return two workers more than there are cores: half of the time is waiting."""
    return len(os.sched_getaffinity(0)) + 2
