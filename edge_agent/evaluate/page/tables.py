"""Tables of the page, as HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from math import isnan
from types import MappingProxyType
from typing import Final

from edge_agent.evaluate.cohort.evaluation import CohortEvaluation
from edge_agent.evaluate.cohort.measures import Stays, label_of
from edge_agent.evaluate.cohort.misses import why_missed
from edge_agent.evaluate.cohort.strata import Stratum
from edge_agent.evaluate.estimates.bootstrap import NOTHING
from edge_agent.evaluate.estimates.clocks import in_minutes
from edge_agent.evaluate.page.cells import (
    is_share,
    look_of,
    range_text,
    table,
    target_text,
    value_text,
)
from edge_agent.evaluate.real.real_set import RealSet
from edge_agent.evaluate.stays.reported_alerts import About

_BURDEN: Final = MappingProxyType(
    {
        "false_fever_per_patient_day": "false fever",
        "false_crs_per_patient_day": "false CRS",
        "false_per_patient_day": "all false",
        "patient_alerts_per_patient_day": "for nurses, about the patient",
    }
)
"""Headings of what nurses bear."""
_NOT_LISTED: Final = 60
"""Faults that were not announced in time and are listed, at most."""


def figures_table(evaluation: CohortEvaluation, other: CohortEvaluation | None) -> str:
    """Return every figure beside its target, with a second set of rules side by side."""
    theirs = {} if other is None else {figure.key: figure for figure in other.figures}
    head = ["figure", "value", "95 %", "target", ""]
    head += [other.rule_set.name] if other is not None else []
    rows = []
    for figure in evaluation.figures:
        note = escape(figure.why)
        if figure.is_missed:
            note = f"{note}. <b>Missed:</b> {escape(why_missed(figure.key, evaluation.stays))}"
        first = f"{escape(figure.text)}<div class=note>{note}</div>"
        cells = [first, value_text(figure), range_text(figure), target_text(figure), figure.verdict]
        if other is not None:
            same = theirs.get(figure.key)
            cells.append("" if same is None else value_text(same))
        rows.append((look_of(figure.verdict), cells))
    return table(head, rows)


def methods_table(rows: Sequence[Stratum]) -> str:
    """Return the table of our rules and every comparator."""
    head = ["method", "found", "by chance", "delay", *_BURDEN.values(), "PPV"]
    keys = ("sensitivity", "chance_sensitivity", "delay_hours", *_BURDEN, "ppv")
    body = [
        (
            "" if number else "ours",
            [escape(label_of(row.name)), *_estimates(row, keys)],
        )
        for number, row in enumerate(rows)
    ]
    return table(head, body)


def groups_table(rows: Sequence[Stratum]) -> str:
    """Return the table of our rules in every group."""
    found = ("found", "delay", "lead over 4 h", *_BURDEN.values())
    keys = ("sensitivity", "delay_hours", "lead_over_4h_hours_without_watch", *_BURDEN)
    body = [
        (
            "",
            [
                *map(escape, (row.group, row.name, f"{row.patients}", f"{row.episodes}")),
                *_estimates(row, keys),
            ],
        )
        for row in rows
    ]
    return table(["group", "", "patients", "episodes", *found], body)


def rules_table(stays: Stays) -> str:
    """Return the number of alerts of each rule and the share that was right."""
    days = sum(stay.days for stay in stays)
    reported: Counter[tuple[str, str, bool]] = Counter()
    right: Counter[tuple[str, str, bool]] = Counter()
    for stay in stays:
        for one, is_right in zip(stay.reported, stay.is_right, strict=True):
            key = (one.rule_id, one.priority.name.lower(), one.about is About.TECHNICAL)
            reported[key] += 1
            right[key] += is_right
    rows = [
        (
            "",
            [
                escape(key[0]),
                key[1],
                str(count),
                f"{count / days:.3f}" if days else "",
                "not evaluated" if key[2] else f"{100.0 * right[key] / count:.0f} %",
            ],
        )
        for key, count in reported.most_common()
    ]
    return table(["rule", "priority", "reported", "per patient-day", "right"], rows)


def faults_table(stays: Stays) -> str:
    """Return the planted faults by kind, and those that were not announced in time."""
    owed: Counter[tuple[str, str]] = Counter()
    reported: Counter[tuple[str, str]] = Counter()
    silent = []
    for stay in stays:
        for check in stay.faults:
            owed[check.kind, check.sensor] += 1
            reported[check.kind, check.sensor] += check.is_in_time
            if not check.is_in_time:
                after = (
                    "never"
                    if check.reported_s is None
                    else f"{_min(check.reported_s - check.from_s)}"
                )
                due = _min(check.due_s - check.from_s)
                silent.append(f"{stay.patient_id}: {check.kind} {check.sensor}, {after}, due {due}")
    rows = [
        (
            "" if reported[key] == count else "missed",
            [*map(escape, key), str(count), str(reported[key])],
        )
        for key, count in sorted(owed.items())
    ]
    listing = table(["fault", "sensor", "planted long enough", "announced in time"], rows)
    if not silent:
        return f"{listing}<p>All were announced in time.</p>"
    more = f"<li>and {len(silent) - _NOT_LISTED} more</li>" if len(silent) > _NOT_LISTED else ""
    listed = "".join(f"<li>{escape(line)}</li>" for line in silent[:_NOT_LISTED])
    head = f"<details><summary>Not in time: {len(silent)}</summary>"
    return f"{listing}{head}<ul>{listed}{more}</ul></details>"


def real_tables(sets: Iterable[RealSet]) -> str:
    """Return a heading and a table for each real data set."""
    parts = []
    for one in sets:
        rows = []
        for figure in one.figures:
            first = f"{escape(figure.text)}<div class=note>{escape(figure.why)}</div>"
            cells = [first, value_text(figure), target_text(figure), figure.verdict]
            rows.append((look_of(figure.verdict), cells))
        notes = "".join(f"<li>{escape(note)}</li>" for note in one.notes)
        parts.append(f"<h3>{escape(one.name)}</h3><p>{escape(one.about)}</p>")
        parts.append(table(["figure", "value", "target", ""], rows))
        parts.append(f"<ul>{notes}</ul>" if notes else "")
    return "".join(parts)


def _estimates(row: Stratum, keys: Iterable[str]) -> Iterator[str]:
    """Yield the cells of a row's estimates; empty where it has none."""
    for key in keys:
        found = row.estimates.get(key, NOTHING)
        if isnan(found.value):
            yield ""
        elif is_share(key):
            low, high = 100.0 * found.low, 100.0 * found.high
            yield f"{100.0 * found.value:.1f} % <span class=range>{low:.0f}-{high:.0f}</span>"
        elif "hours" in key:
            ends = f"{in_minutes(found.low)} to {in_minutes(found.high)}"
            yield f"{in_minutes(found.value)} <span class=range>{ends}</span>"
        else:
            low, high = found.low, found.high
            yield f"{found.value:.3g} <span class=range>{low:.2g} to {high:.2g}</span>"


def _min(seconds: float) -> str:
    return f"{seconds / 60.0:.0f} min"
