"""Reader and writer of cohort files; all mistakes of a file are reported at once."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.texts import read_text, toml_of
from simulators.cohorts.cohort import CohortSpec
from simulators.files.toml_reader import TomlReader
from simulators.patients.negatives import CONFOUNDERS
from simulators.patients.person import SITES
from simulators.patients.products import PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from simulators.files.toml_reader import Table

SPEC_FILE: Final = "cohort.toml"
"""Spec file in the folder of a finished cohort."""
_KEYS: Final = ("name", "patients", "days", "seed", "children", "beta_blocked", "faults")
_TABLES: Final = ("crs", "products", "sites", "confounders")
_GRADES: Final = ("none", "grade_1", "grade_2", "grade_3_4")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_SHARE: Final = (0.0, 1.0)
_MOST_PATIENTS: Final = 10_000_000
_MOST_DAYS: Final = 60.0
_SUM_TOLERANCE: Final = 1e-6


def shipped_cohorts() -> tuple[str, ...]:
    """Return the names of the cohorts that the program ships."""
    folder = resources.files("simulators") / "cohorts"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml")))


def load_cohort(place: str | Path) -> CohortSpec:
    """Return the cohort with a name, a spec file, or a folder of a finished cohort.

    Raises
    ------
    ConfigError
        If there is no such cohort, or with every mistake of its file.
    """
    if str(place) in shipped_cohorts():
        source = resources.files("simulators") / "cohorts" / f"{place}.toml"
        return parse_cohort(source.read_text(encoding="utf-8"), f"{place}.toml")
    path = Path(place)
    try:
        path = path / SPEC_FILE if path.is_dir() else path
        is_there = path.exists()
    except (OSError, ValueError):  # a name that is too long, or with a zero byte
        is_there = False
    if not is_there:
        have = ", ".join(shipped_cohorts())
        message = f"is not a cohort; want a spec file, a folder with one, or one of {have}"
        raise ConfigError((Mistake(str(place), "-", message),))
    return parse_cohort(read_text(path), str(path))


def parse_cohort(text: str, source: str) -> CohortSpec:
    """Return the cohort that a TOML text describes.

    Raises
    ------
    ConfigError
        With every mistake of the text.
    """
    table = toml_of(text, source)
    reader = _SpecReader(source)
    spec = reader.spec(table)
    reader.raise_mistakes()
    return spec


def format_cohort(spec: CohortSpec) -> str:
    """Return the text of a cohort's spec file."""
    crs = (spec.no_crs, spec.crs_grade_1, spec.crs_grade_2, spec.crs_grade_3_4)
    lines = [f'name = "{spec.name}"', f"patients = {spec.patients}", f"days = {spec.days!r}"]
    lines += [f"seed = {spec.seed}", f"children = {spec.children!r}"]
    lines += [f"beta_blocked = {spec.beta_blocked!r}", f"faults = {spec.faults!r}"]
    tables: dict[str, Mapping[str, float]] = {
        "crs": dict(zip(_GRADES, crs, strict=True)),
        "products": spec.products,
        "sites": spec.sites,
        "confounders": spec.confounders,
    }
    for name, values in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {value!r}" for key, value in values.items())]
    return "\n".join(lines) + "\n"


class _SpecReader(TomlReader):
    def spec(self, table: Table) -> CohortSpec:
        self.known(table, "", (*_KEYS, *_TABLES))
        name = self.words(table, "name")
        if name and not _NAME.fullmatch(name):
            self.wrong("name", f"{name!r}; want letters, digits, dash and underscore")
        crs = self._shares(table, "crs", _GRADES)
        if not self._is_whole(crs):
            self.wrong("crs", f"adds up to {sum(crs.values()):g}; want 1")
        return CohortSpec(
            name=name,
            patients=self._whole(table, "patients", (1, _MOST_PATIENTS)),
            days=self.number(table, "days", (0.25, _MOST_DAYS)),
            seed=self._whole(table, "seed", (0, 2**62)),
            no_crs=crs["none"],
            crs_grade_1=crs["grade_1"],
            crs_grade_2=crs["grade_2"],
            crs_grade_3_4=crs["grade_3_4"],
            children=self.number(table, "children", _SHARE),
            beta_blocked=self.number(table, "beta_blocked", _SHARE),
            faults=self.number(table, "faults", _SHARE),
            products=self._weights(table, "products", PRODUCTS),
            sites=self._weights(table, "sites", SITES),
            confounders=self._some(table, "confounders", CONFOUNDERS, _SHARE),
        )

    def _whole(self, table: Table, key: str, limits: tuple[int, int]) -> int:
        value = self.number(table, key, limits)
        if value != int(value):
            self.wrong(key, f"{value!r}; want a whole number")
        return int(value)

    def _shares(self, table: Table, key: str, names: tuple[str, ...]) -> dict[str, float]:
        inside = self.table(table, key)
        self.known(inside, f"{key}.", names)
        return {name: self.number(inside, name, _SHARE, f"{key}.") for name in names}

    def _is_whole(self, shares: Mapping[str, float]) -> bool:
        return abs(sum(shares.values()) - 1.0) <= _SUM_TOLERANCE

    def _weights(self, table: Table, key: str, names: Collection[str]) -> dict[str, float]:
        weights = self._some(table, key, names, (0.0, 1e6))
        if not sum(weights.values()) > 0:
            self.wrong(key, f"no weight above 0; want some of {', '.join(names)}")
        return weights

    def _some(
        self, table: Table, key: str, names: Collection[str], limits: tuple[float, float]
    ) -> dict[str, float]:
        inside = self.table(table, key)
        self.known(inside, f"{key}.", tuple(names))
        known = [name for name in inside if name in names]
        return {name: self.number(inside, name, limits, f"{key}.") for name in known}
