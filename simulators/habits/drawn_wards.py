"""Wards drawn from a seed, and the seeds of the wards that the program ships."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final
from zlib import crc32

import numpy as np

from simulators.habits.ranges import RANGES
from simulators.habits.ward_habits import WardHabits

GROUPS: Final = ("tune", "test")
"""Wards to choose rules on, and wards that only a final evaluation sees."""
_SEEDED: Final = re.compile(r"seed-(0|[1-9]\d{0,17})")


def draw_ward(seed: int, name: str = "") -> WardHabits:
    """Return the ward of a seed, named `seed-7` unless it has a name."""
    return WardHabits(name or f"seed-{seed}", seed, **{key: _rate(key, seed) for key in RANGES})


def shipped_wards(group: str) -> tuple[WardHabits, ...]:
    """Return the wards of one of `GROUPS`, named `tune-01` and so on."""
    return tuple(ward for name, ward in _shipped().items() if name.startswith(group))


def ward_names() -> tuple[str, ...]:
    """Return the names of the wards that the program ships."""
    return tuple(_shipped())


def ward_named(name: str) -> WardHabits | None:
    """Return a shipped ward, or the one that `seed-7` draws; None for any other name."""
    seeded = _SEEDED.fullmatch(name)
    return draw_ward(int(seeded[1])) if seeded else _shipped().get(name)


@cache
def _shipped() -> Mapping[str, WardHabits]:
    text = (resources.files("simulators") / "habits" / "wards.toml").read_text(encoding="utf-8")
    seeds = tomllib.loads(text)
    return {
        name: draw_ward(seed, name)
        for group in GROUPS
        for number, seed in enumerate(seeds[group], start=1)
        for name in [f"{group}-{number:02}"]
    }


def _rate(name: str, seed: int) -> float:
    draw = np.random.Generator(np.random.Philox(key=seed, counter=crc32(name.encode()) << 64))
    return RANGES[name].at(float(draw.uniform()))
