"""The one way tests and benchmarks reach recordings that are not part of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[3] / "shared" / "data"


def shared_data(name: str) -> Path:
    """Return the path of a recording, or skip the test that asks for it."""
    path = _ROOT / name
    if not path.exists():
        pytest.skip(f"the recording {name} is not on this machine")
    return path
