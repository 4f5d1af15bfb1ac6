"""Reader and writer of cohort files; all mistakes of a file are reported at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import resources
from pathlib import Path
from typing import Final

from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.texts import read_text
from edge_agent.model.toml_table import (
    FieldType,
    TomlTable,
    member_of,
    number_from,
    read_toml,
    text_like,
    whole_from,
)
from simulators.cohorts.cohort import CohortSpec, PhysiologyName
from simulators.habits.drawn_wards import draw_ward, ward_named, ward_names
from simulators.habits.ward_habits import WardHabits
from simulators.patients.negatives import CONFOUNDERS
from simulators.patients.person import SITES
from simulators.patients.products import PRODUCTS

SPEC_FILE: Final = "cohort.toml"
"""Spec file in the folder of a finished cohort."""
_GRADES: Final = ("none", "grade_1", "grade_2", "grade_3_4")
_NAME: Final = text_like(r"[A-Za-z0-9_-]{1,40}", "1 to 40 letters, digits, dashes and underscores")
_SHARE: Final = number_from(0, 1)
_WEIGHT: Final = number_from(0, 1e6)
_PATIENTS: Final = whole_from(1, 10_000_000)
_DAYS: Final = number_from(0.25, 60)
_SEED: Final = whole_from(0, 2**62)
_WARD: Final[FieldType[WardHabits]] = FieldType(
    f"one of {', '.join(ward_names())}, or seed- and a number",
    lambda seen: ward_named(seen) if isinstance(seen, str) else None,
    draw_ward(0),
)
_PHYSIOLOGY: Final = member_of(PhysiologyName)
_SUM_TOLERANCE: Final = 1e-6


def shipped_cohorts() -> tuple[str, ...]:
    """Return the names of the cohorts that the program ships."""
    folder = resources.files("simulators") / "cohorts"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml")))


def load_cohort(name: str | Path) -> CohortSpec:
    """Return the cohort with a name, a spec file, or a folder of a finished cohort.

    Raises
    ------
    ConfigError
        If there is no such cohort, or with every mistake of its file.
    """
    if str(name) in shipped_cohorts():
        source = resources.files("simulators") / "cohorts" / f"{name}.toml"
        return parse_cohort(source.read_text(encoding="utf-8"), f"{name}.toml")
    path = Path(name)
    try:
        path = path / SPEC_FILE if path.is_dir() else path
        is_there = path.exists()
    except (OSError, ValueError):  # a name that is too long, or with a zero byte
        is_there = False
    if not is_there:
        have = ", ".join(shipped_cohorts())
        message = f"is not a cohort; want a spec file, a folder with one, or one of {have}"
        raise ConfigError((Mistake(str(name), "-", message),))
    return parse_cohort(read_text(path), str(path))


def parse_cohort(text: str, source: str) -> CohortSpec:
    """Return the cohort that a TOML text describes.

    Raises
    ------
    ConfigError
        With every mistake of the text.
    """
    return read_toml(text, source, _spec)


def format_cohort(spec: CohortSpec) -> str:
    """Return the text of a cohort's spec file."""
    crs = (spec.no_crs, spec.crs_grade_1, spec.crs_grade_2, spec.crs_grade_3_4)
    lines = [f'name = "{spec.name}"', f"patients = {spec.patients}", f"days = {spec.days!r}"]
    lines += [f"seed = {spec.seed}", f"children = {spec.children!r}"]
    lines += [f"beta_blocked = {spec.beta_blocked!r}", f"faults = {spec.faults!r}"]
    lines += [] if spec.ward is None else [f'ward = "{spec.ward.name}"']
    if spec.physiology is not PhysiologyName.CURVES:
        lines.append(f'physiology = "{spec.physiology}"')
    tables: dict[str, Mapping[str, float]] = {
        "crs": dict(zip(_GRADES, crs, strict=True)),
        "products": spec.products,
        "sites": spec.sites,
        "confounders": spec.confounders,
    }
    for name, values in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {value!r}" for key, value in values.items())]
    return "\n".join(lines) + "\n"


def _spec(file: TomlTable) -> CohortSpec:
    crs = file.table("crs", is_required=True)
    shares = {name: crs.get(name, _SHARE) for name in _GRADES}
    if not crs.refused() and abs(sum(shares.values()) - 1.0) > _SUM_TOLERANCE:
        file.wrong("crs", f"adds up to {sum(shares.values()):g}; want 1")
    return CohortSpec(
        name=file.get("name", _NAME),
        patients=file.get("patients", _PATIENTS),
        days=file.get("days", _DAYS),
        seed=file.get("seed", _SEED),
        no_crs=shares["none"],
        crs_grade_1=shares["grade_1"],
        crs_grade_2=shares["grade_2"],
        crs_grade_3_4=shares["grade_3_4"],
        children=file.get("children", _SHARE),
        beta_blocked=file.get("beta_blocked", _SHARE),
        faults=file.get("faults", _SHARE),
        products=_weights(file, "products", PRODUCTS),
        sites=_weights(file, "sites", SITES),
        confounders=_some(file.table("confounders"), CONFOUNDERS, _SHARE),
        ward=file.find("ward", _WARD),
        physiology=file.get("physiology", _PHYSIOLOGY, PhysiologyName.CURVES),
    )


def _weights(file: TomlTable, key: str, names: Collection[str]) -> dict[str, float]:
    table = file.table(key)
    weights = _some(table, names, _WEIGHT)
    if not sum(weights.values()) > 0 and not file.refused(key) and not table.refused():
        file.wrong(key, f"no weight above 0; want some of {', '.join(names)}")
    return weights


def _some(table: TomlTable, names: Collection[str], kind: FieldType[float]) -> dict[str, float]:
    # in the order of the file, so that the same file draws the same patients
    there = {name for name in names if name in table}
    return {name: table.get(name, kind) for name in table if name in there}
