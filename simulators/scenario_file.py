"""Read a patient's course from a scenario file; every mistake is named at once."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from importlib import resources
from typing import Final

from edge_agent.model.errors import ConfigError, Mistake
from simulators.keyframes import Course, Keyframe, SensorOff

TEMPERATURE_SITES: Final = ("core", "bladder", "oesophageal", "tympanic", "axillary", "skin")
SENSORS: Final = ("ecg", "spo2", "temperature", "cuff")
_TEXT_KEYS: Final = ("title", "truth", "temperature_site")
_CUFF_KEYS: Final = ("cuff_first_s", "cuff_every_s")
_RANGES: Final = {  # what a living patient can show, and a time within a month
    "at_min": (0.0, 43_200.0),
    "temperature": (30.0, 43.0),
    "heart_rate_at_37": (0.0, 250.0),
    "spo2": (40.0, 100.0),
    "perfusion_index": (0.1, 20.0),
    "respiratory_rate": (0.0, 70.0),
    "systolic": (40.0, 250.0),
    "diastolic": (20.0, 150.0),
    "cuff_first_s": (0.0, 86_400.0),
    "cuff_every_s": (30.0, 86_400.0),
    "from_min": (0.0, 43_200.0),
    "to_min": (0.0, 43_200.0),
}


def scenario_names() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the program, sorted."""
    folder = resources.files("simulators") / "scenarios"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml")))


def load_course(name: str, seed: int) -> Course:
    """Return a patient who follows the scenario of that name.

    Raises
    ------
    ConfigError
        If there is no such scenario, or its file is wrong.
    """
    if name not in scenario_names():
        allowed = ", ".join(scenario_names())
        raise ConfigError((Mistake("scenario", name, f"no such scenario; have {allowed}"),))
    source = resources.files("simulators") / "scenarios" / f"{name}.toml"
    return parse_course(source.read_text(encoding="utf-8"), f"{name}.toml", seed)


def parse_course(text: str, source: str, seed: int) -> Course:
    """Return the course that the TOML `text` describes.

    Raises
    ------
    ConfigError
        With every mistake of the text.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((Mistake(source, "(file)", f"is not TOML: {error}"),)) from error
    reader = _Reader(source)
    course = reader.course(table, seed)
    if reader.mistakes:
        raise ConfigError(tuple(reader.mistakes))
    return course


class _Reader:
    """Takes tables apart and collects what is wrong with them."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.mistakes: list[Mistake] = []

    def course(self, table: dict[str, object], seed: int) -> Course:
        self._known(table, "", (*_TEXT_KEYS, *_CUFF_KEYS, "keyframe", "off"))
        words = {key: self._words(table, key) for key in _TEXT_KEYS}
        self._one_of(words["temperature_site"], "temperature_site", TEMPERATURE_SITES)
        cuff = self._numbers(table, "", _CUFF_KEYS)
        return Course(
            title=words["title"],
            truth=words["truth"],
            temperature_site=words["temperature_site"],
            cuff_first_s=cuff["cuff_first_s"],
            cuff_every_s=cuff["cuff_every_s"],
            keyframes=self._keyframes(table),
            sensors_off=tuple(self._off(t, where) for t, where in self._tables(table, "off")),
            seed=seed,
        )

    def _keyframes(self, table: dict[str, object]) -> tuple[Keyframe, ...]:
        names = tuple(field.name for field in fields(Keyframe))
        frames: list[Keyframe] = []
        for entry, where in self._tables(table, "keyframe"):
            self._known(entry, where, names)
            frame = Keyframe(**self._numbers(entry, where, names))
            if frame.diastolic >= frame.systolic:
                self._wrong(f"{where}diastolic", f"{frame.diastolic}; want less than systolic")
            if frames and frame.at_min <= frames[-1].at_min:
                self._wrong(f"{where}at_min", f"{frame.at_min}; want later than the one before")
            frames.append(frame)
        if table.get("keyframe", []) == []:
            self._wrong("keyframe", "none; want at least one")
        return tuple(frames)

    def _off(self, entry: dict[str, object], where: str) -> SensorOff:
        self._known(entry, where, ("sensor", "from_min", "to_min"))
        sensor = self._words(entry, "sensor", where)
        self._one_of(sensor, f"{where}sensor", SENSORS)
        span = self._numbers(entry, where, ("from_min", "to_min"))
        if span["from_min"] >= span["to_min"]:
            self._wrong(f"{where}to_min", f"{span['to_min']}; want later than from_min")
        return SensorOff(sensor, span["from_min"], span["to_min"])

    def _tables(self, table: dict[str, object], key: str) -> list[tuple[dict[str, object], str]]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self._wrong(key, f"{value!r}; want an array of tables")
            return []
        return [(entry, f"{key}[{n}].") for n, entry in enumerate(value)]

    def _known(self, table: dict[str, object], where: str, allowed: tuple[str, ...]) -> None:
        for key in table.keys() - set(allowed):
            self._wrong(f"{where}{key}", f"unknown key; have {', '.join(allowed)}")

    def _words(self, table: dict[str, object], key: str, where: str = "") -> str:
        value = table.get(key)
        if isinstance(value, str) and value:
            return value
        self._wrong(f"{where}{key}", f"{value!r}; want text")
        return ""

    def _numbers(
        self, table: dict[str, object], where: str, keys: tuple[str, ...]
    ) -> dict[str, float]:
        return {key: self._number(table.get(key), key, where) for key in keys}

    def _number(self, value: object, key: str, where: str) -> float:
        low, high = _RANGES[key]
        if isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        self._wrong(f"{where}{key}", f"{value!r}; want a number from {low:g} to {high:g}")
        return low

    def _one_of(self, value: str, key: str, allowed: tuple[str, ...]) -> None:
        if value and value not in allowed:
            self._wrong(key, f"{value!r}; want one of {', '.join(allowed)}")

    def _wrong(self, key: str, message: str) -> None:
        self.mistakes.append(Mistake(self._source, key, message))
