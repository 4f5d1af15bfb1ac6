"""People are told what of a file counts, what does not, and the likely reason."""

from __future__ import annotations

import numpy as np
import pytest

from edge_agent.model.measurements import VitalKind
from edge_agent.recorded.reading_counts import FileFacts, ReadingCounts

NAN = float("nan")


def facts(**more: object) -> FileFacts:
    return FileFacts(**{"name": "f", "rows": 3, "span_s": 60.0, "start_utc_ns": None} | more)  # type: ignore[arg-type]


def said(kind: VitalKind, values: list[float]) -> list[str]:
    """Return what is told of readings, by both ways to count them."""
    by_arrays, by_one = ReadingCounts(), ReadingCounts()
    by_arrays.add_all((kind, ""), np.arange(len(values), dtype=float), np.array(values))
    for value in values:
        by_one.add((kind, ""), None if np.isnan(value) else value)
    lines = list(by_arrays.summary(facts()))
    assert list(by_one.summary(facts())) == lines
    return lines[2:]


def test_rows_span_start_and_columns_are_told() -> None:
    counts = ReadingCounts()
    counts.add((VitalKind.TEMPERATURE, "oral"), 37)
    lines = counts.summary(facts(start_utc_ns=0, left_out=("HR", "x"), notes=("a note",)))
    assert list(lines) == [
        "f: 3 rows over 60 s from 1970-01-01 00:00:00 UTC",
        "f: a note",
        "f: read temperature.oral; left out HR, x",
    ]


def test_many_columns_are_counted() -> None:
    names = tuple(f"c{n}" for n in range(21))
    line = list(ReadingCounts().summary(facts(left_out=names)))[1]
    assert line.endswith("c18, c19 and 1 more")
    assert "more" not in list(ReadingCounts().summary(facts(left_out=names[:20])))[1]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(119.4, "119 s"), (120, "2.0 min"), (7199, "120.0 min"), (7200, "2.0 h"), (172800, "2.0 d")],
)
def test_spans_are_told_in_units_of_people(seconds: float, words: str) -> None:
    assert next(ReadingCounts().summary(facts(span_s=seconds))).endswith(f"over {words}")


def test_nothing_read_is_said() -> None:
    assert list(ReadingCounts().summary(facts()))[1] == "f: read nothing"


@pytest.mark.parametrize(
    ("kind", "values", "cause"),
    [
        (VitalKind.TEMPERATURE, [98.6, 101.3], 'Fahrenheit: set unit = "F"'),
        (VitalKind.TEMPERATURE, [98.6, 101.3, NAN, NAN, NAN], 'Fahrenheit: set unit = "F"'),
        (VitalKind.SPO2, [0.97, 1.0], "a fraction: set scale = 100"),
        (VitalKind.NIBP_SYSTOLIC, [16.0, 15.5], 'kilopascal: set unit = "kPa"'),
        (VitalKind.ART_MEAN, [12.0], 'kilopascal: set unit = "kPa"'),
        (VitalKind.TEMPERATURE, [37.0, 37.1, 37.2, 98.6], ""),
        (VitalKind.TEMPERATURE, [98.6, 120.0], ""),
        (VitalKind.TEMPERATURE, [90.0], ""),
        (VitalKind.SPO2, [101.0], ""),
        (VitalKind.HEART_RATE, [1.0], ""),
        (VitalKind.NIBP_SYSTOLIC, [40.0], ""),
    ],
)
def test_a_wrong_unit_is_guessed_where_most_readings_are_in_it(
    kind: VitalKind, values: list[float], cause: str
) -> None:
    line = said(kind, values)[-1]
    assert "are not believed: they are outside" in line
    assert ("this looks like" in line) == bool(cause)
    assert cause in line


def test_readings_outside_and_without_a_value_are_counted() -> None:
    assert said(VitalKind.SPO2, [39.9, 40.0, 100.0, 100.1, NAN]) == [
        "f: spo2: 1 of 5 readings hold no value (no value)",
        "f: spo2: 2 of 5 readings are not believed: they are outside 40 to 100 % (39.9 to 100.1)",
    ]


def test_reasons_are_told_apart() -> None:
    counts = ReadingCounts()
    for reason in ("zero", "zero", "lead off"):
        counts.add((VitalKind.HEART_RATE, ""), None, reason)
    assert list(counts.summary(facts()))[2:] == [
        "f: heart_rate: 1 of 3 readings hold no value (lead off)",
        "f: heart_rate: 2 of 3 readings hold no value (zero)",
    ]


def test_readings_counted_piece_by_piece_are_told_together() -> None:
    counts = ReadingCounts()
    for outside in ([30.0, 20.0], [35.0, 101.0]):
        counts.add_all((VitalKind.SPO2, ""), np.arange(3.0), np.array([97.0, *outside]))
    (line,) = list(counts.summary(facts()))[2:]
    assert "4 of 6 readings are not believed: they are outside 40 to 100 % (20 to 101)" in line


def test_readings_of_one_time_are_told() -> None:
    counts = ReadingCounts()
    counts.add_all((VitalKind.SPO2, ""), np.array([0.0, 0.0, 1.0]), np.array([97.0, 96.0, 95.0]))
    assert list(counts.summary(facts()))[2:] == [
        "f: spo2: 1 of 3 readings have the time of the one before them"
    ]
