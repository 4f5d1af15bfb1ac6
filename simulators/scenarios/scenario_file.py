"""Reader of scenario files; all mistakes of a file are reported at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import resources
from typing import Final

from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.toml_table import (
    FLAG,
    TEXT,
    TomlTable,
    member_of,
    number_from,
    read_toml,
    text_like,
    word_of,
)
from simulators.files.durations import DURATION, LENGTH
from simulators.patients.patient import Patient
from simulators.patients.person import SITES, Person, UsualSigns
from simulators.patients.plan import (
    Cause,
    CuffPlan,
    Episode,
    EpisodeKind,
    FaultKind,
    Illness,
    LimbCourse,
    Plan,
    PlannedEntry,
    PlannedFault,
    Sensor,
    Treatment,
    TreatmentKind,
)
from simulators.patients.products import PRODUCTS
from simulators.patients.therapy import OXYGEN_SHARES

_USUAL: Final = {  # key: usual value, and range of a living patient
    "age": (54.0, number_from(0.0, 110.0)),
    "weight": (76.0, number_from(2.0, 300.0)),
    "clock": (10.0, number_from(0.0, 24.0)),
    "temperature": (37.0, number_from(34.0, 39.0)),
    "heart_rate": (80.0, number_from(30.0, 200.0)),
    "respiratory_rate": (16.0, number_from(6.0, 60.0)),
    "spo2": (97.0, number_from(70.0, 100.0)),
    "systolic": (122.0, number_from(60.0, 220.0)),
    "diastolic": (74.0, number_from(30.0, 130.0)),
    "perfusion_index": (3.0, number_from(0.3, 20.0)),
    "daily_rhythm": (0.0, number_from(0.0, 1.0)),
    "heart_rate_response": (1.0, number_from(0.0, 2.0)),
    "motion_per_hour": (0.0, number_from(0.0, 60.0)),
}
_SIZE: Final = number_from(-100_000, 100_000)
_SHARE: Final = number_from(0, 1)
_AMOUNT: Final = number_from(0, 100)
_EXCESS: Final = number_from(0, 80)
_DEPTH: Final = number_from(1, 80)
_RULE: Final = text_like(r"[a-z0-9_]+(\.[a-z0-9_]+)+", "a rule id such as crs.fever")
_CAUSE: Final = member_of(Cause)
_TREATMENT: Final = member_of(TreatmentKind)
_EPISODE: Final = member_of(EpisodeKind)
_FAULT: Final = member_of(FaultKind)
_SENSOR: Final = member_of(Sensor)
_PRODUCT: Final = word_of(PRODUCTS)
_SITE: Final = word_of(SITES)
_OXYGEN: Final = word_of(OXYGEN_SHARES)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named course, and the output that is right for it."""

    name: str
    title: str
    expects: str
    """The right output, human-readable."""
    raises: tuple[str, ...]
    """Rules whose alert must be raised."""
    never: tuple[str, ...]
    """Rules whose alert must not be raised."""
    patient: Patient


def scenario_names() -> tuple[str, ...]:
    """Return the sorted names of the scenarios that the program ships."""
    folder = resources.files("simulators") / "scenarios"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml")))


def load_scenario(name: str, seed: int) -> Scenario:
    """Return the scenario with a name; the seed chooses the noise.

    Raises
    ------
    ConfigError
        If there is no such scenario, or its file has mistakes.
    """
    if name not in scenario_names():
        allowed = ", ".join(scenario_names())
        raise ConfigError((Mistake("scenario", name, f"no such scenario; have {allowed}"),))
    source = resources.files("simulators") / "scenarios" / f"{name}.toml"
    return parse_scenario(source.read_text(encoding="utf-8"), name, seed)


def parse_scenario(text: str, name: str, seed: int) -> Scenario:
    """Return the scenario that the TOML `text` describes.

    Raises
    ------
    ConfigError
        With every mistake of the text.
    """
    return read_toml(text, name, lambda file: _scenario(file, name, seed))


def _scenario(file: TomlTable, name: str, seed: int) -> Scenario:
    base = None
    if "over" in file:
        base = load_scenario(file.get("over", word_of(scenario_names())), seed).patient
    length_s = file.get("lasts", DURATION, base.plan.length_s if base else None)
    person = _person(file.table("patient"), base.person if base else None)
    plan = Plan(
        length_s=length_s,
        cuff=_cuffs(file) or (base.plan.cuff if base else (CuffPlan(120.0, 300.0),)),
        illnesses=tuple(_illness(table, person) for table in file.tables("illness")),
        treatments=tuple(_treatment(table) for table in file.tables("treatment")),
        episodes=tuple(_episode(table) for table in file.tables("episode")),
        faults=tuple(_fault(table) for table in file.tables("fault")),
        entries=tuple(_entry(table) for table in file.tables("entry")),
    )
    return Scenario(
        name=name,
        title=file.get("title", TEXT),
        expects=file.get("expects", TEXT),
        raises=file.items("raises", _RULE),
        never=file.items("never", _RULE),
        patient=Patient(person, _over(base.plan, plan) if base else plan, seed),
    )


