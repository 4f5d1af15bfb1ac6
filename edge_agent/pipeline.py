"""From what a session reports to what people get: readings in, alert changes out; no I/O."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge_agent.alerting.problem import AlertBook, AlertChange
from edge_agent.detect.engine import Engine
from edge_agent.model.alerts import AlertState
from edge_agent.model.bed_events import BedEvent, CommandRejected
from edge_agent.model.measurements import Readings
from edge_agent.model.session_events import FrameRejected, NumericsReceived
from edge_agent.vitals.normalise import Normaliser

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edge_agent.detect.rule import Rule
    from edge_agent.model.alerts import Acknowledgement, Alert
    from edge_agent.model.clock import Instant
    from edge_agent.model.measurements import Vital
    from edge_agent.model.session_events import SessionEvent

EVALUATE_AT_LEAST_EVERY_S: Final = 5.0
"""A silent bed is judged this often, so that a loss is seen within one interval of its limit."""

Outcome = Readings | AlertChange | BedEvent


@dataclass(frozen=True, slots=True)
class Bed:
    """One bed as the pipeline knows it."""

    bed_id: str
    required_signals: frozenset[str]
    """Signals whose loss is an alert at this bed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which ward this is; part of every alert's identity."""

    site: str
    ward: str


class Pipeline:
    """Normalises, judges and follows the alerts of all beds; owned by one thread.

    Parameters
    ----------
    beds
        The beds watched.
    rules
        The checked rule set.
    place
        Site and ward.
    config_hash
        Names the settings and rules in force; carried by every alert.
    watched_since
        When watching began; a signal never seen counts as lost from then on.
    """

    def __init__(
        self,
        beds: Sequence[Bed],
        rules: Sequence[Rule],
        place: Place,
        config_hash: str,
        watched_since: Instant,
    ) -> None:
        self._beds = {bed.bed_id: bed for bed in beds}
        self._signal_of = {rule.rule_id: rule.signal for rule in rules if rule.signal}
        self._normalisers = {bed.bed_id: Normaliser(bed.bed_id) for bed in beds}
        self._engine = Engine(rules, watched_since)
        self._book = AlertBook([rule.policy for rule in rules], place.site, place.ward, config_hash)
        self._evaluated_at: dict[str, Instant] = {}
        self.rejections: Counter[tuple[str, str]] = Counter()
        """Bytes given up on, by bed and reason."""

    def receive(self, bed_id: str, events: Sequence[SessionEvent], at: Instant) -> list[Outcome]:
        """Return what follows from what a bed's session reported."""
        outcomes: list[Outcome] = []
        for event in events:
            match event:
                case NumericsReceived():
                    readings = self._normalise(bed_id, event)
                    outcomes.append(readings)
                    outcomes += self._observe(bed_id, readings.vitals, event.at)
                case FrameRejected():
                    self.rejections[bed_id, event.reason] += len(event.raw)
                case _:
                    outcomes.append(BedEvent(bed_id, event, at))
        return outcomes

    def tick(self, at: Instant) -> list[Outcome]:
        """Return what follows from time having passed: losses, hold times, clearing."""
        outcomes: list[Outcome] = []
        for bed_id in self._beds:
            last = self._evaluated_at.get(bed_id)
            if last is None or at.seconds_since(last) >= EVALUATE_AT_LEAST_EVERY_S:
                outcomes += self._evaluate(bed_id, at)
        return outcomes

    def acknowledge(self, command: Acknowledgement, at: Instant) -> list[Outcome]:
        """Return what follows from a person's answer."""
        answer = self._book.acknowledge(command, at)
        if isinstance(answer, str):
            return [BedEvent(command.bed_id, CommandRejected(answer), at)]
        return list(answer)

    def restore(self, readings: Iterable[Readings], alerts: Iterable[Alert]) -> list[Outcome]:
        """Take up where the journal ends: known alerts, filled windows, running hold times.

        Parameters
        ----------
        readings
            The journalled readings of at least the longest window, oldest first.
        alerts
            The newest journalled state of each alert.

        Returns
        -------
        list of Outcome
            Changes the journal does not hold yet because the program ended before they were kept.
        """
        known = list(alerts)
        self._book.restore(known)
        self._engine.restore(known)
        pending_since = {
            alert.bed_id: alert.changed_at
            for alert in sorted(known, key=lambda a: a.changed_at, reverse=True)
            if alert.state is AlertState.PENDING
        }
        outcomes: list[Outcome] = []
        for batch in readings:
            if batch.bed_id not in self._beds:
                continue
            self._normalisers[batch.bed_id].restore(batch.vitals)
            self._see(batch.vitals)
            since = pending_since.get(batch.bed_id)
            if since is not None and batch.received_at >= since:
                outcomes += self._evaluate(batch.bed_id, batch.received_at)
        return outcomes

    def open_alerts(self) -> list[Alert]:
        """Return the alerts that were raised and are not over, on all beds."""
        return self._book.open_alerts()

    def _normalise(self, bed_id: str, event: NumericsReceived) -> Readings:
        vitals = self._normalisers[bed_id].normalise(event)
        device_id = event.numerics[0].device_id if event.numerics else bed_id
        return Readings(bed_id, device_id, event.at, event.numerics, vitals)

    def _observe(self, bed_id: str, vitals: Sequence[Vital], at: Instant) -> list[Outcome]:
        if not vitals:
            return []
        self._see(vitals)
        return self._evaluate(bed_id, at)

    def _see(self, vitals: Sequence[Vital]) -> None:
        for vital in vitals:
            self._engine.observe(vital)

    def _evaluate(self, bed_id: str, at: Instant) -> list[Outcome]:
        self._evaluated_at[bed_id] = at
        required = self._beds[bed_id].required_signals
        findings = [
            finding
            for finding in self._engine.evaluate(bed_id, at, self._book.clearing(bed_id))
            if self._signal_of.get(finding.rule_id, "") in required | {""}
        ]
        return list(self._book.apply(findings))
