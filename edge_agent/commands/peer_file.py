"""Table of another detector's alerts for `crswatch evaluate --peer`; all its mistakes at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import Final

from edge_agent.evaluate.stays.peer_alerts import Peer, PeerChange
from edge_agent.evaluate.stays.reported_alerts import About, about_of_rule
from edge_agent.model.alerts import AlertPriority
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.texts import read_text
from edge_agent.recorded.cells import number_of
from edge_agent.recorded.moments import moment_utc_ns
from simulators.cohorts.cohort import CohortSpec

_COLUMNS: Final = ("time", "patient", "rule", "priority", "state")
_ABOUT: Final = "about"
_STATES: Final = {"raised": True, "ended": False}
_PRIORITIES: Final = {each.name.lower(): each for each in AlertPriority}
_ABOUTS: Final = {each.name.lower(): each for each in About}


def read_peer(path: Path, spec: CohortSpec) -> Peer:
    """Return the alerts of another detector on the patients of a cohort.

    Raises
    ------
    ConfigError
        With every mistake of the file, each with its line and the value seen.
    """
    rows = csv.DictReader(io.StringIO(read_text(path)))
    missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        message = f"has no column {', '.join(missing)}; want {', '.join(_COLUMNS)}"
        raise ConfigError((Mistake(str(path), "-", f"{message}, and perhaps {_ABOUT}"),))
    known = {*_COLUMNS, _ABOUT}
    changes: dict[str, list[PeerChange]] = {}
    mistakes: list[Mistake] = []
    for cells in rows:
        row = _Row({name: (cell or "").strip() for name, cell in cells.items() if name in known})
        change = row.change()
        if not _is_member(row.cells["patient"], spec):
            want = f"want {spec.name}-00000 to {spec.name}-{spec.patients - 1:05}"
            row.wrong("patient", want)
        place = f"{path}, line {rows.line_num}"
        mistakes += [Mistake(place, column, message) for column, message in row.mistakes]
        if change is not None:
            changes.setdefault(row.cells["patient"], []).append(change)
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return Peer(path.stem, {patient: tuple(of_one) for patient, of_one in changes.items()})


class _Row:
    """One row, and what is wrong with it."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self.cells = cells
        self.mistakes: list[tuple[str, str]] = []

    def wrong(self, column: str, want: str) -> None:
        """Note a cell that cannot be read."""
        self.mistakes.append((column, f"is {self.cells.get(column, '')!r}; {want}"))

    def change(self) -> PeerChange | None:
        """Return the change; None after a mistake."""
        seconds, moment_ns = number_of(self.cells["time"]), moment_utc_ns(self.cells["time"], UTC)
        if moment_ns is None and (seconds is None or not 0.0 <= seconds < float("inf")):
            self.wrong("time", "want seconds since the recording began, or ISO 8601")
        priority = _PRIORITIES.get(self.cells["priority"].lower())
        if priority is None:
            self.wrong("priority", f"want {', '.join(_PRIORITIES)}")
        is_raised = _STATES.get(self.cells["state"].lower())
        if is_raised is None:
            self.wrong("state", f"want {', '.join(_STATES)}")
        about = self._about()
        if self.mistakes or priority is None or is_raised is None or about is None:
            return None
        at_s = (seconds or 0.0) if moment_ns is None else moment_ns / 1e9
        is_dated = moment_ns is not None
        return PeerChange(at_s, is_dated, self.cells["rule"], about, priority, is_raised)

    def _about(self) -> About | None:
        """Return the subject from its column, or from a rule's name as in this program."""
        named = self.cells.get(_ABOUT, "")
        if named:
            found = _ABOUTS.get(named.lower())
            if found is None:
                self.wrong(_ABOUT, f"want {', '.join(_ABOUTS)}")
            return found
        by_rule = about_of_rule(self.cells["rule"])
        if by_rule is None:
            names = ", ".join(_ABOUTS)
            self.wrong("rule", f"its subject is unknown; want a column {_ABOUT} with {names}")
        return by_rule


def _is_member(patient_id: str, spec: CohortSpec) -> bool:
    name, _, number = patient_id.rpartition("-")
    is_number = number.isascii() and number.isdecimal()
    return name == spec.name and len(number) >= 5 and is_number and int(number) < spec.patients
