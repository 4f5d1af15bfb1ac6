"""Result of each entry in a delivery, and the search for entries that a sink cannot accept.

A sink that cannot be reached is no entry's fault. An entry is at fault where the sink refuses it
alone, or loses the link several times when it is sent alone. Either is believed only after the
sink accepted another entry of that kind: a server that refuses everything is itself at fault.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from edge_agent.journal.entries import JournalEntry
from edge_agent.model.errors import DeliveryError, PartialDeliveryError
from edge_agent.payloads.alerts import AlertIdentity, alert_identity

MOST_LOSSES: Final = 3
"""Losses of the link at one entry sent alone that are no longer chance."""
_MOST_UNPROVEN: Final = 4
"""Single refusals, with no entry accepted, after which another entry is sent as a check."""

Key = AlertIdentity | int | str
"""Identity of an entry: an alert has the same one from memory and from the journal, other entries
have their seq, and entries that are not journalled have their bed."""


def key_of(entry: JournalEntry) -> Key:
    """Return the identity of an entry."""
    return alert_identity(entry.body) or entry.seq or entry.bed_id


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that a sink refused, with the reason."""

    entry: JournalEntry
    reason: str
    is_final: bool
    """True where the entry itself cannot be sent, so that no other entry needs to prove it."""
    is_lost: bool = False
    """True where the link breaks at the entry, so that it is not sent again as a check."""


@dataclass(slots=True)
class DeliveryResult:
    """Result of each entry in a delivery; those in neither list are still to be sent."""

    accepted: list[JournalEntry] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    fault: DeliveryError | None = None
    """Reason why the sink accepted no more; None where it could be reached."""
    is_proven: bool = False
    """True where the sink accepted at least one, so that a refusal concerns the refused entry."""

    def unproven(self) -> list[Refused]:
        """Return the refusals that may concern every entry."""
        return [] if self.is_proven else [r for r in self.refused if not r.is_final]


class EntryReceiver(Protocol):
    """The part of a sink that accepts entries."""

    def deliver(self, entries: Sequence[JournalEntry]) -> int:
        """Deliver entries, as `Sink.deliver` does."""


class Sender:
    """Sender of entries to one sink; finds out which of them the sink cannot accept.

    Parameters
    ----------
    sink
        Used by the worker's thread only.
    on_accepted
        Called after each delivery with the number of entries accepted, where it is not 0.
    """

    def __init__(self, sink: EntryReceiver, on_accepted: Callable[[int], None]) -> None:
        self._sink = sink
        self._on_accepted = on_accepted
        self._losses: dict[Key, int] = {}
        """Number of times that the link broke when an entry was sent alone."""
        self._alone = 0
        """Number of entries still to be sent one by one, as one of them may break the link."""

    def send(self, entries: Sequence[JournalEntry]) -> DeliveryResult:
        """Send entries of one lane, together unless one of them is suspect."""
        result = DeliveryResult()
        suspects = [e for e in entries if self._losses.get(key_of(e))]
        others = [e for e in entries if not self._losses.get(key_of(e))]
        while others and result.fault is None and not _refuses_all(result):
            count = 1 if self._alone else len(others)
            self._send_piece(others[:count], result)
            others = others[count:]
        for entry in suspects:
            if result.fault is None and not _refuses_all(result):
                self._send_suspect(entry, result)
        return result

    def accepts(self, entry: JournalEntry) -> bool:
        """Return True where the sink accepts this entry now, perhaps for the second time."""
        result = DeliveryResult()
        self._send_piece([entry], result)
        if result.fault is not None:
            raise result.fault
        return result.is_proven

    def confirm_refusals(self, refused: Sequence[Refused]) -> DeliveryResult:
        """Send entries once more, now that the sink is known to accept others.

        It may have been repaired since it refused them.
        """
        result = DeliveryResult(is_proven=True)
        for refusal in refused:
            if refusal.is_final or refusal.is_lost:
                result.refused.append(refusal)
            elif result.fault is None:
                self._send_piece([refusal.entry], result)
        return result

    def forget_losses(self, entries: Sequence[JournalEntry]) -> None:
        """Forget the losses of the link at these entries."""
        for entry in entries:
            self._losses.pop(key_of(entry), None)

    def _send_suspect(self, entry: JournalEntry, result: DeliveryResult) -> None:
        """Send an entry at which the link broke before, as often as that is allowed."""
        losses = self._losses[key_of(entry)]
        if losses >= MOST_LOSSES:
            reason = f"the link broke {losses} times at this entry"
            result.refused.append(Refused(entry, reason, is_final=False, is_lost=True))
        else:
            self._send_piece([entry], result)

    def _send_piece(self, entries: Sequence[JournalEntry], result: DeliveryResult) -> None:
        """Send entries; where one of them is refused, find out which."""
        pieces = [entries]
        while pieces and result.fault is None and not _refuses_all(result):
            piece = pieces.pop()
            try:
                count = self._sink.deliver(piece)
            except PartialDeliveryError as error:
                self._note_part(piece, error, result)
            except DeliveryError as error:
                if error.retryable:
                    result.fault = error
                elif len(piece) == 1:
                    result.refused.append(Refused(piece[0], str(error), is_final=False))
                else:
                    half = len(piece) // 2
                    pieces += [piece[half:], piece[:half]]
            else:
                self._note_accepted(piece, count, result)

    def _note_part(
        self, piece: Sequence[JournalEntry], error: PartialDeliveryError, result: DeliveryResult
    ) -> None:
        self._note_accepted([piece[i] for i in sorted(error.accepted)], len(error.accepted), result)
        result.refused += [Refused(piece[r.index], r.reason, r.is_final) for r in error.refused]
        if not error.retryable:
            return
        result.fault = error
        if not error.unanswered:
            return
        if len(piece) == 1:
            key = key_of(piece[0])
            self._losses[key] = self._losses.get(key, 0) + 1
        else:
            self._alone = len(piece)

    def _note_accepted(
        self, entries: Sequence[JournalEntry], count: int, result: DeliveryResult
    ) -> None:
        result.accepted += entries
        self._alone = max(0, self._alone - len(entries))
        self.forget_losses(entries)
        if count:
            result.is_proven = True
            self._on_accepted(count)


def _refuses_all(result: DeliveryResult) -> bool:
    """Return True after so many refusals, and no acceptance, that the server may refuse all."""
    return len(result.unproven()) >= _MOST_UNPROVEN
