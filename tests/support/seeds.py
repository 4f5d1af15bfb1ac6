"""Seeds that only the long proofs try."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet


def more_seeds(first: int, end: int) -> list[ParameterSet]:
    """Return seeds for `make proof-random`; `make test` tries the ones before."""
    return [pytest.param(seed, marks=pytest.mark.proof) for seed in range(first, end)]
