"""Times at which a vital may be constant, as entered: a paced heart, a ventilator's rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind, OxygenDevice
from edge_agent.patient.context import known_from
from edge_agent.patient.oxygen_course import oxygen_phases

if TYPE_CHECKING:
    from edge_agent.patient.context import ContextLog

_PACED: Final = "paced"
_SETS_THE_RATE: Final = frozenset({OxygenDevice.BIPAP, OxygenDevice.VENTILATOR})
Span = tuple[int, int | None]
"""UTC start and end, ns; None without a known end."""


def steady_spans(log: ContextLog | None) -> dict[VitalKind, list[Span]]:
    """Return, by vital, the spans in which a device and not the patient sets it."""
    if log is None:
        return {}
    paced = [
        (known_from(e), e.until_utc_ns) for e in log.standing(EntryKind.FLAG) if e.name == _PACED
    ]
    phases = oxygen_phases(log.standing(EntryKind.OXYGEN))
    ends = [*(phase.since_utc_ns for phase in phases[1:]), None]
    breathed = [
        (phase.since_utc_ns, end)
        for phase, end in zip(phases, ends, strict=bool(phases))
        if phase.device in _SETS_THE_RATE
    ]
    found = {VitalKind.HEART_RATE: paced, VitalKind.RESPIRATORY_RATE: breathed}
    return {kind: spans for kind, spans in found.items() if spans}


class SteadyKinds:
    """Cache of the vitals that may be constant, recomputed after every change of the entries."""

    def __init__(self) -> None:
        self._log: ContextLog | None = None
        self._version: int | None = None
        self._spans: dict[VitalKind, list[Span]] = {}

    def at(self, log: ContextLog, utc_ns: int) -> frozenset[VitalKind]:
        """Return the vitals that may be constant.

        Parameters
        ----------
        log
            The entries about the present patient.
        """
        if log is not self._log or log.version != self._version:
            self._log, self._version, self._spans = log, log.version, steady_spans(log)
        if not self._spans:
            return frozenset()
        return frozenset(
            kind
            for kind, spans in self._spans.items()
            if any(a <= utc_ns and (b is None or utc_ns < b) for a, b in spans)
        )
