"""Wards drawn from a seed, and the seeds of the wards that the program ships."""

from __future__ import annotations

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


def draw_ward(name: str, seed: int) -> WardHabits:
    """Return the ward of a seed; each rate has its own source of chance."""
    return WardHabits(name, seed, **{key: _rate(key, seed) for key in RANGES})


def shipped_wards(group: str) -> tuple[WardHabits, ...]:
    """Return the wards of one of `GROUPS`, named `tune-01` and so on."""
    return tuple(ward for name, ward in _shipped().items() if name.startswith(group))


def ward_names() -> tuple[str, ...]:
    """Return the names of the wards that the program ships."""
    return tuple(_shipped())


def shipped_ward(name: str) -> WardHabits:
    """Return the ward with a name, which must be one of `ward_names`."""
    return _shipped()[name]


@cache
def _shipped() -> Mapping[str, WardHabits]:
    text = (resources.files("simulators") / "habits" / "wards.toml").read_text(encoding="utf-8")
    seeds = tomllib.loads(text)
    return {
        name: draw_ward(name, seed)
        for group in GROUPS
        for number, seed in enumerate(seeds[group], start=1)
        for name in [f"{group}-{number:02}"]
    }


def _rate(name: str, seed: int) -> float:
    draw = np.random.Generator(np.random.Philox(key=seed, counter=crc32(name.encode()) << 64))
    return RANGES[name].at(float(draw.uniform()))
