"""A cohort is its spec: the same patients, alone or together, on any number of cores."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships no types
import pytest

from edge_agent.__main__ import main
from edge_agent.model.errors import ConfigError
from simulators.cohorts.cohort_file import format_cohort, load_cohort, parse_cohort, shipped_cohorts
from simulators.cohorts.cohort_store import VITALS_SCHEMA, write_cohort
from simulators.patients.negatives import CONFOUNDERS, FAULTS
from simulators.patients.truth import truth_of

SMALL = replace(load_cohort("test"), name="small", patients=4, days=1.3)
LASTS_S = 112_320


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    assert list(write_cohort(SMALL, folder, 1)) == [f"small-0000{n}" for n in range(4)]
    return folder


def test_the_same_spec_gives_the_same_bytes_on_any_number_of_cores(
    written: Path, tmp_path: Path
) -> None:
    assert list(write_cohort(SMALL, tmp_path, 3)) == [f"small-0000{n}" for n in range(4)]
    assert contents(tmp_path) == contents(written)
    assert len(contents(written)) == 4 + 4


def test_another_seed_gives_other_patients(written: Path, tmp_path: Path) -> None:
    list(write_cohort(replace(SMALL, seed=SMALL.seed + 1), tmp_path, 1))
    mine, theirs = contents(written), contents(tmp_path)
    assert all(mine[name] != theirs[name] for name in mine if name.startswith("vitals"))


def test_a_patient_made_alone_is_the_one_in_the_file(written: Path) -> None:
    table = pq.read_table(written / "vitals" / "small-00002.parquet")
    assert table.schema.equals(VITALS_SCHEMA)
    assert table.num_rows == LASTS_S
    patient = SMALL.patient(2).patient
    for second in (0, 1, 777, 21_599, 21_600, LASTS_S - 1):
        row = {name: column[0] for name, column in table.slice(second, 1).to_pydict().items()}
        vitals = patient.vitals_at(float(second))
        assert row["time"] == second
        assert row["heart_rate"] == vitals.heart_rate
        assert row["temperature"] == vitals.temperature
        assert row["spo2"] == vitals.spo2


def test_a_cuff_reading_stands_at_its_second_and_nowhere_else(written: Path) -> None:
    table = pq.read_table(written / "vitals" / "small-00001.parquet").to_pydict()
    readings = [
        (second, value) for second, value in enumerate(table["nibp_systolic"]) if value is not None
    ]
    patient = SMALL.patient(1).patient
    cuffs = [cuff for n in range(6) for cuff in patient.block(n).cuffs]
    expected = [(int(c.measured_at_s), c.systolic) for c in cuffs if c.measured_at_s < LASTS_S]
    assert readings == expected


def test_truth_and_context_stand_beside(written: Path) -> None:
    truth = pq.read_table(written / "truth.parquet").to_pylist()
    context = pq.read_table(written / "context.parquet").to_pylist()
    people = pq.read_table(written / "patients.parquet").to_pylist()
    assert [p["patient_id"] for p in people] == [f"small-0000{n}" for n in range(4)]
    assert {c["kind"] for c in context} >= {"infusion"}
    expected = sum(len(truth_of(SMALL.patient(n).patient).spans) for n in range(4))
    assert len(truth) == expected
    assert parse_cohort((written / "cohort.toml").read_text(), "x") == SMALL


def test_a_folder_with_something_in_it_is_left_alone(written: Path) -> None:
    before = contents(written)
    with pytest.raises(FileExistsError, match="is not empty"):
        next(write_cohort(SMALL, written, 1))
    assert contents(written) == before


def test_each_sort_of_patient_is_there_often_enough() -> None:
    spec = load_cohort("test")
    members = [spec.patient(number) for number in range(400)]
    grades = Counter(member.grade for member in members)
    assert grades[0] / 400 == pytest.approx(spec.no_crs, abs=0.08)
    assert grades[1] / 400 == pytest.approx(spec.crs_grade_1, abs=0.08)
    assert grades[3] > 5 < grades[4]
    marks = Counter(mark for member in members for mark in member.marks)
    assert {*marks} == {*CONFOUNDERS, *FAULTS}
    assert all(marks[name] * 5 >= 50 for name in spec.confounders)
    children = [m for m in members if m.patient.person.is_child]
    assert len(children) / 400 == pytest.approx(0.1, abs=0.05)


@pytest.mark.untraced
def test_a_course_reaches_the_grade_it_was_drawn_for() -> None:
    spec = load_cohort("tune")
    for number in range(120):
        member = spec.patient(number)
        truth = truth_of(member.patient)
        other = {"haemorrhage", "pulmonary_embolism", "fluid_overload", "infection"}
        begins_late = member.grade and (
            truth.first("crs") is None or (truth.first("crs") or 0) > 9 * 86_400
        )
        if not begins_late and not other & {*member.marks}:
            assert truth.worst_grade == member.grade


def test_a_patient_without_a_course_or_confounder_has_nothing_to_find() -> None:
    spec = load_cohort("train")
    quiet = [m for n in range(300) if not (m := spec.patient(n)).grade and not m.marks]
    assert len(quiet) > 15
    for member in quiet:
        assert truth_of(member.patient).spans == ()


def test_seeds_of_the_cohorts_that_come_along_are_apart() -> None:
    assert shipped_cohorts() == ("test", "train", "tune")
    seeds = {name: load_cohort(name).seed for name in shipped_cohorts()}
    assert seeds == {"test": 3735928559, "train": 1103515245, "tune": 2654435761}


def test_the_test_cohort_is_the_one_that_was_fixed_before_any_rule_was_tuned() -> None:
    # Whoever changes a course has to report the figures of both, before and after.
    spec = load_cohort("test")
    found = []
    for number in range(12):
        member = spec.patient(number)
        truth = truth_of(member.patient)
        onset_s = truth.first("crs")
        onset_h = None if onset_s is None else round(onset_s / 3600, 1)
        of_courses = [span for span in truth.spans if span.what != "grade_if_crs"]
        found.append((member.grade, onset_h, len(of_courses)))
    assert found == [
        *[(1, 114.3, 8), (0, None, 11), (0, None, 6), (1, 17.1, 6), (3, 13.6, 8), (0, None, 0)],
        *[(2, 159.6, 16), (2, 115.4, 13), (3, 27.4, 10), (1, 228.3, 15), (0, None, 5)],
        (0, None, 14),
    ]


def test_nobody_is_outside_the_cohort() -> None:
    with pytest.raises(IndexError, match="has 0-3"):
        SMALL.patient(4)


def test_a_spec_is_written_as_it_is_read() -> None:
    for name in shipped_cohorts():
        spec = load_cohort(name)
        assert parse_cohort(format_cohort(spec), "x") == spec


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('name = "train"', 'name = "a b"', "name"),
        ("patients = 1000", "patients = 0", "patients"),
        ("patients = 1000", "patients = 1.5", "patients"),
        ("days = 14.0", "days = 90", "days"),
        ("seed = ", "seeds = ", "seeds"),
        ("none = 0.37", "none = 0.47", "crs"),
        ("axi-cel", "axe-cel", "products.axe-cel"),
        ("tympanic", "forehead", "sites.forehead"),
        ("pain = 0.3", "pain = 3", "confounders.pain"),
    ],
)
def test_a_mistake_in_a_spec_is_named(old: str, new: str, key: str) -> None:
    text = format_cohort(load_cohort("train"))
    assert old in text
    with pytest.raises(ConfigError) as caught:
        parse_cohort(text.replace(old, new, 1), "spec.toml")
    assert key in {mistake.key for mistake in caught.value.mistakes}


def test_a_wrong_share_is_not_added_up() -> None:
    text = format_cohort(load_cohort("train")).replace("none = 0.37", "none = true")
    with pytest.raises(ConfigError) as caught:
        parse_cohort(text, "spec.toml")
    assert [mistake.key for mistake in caught.value.mistakes] == ["crs.none"]


def test_sites_without_weight_are_refused() -> None:
    text = format_cohort(replace(load_cohort("train"), sites={"core": 0.0}))
    with pytest.raises(ConfigError, match="no weight above 0"):
        parse_cohort(text, "spec.toml")


def test_a_place_without_a_cohort_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a cohort"):
        load_cohort(tmp_path / "nothing.toml")


def test_the_command_makes_a_cohort_from_numbers_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = ["cohort", "make", "--patients", "2", "--days", "0.25", "--seed", "7"]
    assert main([*made, "--workers", "1", "--out", str(tmp_path / "a")]) == 0
    assert main([*made, "--workers", "2", "--out", str(tmp_path / "b")]) == 0
    assert "2 patients of 0.25 days" in capsys.readouterr().out
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    spec = load_cohort(tmp_path / "a")
    assert (spec.name, spec.patients, spec.days, spec.seed) == ("cohort", 2, 0.25, 7)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--patients", "0", "argument --patients: is 0; want a whole number 1 to 10000000"),
        ("--days", "-1", "argument --days: is -1"),
        ("--days", "0.24", "argument --days: is 0.24; want a number from 0.25 to 366"),
        ("--days", "nan", "argument --days: is nan"),
    ],
)
def test_the_command_names_a_wrong_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, value: str, words: str
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["cohort", "make", option, value, "--out", str(tmp_path / "c")])
    assert refused.value.code == 2
    assert words in capsys.readouterr().err


@pytest.mark.untraced
def test_a_patient_and_a_scenario_are_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "small.toml"
    spec.write_text(format_cohort(SMALL))
    shown = ["cohort", "show", "small-00001", "--spec", str(spec), "--out", str(tmp_path)]
    assert main(shown) == 0
    assert main(["scenarios", "show", "crs_grade_4", "--out", str(tmp_path)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    for name in ("small-00001", "crs_grade_4"):
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        page = (tmp_path / f"{name}.html").read_text()
        assert "<svg" in page
        assert "not a medical device" in page
    assert "noradrenaline" in (tmp_path / "crs_grade_4.html").read_text()


def test_a_patient_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cohort", "show", "test-99999"]) == 2
    assert "want test-00000 to test-01999" in capsys.readouterr().err


def test_the_list_of_scenarios_says_what_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios"]) == 0
    out = capsys.readouterr().out
    assert "haemorrhage" in out
    assert "crs_grade_4" in out


@pytest.mark.untraced
def test_the_realism_report_finds_nothing_unexplained(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["cohort", "report", "--patients", "1000"]) == 0
    assert "HR - PULSE" in capsys.readouterr().out


def test_a_figure_that_nobody_can_explain_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    spec = tmp_path / "odd.toml"
    everybody = {"atrial_fibrillation": 1.0}
    odd = replace(load_cohort("train"), name="odd", patients=30, confounders=everybody)
    spec.write_text(format_cohort(odd))
    assert main(["cohort", "report", "--spec", str(spec)]) == 1
    assert "unexplained" in capsys.readouterr().out


def test_a_missing_library_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "simulators.cohorts.cohort_store", None)
    assert main(["cohort", "make", "--patients", "1", "--out", str(tmp_path / "d")]) == 2
    assert "pip install 'crswatch[study]'" in capsys.readouterr().err
