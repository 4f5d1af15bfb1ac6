"""Ward files are read whole, and every mistake in one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.model.errors import ConfigError
from simulators.cohorts.cohort_file import format_cohort, load_cohort
from simulators.links.faults import FaultRates
from simulators.wards.ward_file import example_ward, load_ward, parse_ward
from simulators.wards.ward_plan import (
    BedPlan,
    LineFault,
    LineFaultKind,
    PatientChoice,
    RandomFaults,
    RandomSpans,
    WardPlan,
)

HERE = Path()
GOOD = """
seed = 7
speed = 60
connect = "ward.example:2576"
[random_faults]
flip_per_byte = 1e-5
disconnects_per_day = 2
disconnect_for = "1 min to 5 min"
[[bed]]
id = "bed-01"
monitor = "philips_intellivue"
scenario = "crs_grade_2"
seed = 11
starts_at = "1 h 6 min"
[[bed.fault]]
kind = "stall"
at = "10 min"
for = "2 min"
[[bed.fault]]
kind = "noise"
at = "1 h"
for = "90 s"
flip_per_byte = 0.01
drop_per_byte = 0.02
[[bed.fault]]
kind = "wrong_baud"
at = "2 h"
for = "1 min"
[[bed.fault]]
kind = "clock_step"
at = "3 h"
by = "-1 h"
[[bed]]
id = "bed-02"
monitor = "hl7_oru:comen_nc5"
cohort = "tune"
patient = 3
[bed.random_faults]
flip_per_byte = 0
stalls_per_day = 0.5
stall_for = "30 s"
"""


def mistakes(text: str, folder: Path = HERE) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        parse_ward(text, "ward.toml", folder)
    return {m.key: m.message for m in caught.value.mistakes}


def test_a_ward_is_read_whole() -> None:
    plan = parse_ward(GOOD, "ward.toml", HERE)
    disconnects = RandomSpans(LineFaultKind.DISCONNECT, 2.0, 60.0, 300.0)
    stalls = RandomSpans(LineFaultKind.STALL, 0.5, 30.0, 30.0)
    assert plan == WardPlan(
        beds=(
            BedPlan(
                bed_id="bed-01",
                monitor="philips_intellivue",
                patient=PatientChoice(scenario="crs_grade_2"),
                seed=11,
                starts_at_s=3960.0,
                faults=(
                    LineFault(LineFaultKind.STALL, 600.0, 720.0),
                    LineFault(
                        LineFaultKind.NOISE,
                        3600.0,
                        3690.0,
                        rates=FaultRates(flip_per_byte=0.01, drop_per_byte=0.02),
                    ),
                    LineFault(LineFaultKind.WRONG_BAUD, 7200.0, 7260.0, baud_ratio=2.0),
                    LineFault(LineFaultKind.CLOCK_STEP, 10_800.0, None, clock_step_s=-3600.0),
                ),
                random_faults=RandomFaults(FaultRates(flip_per_byte=1e-5), (disconnects,)),
            ),
            BedPlan(
                bed_id="bed-02",
                monitor="hl7_oru:comen_nc5",
                patient=PatientChoice(cohort="tune", number=3),
                seed=plan.beds[1].seed,
                random_faults=RandomFaults(FaultRates(), (disconnects, stalls)),
            ),
        ),
        seed=7,
        speed=60.0,
        connect=("ward.example", 2576),
    )


def test_the_example_is_a_good_ward_of_six_beds_and_three_protocols() -> None:
    plan = parse_ward(example_ward(), "example.toml", HERE)
    assert len(plan.beds) == 6
    assert len({bed.monitor for bed in plan.beds}) == 3


def test_truncation_and_repetition_strike_every_time() -> None:
    text = GOOD.replace('kind = "stall"', 'kind = "truncate"')
    (fault, *_) = parse_ward(text, "ward.toml", HERE).beds[0].faults
    assert fault.rates == FaultRates(truncate_per_chunk=1.0)
    text = GOOD.replace('kind = "stall"', 'kind = "repeat"')
    (fault, *_) = parse_ward(text, "ward.toml", HERE).beds[0].faults
    assert fault.rates == FaultRates(repeat_per_chunk=1.0)


def test_another_bed_besides_changes_no_bed() -> None:
    beds = parse_ward(GOOD, "ward.toml", HERE).beds
    _, _, second = GOOD.partition('[[bed]]\nid = "bed-02"')
    alone = parse_ward('seed = 7\n[[bed]]\nid = "bed-02"' + second, "ward.toml", HERE).beds[0]
    assert alone.seed == beds[1].seed
    other = parse_ward('seed = 8\n[[bed]]\nid = "bed-02"' + second, "ward.toml", HERE).beds[0]
    assert other.seed != beds[1].seed


def test_the_path_of_a_cohort_counts_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(format_cohort(load_cohort("tune")))
    (tmp_path / "ward.toml").write_text(GOOD.replace('"tune"', '"mine.toml"'))
    bed = load_ward(tmp_path / "ward.toml").beds[1]
    mine, theirs = bed.patient.patient(1), PatientChoice(cohort="tune", number=3).patient(1)
    assert mine.vitals_at(3600.0) == theirs.vitals_at(3600.0)
    assert str(bed.patient) == "mine#3"


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_ward(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("seed = 7", "seed = -7", "seed", "-7"),
        ("seed = 7", "sead = 7", "sead", "unknown key"),
        ("speed = 60", "speed = 0", "speed", "0.01 to 10000"),
        ('"ward.example:2576"', '"ward.example"', "connect", "HOST:PORT"),
        ('"ward.example:2576"', '"ward.example:0"', "connect", "HOST:PORT"),
        ("flip_per_byte = 1e-5", "flip_per_byte = 2", "random_faults.flip_per_byte", "0 to 1"),
        ("disconnects_per_day = 2", "stalls = 2", "random_faults.stalls", "unknown key"),
        (
            '"1 min to 5 min"',
            '"5 min to 1 min"',
            "random_faults.disconnect_for",
            '"1 min to 5 min"',
        ),
        ('"30 s"', '"0 s"', "bed[1].random_faults.stall_for", "0 s"),
        ('"30 s"', "30", "bed[1].random_faults.stall_for", "30"),
        ('id = "bed-01"', "", "bed[0].id", "missing"),
        ('id = "bed-01"', 'id = "bed 1"', "bed[0].id", "letters"),
        ('id = "bed-01"', 'id = "bed-02"', "bed.id", "'bed-02' for 2 beds"),
        ('"philips_intellivue"', '"philips"', "bed[0].monitor", "masimo_ascii"),
        ('"crs_grade_2"', '"crs"', "bed[0].scenario", "crs_grade_2"),
        ('scenario = "crs_grade_2"', "", "bed[0].scenario", "either"),
        ("patient = 3", 'scenario = "baseline"', "bed[1].scenario", "either"),
        ("seed = 11", "patient = 11", "bed[0].patient", "cohort only"),
        ("patient = 3", "", "bed[1].patient", "whole number"),
        ("patient = 3", "patient = 9999999", "bed[1].patient", "9999999"),
        ('cohort = "tune"', 'cohort = "none"', "bed[1].cohort", "not a cohort"),
        ('"1 h 6 min"', '"1 week"', "bed[0].starts_at", "want a duration"),
        ('"1 h 6 min"', '"2 h"', "bed[0].starts_at", "less than the stay of 1 h 30 min"),
        ('kind = "stall"', 'kind = "stal"\nbaud_ratio = 3', "bed[0].fault[0].kind", "disconnect"),
        ('kind = "stall"', 'kind = "stal"', "bed[0].fault[0].kind", "disconnect"),
        ('at = "10 min"', "", "bed[0].fault[0].at", "want a duration"),
        ('for = "2 min"', "", "bed[0].fault[0].for", "want a duration"),
        ('for = "2 min"', 'for = "0 s"', "bed[0].fault[0].for", "above 0"),
        ('for = "2 min"', 'for = "2 min"\nby = "1 h"', "bed[0].fault[0].by", "unknown key"),
        ("0.01\ndrop_per_byte = 0.02", "0", "bed[0].fault[1].flip_per_byte", "above 0"),
        ('for = "1 min"\n', 'for = "1 min"\nbaud_ratio = 1\n', "bed[0].fault[2].baud_ratio", "1"),
        ('by = "-1 h"', 'by = "0 s"', "bed[0].fault[3].by", '"-10 min"'),
        ('by = "-1 h"', "by = 3600", "bed[0].fault[3].by", '"-10 min"'),
        (
            "patient = 3\n",
            'patient = 3\n[[bed.fault]]\nkind = "wrong_baud"\nat = "1 s"\nfor = "1 s"\n',
            "bed[1].fault[0].kind",
            "not a serial line",
        ),
        ('"philips_intellivue"', '"nonin:df2"', "bed[0].fault[3].kind", "no wall clock"),
    ],
)
def test_a_mistake_is_named_with_its_place(old: str, new: str, key: str, words: str) -> None:
    assert old in GOOD
    found = mistakes(GOOD.replace(old, new, 1))
    assert words in found[key]
    assert len(found) == 1


def test_every_mistake_is_told_at_once() -> None:
    text = (
        GOOD.replace("seed = 7", 'seed = "7"').replace('"stall"', '"stal"').replace("= 3", "= -3")
    )
    assert mistakes(text).keys() == {"seed", "bed[0].fault[0].kind", "bed[1].patient"}


def test_a_ward_without_beds_is_none() -> None:
    assert mistakes("seed = 1").keys() == {"bed"}


def test_a_text_that_is_no_toml_is_told() -> None:
    assert "is not TOML" in mistakes("seed =")["-"]
