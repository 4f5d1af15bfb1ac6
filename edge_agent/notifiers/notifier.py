"""A way out: the protocol that each kind of notifier follows, and what comes back over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from edge_agent.model.answers import Answer
from edge_agent.model.calls import Notice, Receipt
from edge_agent.model.clock import Instant


class Notifier(Protocol):
    """One way out; used by one thread, except for `close`."""

    @property
    def name(self) -> str:
        """Name of the way, as people's entries in the ward file name it."""

    def notify(self, notice: Notice) -> None:
        """Deliver a notice; return once it is delivered.

        Raises
        ------
        DeliveryError
            If it is not delivered; not retryable if the other side refuses this notice for ever.
        """

    def beat(self, at: Instant) -> None:
        """Send a heartbeat; return once it has arrived.

        Raises
        ------
        DeliveryError
            If it has not arrived.
        """

    def close(self) -> None:
        """Release everything; on any thread. What is under way, and all that follows, fails soon.

        Closing twice is allowed.
        """


def _remember_nothing(_notice_id: str) -> Notice | None:
    return None


@dataclass(frozen=True, slots=True)
class WayEvents:
    """Receivers of what comes back over a way out; called on its threads, so none may wait."""

    on_receipt: Callable[[Receipt], None]
    on_answer: Callable[[Answer, str], str]
    """Accepts a person's answer from the way named; returns why not, empty if accepted."""
    now: Callable[[], Instant]
    """The ward's time."""
    recall: Callable[[str], Notice | None] = _remember_nothing
    """Returns a notice of before the start by its id; None for an unknown one."""
