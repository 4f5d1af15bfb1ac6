"""Reader of scenario files; all mistakes of a file are reported at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING, Final

from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.texts import toml_of
from simulators.files.toml_reader import TomlReader
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

if TYPE_CHECKING:
    from simulators.files.toml_reader import Table

_KEYS: Final = (
    *("title", "expects", "raises", "never", "lasts", "over", "patient", "cuff"),
    *("illness", "treatment", "episode", "fault", "entry"),
)
_USUAL: Final = {  # key: usual value, and range of a living patient
    "age": (54.0, (0.0, 110.0)),
    "weight": (76.0, (2.0, 300.0)),
    "clock": (10.0, (0.0, 24.0)),
    "temperature": (37.0, (34.0, 39.0)),
    "heart_rate": (80.0, (30.0, 200.0)),
    "respiratory_rate": (16.0, (6.0, 60.0)),
    "spo2": (97.0, (70.0, 100.0)),
    "systolic": (122.0, (60.0, 220.0)),
    "diastolic": (74.0, (30.0, 130.0)),
    "perfusion_index": (3.0, (0.3, 20.0)),
    "daily_rhythm": (0.0, (0.0, 1.0)),
    "heart_rate_response": (1.0, (0.0, 2.0)),
    "motion_per_hour": (0.0, (0.0, 60.0)),
}
_SIZE: Final = (-100_000.0, 100_000.0)
_RULE: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")


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
    table = toml_of(text, name)
    reader = _ScenarioReader(name)
    scenario = reader.scenario(table, name, seed)
    reader.raise_mistakes()
    return scenario


class _ScenarioReader(TomlReader):
    def scenario(self, table: Table, name: str, seed: int) -> Scenario:
        self.known(table, "", _KEYS)
        base = self._base(table, seed)
        lasts_s = self.duration(table, "lasts", default_s=base.plan.lasts_s if base else None)
        person = self._person(table, base.person if base else None)
        plan = Plan(
            lasts_s=lasts_s,
            cuff=self._cuffs(table) or (base.plan.cuff if base else (CuffPlan(120.0, 300.0),)),
            illnesses=tuple(
                self._illness(t, where, person) for t, where in self.tables(table, "illness")
            ),
            treatments=tuple(self._treatment(*entry) for entry in self.tables(table, "treatment")),
            episodes=tuple(self._episode(*entry) for entry in self.tables(table, "episode")),
            faults=tuple(self._fault(*entry) for entry in self.tables(table, "fault")),
            entries=tuple(self._entry(*entry) for entry in self.tables(table, "entry")),
        )
        return Scenario(
            name=name,
            title=self.words(table, "title"),
            expects=self.words(table, "expects"),
            raises=self._rules(table, "raises"),
            never=self._rules(table, "never"),
            patient=Patient(person, _over(base.plan, plan) if base else plan, seed),
        )

    def _base(self, table: Table, seed: int) -> Patient | None:
        """Return the patient of the scenario that this one extends; None where it extends none."""
        if "over" not in table:
            return None
        return load_scenario(self.one_of(table, "over", scenario_names()), seed).patient

    def _rules(self, table: Table, key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        rules = value if isinstance(value, list) else [value]
        for rule in rules:
            if not isinstance(rule, str) or not _RULE.fullmatch(rule):
                self.wrong(key, f"{rule!r}; want a list of rule ids such as crs.fever")
        return tuple(str(rule) for rule in rules)

    def _person(self, table: Table, base: Person | None) -> Person:
        patient = self.table(table, "patient")
        self.known(patient, "patient.", (*_USUAL, "product", "infused", "site"))
        if base is not None and not patient:
            return base
        number = {
            key: self.number(patient, key, limits, "patient.", usual)
            for key, (usual, limits) in _USUAL.items()
        }
        if number["diastolic"] >= number["systolic"]:
            self.wrong("patient.diastolic", f"{number['diastolic']:g}; want less than systolic")
        named = {"product": "", "site": "bladder"} | patient
        product = self.one_of(named, "product", ("", *PRODUCTS), "patient.")
        site = self.one_of(named, "site", tuple(SITES), "patient.")
        return Person(
            age_years=number["age"],
            weight_kg=number["weight"],
            product=product,
            infused_s=-self.duration(patient, "infused", "patient.", 0.0),
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

    def _cuffs(self, table: Table) -> tuple[CuffPlan, ...]:
        plans = []
        for entry, where in self.tables(table, "cuff"):
            self.known(entry, where, ("from", "every"))
            every_s = self.duration(entry, "every", where)
            if every_s <= 0:
                self.wrong(f"{where}every", "want more than 0")
            plans.append(CuffPlan(self.duration(entry, "from", where), max(every_s, 1.0)))
        return tuple(plans)

    def _illness(self, entry: Table, where: str, person: Person) -> Illness:
        limbs = ("hypotension", "hypoxia")
        keys = ("cause", "begins", "rises_for", "peak", "ends", "falls_for", "excess_heart_rate")
        self.known(entry, where, (*keys, "spike_every", "valley", "rigors", *limbs))
        rigors = entry.get("rigors", False)
        if not isinstance(rigors, bool):
            self.wrong(f"{where}rigors", f"{rigors!r}; want true or false")
        usual = person.baseline.temperature
        return Illness(
            cause=Cause(self.one_of(entry, "cause", tuple(Cause), where)),
            onset_s=self.duration(entry, "begins", where),
            rise_s=self.duration(entry, "rises_for", where),
            end_s=self.duration(entry, "ends", where),
            fall_s=self.duration(entry, "falls_for", where, 1800.0),
            peak=self.number(entry, "peak", (usual, 43.0), where) - usual,
            excess_heart_rate=self.number(entry, "excess_heart_rate", (0.0, 80.0), where, 10.0),
            spike_every_s=self.duration(entry, "spike_every", where, 8 * 3600.0),
            valley=self.number(entry, "valley", (0.0, 1.0), where, 0.0),
            has_rigors=bool(rigors),
            hypotension=self._limb(entry, "hypotension", where),
            hypoxia=self._limb(entry, "hypoxia", where),
        )

    def _limb(self, illness: Table, key: str, where: str) -> LimbCourse | None:
        if key not in illness:
            return None
        entry, inside = self.table(illness, key), f"{where}{key}."
        self.known(entry, inside, ("begins", "rises_for", "ends", "falls_for", "depth"))
        return LimbCourse(
            onset_s=self.duration(entry, "begins", inside),
            rise_s=self.duration(entry, "rises_for", inside),
            end_s=self.duration(entry, "ends", inside),
            fall_s=self.duration(entry, "falls_for", inside, 1800.0),
            depth=self.number(entry, "depth", (1.0, 80.0), inside),
        )

    def _treatment(self, entry: Table, where: str) -> Treatment:
        self.known(entry, where, ("kind", "at", "until", "name", "amount"))
        kind = TreatmentKind(self.one_of(entry, "kind", tuple(TreatmentKind), where))
        at_s = self.duration(entry, "at", where)
        name = self.words(entry, "name", where, kind.value)
        if kind is TreatmentKind.OXYGEN:
            name = self.one_of(entry, "name", tuple(OXYGEN_SHARES), where)
        return Treatment(
            kind=kind,
            at_s=at_s,
            until_s=self.duration(entry, "until", where, at_s),
            name=name,
            amount=self.number(entry, "amount", (0.0, 100.0), where, 1.0),
        )

    def _episode(self, entry: Table, where: str) -> Episode:
        self.known(entry, where, ("kind", "from", "to", "size"))
        kind = EpisodeKind(self.one_of(entry, "kind", tuple(EpisodeKind), where))
        return Episode(kind, *self._span(entry, where), self.number(entry, "size", _SIZE, where))

    def _fault(self, entry: Table, where: str) -> PlannedFault:
        self.known(entry, where, ("kind", "sensor", "from", "to", "size"))
        kind = FaultKind(self.one_of(entry, "kind", tuple(FaultKind), where))
        sensor = Sensor(self.one_of(entry, "sensor", tuple(Sensor), where))
        size = self.number(entry, "size", _SIZE, where, 0.0)
        return PlannedFault(kind, sensor, *self._span(entry, where), size)

    def _entry(self, entry: Table, where: str) -> PlannedEntry:
        self.known(entry, where, ("at", "kind", "value"))
        at_s = self.duration(entry, "at", where)
        return PlannedEntry(
            at_s, self.words(entry, "kind", where), self.words(entry, "value", where)
        )

    def _span(self, entry: Table, where: str) -> tuple[float, float]:
        begin, end = self.duration(entry, "from", where), self.duration(entry, "to", where)
        if begin >= end:
            self.wrong(f"{where}to", f"{entry.get('to')!r}; want later than from")
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
