"""State of each monitor: its identity, its link and its clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Final

from edge_agent.model.bed_events import BedState, ClockCompared, MonitorIdentity
from edge_agent.model.clock import Instant
from edge_agent.model.device_status import ClockStep, DeviceStatus, Rejections
from edge_agent.model.measurements import Numeric
from edge_agent.model.session_events import (
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    LinkChanged,
    LinkState,
    NumericsReceived,
)
from edge_agent.vitals.canonical import CODES, KINDS
from edge_agent.ward.monitor_alarms import one_line, red_words, unmeasured

_CLOCK_STEP_S: Final = 5.0  # design start value, unvalidated; no line delays a message that long
_DRIFT_AFTER_S: Final = 3600.0  # a clock with whole seconds shows no drift before that
_RETURNS_WITHIN_S: Final = 30.0
"""Silence in seconds that does not count as a lost link, the same as in system.feed: many senders
open a connection for each message."""
_REASONS_AT_MOST: Final = 64
_OTHER: Final = "other reasons"


@dataclass(slots=True)
class ClockComparison:
    """Tracks the offset between a monitor's wall clock and the gateway's."""

    newest: ClockCompared | None = None
    """None until the monitor has sent a wall clock."""
    newest_step: ClockStep | None = None
    """None while its clock has not been set."""
    _reference: ClockCompared | None = None  # first since either clock was set; None before it
    _reported_s: float = 0.0  # the offset that was reported last

    def compare(self, wall_ns: int, at: Instant) -> ClockCompared | None:
        """Return the comparison if it is new: the first, a step, or 5 s from the last reported."""
        offset_s = (wall_ns - at.utc_ns) / 1e9
        is_first = self.newest is None
        step_s = self._step_s(offset_s, at)
        is_step = abs(step_s) > _CLOCK_STEP_S
        if is_step:
            self.newest_step = ClockStep(step_s, at)
        is_set = self.newest is not None and abs(offset_s - self.newest.offset_s) > _CLOCK_STEP_S
        if self._reference is None or is_step or is_set:
            self._reference = ClockCompared(offset_s, None, is_step, at)
        elapsed_s = at.seconds_since(self._reference.at)
        drift = None
        if elapsed_s >= _DRIFT_AFTER_S:
            drift = (offset_s - self._reference.offset_s) / elapsed_s * 86_400
        self.newest = ClockCompared(offset_s, drift, is_step, at)
        if not is_first and not is_step and abs(offset_s - self._reported_s) <= _CLOCK_STEP_S:
            return None
        self._reported_s = offset_s
        return self.newest

    def _step_s(self, offset_s: float, at: Instant) -> float:
        """Return the seconds by which the monitor's clock was set, corrected for the gateway's."""
        if self.newest is None:
            return 0.0
        before = self.newest.at
        own_ns = (at.utc_ns - at.monotonic_ns) - (before.utc_ns - before.monotonic_ns)
        return offset_s - self.newest.offset_s + own_ns / 1e9


@dataclass(slots=True)
class Monitor:
    """One device of a bed, as the gateway knows it."""

    known: MonitorIdentity | None = None
    """Monitor that belongs here; None until the first has identified itself."""
    present: MonitorIdentity | None = None
    """Monitor that answered last; None until it has identified itself."""
    link: LinkState = LinkState.INITIAL
    link_reason: str = ""
    link_since: Instant | None = None
    """Time of the last change; None before the first."""
    is_lost: bool = False
    """True if the link was lost and is not restored. A monitor whose last connections were brief,
    because it opens one for each message, is lost only if it stays away."""
    lost_reason: str = ""
    """Reason for the last loss of the link; empty before the first."""
    red: dict[BedState, tuple[str, ...]] | None = None
    """Its red alarms in the last list, also while the link is lost. None until it sent a list."""
    _red_since: dict[tuple[BedState, str], Instant] = field(default_factory=dict)
    """Start of each red alarm; alarms in the first list are left out."""
    clock: ClockComparison = field(default_factory=ClockComparison)
    newest_rejections: dict[str, Instant] = field(default_factory=dict)
    """Time of the newest discarded data, by reason."""
    _connected_since: Instant | None = None  # None while there is no link
    _last_was_brief: bool = False  # True if it lasted only for one message
    _away_since: Instant | None = None  # None while there is a link
    _returns_at_once: bool = False  # True if it came back at once after a brief connection
    _unused: dict[tuple[int, str, str], None] = field(default_factory=dict)
    """Code, label and unit of the numerics that are not vitals, or have another unit."""
    _has_more_unused: bool = False
    _messages: int = 0
    _numerics: int = 0
    _received_at: Instant | None = None
    _rejected: Counter[str] = field(default_factory=Counter)
    _rejected_bytes: Counter[str] = field(default_factory=Counter)

    @property
    def unused(self) -> tuple[str, ...]:
        """Measurements other than vitals, as the monitor names them."""
        named = tuple(_named(*numeric) for numeric in self._unused)
        return (*named, "and others") if self._has_more_unused else named

    def has_sent_within(self, at: Instant, within_s: float) -> bool:
        """Return True if a message of numerics arrived in the last `within_s`."""
        return self._received_at is not None and at.seconds_since(self._received_at) <= within_s

    @property
    def is_confirmed(self) -> bool:
        """True where the present monitor may be the known one."""
        if self.known is None or self.present is None:
            return True
        return not self.known.contradicts(self.present)

    def note_identity(self, event: DeviceIdentified) -> MonitorIdentity | None:
        """Note the monitor's identity; return the known monitor if more is known about it now."""
        self.present = MonitorIdentity(event.manufacturer, event.model, event.serial)
        if not self.is_confirmed:
            return None
        before, self.known = self.known, (self.known or self.present).completed_by(self.present)
        return self.known if self.known != before else None

    def note_link(self, change: LinkChanged) -> None:
        """Note a change of the link."""
        self.link, self.link_reason, self.link_since = change.state, change.reason, change.at
        if change.state is LinkState.CONNECTED:
            self._note_return(change.at)
            self._connected_since = self._connected_since or change.at
        elif change.state is LinkState.LOST:
            self.lost_reason = change.reason
            if self._connected_since is not None or self._away_since is None:
                self._note_loss(change.at)

    def note_data(self, at: Instant) -> LinkChanged | None:
        """Note that data arrived; return the change of the link if it was lost."""
        if self.link is not LinkState.LOST:
            return None
        change = LinkChanged(LinkState.CONNECTED, "the device talks", at)
        self.note_link(change)
        return change

    def becomes_lost(self, at: Instant) -> bool:
        """Return True if the link counts as lost from now on, because the monitor stays away."""
        away_since = self._away_since
        if away_since is None or self.is_lost or at.seconds_since(away_since) <= _RETURNS_WITHIN_S:
            return False
        self.is_lost = True
        return True

    def _note_loss(self, at: Instant) -> None:
        connected_since, self._connected_since = self._connected_since, None
        self._last_was_brief = (
            connected_since is not None and at.seconds_since(connected_since) <= _RETURNS_WITHIN_S
        )
        self._away_since = self._away_since or at
        self.is_lost = self.is_lost or not (self._last_was_brief and self._returns_at_once)

    def _note_return(self, at: Instant) -> None:
        if self._away_since is not None:
            away_s = at.seconds_since(self._away_since)
            self._returns_at_once = self._last_was_brief and away_s <= _RETURNS_WITHIN_S
        self._away_since, self.is_lost = None, False

    def note_alarms(self, event: DeviceAlarmsChanged) -> bool:
        """Note the monitor's own list of alarms; return True if its red alarms changed."""
        before, self.red = self.red, red_words(event.alarms)
        were, now = _alarms_of(before), _alarms_of(self.red)
        red_since = {} if before is None else dict.fromkeys(now - were, event.at)
        self._red_since = {a: at for a, at in self._red_since.items() if a in now} | red_since
        return before != self.red

    def newest_red(self, state: BedState) -> list[str]:
        """Return its red alarms, newest first; those of the same age in the device's order."""
        words = (self.red or {}).get(state, ())
        red_since = {alarm: self._red_since.get((state, unmeasured(alarm))) for alarm in words}
        return sorted(words, key=lambda alarm: -at.monotonic_ns if (at := red_since[alarm]) else 0)

    def is_red_since(self, states: Container[BedState], at: Instant) -> bool:
        """Return True if one of its red alarms started, or started again, after a moment."""
        return any(
            state in states and red_since > at for (state, _), red_since in self._red_since.items()
        )

    def forget_patient(self) -> None:
        """Forget the alarms of a monitor whose link is lost: they were another patient's."""
        if self.red is not None and self._away_since is not None:
            self.red, self._red_since = {}, {}

    def note_numerics(self, event: NumericsReceived) -> ClockCompared | None:
        """Count a message; return the comparison of its clock if that is new."""
        self._messages += 1
        self._numerics += len(event.numerics)
        self._received_at = event.at
        for numeric in event.numerics:
            if not _is_vital(numeric):
                self._note_unused((numeric.code, numeric.label, numeric.unit))
        wall_ns = event.device_now.wall_ns
        return None if wall_ns is None else self.clock.compare(wall_ns, event.at)

    def _note_unused(self, named: tuple[int, str, str]) -> None:
        if named in self._unused or len(self._unused) < _REASONS_AT_MOST:
            self._unused[named] = None
        else:
            self._has_more_unused = True

    def note_rejection(self, event: FrameRejected, at: Instant) -> None:
        """Count discarded data by reason; past a limit of reasons, all others together."""
        is_known = event.reason in self._rejected or len(self._rejected) < _REASONS_AT_MOST
        reason = event.reason if is_known else _OTHER
        self._rejected[reason] += 1
        self.newest_rejections[reason] = at
        self._rejected_bytes[reason] += len(event.raw)

    def status(self, bed_id: str, device_id: str) -> DeviceStatus:
        """Return the device's status."""
        rejections = tuple(
            Rejections(reason, times, self._rejected_bytes[reason])
            for reason, times in self._rejected.items()
        )
        is_away = self.link is LinkState.LOST and not self.is_lost
        return DeviceStatus(
            bed_id=bed_id,
            device_id=device_id,
            link=LinkState.CONNECTED if is_away else self.link,
            link_reason="opens a connection for each message" if is_away else self.link_reason,
            link_since=self.link_since,
            identity=self.present or self.known,
            is_confirmed=self.is_confirmed,
            messages=self._messages,
            numerics=self._numerics,
            heard_at=self._received_at,
            clock=self.clock.newest,
            clock_step=self.clock.newest_step,
            unused=self.unused,
            rejections=rejections,
        )


def _alarms_of(red: dict[BedState, tuple[str, ...]] | None) -> set[tuple[BedState, str]]:
    return {(state, unmeasured(alarm)) for state, words in (red or {}).items() for alarm in words}


def _is_vital(numeric: Numeric) -> bool:
    row = CODES.get(numeric.code)
    if row is None:
        return False
    return numeric.value is None or numeric.unit_code in KINDS[row.kind].units


def _named(code: int, label: str, unit: str) -> str:
    return f"{one_line(label) or 'no label'} (code {code}, {one_line(unit) or 'no unit'})"
