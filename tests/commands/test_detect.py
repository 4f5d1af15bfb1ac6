"""`crswatch detect`: a file in, one line for each transition out."""

from __future__ import annotations

import csv
import gzip
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships no types
import pytest

from edge_agent.__main__ import main
from edge_agent.model.patient import EntryKind
from edge_agent.recorded.context_file import parse_context
from edge_agent.recorded.moments import RAW_START_UTC_NS
from tests.support.said import TIMES

HERE = Path(__file__).parent / "detect"
PATIENT = HERE / "patient.csv"
RULES = ("--rules", str(HERE / "rules"))
CONTEXT = ("--context", str(HERE / "patient.toml"))
Line = dict[str, Any]


@pytest.fixture
def detect(capsys: pytest.CaptureFixture[str]) -> Detect:
    return Detect(capsys)


class Detect:
    """Runs the command."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def text(self, *arguments: str | Path) -> str:
        """Return what is printed."""
        assert main(["detect", *map(str, arguments)]) == 0
        return self._capsys.readouterr().out

    def lines(self, *arguments: str | Path) -> list[Line]:
        """Return the lines that are printed."""
        return [json.loads(line) for line in self.text(*arguments).splitlines()]

    def refused(self, *arguments: str | Path) -> list[str]:
        """Return the messages of a run that fails."""
        assert main(["detect", *map(str, arguments)]) == 2
        shown = self._capsys.readouterr()
        assert shown.out == ""
        return shown.err.splitlines()


def minutes(folder: Path, first_row: str = "time,heart_rate,spo2,temperature") -> Path:
    """Write five hours, once a minute; low oxygen from minute 120 to 130."""
    path = folder / "minutes.csv"
    rows = [
        f"{minute * 60},{80 + minute % 4},{85 if 120 <= minute < 130 else 96 + minute % 2},"
        f"{37.0 + 0.1 * (minute // 7 % 2):.1f}"
        for minute in range(300)
    ]
    path.write_text("\n".join([first_row, *rows, ""]), encoding="utf-8")
    return path


def changes(lines: list[Line]) -> list[tuple[float, str, str]]:
    return [(line["time"], line["rule_id"], line["state"]) for line in lines]


def test_a_patient_gives_the_lines_that_were_looked_through(detect: Detect) -> None:
    assert detect.text(*RULES, *CONTEXT, PATIENT) == (HERE / "found.jsonl").read_text()


def test_without_context_nothing_is_known_of_drugs(detect: Detect) -> None:
    assert changes(detect.lines(*RULES, PATIENT)) == [
        (690.0, "test.oxygen", "raised"),
        (940.0, "test.oxygen", "resolved"),
        (1620.0, "test.lost", "raised"),
        (1800.0, "test.lost", "resolved"),
    ]


def test_csv_gzip_and_parquet_give_the_same_lines(tmp_path: Path, detect: Detect) -> None:
    text = PATIENT.read_text(encoding="utf-8")
    packed = tmp_path / "patient.csv.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    rows = list(csv.DictReader(text.splitlines()))
    columns = {
        name: [float(row[name]) if row[name] else None for row in rows]
        for name in rows[0]
        if name != "note"
    }
    parquet = tmp_path / "patient.parquet"
    pq.write_table(pa.table(columns), parquet)
    wanted = (HERE / "found.jsonl").read_text()
    assert detect.text(*RULES, *CONTEXT, packed) == wanted
    assert detect.text(*RULES, *CONTEXT, parquet) == wanted


def test_iso_times_are_told_as_seconds_from_the_first_row(tmp_path: Path, detect: Detect) -> None:
    dated = tmp_path / "dated.csv"
    header, *rows = PATIENT.read_text().splitlines()
    cells = [row.split(",", 1) for row in rows]
    seconds = [int(first) for first, _ in cells]
    stamps = [f"2027-01-15T{8 + s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}Z" for s in seconds]
    lines = [f"{stamp},{rest}" for stamp, (_, rest) in zip(stamps, cells, strict=True)]
    dated.write_text("\n".join([header, *lines, ""]))
    context = tmp_path / "dated.toml"
    entries = (HERE / "patient.toml").read_text()
    entries = entries.replace("at = -172800", "at = 2027-01-13T08:00:00Z")
    context.write_text(entries.replace("at = 600", "at = 2027-01-15T08:10:00Z"))
    wanted = [json.loads(line) for line in (HERE / "found.jsonl").read_text().splitlines()]
    found = detect.lines(*RULES, "--context", context, dated)
    for line in (*found, *wanted):
        del line["alert_id"]  # made of the bed, the rule and the moment
        for name in ("text", "explanation"):
            line[name] = TIMES.sub("then", str(line[name]))
    assert found == wanted


def test_what_is_read_once_a_minute_is_judged_and_not_lost(tmp_path: Path, detect: Detect) -> None:
    found = changes(detect.lines(*RULES, minutes(tmp_path)))
    assert [(rule_id, state) for _, rule_id, state in found] == [
        ("test.oxygen", "raised"),
        ("test.oxygen", "resolved"),
    ]
    assert 7200 < found[0][0] <= 7200 + 180
    assert 7800 < found[1][0] <= 7800 + 240


def test_the_shipped_rules_are_the_default(tmp_path: Path, detect: Detect) -> None:
    found = detect.lines(minutes(tmp_path))
    told = {line["rule_id"] for line in found if line["told"]}
    assert "vital.severe_hypoxia" in told
    assert not {rule_id for rule_id in told if rule_id.startswith(("signal.", "system."))}


def test_scores_are_told_where_they_change(detect: Detect) -> None:
    found = detect.lines(*RULES, *CONTEXT, "--scores", PATIENT)
    assert [line["time"] for line in found] == sorted(line["time"] for line in found)
    scores = [line for line in found if "score" in line]
    assert {line["score"] for line in scores} == {"crs_score", "astct_grade", "news2"}
    for name in ("crs_score", "astct_grade", "news2"):
        ranges = [(line["low"], line["high"]) for line in scores if line["score"] == name]
        assert all(low <= high for low, high in ranges)
        assert all(one != after for one, after in pairwise(ranges))
    others = [line for line in found if "score" not in line]
    assert others == [json.loads(line) for line in (HERE / "found.jsonl").read_text().splitlines()]


def test_somebody_may_answer_the_alerts_of_a_recording(tmp_path: Path, detect: Detect) -> None:
    path = minutes(tmp_path)
    states = [state for _, _, state in changes(detect.lines(*RULES, path))]
    assert "acknowledged" not in states
    answered = changes(detect.lines(*RULES, "--answered-after", "2", path))
    raised_s, acknowledged_s = (at_s for at_s, _, state in answered[:2])
    assert [state for _, _, state in answered] == ["raised", "acknowledged", "resolved"]
    assert acknowledged_s == raised_s + 120


def test_a_score_that_does_not_apply_is_null(tmp_path: Path, detect: Detect) -> None:
    child = tmp_path / "child.toml"
    child.write_text("[patient]\nage_years = 6\n")
    found = detect.lines(*RULES, "--context", child, "--scores", PATIENT)
    news = [line for line in found if line.get("score") == "news2"]
    assert [(line["low"], line["high"]) for line in news] == [(None, None)]


def test_every_bad_row_is_named_with_its_line(tmp_path: Path, detect: Detect) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("time,spo2,heart_rate\n0,97,80\n10,high,80\n20,97\n15,97,inf\n5,97,80\n")
    assert detect.refused(*RULES, path) == [
        f"{path}, line 3: spo2: is 'high'; want a number, or nothing",
        f"{path}, line 4: has 2 cells; want 3",
        f"{path}, line 5: heart_rate: is 'inf'; want a number, or nothing",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; want a line of column names"),
        ("time,pulse\n0,80\n", "vital sign"),
        ("spo2\n97\n", "time"),
        ("time,spo2\n", "has no row below the names of its columns"),
        ("time,spo2\n0,\n", "holds no vital sign"),
        ("time,spo2\n10,97\n0,97\n", "want no earlier than the row before"),
        ("time,spo2\nsoon,97\n", "want a number, or ISO 8601"),
        ("time,spo2,spo2\n0,97,96\n", "is the name of two columns"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    text: str, message: str, tmp_path: Path, detect: Detect
) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text)
    shown = detect.refused(*RULES, path)
    assert all(line.startswith(str(path)) for line in shown)
    assert message in shown[0]


def test_files_that_are_not_there_and_bad_context_are_named(tmp_path: Path, detect: Detect) -> None:
    assert "nothing.csv" in detect.refused(*RULES, tmp_path / "nothing.csv")[0]
    context = tmp_path / "context.toml"
    context.write_text('[patient]\nage = 60\n\n[[entry]]\nkind = "spot"\nat = "noon"\n')
    shown = "\n".join(detect.refused(*RULES, "--context", context, PATIENT))
    assert "patient.age" in shown
    assert "entry[0].at" in shown
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "holds no rule file" in detect.refused("--rules", empty, PATIENT)[0]


def test_the_context_of_the_guide_can_be_read() -> None:
    guide = Path(__file__).parents[2] / "docs" / "detect.md"
    (text,) = re.findall(r"```toml\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)
    kinds = [entry.kind for entry in parse_context(text, "guide", RAW_START_UTC_NS)]
    assert EntryKind.OXYGEN in kinds
    assert EntryKind.BASELINE in kinds


@pytest.mark.parametrize("at", ["0", "5", "10", "1800000005", "2027-01-15T08:00:00Z", "-20"])
def test_a_file_of_one_row_is_judged(tmp_path: Path, detect: Detect, at: str) -> None:
    path = tmp_path / "one.csv"
    path.write_text(f"time,spo2\n{at},97\n")
    lines = detect.lines("--scores", path)
    assert not [line for line in lines if line.get("told")]


def test_a_mapping_and_one_patients_rows_are_judged(
    tmp_path: Path, detect: Detect, capsys: pytest.CaptureFixture[str]
) -> None:
    named = minutes(tmp_path)
    wanted = detect.text(*RULES, named)
    header, *rows = named.read_text().splitlines()
    assert header == "time,heart_rate,spo2,temperature"
    other = [f"8;{row.replace(',', ';').replace('.', ',')}" for row in rows]
    lines = [line for row in other for line in (row, row.replace("8;", "9;", 1))]
    path = tmp_path / "chart.csv"
    path.write_text("\n".join(["stay;t;HF;Sat;Temp", *lines, ""]))
    columns = (("HF", "heart_rate"), ("Sat", "spo2"), ("Temp", "temperature"))
    tables = [f'[[column]]\nname = "{name}"\nkind = "{kind}"\n' for name, kind in columns]
    mapping = tmp_path / "m.toml"
    mapping.write_text('time = "t"\ndecimal = ","\nwhere = ["stay"]\n' + "".join(tables))
    assert detect.text(*RULES, "--mapping", mapping, "--where", "stay=9", path) == wanted
    assert "holds several patients" in detect.refused(*RULES, "--mapping", mapping, path)[0]
    assert "want COLUMN=VALUE" in detect.refused("--where", "stay", path)[0]


def test_what_was_read_is_told_beside_the_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file.csv"
    path.write_text("time,spo2,note\n0,97,118\n10,0.96,118\n")
    assert main(["detect", str(path)]) == 0
    assert capsys.readouterr().err.splitlines() == [
        f"{path}: 2 rows over 10 s",
        f"{path}: read spo2; left out note",
        f"{path}: spo2: 1 of 2 readings are not believed: they are outside 40 to 100 % "
        "(0.96 to 0.96); this looks like a fraction: set scale = 100 in a mapping",
    ]
