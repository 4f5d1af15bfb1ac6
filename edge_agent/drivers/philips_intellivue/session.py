"""Session with one IntelliVue monitor."""

from __future__ import annotations

from typing import Final

from edge_agent.drivers.framing import FrameScanner, Intake
from edge_agent.drivers.philips_intellivue import alarms, frames, messages, polls
from edge_agent.drivers.philips_intellivue.association import AssociationAccepted, Control
from edge_agent.drivers.philips_intellivue.dialogue import AssociationDialogue
from edge_agent.drivers.philips_intellivue.numerics import IntellivueFacts, labels_of, numerics_of
from edge_agent.drivers.philips_intellivue.reader import MalformedMessageError
from edge_agent.drivers.philips_intellivue.times import TICKS_PER_S, DeviceClock
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import Numeric
from edge_agent.model.session_events import (
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    NumericsReceived,
    SessionEvent,
)

SILENCE_S: Final = 0.5
"""Seconds of silence that settle a half-received frame: longer than the longest frame takes at
115,200 baud (0.44 s), shorter than one cycle of
numerics (1.024 s, recordings of an MP90, GitHub derekmerck/PERSEUS)."""

_RESTART_TICKS: Final = -10 * TICKS_PER_S
"""Step in ticks that means a restart of the counter; messages overtake one another by 2 s."""


class IntelliVueSession:
    """Session with a monitor that speaks Data Export over MIB/RS232.

    Parameters
    ----------
    device_id
        Name of the monitor in every numeric.
    listen_only
        True to decode the traffic without ever sending.
    """

    def __init__(self, device_id: str, *, listen_only: bool) -> None:
        self._device_id = device_id
        self._intake = Intake(
            FrameScanner(frames.BEGIN, frames.END, frames.MAX_FRAME), SILENCE_S, self._frame
        )
        self._dialogue = AssociationDialogue(listen_only=listen_only)
        self._forget_monitor()

    def receive(self, data: bytes, at: Instant) -> list[SessionEvent]:
        """Return the events that `data`, received at `at`, completes."""
        return self._intake.receive(data, at) + self._step(at)

    def tick(self, at: Instant) -> list[SessionEvent]:
        """Run polls and time-outs; settle a half-received frame after `SILENCE_S`."""
        return self._intake.tick(at) + self._step(at)

    def bytes_to_send(self) -> bytes:
        """Return and forget the bytes due to the monitor; always empty when listening only."""
        return self._dialogue.take()

    def release(self) -> None:
        """Close the association cleanly, if there is one, and open no new one."""
        self._dialogue.release()

    def _step(self, at: Instant) -> list[SessionEvent]:
        self._dialogue.step(at)
        return list(self._dialogue.changes())

    def _forget_monitor(self) -> None:
        """Forget clock, labels and alarms: after a restart the monitor starts them anew."""
        self._clock = DeviceClock()
        self._labels: dict[int, str] = {}
        self._alarms: alarms.AlarmLists | None = None  # None until the monitor has reported alarms

    def _frame(self, frame: bytes, at: Instant) -> list[SessionEvent]:
        user_data = frames.parse(frame)
        if isinstance(user_data, FrameRejected):
            return [user_data]
        try:
            events = self._message(messages.parse(user_data), at)
        except MalformedMessageError as error:
            return [FrameRejected(f"malformed message: {error}", frame)]
        self._dialogue.heard(at)
        return [*self._dialogue.changes(), *events]

    def _message(self, message: messages.Message, at: Instant) -> list[SessionEvent]:
        match message:
            case Control():
                self._dialogue.controlled(message, at)
            case AssociationAccepted():
                self._dialogue.controlled(message, at)
                if message.unread:
                    words = f"the association is accepted, but not readable: {message.unread}"
                    return [FrameRejected(words, b"")]
            case messages.MdsCreated():
                return self._created(message, at)
            case messages.OperationFailed():
                self._dialogue.failed(message)
            case polls.PollReply():
                return self._reply(message, at)
        return []

    def _created(self, message: messages.MdsCreated, at: Instant) -> list[SessionEvent]:
        self._forget_monitor()
        self._clock.set_wall(message.ticks, message.absolute_ns)
        self._dialogue.created(message)
        identified = DeviceIdentified(message.manufacturer, message.model, message.system_id, at)
        return [identified, *(FrameRejected(words, b"") for words in message.doubled)]

    def _reply(self, reply: polls.PollReply, at: Instant) -> list[SessionEvent]:
        step = self._clock.advance(reply.ticks)
        if step is not None and step < _RESTART_TICKS:
            self._forget_monitor()
            self._clock.advance(reply.ticks)
            self._dialogue.restarted(at)
        device_now = self._clock.at(reply.ticks, reply.absolute_ns)
        labels, lists = dict(self._labels), self._alarms
        numerics: list[Numeric] = []
        origin = IntellivueFacts(self._device_id, self._clock, labels, device_now, at)
        unread: dict[str, None] = {}
        for polled in reply.objects:
            unread |= dict.fromkeys(polled.doubled)
            try:
                labels |= labels_of(polled)
                numerics += numerics_of(polled, origin)
                lists = alarms.updated(lists, polled)
            except MalformedMessageError as error:
                unread[f"an object cannot be read: {error}"] = None
        events: list[SessionEvent] = [FrameRejected(words, b"") for words in unread]
        if numerics:
            events.append(NumericsReceived(tuple(numerics), device_now, at))
        if lists is not None and lists != self._alarms:
            events.append(DeviceAlarmsChanged(lists.all, device_now, at))
        self._labels, self._alarms = labels, lists
        self._dialogue.answered(reply, at)
        return events
