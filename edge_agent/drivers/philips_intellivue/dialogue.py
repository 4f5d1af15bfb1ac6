"""The host's side of the dialogue: associating, polling, keeping alive, and retrying."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.drivers.philips_intellivue import association, frames, messages, polls
from edge_agent.drivers.philips_intellivue.association import AssociationAccepted, Control
from edge_agent.drivers.philips_intellivue.times import TICKS_PER_S
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import FrameRejected, LinkChanged, LinkState

LOST_AFTER_S: Final = 10.0
"""Seconds without a frame after which the monitor is lost: ten cycles of numerics."""

BACKOFF_FIRST_S: Final = 12.0
"""Seconds before the second try: the monitor refuses until it has dropped the old association,
which takes 10 s or more."""
BACKOFF_MOST_S: Final = 60.0

POLL_PERIOD_S: Final = 60
"""Seconds that one extended poll runs; public clients request the same."""
RENEW_AFTER_S: Final = 30.0
"""Seconds after which a poll is renewed: half the period, so that one lost renewal leaves no
gap."""
RETRY_AFTER_S: Final = 5.0
"""Seconds after which a failed or silent poll is requested again."""

TRIES_MOST: Final = 6
"""Requests without an answer, sent over half a minute, after which a poll is abandoned; design
start value."""
PRESENTS_WITHIN_S: Final = 30.0
"""Seconds that an accepting monitor has to present itself before the association is retried;
monitors do it at once; design start value."""

PACED_FRAMES: Final = 3
RATE_S: Final = 0.128
"""Seconds in which the monitor accepts at most 4 frames (4535 642 59271, MIB/RS232 transport); one
of them is reserved for the release, which does not wait."""

_ASSOCIATED: Final = frozenset({LinkState.NEGOTIATING, LinkState.CONNECTED})
_ENDED: Final = {
    Control.REFUSED: "the monitor refused the association",
    Control.RELEASE_REQUESTED: "the monitor released the association",
    Control.RELEASED: "the association is released",
    Control.ABORTED: "the monitor aborted the association",
}
_VALUES: Final = "values"
"""Name of the poll without which the association is useless."""
_KEEP_ALIVE: Final = polls.PollRequest(0, 4, polls.ALARMS, polls.VMO_STATIC)
"""The cheapest poll: its answer is nearly empty."""


def drop_after_s(min_poll_period_s: float) -> float:
    """Return the seconds after which a monitor drops the association of a host that does not poll.

    Source: GitHub mdpnp/mdpnp (OpenICE) and mindleaving/patient-monitor-datalogger; not in the text
    of the guide that is known to us.
    """
    if min_poll_period_s <= 3.3:
        return 10.0
    return 3 * min_poll_period_s if min_poll_period_s <= 43.0 else 130.0


@dataclass(slots=True)
class _PollState:
    """A poll that the dialogue needs, and the state of its answers."""

    name: str
    request: polls.PollRequest
    sent_at: Instant | None = None
    heard_at: Instant | None = None
    """Newest reply since the first request; None before it."""
    has_failed: bool = False
    """True where the monitor answered the newest request with an error."""
    tries: int = 0
    """Requests since the newest reply."""
    is_abandoned: bool = False
    """True where the monitor never answered, so that this association requests the poll no
    longer."""

    def is_exhausted(self, at: Instant) -> bool:
        """Return whether enough requests went unanswered, the newest for long enough."""
        if self.is_abandoned or self.sent_at is None or self.tries < TRIES_MOST:
            return False
        return at.seconds_since(self.sent_at) >= RETRY_AFTER_S

    def answers(self, action: int, object_class: int) -> bool:
        is_single = self.request.period_ticks is None
        requested = polls.SINGLE_POLL if is_single else polls.EXTENDED_POLL
        return (requested, self.request.object_class) == (action, object_class)

    def is_due(self, at: Instant) -> bool:
        if self.sent_at is None:
            return True
        age_s = at.seconds_since(self.sent_at)
        if self.is_abandoned:
            return False
        if self.tries >= TRIES_MOST:
            return age_s >= RENEW_AFTER_S
        if self.has_failed or self.heard_at is None:
            return age_s >= RETRY_AFTER_S
        if self.request.period_ticks is None:
            return False
        quiet_s = at.seconds_since(max(self.sent_at, self.heard_at))
        return age_s >= RENEW_AFTER_S or quiet_s >= RETRY_AFTER_S


def _wanted() -> tuple[_PollState, ...]:
    """Return the polls of a new association: labels once, values and alarms continuously."""
    period = POLL_PERIOD_S * TICKS_PER_S
    return (
        _PollState("labels", polls.PollRequest(0, 1, polls.NUMERICS, polls.ALL_GROUPS)),
        _PollState(_VALUES, polls.PollRequest(0, 2, polls.NUMERICS, polls.OBSERVED_VALUES, period)),
        _PollState("alarms", polls.PollRequest(0, 3, polls.ALARMS, polls.ALARM_LISTS, period)),
    )


class AssociationDialogue:
    """State of the link and the messages due to the monitor; a listener never sends."""

    def __init__(self, *, listen_only: bool) -> None:
        self._listen_only = listen_only
        self._state = LinkState.INITIAL
        self._since: Instant | None = None  # newest sign of life, None before the first step
        self._retry_at: Instant | None = None  # None unless lost
        self._accepted_at: Instant | None = None  # None before the first acceptance
        self._backoff_s = BACKOFF_FIRST_S
        self._keep_alive_s = LOST_AFTER_S / 3
        self._polled_at: Instant | None = None  # None until this association polled
        self._unconfirmed: messages.MdsCreated | None = None  # None while no answer is due
        self._polls: tuple[_PollState, ...] = ()  # empty until the monitor has presented itself
        self._invoke_id = 0
        self._is_ending = False
        self._release_is_sent = False
        self._sent_at: deque[Instant] = deque(maxlen=PACED_FRAMES)
        self._outbox = b""
        self._changes: list[LinkChanged | FrameRejected] = []

    def release(self) -> None:
        """Put the release into the outbox if there is an association; open no new one."""
        self._is_ending = True
        if self._state in _ASSOCIATED and not self._listen_only and (due := self._farewell()):
            self._outbox += frames.build(due)

    def heard(self, at: Instant) -> None:
        """Note a sound frame; ignore one that comes before the answer to our request."""
        if self._state is not LinkState.CONNECTING:
            self._since = at

    def controlled(self, message: Control | AssociationAccepted, at: Instant) -> None:
        """Act on a message of association control."""
        if isinstance(message, AssociationAccepted):
            if self._state is LinkState.CONNECTING:
                self._keep_alive_s = drop_after_s(message.min_poll_period_s) / 3
                self._accepted_at = at
                self._enter(LinkState.NEGOTIATING, "the monitor accepted the association", at)
        elif message is Control.REFUSED:
            if self._state is LinkState.CONNECTING:
                self.lose(_ENDED[message], at)
        elif message in _ENDED and self._state in _ASSOCIATED:
            self.lose(_ENDED[message], at)

    def created(self, message: messages.MdsCreated) -> None:
        """Note the monitor's presentation: it needs an answer, then polls may start."""
        if self._state in _ASSOCIATED and not self._listen_only:
            self._unconfirmed = message
            self._polls = self._polls or _wanted()

    def answered(self, reply: polls.PollReply, at: Instant) -> None:
        """Note a poll reply."""
        for poll in self._polls:
            if poll.answers(reply.action, reply.object_class):
                poll.heard_at, poll.tries = at, 0
        is_ours = self._listen_only or (self._state is LinkState.NEGOTIATING and self._polls)
        if is_ours and self._state is not LinkState.CONNECTED:
            self._backoff_s = BACKOFF_FIRST_S
            self._enter(LinkState.CONNECTED, "the monitor answers polls", at)

    def failed(self, message: messages.OperationFailed) -> None:
        """Note that an operation failed; its poll is requested again later."""
        for poll in self._polls:
            if poll.request.invoke_id == message.invoke_id:
                poll.has_failed = True

    def restarted(self, at: Instant) -> None:
        """Give up the association: a restarted monitor's objects have other handles."""
        if self._state in _ASSOCIATED and not self._listen_only:
            self.lose("the monitor's relative time restarted", at)

    def lose(self, reason: str, at: Instant) -> None:
        """Give up the association; the next request waits for the back-off."""
        self._polls = ()
        self._unconfirmed = self._polled_at = None
        self._retry_at = at.plus(self._backoff_s)
        self._backoff_s = min(2 * self._backoff_s, BACKOFF_MOST_S)
        self._enter(LinkState.LOST, reason, at)

    def tick(self, at: Instant) -> list[LinkChanged | FrameRejected]:
        """Run time-outs, put due messages into the outbox, and return the `changes`."""
        is_waiting = self._state not in {LinkState.INITIAL, LinkState.LOST}
        if is_waiting and self._since and at.seconds_since(self._since) >= LOST_AFTER_S:
            self.lose(f"no frame for {LOST_AFTER_S:.0f} s", at)
        self._end_unanswered(at)
        if not self._outbox and not self._listen_only:
            while self._rate_allows(at) and (due := self._due(at)):
                self._outbox += frames.build(due)
                self._sent_at.append(at)
        return self.changes()

    def changes(self) -> list[LinkChanged | FrameRejected]:
        """Return and forget the changes of state and the reports of abandoned polls."""
        changes, self._changes = self._changes, []
        return changes

    def bytes_to_send(self) -> bytes:
        """Return and forget the outbox."""
        taken, self._outbox = self._outbox, b""
        return taken

    def _end_unanswered(self, at: Instant) -> None:
        """End what the monitor leaves unanswered although it sends frames."""
        if self._state is LinkState.NEGOTIATING and not self._polls:
            if self._accepted_at and at.seconds_since(self._accepted_at) >= PRESENTS_WITHIN_S:
                self.lose("the monitor accepted the association and never presented itself", at)
            return
        for poll in self._polls:
            if not poll.is_exhausted(at):
                continue
            words = f"{TRIES_MOST} polls for {poll.name} were not answered"
            if poll.name == _VALUES:
                self.lose(words, at)
                return
            if poll.heard_at is None:
                poll.is_abandoned = True
                reason = f"{words}: no longer requested in this association"
                self._changes.append(FrameRejected(reason, b""))

    def _enter(self, state: LinkState, reason: str, at: Instant) -> None:
        self._state = state
        self._since = at
        self._changes.append(LinkChanged(state, reason, at))

    def _rate_allows(self, at: Instant) -> bool:
        return len(self._sent_at) < PACED_FRAMES or at.seconds_since(self._sent_at[0]) >= RATE_S

    def _due(self, at: Instant) -> bytes | None:
        """Return the user data of the next due frame; None where none is due."""
        if self._state in _ASSOCIATED:
            return self._due_when_associated(at)
        if self._is_ending or self._state is LinkState.CONNECTING:
            return None
        if self._retry_at and at < self._retry_at:
            return None
        self._enter(LinkState.CONNECTING, "the association is requested", at)
        return association.build_request()

    def _due_when_associated(self, at: Instant) -> bytes | None:
        if self._is_ending:
            return self._farewell()
        if self._unconfirmed:
            confirmed, self._unconfirmed = self._unconfirmed, None
            return messages.build_mds_create_result(confirmed.invoke_id, confirmed.event_ticks)
        for poll in self._polls:
            if poll.is_due(at):
                poll.request = self._numbered(poll.request)
                poll.sent_at, poll.has_failed = at, False
                poll.tries += 1
                return self._poll(poll.request, at)
        if self._polled_at and at.seconds_since(self._polled_at) >= self._keep_alive_s:
            return self._poll(self._numbered(_KEEP_ALIVE), at)
        return None

    def _farewell(self) -> bytes | None:
        due = None if self._release_is_sent else association.RELEASE_REQUEST
        self._release_is_sent = True
        return due

    def _numbered(self, request: polls.PollRequest) -> polls.PollRequest:
        self._invoke_id = (self._invoke_id + 1) % 0x10000
        return replace(request, invoke_id=self._invoke_id)

    def _poll(self, request: polls.PollRequest, at: Instant) -> bytes:
        self._polled_at = at
        return polls.build(request)
