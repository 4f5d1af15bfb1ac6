"""`crswatch replay` of recorded vital signs: what is played, and what does not go together."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from edge_agent.model.measurements import VitalKind
from tests.recorded.test_wfdb_record import Signal, write
from tests.support.gateways import BED, journalled_vitals, write_config

if TYPE_CHECKING:
    from pathlib import Path

# wfdb 4.3 writes headers in a way that pandas 3 deprecates
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword:DeprecationWarning")

START_NS = 1_800_000_000_000_000_000
HOUR = "time,spo2\n" + "".join(
    f"2027-01-15T08:{second // 60:02}:{second % 60:02}Z,{97 if second % 60 else 0}\n"
    for second in range(0, 600, 2)
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "patient.csv"
    path.write_text(HOUR)
    return path


def replayed(tmp_path: Path, *arguments: str) -> list[tuple[int, float | None]]:
    """Replay with a configuration; return second and value of what its journal then holds."""
    config = write_config(tmp_path, "/dev/null")
    assert main(["replay", "--config", str(config), "--speed", "max", *arguments]) == 0
    vitals = [vital for _, vital in journalled_vitals(tmp_path / "journal.db")]
    assert {(v.bed_id, v.kind) for v in vitals} == {(BED, VitalKind.SPO2)}
    return [((v.measured_at.utc_ns - START_NS) // 10**9, v.value) for v in vitals]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["replay", *arguments]) == 2
    return capsys.readouterr().err


def test_a_table_needs_no_mapping_and_alerts_are_told(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table.write_text(HOUR.replace(",97", ",84"))
    assert main(["replay", "--speed", "max", str(table)]) == 0
    out = capsys.readouterr().out
    assert "300 messages with numerics stored" in out
    assert "bed-01  Very low oxygen: SpO2 84 %" in out


@pytest.mark.untraced
def test_vital_signs_fill_the_journal_of_a_configuration(tmp_path: Path, table: Path) -> None:
    kept = replayed(tmp_path, "--bed", BED, str(table))
    assert kept == [(s, 97 if s % 60 else None) for s in range(0, 600, 2)]


def test_a_part_of_it_is_played(tmp_path: Path, table: Path) -> None:
    kept = replayed(tmp_path, "--bed", BED, "--from", "61", "--to", "66", str(table))
    assert kept == [(62, 97), (64, 97), (66, 97)]


def test_a_table_with_a_mapping_and_one_patients_rows(tmp_path: Path) -> None:
    path = tmp_path / "many.csv.gz"
    path.write_bytes(gzip.compress(b"rec,Time [s],HR,PULSE,RESP,SpO2\n6,0,,,,90\n7,1,,,,97\n"))
    mapping = ["--mapping", "bidmc", "--where", "rec=7"]
    kept = replayed(tmp_path, "--bed", BED, *mapping, str(path))
    assert [value for _, value in kept] == [97]


def test_a_wfdb_record_is_played_at_its_own_time(tmp_path: Path) -> None:
    header = write(tmp_path, Signal("SpO2", "%", (97.0, 96.0, 95.0)))
    assert replayed(tmp_path, "--bed", BED, str(header)) == [(0, 97), (1, 96), (2, 95)]


@pytest.mark.untraced
def test_a_journal_is_played_into_another_one(tmp_path: Path, table: Path) -> None:
    ward, bench = tmp_path / "ward", tmp_path / "bench"
    ward.mkdir()
    bench.mkdir()
    kept = replayed(ward, "--bed", BED, str(table))
    assert replayed(bench, str(ward / "journal.db")) == kept


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "700"], "--from: is 700 s; the recording ends after 598 s"),
        (["--from", "5", "--to", "5"], "--to: is 5 s; want more than --from, 5 s"),
        (["--where", "rec"], "--where: is 'rec'; want COLUMN=VALUE"),
        (["--cohort", "test"], "--cohort: does not go with "),
        (["--driver", "nonin"], "--driver: is nonin; does not go with vital signs"),
        (["--mapping", "none"], "none: no such file"),
    ],
)
def test_what_does_not_fit_is_named(
    table: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert words in refused(capsys, *arguments, str(table))


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("journal.db", ["--mapping", "bidmc"]),
        ("ward.lp.gz", ["--where", "rec=7"]),
        ("record.hea", ["--where", "rec=7"]),
        ("bed-07.rec", ["--to", "60"]),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    capsys: pytest.CaptureFixture[str], name: str, option: list[str]
) -> None:
    assert f"{option[0]}: does not go with {name}" in refused(capsys, *option, name)


@pytest.mark.untraced
def test_a_bed_that_was_not_recorded_is_no_vital_sign(
    tmp_path: Path, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replayed(tmp_path, "--bed", BED, str(table))
    journal = str(tmp_path / "journal.db")
    assert "holds no vital sign" in refused(capsys, "--bed", "bed-99", journal)


def test_a_bed_that_the_configuration_does_not_have_is_named(
    tmp_path: Path, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(write_config(tmp_path, "/dev/null"))
    said = refused(capsys, "--config", config, "--bed", "bed-99", str(table))
    assert f"beds: has no 'bed-99'; has {BED}" in said


def test_an_export_of_the_database_is_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ward.lp"
    path.write_text(
        "vitals,bed=bed-01,device=bed-01,kind=spo2,site=s,unit=%,ward=w"
        f' validity="valid",mode="real",reason="",code=150456i,measured_ns={START_NS}i,'
        f"received_ns={START_NS}i,value=97.0 {START_NS}\n"
    )
    assert main(["replay", "--speed", "max", str(path)]) == 0
    assert "1 messages with numerics stored" in capsys.readouterr().out


def test_what_was_read_and_what_was_not_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "PATIENT.CSV"
    path.write_text("time;temperature;HR\n0;98.6;80\n10;0;81\n")
    assert main(["replay", "--speed", "max", str(path)]) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith(str(path))]
    assert [line.removeprefix(f"{path}: ") for line in said] == [
        "2 rows over 10 s",
        "cells are separated by ';'",
        "A mapping can name HR (heart_rate?)",
        "read temperature; left out HR",
        "temperature: 1 of 2 readings hold no value (0 without a validity mark)",
        "temperature: 1 of 2 readings are not believed: they are outside 33 to 42.5 Cel "
        '(98.6 to 98.6); this looks like Fahrenheit: set unit = "F" in a mapping',
    ]


def test_signals_of_a_record_that_are_not_read_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = write(tmp_path, Signal("SpO2", "%", (97.0,)), Signal("CO", "l/min", (5.0,)))
    assert main(["replay", "--speed", "max", str(header)]) == 0
    err = capsys.readouterr().err
    assert "1 rows over 0 s from 2027-01-15 08:00:00 UTC" in err
    assert "read spo2; left out CO" in err


def slow_record(folder: Path, samples: int) -> Path:
    """Write a record with a sample every 40 days."""
    header = write(folder, Signal("SpO2", "%", (97.0,) * samples))
    text = header.read_text()
    header.write_text(text.replace(" 1 1 ", f" 1 {1 / (40 * 86_400):.12f} "))
    return header


def test_time_that_jumps_is_not_played_through(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = slow_record(tmp_path, 3)
    said = refused(capsys, "--speed", "max", str(header))
    assert "time jumps by 40 days; was a clock set there? Play the part before with --to 0" in said
    assert "or the part after with --from 34559" in said
    assert main(["replay", "--speed", "max", "--to", "1", str(header)]) == 0
    assert "1 messages with numerics stored" in capsys.readouterr().out


def test_years_are_not_played(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header = write(tmp_path, Signal("SpO2", "%", (97.0,) * 20))
    header.write_text(header.read_text().replace(" 1 1 ", f" 1 {1 / (20 * 86_400):.12f} "))
    said = refused(capsys, "--speed", "max", str(header))
    assert "lasts 380 days; want at most 366: choose with --from and --to" in said


def test_a_journal_over_years_is_not_played_through(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    early = tmp_path / "early.csv"
    early.write_text("time,spo2\n2000-01-01T00:00:00,97\n2000-01-01T00:00:10,97\n")
    config = write_config(tmp_path, "/dev/null")
    for path in (early, tmp_path / "late.csv"):
        path.write_text(early.read_text().replace("2000", "2000" if path == early else "2026"))
        arguments = ["--config", str(config), "--bed", BED, "--speed", "max", str(path)]
        assert main(["replay", *arguments]) == 0
    assert "time jumps by 9497 days" in refused(
        capsys, "--speed", "max", str(tmp_path / "journal.db")
    )
