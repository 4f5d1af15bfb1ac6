"""Reader of ward files; all mistakes of a file are reported at once."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import resources
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from edge_agent.model.errors import ConfigError
from edge_agent.model.texts import read_text, toml_of
from simulators.cohorts.cohort_file import shipped_cohorts
from simulators.files.durations import format_duration, parse_duration
from simulators.files.toml_reader import TomlReader
from simulators.links.faults import FaultRates
from simulators.monitors.catalog import MONITORS, connects
from simulators.scenarios.scenario_file import scenario_names
from simulators.wards.ward_plan import (
    DEFAULT_ADDRESS,
    NO_RANDOM_FAULTS,
    UNDAMAGED,
    BedPlan,
    LineFault,
    LineFaultKind,
    PatientChoice,
    RandomFaults,
    RandomSpans,
    WardPlan,
)

if TYPE_CHECKING:
    from simulators.files.toml_reader import Table
    from simulators.wards.ward_plan import Address

_KEYS: Final = ("seed", "speed", "connect", "random_faults", "bed")
_BED_KEYS: Final = (
    *("id", "monitor", "scenario", "cohort", "patient", "seed", "starts_at"),
    *("fault", "random_faults"),
)
_FAULT_KEYS: Final = {
    LineFaultKind.NOISE: ("flip_per_byte", "drop_per_byte"),
    LineFaultKind.WRONG_BAUD: ("baud_ratio",),
    LineFaultKind.CLOCK_STEP: ("by",),
}
_RATES: Final = ("drop_per_byte", "flip_per_byte", "truncate_per_chunk", "repeat_per_chunk")
_SPANS: Final = {  # kind: keys of frequency and duration
    LineFaultKind.DISCONNECT: ("disconnects_per_day", "disconnect_for"),
    LineFaultKind.STALL: ("stalls_per_day", "stall_for"),
    LineFaultKind.OFF: ("offs_per_day", "off_for"),
}
_WITHOUT_CLOCK: Final = ("nonin:df2", "nonin:df7", "nonin:df8", "ascii_line:suretemp_like")
_SHARE: Final = (0.0, 1.0)
_MOST_PER_DAY: Final = 1000.0
_SPEEDS: Final = (0.01, 10_000.0)
_BAUD_RATIOS: Final = (1 / 64, 64.0)  # 300 to 19,200 baud and back
_USUAL_BAUD_RATIO: Final = 2.0
_MOST_PATIENTS: Final = 10_000_000
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_ADDRESS: Final = re.compile(r"(\S+):(\d{1,5})")
_RANGE: Final = '"2 min" or "1 min to 5 min"'


def example_ward() -> str:
    """Return the text of the ward that the program ships."""
    source = resources.files("simulators") / "wards" / "example.toml"
    return source.read_text(encoding="utf-8")


def load_ward(path: Path) -> WardPlan:
    """Return the ward of a file; cohort paths in it are relative to the file's folder.

    Raises
    ------
    ConfigError
        If the file cannot be read, or with every mistake of the file.
    """
    return parse_ward(read_text(path), str(path), path.parent)


def parse_ward(text: str, source: str, folder: Path) -> WardPlan:
    """Return the ward that the TOML `text` describes; cohort paths are relative to `folder`.

    Raises
    ------
    ConfigError
        With every mistake of the text.
    """
    reader = _WardReader(source, folder)
    plan = reader.ward(toml_of(text, source))
    reader.raise_mistakes()
    return plan


def _seed_of(ward_seed: int, bed_id: str) -> int:
    """Return the seed of a bed that has none of its own, independent of other beds."""
    return Random(f"{ward_seed} {bed_id}").randrange(1, 1_000_000)


def parse_address(text: str) -> Address | None:
    """Return host and port of HOST:PORT; None where the text is not an address."""
    found = _ADDRESS.fullmatch(text)
    if not found or not 0 < int(found[2]) < 65_536:
        return None
    return found[1], int(found[2])


class _WardReader(TomlReader):
    def __init__(self, source: str, folder: Path) -> None:
        super().__init__(source)
        self._folder = folder

    def ward(self, table: Table) -> WardPlan:
        self.known(table, "", _KEYS)
        seed = self._whole(table, "seed", "", 1)
        for_all = self._random_faults(table, "", NO_RANDOM_FAULTS)
        beds = tuple(
            self._bed(entry, where, seed, for_all) for entry, where in self.tables(table, "bed")
        )
        if not beds:
            self.wrong("bed", "is empty; at least one [[bed]] is needed")
        ids = [bed.bed_id for bed in beds]
        for bed_id in sorted({i for i in ids if i and ids.count(i) > 1}):
            self.wrong("bed.id", f"{bed_id!r} for {ids.count(bed_id)} beds; each needs its own")
        return WardPlan(
            beds=beds,
            seed=seed,
            speed=self.number(table, "speed", _SPEEDS, default=1.0),
            connect=self._address(table),
        )

    def _address(self, table: Table) -> Address:
        value = table.get("connect", ":".join(map(str, DEFAULT_ADDRESS)))
        found = parse_address(value) if isinstance(value, str) else None
        if found is None:
            self.wrong("connect", f'{value!r}; want HOST:PORT such as "127.0.0.1:2575"')
        return found or DEFAULT_ADDRESS

    def _bed(self, entry: Table, where: str, ward_seed: int, for_all: RandomFaults) -> BedPlan:
        self.known(entry, where, _BED_KEYS)
        bed_id = self.words(entry, "id", where)
        if bed_id and not _ID.fullmatch(bed_id):
            self.wrong(f"{where}id", f"{bed_id!r}; want letters, digits, dot, dash and underscore")
        monitor = self.one_of(entry, "monitor", tuple(MONITORS), where)
        faults = tuple(
            self._fault(fault, inside, monitor)
            for fault, inside in self.tables(entry, "fault", where)
        )
        seed = self._whole(entry, "seed", where, _seed_of(ward_seed, bed_id))
        patient = self._patient(entry, where)
        starts_at_s = self.duration(entry, "starts_at", where, 0.0)
        if patient is not None:
            self._check_patient(patient, seed, starts_at_s, where)
        return BedPlan(
            bed_id=bed_id,
            monitor=monitor,
            patient=patient or PatientChoice(),
            seed=seed,
            starts_at_s=starts_at_s,
            faults=faults,
            random_faults=self._random_faults(entry, where, for_all),
        )

    def _patient(self, entry: Table, where: str) -> PatientChoice | None:
        """Return the choice of patient; None where it is already noted as wrong."""
        if ("scenario" in entry) == ("cohort" in entry):
            self.wrong(f"{where}scenario", "want either scenario or cohort, with patient")
            return None
        if "scenario" in entry:
            if "patient" in entry:
                self.wrong(f"{where}patient", "goes with cohort only")
            name = self.one_of(entry, "scenario", scenario_names(), where)
            return PatientChoice(scenario=name)
        cohort = self.words(entry, "cohort", where)
        if cohort not in shipped_cohorts():
            cohort = str(self._folder / cohort)
        number = self._whole(entry, "patient", where, None, _MOST_PATIENTS)
        return PatientChoice(cohort=cohort, number=number)

    def _check_patient(
        self, choice: PatientChoice, seed: int, starts_at_s: float, where: str
    ) -> None:
        try:
            lasts_s = choice.patient(seed).plan.lasts_s
        except ConfigError as error:
            for mistake in error.mistakes:
                self.wrong(f"{where}cohort", str(mistake))
            return
        except IndexError as error:
            self.wrong(f"{where}patient", str(error))
            return
        if starts_at_s >= lasts_s:
            seen, limit = format_duration(starts_at_s), format_duration(lasts_s)
            self.wrong(f"{where}starts_at", f"{seen!r}; want less than the stay of {limit}")

    def _fault(self, entry: Table, where: str, monitor: str) -> LineFault:
        kind = LineFaultKind(self.one_of(entry, "kind", tuple(LineFaultKind), where))
        self.known(entry, where, ("kind", "at", "for", *_FAULT_KEYS.get(kind, ())))
        from_s = self.duration(entry, "at", where)
        to_s = None
        if kind is not LineFaultKind.CLOCK_STEP or "for" in entry:
            length_s = self.duration(entry, "for", where)
            if length_s <= 0 and isinstance(entry.get("for"), str):
                self.wrong(f"{where}for", f"{entry['for']!r}; want more than 0")
            to_s = from_s + length_s
        return replace(self._amounts(kind, entry, where, monitor), from_s=from_s, to_s=to_s)

    def _amounts(self, kind: LineFaultKind, entry: Table, where: str, monitor: str) -> LineFault:
        """Return a fault of a kind with everything except its times."""
        fault = LineFault(kind, 0.0, None)
        match kind:
            case LineFaultKind.NOISE:
                return replace(fault, rates=self._noise(entry, where))
            case LineFaultKind.TRUNCATE:
                return replace(fault, rates=FaultRates(truncate_per_chunk=1.0))
            case LineFaultKind.REPEAT:
                return replace(fault, rates=FaultRates(repeat_per_chunk=1.0))
            case LineFaultKind.WRONG_BAUD:
                return replace(fault, baud_ratio=self._baud_ratio(entry, where, monitor))
            case LineFaultKind.CLOCK_STEP:
                return replace(fault, clock_step_s=self._step(entry, where, monitor))
            case _:
                return fault

    def _noise(self, entry: Table, where: str) -> FaultRates:
        rates = self._rates(entry, where, UNDAMAGED, _FAULT_KEYS[LineFaultKind.NOISE])
        if rates == UNDAMAGED:
            self.wrong(f"{where}flip_per_byte", "want flip_per_byte or drop_per_byte above 0")
        return rates

    def _baud_ratio(self, entry: Table, where: str, monitor: str) -> float:
        ratio = self.number(entry, "baud_ratio", _BAUD_RATIOS, where, _USUAL_BAUD_RATIO)
        if ratio == 1:
            self.wrong(f"{where}baud_ratio", "1 is the right rate; want another")
        if connects(monitor):
            self.wrong(
                f"{where}kind", f"wrong_baud; {monitor} is on the network, not a serial line"
            )
        return ratio

    def _step(self, entry: Table, where: str, monitor: str) -> float:
        if monitor in _WITHOUT_CLOCK:
            self.wrong(f"{where}kind", f"clock_step; {monitor} shows no wall clock")
        value = entry.get("by")
        text = value.strip() if isinstance(value, str) else ""
        seconds = parse_duration(text.removeprefix("-"))
        if not seconds:
            self.wrong(f"{where}by", f'{value!r}; want a duration such as "1 h" or "-10 min"')
            return 0.0
        return -seconds if text.startswith("-") else seconds

    def _random_faults(self, table: Table, where: str, base: RandomFaults) -> RandomFaults:
        """Return the random faults; those of `base` where the table states no others."""
        entry, inside = self.table(table, "random_faults"), f"{where}random_faults."
        self.known(entry, inside, (*_RATES, *(key for pair in _SPANS.values() for key in pair)))
        usual = {spans.kind: spans for spans in base.spans}
        spans = [self._spans(entry, inside, usual.get(kind, RandomSpans(kind))) for kind in _SPANS]
        return RandomFaults(
            self._rates(entry, inside, base.rates, _RATES), tuple(s for s in spans if s.per_day)
        )

    def _rates(
        self, entry: Table, where: str, base: FaultRates, keys: tuple[str, ...]
    ) -> FaultRates:
        rates = {key: self.number(entry, key, _SHARE, where, getattr(base, key)) for key in keys}
        return replace(base, **rates)

    def _spans(self, entry: Table, where: str, base: RandomSpans) -> RandomSpans:
        often, long = _SPANS[base.kind]
        per_day = self.number(entry, often, (0.0, _MOST_PER_DAY), where, base.per_day)
        if long not in entry:
            return replace(base, per_day=per_day)
        value = entry[long]
        low, _, high = value.partition(" to ") if isinstance(value, str) else ("", "", "")
        shortest_s, longest_s = parse_duration(low), parse_duration(high or low)
        if not shortest_s or not longest_s or shortest_s > longest_s:
            self.wrong(f"{where}{long}", f"{value!r}; want a duration or two such as {_RANGE}")
            return base
        return RandomSpans(base.kind, per_day, shortest_s, longest_s)

    def _whole(
        self, table: Table, key: str, where: str, default: int | None, most: int = 2**31
    ) -> int:
        value = table.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
            return value
        self.wrong(f"{where}{key}", f"{value!r}; want a whole number from 0 to {most}")
        return 0
