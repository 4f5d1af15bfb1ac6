"""Session with one IntelliVue monitor."""

from __future__ import annotations

from typing import Final

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.device_session import DeviceSession
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


def open_session(options: SessionOptions) -> DeviceSession[bytes]:
    """Return a session with a monitor that speaks Data Export over MIB/RS232."""
    dialogue = AssociationDialogue(listen_only=options.listen_only)
    scanner = FrameScanner(frames.BEGIN, frames.END, frames.MAX_FRAME)
    reader = IntelliVueReader(options.device_id, dialogue)
    return DeviceSession(Intake(scanner, SILENCE_S, reader.read), dialogue)


class IntelliVueReader:
    """Reads the frames of one monitor."""

    def __init__(self, device_id: str, dialogue: AssociationDialogue) -> None:
        self._device_id = device_id
        self._dialogue = dialogue
        self._forget_monitor()

    def _forget_monitor(self) -> None:
        """Forget clock, labels and alarms: after a restart the monitor starts them anew."""
        self._clock = DeviceClock()
        self._labels: dict[int, str] = {}
        self._alarms: alarms.AlarmLists | None = None  # None until the monitor has reported alarms

    def read(self, frame: bytes, at: Instant) -> list[SessionEvent]:
        """Return the events of one frame."""
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
