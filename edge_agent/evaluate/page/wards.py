"""Tables of a study on several wards: targets over the wards, and every ward by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from edge_agent.evaluate.cohort.evaluation import CohortEvaluation
from edge_agent.evaluate.cohort.spread import PlaceResult, Spread, TargetRow
from edge_agent.evaluate.estimates.figure import FEW, LEAST
from edge_agent.evaluate.page.cells import (
    look_of,
    number_text,
    range_text,
    short_text,
    table,
    target_text,
    value_text,
)
from edge_agent.evaluate.real.ward_rates import NOTES, RateRow
from simulators.habits.ranges import RANGES
from simulators.habits.ward_habits import WardHabits

_RULE: Final = (
    "A target is met where every ward of every physiology meets it, and missed where one value "
    f"misses it, however few patients lie there. A value that meets it on fewer than {FEW} "
    "patients (with something to count) is too few to say something while its 95 % interval "
    f"reaches beyond the target, and always on fewer than {LEAST}; so is a ward with nothing to "
    "count. Intervals are by resampling whole patients; where all or none were found they are the "
    "exact ones, of Clopper and Pearson on the number of patients, or of a Poisson count of 0."
)


def targets_table(evaluation: CohortEvaluation, other: CohortEvaluation | None) -> str:
    """Return the table of targets: worst ward, median and all wards of each physiology."""
    head = ["figure", "target", ""]
    for spread in evaluation.targets[0].spreads:
        head += [f"{spread.physiology}: worst ward", "median; all wards"]
    theirs = {} if other is None else {row.key: row for row in other.targets}
    rows = [
        (look_of(row.verdict), list(_cells(row, theirs.get(row.key)))) for row in evaluation.targets
    ]
    note = _RULE
    if other is not None:
        note += f" Below the worst ward, in grey, that of {other.rule_set.name}."
    return f"<p class=note>{escape(note)}</p>{table(head, rows)}"


def _cells(row: TargetRow, theirs: TargetRow | None) -> Iterator[str]:
    causes = [
        f"<b>Missed ({spread.physiology}):</b> {escape(spread.why)}"
        for spread in row.spreads
        if spread.why
    ]
    yield f"{escape(row.figure.text)}<div class=note>{'<br>'.join(causes)}</div>"
    yield target_text(row.figure).replace(" ", "&nbsp;")
    yield row.verdict.value
    for number, spread in enumerate(row.spreads):
        below = "" if theirs is None else f"<br>{_worst(theirs, theirs.spreads[number])}"
        yield f"{_worst(row, spread)}<span class=range>{below}</span>"
        figure, median = spread.together, spread.median
        middle = "-" if median is None else number_text(row.key, figure.unit, median)
        yield (
            f"{middle}<br><span class=range>all {value_text(figure)} ({range_text(figure)})</span>"
        )


def _worst(row: TargetRow, spread: Spread) -> str:
    if spread.worst is None:
        return "nothing to count"
    value = value_text(spread.worst.figure(row.key))
    where = escape(spread.worst.place.ward or "no ward")
    return f"{value} <span class=range>{where}; {spread.verdict.value}</span>"


def places_table(evaluation: CohortEvaluation, other: CohortEvaluation | None) -> str:
    """Return a row for each ward and physiology, with the other rules in the same cells."""
    figures = [row.figure for row in evaluation.targets]
    head = ["ward", "physiology", "patients", "episodes"]
    head += [f"{figure.text} {target_text(figure)}" for figure in figures]
    theirs = {} if other is None else {result.place: result for result in other.places}
    rows = [
        ("", list(_place_cells(result, theirs.get(result.place)))) for result in evaluation.places
    ]
    note = "In each cell the value and its verdict"
    note += f"; below it, {other.rule_set.name}." if other is not None else "."
    return f"<p class=note>{escape(note)}</p><div class=narrow>{table(head, rows)}</div>"


def _place_cells(result: PlaceResult, theirs: PlaceResult | None) -> Iterator[str]:
    place = result.place
    ward = escape(place.ward or "no ward").replace("-", "&#8209;")
    yield from (ward, str(place.physiology))
    yield from (f"{result.patients}", f"{result.episodes}")
    for figure in result.figures:
        look = look_of(figure.verdict)
        below = "" if theirs is None else f"<br>{short_text(theirs.figure(figure.key))}"
        yield (
            f"<span class={look or 'none'}>{short_text(figure)} {figure.verdict.value}</span>"
            f"<span class=range>{below}</span>"
        )


def reading_list(summary: str, sentences: Sequence[str]) -> str:
    """Return sentences as a list under their summary."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f"<p>{escape(summary)}</p><ul>{items}</ul>"


def habits_table(wards: Sequence[WardHabits]) -> str:
    """Return each rate of the wards, the range it is drawn from, and the source of the range."""
    head = ["rate", "least ward", "greatest", "drawn from", "fitted to"]
    rows = []
    for key, spread in RANGES.items():
        values = sorted(float(getattr(ward, key)) for ward in wards)
        ends = [f"{values[0]:.3g}", f"{values[-1]:.3g}", f"{spread.low:g} to {spread.high:g}"]
        rows.append(("", [*map(escape, (key, *ends, spread.source))]))
    return table(head, rows)


def rates_table(rows: Sequence[RateRow]) -> str:
    """Return the rates of the wards beside those of real recordings, with remarks."""
    head = ["rate", "least ward", "median ward", "greatest", "real", "n", "source"]
    notes = "".join(f"<li>{escape(f'{key}...: {note}')}</li>" for key, note in NOTES.items())
    body = [("", [escape(cell) for cell in row.cells()]) for row in rows]
    return f"{table(head, body)}<ul class=note>{notes}</ul>"
