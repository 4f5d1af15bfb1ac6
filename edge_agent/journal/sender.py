"""What became of each entry of a delivery, and which of them a sink stumbles over.

A sink that cannot be reached is no entry's fault. An entry is, where the sink refuses it alone, or
loses the link several times when it is handed over alone. Either is believed only after the sink
took another entry of that kind: a server that refuses everything is at fault itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from edge_agent.model.errors import DeliveryError, PartialDeliveryError
from edge_agent.payloads import AlertIdentity, alert_identity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge_agent.journal.entries import Entry

MOST_LOSSES: Final = 3
"""The link breaks by chance, too; three times at one entry handed over alone is no chance."""
MOST_UNPROVEN: Final = 4
"""Single refusals, none taken, after which the server is asked for another entry."""

Key = AlertIdentity | int | str
"""An alert is the same one from memory and from the journal; anything else goes by its seq, and
what no journal keeps by its bed."""


def key_of(entry: Entry) -> Key:
    """Return what tells an entry from others."""
    return alert_identity(entry.body) or entry.seq or entry.bed_id


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that a sink does not take, and why."""

    entry: Entry
    reason: str
    is_final: bool
    """Whether the entry itself cannot be sent, so that no other entry needs to prove it."""
    is_lost: bool = False
    """Whether the link breaks at it, so that it is not handed over to make sure."""


@dataclass(slots=True)
class Outcome:
    """What became of the entries of a delivery; those in neither list are still to be sent."""

    taken: list[Entry] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    fault: DeliveryError | None = None
    """Why the sink took no more; None where it could be reached."""
    is_proven: bool = False
    """Whether the outside took at least one, so that a refusal is about the entry refused."""

    def unproven(self) -> list[Refused]:
        """Return the refusals that the sink may well say to every entry."""
        return [] if self.is_proven else [r for r in self.refused if not r.is_final]


class Taker(Protocol):
    """The side of a sink that takes entries."""

    def deliver(self, entries: Sequence[Entry]) -> int:
        """Hand over entries, as `Sink.deliver` does."""


class Sender:
    """Hands entries to one sink and finds out which of them it cannot take.

    Parameters
    ----------
    sink
        Used by the worker's thread only.
    on_taken
        Called with how many entries the outside took, after each delivery that it took any of.
    """

    def __init__(self, sink: Taker, on_taken: Callable[[int], None]) -> None:
        self._sink = sink
        self._on_taken = on_taken
        self._losses: dict[Key, int] = {}
        """How often the link broke when an entry was handed over alone."""
        self._alone = 0
        """So many entries are handed over one by one, as one of them may break the link."""

    def send(self, entries: Sequence[Entry]) -> Outcome:
        """Hand over entries of one lane, together where nothing speaks against it."""
        outcome = Outcome()
        blamed = [e for e in entries if self._losses.get(key_of(e))]
        calm = [e for e in entries if not self._losses.get(key_of(e))]
        while calm and outcome.fault is None and not _looks_hopeless(outcome):
            count = 1 if self._alone else len(calm)
            self._send_piece(calm[:count], outcome)
            calm = calm[count:]
        for entry in blamed:
            if outcome.fault is None and not _looks_hopeless(outcome):
                self._send_blamed(entry, outcome)
        return outcome

    def takes(self, entry: Entry) -> bool:
        """Return whether the sink takes this entry now, which may be one it took before."""
        outcome = Outcome()
        self._send_piece([entry], outcome)
        if outcome.fault is not None:
            raise outcome.fault
        return outcome.is_proven

    def make_sure(self, refused: Sequence[Refused]) -> Outcome:
        """Hand entries over once more, now that the sink is known to take others.

        It may have been put right after it refused them.
        """
        outcome = Outcome(is_proven=True)
        for refusal in refused:
            if refusal.is_final or refusal.is_lost:
                outcome.refused.append(refusal)
            elif outcome.fault is None:
                self._send_piece([refusal.entry], outcome)
        return outcome

    def forgive(self, entries: Sequence[Entry]) -> None:
        """Hand entries over again as if nothing had happened."""
        for entry in entries:
            self._losses.pop(key_of(entry), None)

    def _send_blamed(self, entry: Entry, outcome: Outcome) -> None:
        """Hand over an entry at which the link broke before, as often as that is allowed."""
        losses = self._losses[key_of(entry)]
        if losses >= MOST_LOSSES:
            reason = f"the link broke {losses} times at this entry"
            outcome.refused.append(Refused(entry, reason, is_final=False, is_lost=True))
        else:
            self._send_piece([entry], outcome)

    def _send_piece(self, entries: Sequence[Entry], outcome: Outcome) -> None:
        """Hand over entries; where one of them is refused, find out which."""
        pieces = [entries]
        while pieces and outcome.fault is None and not _looks_hopeless(outcome):
            piece = pieces.pop()
            try:
                count = self._sink.deliver(piece)
            except PartialDeliveryError as error:
                self._note_part(piece, error, outcome)
            except DeliveryError as error:
                if error.retryable:
                    outcome.fault = error
                elif len(piece) == 1:
                    outcome.refused.append(Refused(piece[0], str(error), is_final=False))
                else:
                    half = len(piece) // 2
                    pieces += [piece[half:], piece[:half]]
            else:
                self._note_taken(piece, count, outcome)

    def _note_part(
        self, piece: Sequence[Entry], error: PartialDeliveryError, outcome: Outcome
    ) -> None:
        self._note_taken([piece[i] for i in sorted(error.taken)], len(error.taken), outcome)
        outcome.refused += [Refused(piece[r.place], r.reason, r.is_final) for r in error.refused]
        if not error.retryable:
            return
        outcome.fault = error
        if not error.unanswered:
            return
        if len(piece) == 1:
            key = key_of(piece[0])
            self._losses[key] = self._losses.get(key, 0) + 1
        else:
            self._alone = len(piece)

    def _note_taken(self, entries: Sequence[Entry], count: int, outcome: Outcome) -> None:
        outcome.taken += entries
        self._alone = max(0, self._alone - len(entries))
        self.forgive(entries)
        if count:
            outcome.is_proven = True
            self._on_taken(count)


def _looks_hopeless(outcome: Outcome) -> bool:
    """Return whether so many were refused, and none taken, that the server may refuse all."""
    return len(outcome.unproven()) >= MOST_UNPROVEN
