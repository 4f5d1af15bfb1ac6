"""`crswatch detect`: the detector as a filter over a recorded patient."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC
from math import isnan
from pathlib import Path
from typing import Final

from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.batch.detection import Detection
from edge_agent.batch.detector import BatchDetector
from edge_agent.commands.numbers import ANSWER_MIN
from edge_agent.commands.subcommand import add_table_arguments
from edge_agent.detect.arrays import FloatArray
from edge_agent.model.alerts import Alert
from edge_agent.model.durations import MINUTE_S
from edge_agent.model.language import Language
from edge_agent.recorded.context_file import load_context
from edge_agent.recorded.moments import RAW_START_UTC_NS
from edge_agent.recorded.row_choice import chosen_rows
from edge_agent.recorded.stay_file import read_stay
from edge_agent.rulebook.rule_set import read_rulebook
from edge_agent.wording.sentence import worded

_SCORES: Final = {
    "crs_score": ("crs_score_low", "crs_score_high"),
    "astct_grade": ("grade_low", "grade_high"),
    "news2": ("news2_low", "news2_high"),
}
"""Scores, each with the signals for the ends of its range."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Read vital signs of one patient and print one JSON line for each transition "
        "of an alert. The file has a column `time` (seconds from the start, Unix time, or ISO "
        "8601) and one for each vital, named as in the table of docs/vitals_files.md, or a "
        "mapping; an empty field is no reading. Standard error lists what was read and what was "
        "left out. Decision support, not a medical device."
    )
    parser.add_argument("vitals", type=Path, metavar="VITALS", help=".csv, .csv.gz or .parquet")
    parser.add_argument(
        "--context", type=Path, metavar="FILE", help="facts about the patient, TOML"
    )
    add_table_arguments(parser)
    parser.add_argument("--rules", type=Path, metavar="DIR", help="default: the shipped rules")
    parser.add_argument(
        "--answered-after",
        type=ANSWER_MIN,
        metavar="MIN",
        help="minutes after which somebody answers each alert (default: nobody does)",
    )
    parser.add_argument(
        "--scores", action="store_true", help="also print each change of a score's range"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the detector's alerts and scores."""
    book = read_rulebook(arguments.rules)
    where = chosen_rows("detect", arguments.where)
    stay = read_stay(arguments.vitals, RAW_START_UTC_NS, arguments.mapping, where)
    sys.stderr.write("".join(f"{line}\n" for line in stay.summary))
    recording = stay.recording
    entries = load_context(arguments.context, recording.start_utc_ns) if arguments.context else ()
    after_min = arguments.answered_after
    after_s = None if after_min is None else after_min * MINUTE_S
    detector = BatchDetector(book.rules, AlertLabels("archive", "archive", ""), after_s)
    found = detector.run(recording, entries)
    lines = [
        (t.at_s, 1, _alert_line(t.at_s, worded(t.alert, Language.EN, UTC, book.words)))
        for t in found.transitions
    ]
    if arguments.scores:
        lines += [(at_s, 0, line) for at_s, line in _score_lines(found)]
    for _, _, line in sorted(lines, key=lambda numbered: numbered[:2]):
        sys.stdout.write(json.dumps(line, allow_nan=False) + "\n")
    return 0


def _alert_line(at_s: float, alert: Alert) -> dict[str, object]:
    return {
        "time": at_s,
        "alert_id": alert.alert_id,
        "n": alert.n,
        "rule_id": alert.rule_id,
        "rule_version": alert.rule_version,
        "kind": alert.kind.value,
        "priority": alert.priority.name.lower(),
        "state": alert.state.value,
        "told": alert.is_signalled,
        "absorbed_by": alert.absorbed_by,
        "text": alert.text,
        "explanation": alert.explanation,
        "missing": list(alert.missing),
        "evidence": [
            {
                "kind": e.kind,
                "site": e.site,
                "statistic": e.statistic,
                "value": e.value,
                "unit": e.unit,
                "threshold": e.threshold,
                "window_s": e.window_s,
                "coverage": e.coverage,
            }
            for e in alert.evidence
        ],
    }


def _score_lines(found: Detection) -> Iterator[tuple[float, dict[str, object]]]:
    for name, (low, high) in _SCORES.items():
        shown: tuple[float | None, float | None] | None = None
        lows, highs = found.minute_signals[low], found.minute_signals[high]
        for index, at_s in enumerate(found.minutes_s.tolist()):
            now = (_number(lows, index), _number(highs, index))
            if now != shown:
                shown = now
                yield at_s, {"time": at_s, "score": name, "low": now[0], "high": now[1]}


def _number(values: FloatArray, index: int) -> float | None:
    value = float(values[index])
    return None if isnan(value) else value
