"""Reader of ward files; all mistakes of a file are reported at once."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import resources
from pathlib import Path
from random import Random
from typing import Final

from edge_agent.model.errors import ConfigError
from edge_agent.model.texts import read_text
from edge_agent.model.toml_table import (
    NAME,
    TEXT,
    FieldType,
    TomlTable,
    member_of,
    number_from,
    read_toml,
    whole_from,
    word_of,
)
from simulators.cohorts.cohort_file import shipped_cohorts
from simulators.files.durations import DURATION, LENGTH, format_duration, parse_duration
from simulators.links.faults import FaultRates
from simulators.monitors.catalog import MONITORS, connects
from simulators.scenarios.scenario_file import scenario_names
from simulators.wards.ward_plan import (
    DEFAULT_ADDRESS,
    NO_RANDOM_FAULTS,
    UNDAMAGED,
    Address,
    BedPlan,
    LineFault,
    LineFaultKind,
    PatientChoice,
    RandomFaults,
    RandomSpans,
    WardPlan,
)

_RATES: Final = ("drop_per_byte", "flip_per_byte", "truncate_per_chunk", "repeat_per_chunk")
_SPANS: Final = {  # kind: keys of frequency and duration
    LineFaultKind.DISCONNECT: ("disconnects_per_day", "disconnect_for"),
    LineFaultKind.STALL: ("stalls_per_day", "stall_for"),
    LineFaultKind.OFF: ("offs_per_day", "off_for"),
}
_WITHOUT_CLOCK: Final = ("nonin:df2", "nonin:df7", "nonin:df8", "ascii_line:suretemp_like")
_SHARE: Final = number_from(0, 1)
_PER_DAY: Final = number_from(0, 1000)
_SPEED: Final = number_from(0.01, 10_000)
_BAUD_RATIO: Final = number_from(1 / 64, 64)  # 300 to 19,200 baud and back
_USUAL_BAUD_RATIO: Final = 2.0
_PATIENT: Final = whole_from(0, 10_000_000)
_SEED: Final = whole_from(0, 2**31)
_FAULT: Final = member_of(LineFaultKind)
_ADDRESS_FORM: Final = re.compile(r"(\S+):(\d{1,5})")


def example_ward() -> str:
    """Return the text of the ward that the program ships as an example."""
    return _shipped("example")


def demo_ward(seed: int) -> str:
    """Return the text of the ward of the demonstration, with a seed of its own."""
    return _shipped("demo").replace("seed = 1\n", f"seed = {seed}\n", 1)


def _shipped(name: str) -> str:
    source = resources.files("simulators") / "wards" / f"{name}.toml"
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
    return read_toml(text, source, lambda file: _ward(file, folder))


def _seed_of(ward_seed: int, bed_id: str) -> int:
    """Return the seed of a bed that has none of its own, independent of other beds."""
    return Random(f"{ward_seed} {bed_id}").randrange(1, 1_000_000)


def parse_address(text: str) -> Address | None:
    """Return host and port of HOST:PORT; None where the text is not an address."""
    found = _ADDRESS_FORM.fullmatch(text)
    if not found or not 0 < int(found[2]) < 65_536:
        return None
    return found[1], int(found[2])


def _read_step(seen: object) -> float | None:
    """Return the offset of a clock, which may be negative; None for another text, or 0."""
    text = seen.strip() if isinstance(seen, str) else ""
    seconds = parse_duration(text.removeprefix("-")) or None
    return -seconds if seconds and text.startswith("-") else seconds


def _read_span(seen: object) -> tuple[float, float] | None:
    """Return the shortest and the longest duration in a field, None if there are none."""
    low, _, high = seen.partition(" to ") if isinstance(seen, str) else ("", "", "")
    shortest_s, longest_s = parse_duration(low), parse_duration(high or low)
    if not shortest_s or not longest_s or shortest_s > longest_s:
        return None
    return shortest_s, longest_s


_ADDRESS: Final = FieldType(
    'HOST:PORT such as "127.0.0.1:2575"',
    lambda seen: parse_address(seen) if isinstance(seen, str) else None,
    DEFAULT_ADDRESS,
)
_STEP: Final = FieldType('a duration other than 0 such as "1 h" or "-10 min"', _read_step, 1.0)
_SPAN: Final = FieldType(
    'a duration or two such as "2 min" or "1 min to 5 min"', _read_span, (1.0, 1.0)
)


def _ward(file: TomlTable, folder: Path) -> WardPlan:
    seed = file.get("seed", _SEED, 1)
    for_all = _random_faults(file.table("random_faults"), NO_RANDOM_FAULTS)
    beds = tuple(
        _bed(table, folder, seed, for_all) for table in file.tables("bed", is_required=True)
    )
    ids = [bed.bed_id for bed in beds]
    for bed_id in sorted({i for i in ids if i and ids.count(i) > 1}):
        file.wrong("bed.id", f"{bed_id!r} for {ids.count(bed_id)} beds; each needs its own")
    return WardPlan(
        beds=beds,
        seed=seed,
        speed=file.get("speed", _SPEED, 1.0),
        connect=file.get("connect", _ADDRESS, DEFAULT_ADDRESS),
    )


def _bed(table: TomlTable, folder: Path, ward_seed: int, for_all: RandomFaults) -> BedPlan:
    bed_id = table.get("id", NAME)
    monitor = table.get("monitor", word_of(MONITORS))
    plan = BedPlan(
        bed_id=bed_id,
        monitor=monitor,
        patient=_patient(table, folder),
        seed=table.get("seed", _SEED, _seed_of(ward_seed, bed_id)),
        starts_at_s=table.get("starts_at", DURATION, 0.0),
        faults=tuple(_fault(fault, monitor) for fault in table.tables("fault")),
        random_faults=_random_faults(table.table("random_faults"), for_all),
    )
    if not table.refused("scenario", "cohort", "patient", "seed", "starts_at"):
        _check_patient(table, plan)
    return plan


def _patient(table: TomlTable, folder: Path) -> PatientChoice:
    has_number = "patient" in table
    if ("scenario" in table) == ("cohort" in table):
        table.wrong("scenario", "want either scenario or cohort, with patient")
        return PatientChoice()
    if "scenario" in table:
        if has_number:
            table.wrong("patient", "goes with cohort only")
        return PatientChoice(scenario=table.get("scenario", word_of(scenario_names())))
    cohort = table.get("cohort", TEXT)
    if cohort not in shipped_cohorts():
        cohort = str(folder / cohort)
    return PatientChoice(cohort=cohort, number=table.get("patient", _PATIENT))


def _check_patient(table: TomlTable, plan: BedPlan) -> None:
    try:
        length_s = plan.patient.patient(plan.seed).plan.length_s
    except ConfigError as error:
        for mistake in error.mistakes:
            table.wrong("cohort", str(mistake))
        return
    except IndexError as error:
        table.wrong("patient", str(error))
        return
    if plan.starts_at_s >= length_s:
        table.refuse("starts_at", f"less than the stay of {format_duration(length_s)}")


def _fault(table: TomlTable, monitor: str) -> LineFault:
    kind = table.get("kind", _FAULT)
    from_s, to_s = table.get("at", DURATION), None
    if kind is not LineFaultKind.CLOCK_STEP or "for" in table:
        to_s = from_s + table.get("for", LENGTH)
    if table.refused("kind"):
        table.accept_rest()
        return LineFault(kind, from_s, to_s)
    return replace(_amounts(table, kind, monitor), from_s=from_s, to_s=to_s)


def _amounts(table: TomlTable, kind: LineFaultKind, monitor: str) -> LineFault:
    """Return a fault of a kind with everything except its times."""
    fault = LineFault(kind, 0.0, None)
    match kind:
        case LineFaultKind.NOISE:
            return replace(fault, rates=_noise(table))
        case LineFaultKind.TRUNCATE:
            return replace(fault, rates=FaultRates(truncate_per_chunk=1.0))
        case LineFaultKind.REPEAT:
            return replace(fault, rates=FaultRates(repeat_per_chunk=1.0))
        case LineFaultKind.WRONG_BAUD:
            return replace(fault, baud_ratio=_baud_ratio(table, monitor))
        case LineFaultKind.CLOCK_STEP:
            return replace(fault, clock_step_s=_step(table, monitor))
        case _:
            return fault


def _noise(table: TomlTable) -> FaultRates:
    rates = _rates(table, UNDAMAGED, ("flip_per_byte", "drop_per_byte"))
    if rates == UNDAMAGED and not table.refused():
        table.wrong("flip_per_byte", "want flip_per_byte or drop_per_byte above 0")
    return rates


def _baud_ratio(table: TomlTable, monitor: str) -> float:
    ratio = table.get("baud_ratio", _BAUD_RATIO, _USUAL_BAUD_RATIO)
    if ratio == 1:
        table.refuse("baud_ratio", "another rate than the right one")
    if connects(monitor):
        table.wrong("kind", f"wrong_baud; {monitor} is on the network, not a serial line")
    return ratio


def _step(table: TomlTable, monitor: str) -> float:
    if monitor in _WITHOUT_CLOCK:
        table.wrong("kind", f"clock_step; {monitor} shows no wall clock")
    return table.get("by", _STEP)


def _random_faults(table: TomlTable, base: RandomFaults) -> RandomFaults:
    """Return the random faults; those of `base` where the table states no others."""
    usual = {spans.kind: spans for spans in base.spans}
    spans = [_spans(table, usual.get(kind, RandomSpans(kind))) for kind in _SPANS]
    return RandomFaults(
        _rates(table, base.rates, _RATES), tuple(span for span in spans if span.per_day)
    )


def _rates(table: TomlTable, base: FaultRates, keys: tuple[str, ...]) -> FaultRates:
    rates = {key: table.get(key, _SHARE, getattr(base, key)) for key in keys}
    return replace(base, **rates)


def _spans(table: TomlTable, base: RandomSpans) -> RandomSpans:
    often, long = _SPANS[base.kind]
    per_day = table.get(often, _PER_DAY, base.per_day)
    return RandomSpans(
        base.kind, per_day, *table.get(long, _SPAN, (base.shortest_s, base.longest_s))
    )
