"""Notes on the alerts about monitoring a bed, if possible in the sender's own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from edge_agent.model.clock import Instant
from edge_agent.model.facts import Note, NoteKind
from edge_agent.model.measurements import Vital, VitalKind
from edge_agent.ward.monitor import Monitor
from edge_agent.ward.monitor_alarms import limited, one_line

RECENT_S: Final = 300.0
"""Greatest age of the data that explain a missing signal; design start value, unvalidated."""
_ANSWERS_S: Final = 30.0
"""Seconds since its last message for which a monitor counts as answering, as in system.feed."""
_MOST_REASONS: Final = 3
_NOT_UNDERSTOOD: Final = "not understood: "
_KINDS: Final[Mapping[str, tuple[VitalKind, ...]]] = MappingProxyType(
    {
        "heart_rate": (VitalKind.HEART_RATE, VitalKind.PULSE_RATE),
        "spo2": (VitalKind.SPO2,),
        "temperature": (VitalKind.TEMPERATURE,),
        "blood_pressure": (VitalKind.NIBP_SYSTOLIC, VitalKind.ART_SYSTOLIC),
    }
)
"""Vitals of each required signal."""
LOST_MONITOR: Final = frozenset({"signal.lost.monitor", "signal.hidden.monitor"})
"""Rules about the loss of every signal, which any vital explains."""


@dataclass(slots=True)
class UnusedReadings:
    """Reasons why the newest readings of one bed could not be used."""

    _newest: dict[VitalKind, tuple[str, Instant]] = field(default_factory=dict)

    def note(self, vitals: Iterable[Vital]) -> None:
        """Note the vitals of one message."""
        for vital in vitals:
            if vital.is_usable:
                self._newest.pop(vital.kind, None)
            else:
                self._newest[vital.kind] = vital.reason, vital.received_at

    def reasons(self, signal: str, at: Instant) -> list[str]:
        """Return the reasons why recent readings are not used.

        Parameters
        ----------
        signal
            A required signal, empty for all vitals.
        """
        kinds = _KINDS[signal] if signal else tuple(self._newest)
        found = (self._newest[kind] for kind in kinds if kind in self._newest)
        reasons = [reason for reason, then in found if at.seconds_since(then) <= RECENT_S]
        return list(dict.fromkeys(reasons))

    def forget(self) -> None:
        """Forget all reasons: the readings may be another patient's."""
        self._newest.clear()


def lost_notes(
    signal: str, unused: UnusedReadings, monitors: Iterable[Monitor], at: Instant
) -> list[Note]:
    """Return the reasons for a lost signal; none if nothing was received.

    Parameters
    ----------
    signal
        A required signal, empty where every signal is lost.
    """
    reasons = tuple(map(one_line, unused.reasons(signal, at)))
    notes = [Note(NoteKind.NOT_USED, reasons)] if reasons else []
    return [*notes, *_rejected(monitors, at)]


def _rejected(monitors: Iterable[Monitor], at: Instant) -> list[Note]:
    """Return the newest reasons why recent data were not understood, and the number of others."""
    found = [(then, reason) for m in monitors for reason, then in m.newest_rejections.items()]
    recent = [reason for then, reason in sorted(found, reverse=True) if _is_recent(then, at)]
    reasons = [one_line(reason.removeprefix(_NOT_UNDERSTOOD)) for reason in recent]
    words = limited(list(dict.fromkeys(reasons)), _MOST_REASONS)
    return [Note(NoteKind.NOT_UNDERSTOOD, words)] if words else []


def silent_notes(monitors: Iterable[Monitor], shared: Iterable[Monitor], at: Instant) -> list[Note]:
    """Return the data that a bed without vitals did send; none if there were none.

    Parameters
    ----------
    shared
        The addresses to which many devices connect: their data may be this bed's.
    """
    own = list(monitors)
    unused = [name for m in own if m.has_sent_within(at, _ANSWERS_S) for name in m.unused]
    named = limited(unused, _MOST_REASONS)
    notes = [Note(NoteKind.NO_VITAL, named)] if named else []
    return [*notes, *_rejected([*own, *shared], at)]


def _is_recent(then: Instant, at: Instant) -> bool:
    return at.seconds_since(then) <= RECENT_S