def _person(table: TomlTable, base: Person | None) -> Person:
    if base is not None and not list(table):
        return base
    number = {key: table.get(key, kind, usual) for key, (usual, kind) in _USUAL.items()}
    is_right = not table.refused("diastolic", "systolic")
    if is_right and number["diastolic"] >= number["systolic"]:
        table.refuse("diastolic", "less than systolic")
    site = table.get("site", _SITE, "bladder")
    return Person(
        age_years=number["age"],
        weight_kg=number["weight"],
        product=table.get("product", _PRODUCT, ""),
        infused_s=-table.get("infused", DURATION, 0.0),
        clock_at_start_h=number["clock"],
        baseline=UsualSigns(
            temperature=number["temperature"],
            heart_rate=number["heart_rate"],
            respiratory_rate=number["respiratory_rate"],
            spo2=number["spo2"],
            systolic=number["systolic"],
            diastolic=number["diastolic"],
            perfusion_index=number["perfusion_index"],
        ),
        temperature_site=site,
        site_bias=SITES[site].bias,
        daily_rhythm=number["daily_rhythm"],
        heart_rate_response=number["heart_rate_response"],
        motion_per_h=number["motion_per_hour"],
    )


def _cuffs(file: TomlTable) -> tuple[CuffPlan, ...]:
    return tuple(
        CuffPlan(table.get("from", DURATION), table.get("every", LENGTH))
        for table in file.tables("cuff")
    )


def _illness(table: TomlTable, person: Person) -> Illness:
    usual = person.baseline.temperature
    return Illness(
        cause=table.get("cause", _CAUSE),
        onset_s=table.get("begins", DURATION),
        rise_s=table.get("rises_for", DURATION),
        end_s=table.get("ends", DURATION),
        fall_s=table.get("falls_for", DURATION, 1800.0),
        peak=table.get("peak", number_from(usual, 43)) - usual,
        excess_heart_rate=table.get("excess_heart_rate", _EXCESS, 10.0),
        spike_every_s=table.get("spike_every", DURATION, 8 * 3600.0),
        valley=table.get("valley", _SHARE, 0.0),
        has_rigors=table.get("rigors", FLAG, default=False),
        hypotension=_limb(table.table("hypotension")) if "hypotension" in table else None,
        hypoxia=_limb(table.table("hypoxia")) if "hypoxia" in table else None,
    )


def _limb(table: TomlTable) -> LimbCourse:
    return LimbCourse(
        onset_s=table.get("begins", DURATION),
        rise_s=table.get("rises_for", DURATION),
        end_s=table.get("ends", DURATION),
        fall_s=table.get("falls_for", DURATION, 1800.0),
        depth=table.get("depth", _DEPTH),
    )


def _treatment(table: TomlTable) -> Treatment:
    kind = table.get("kind", _TREATMENT)
    at_s = table.get("at", DURATION)
    is_oxygen = kind is TreatmentKind.OXYGEN
    return Treatment(
        kind=kind,
        at_s=at_s,
        until_s=table.get("until", DURATION, at_s),
        name=table.get("name", _OXYGEN) if is_oxygen else table.get("name", TEXT, kind.value),
        amount=table.get("amount", _AMOUNT, 1.0),
    )


def _episode(table: TomlTable) -> Episode:
    kind = table.get("kind", _EPISODE)
    return Episode(kind, *_span(table), table.get("size", _SIZE))


def _fault(table: TomlTable) -> PlannedFault:
    kind, sensor = table.get("kind", _FAULT), table.get("sensor", _SENSOR)
    return PlannedFault(kind, sensor, *_span(table), table.get("size", _SIZE, 0.0))


def _entry(table: TomlTable) -> PlannedEntry:
    return PlannedEntry(
        table.get("at", DURATION), table.get("kind", TEXT), table.get("value", TEXT)
    )


def _span(table: TomlTable) -> tuple[float, float]:
    begin, end = table.get("from", DURATION), table.get("to", DURATION)
    if begin >= end and not table.refused("from", "to"):
        table.refuse("to", "later than from")
    return begin, end


def _over(base: Plan, plan: Plan) -> Plan:
    """Return the events of both plans, with the stay and the cuff of the extending one."""
    return replace(
        plan,
        illnesses=(*base.illnesses, *plan.illnesses),
        treatments=(*base.treatments, *plan.treatments),
        episodes=(*base.episodes, *plan.episodes),
        faults=(*base.faults, *plan.faults),
        entries=(*base.entries, *plan.entries),
    )
