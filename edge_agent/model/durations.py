"""Lengths of time under one name."""

from __future__ import annotations

from typing import Final

MINUTE_S: Final = 60.0
HOUR_S: Final = 3600.0
DAY_S: Final = 86_400.0
MINUTE_NS: Final = 60 * 10**9
HOUR_NS: Final = 60 * MINUTE_NS
DAY_NS: Final = 24 * HOUR_NS
LINE_TICK_S: Final = 0.25
"""Ward seconds without a byte after which a device's session is called to let time pass."""
