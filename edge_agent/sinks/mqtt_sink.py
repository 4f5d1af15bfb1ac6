"""Sink that publishes alerts, events and vitals to the ward's broker; receives commands."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from edge_agent.journal.entries import JournalEntry
from edge_agent.model.alerts import Alert
from edge_agent.model.answers import AlertTest, Answer
from edge_agent.model.errors import DeliveryError, PartialDeliveryError, Refusal
from edge_agent.model.patient import BedEntry
from edge_agent.payloads.status import GatewayIdentity
from edge_agent.payloads.topics import Topics, bed_of, board_of, is_alert, is_screens
from edge_agent.sinks.mqtt_commands import CommandCallbacks, CommandGate
from edge_agent.sinks.mqtt_connection import Connection
from edge_agent.sinks.mqtt_link import BrokerLink, ConnectionEvents, MqttConfig
from edge_agent.sinks.mqtt_messages import MessageBook
from edge_agent.sinks.mqtt_probe import CommandProbe
from edge_agent.sinks.mqtt_publication import Publication

_ACK_TIMEOUT_S: Final = 10.0
"""Seconds to wait for a PUBACK, twice the keepalive; a silent broker is noticed by then."""
_GOODBYE_TIMEOUT_S: Final = 2.0
_MOST_REFUSALS: Final = 100
"""Refusals of commands that may wait to be sent; the gate lets few through."""
_MOST_UNKNOWN: Final = 10_000
"""Alerts without an owner that may wait to be removed; more than any ward ever held."""
_HOPELESS: Final = frozenset({0x90, 0x95, 0x99})
"""MQTT 5 table 2-6: topic name invalid, packet too large, payload format invalid."""


@dataclass(frozen=True, slots=True)
class MqttCallbacks:
    """Callbacks of the sink; called on the network's thread, so none may wait."""

    retained_alerts: Callable[[], Iterable[Alert]]
    """Returns every alert whose present state the broker must hold."""
    on_answer: Callable[[Answer | AlertTest], bool]
    """Returns True where the command was accepted; False while too many wait."""
    on_rejected: Callable[[str, str], bool]
    now_ns: Callable[[], int]
    """Clock, UTC nanoseconds."""
    on_entry: Callable[[BedEntry], bool]
    on_screens: Callable[[str, bytes], None]
    """Receives the reports of boards on their screens, where the configuration asks for them."""


@dataclass(slots=True)
class _Delivery:
    """Results of the entries of a delivery so far."""

    open_mids: dict[int, int] = field(default_factory=dict)
    """Messages without an answer, each with the index of its entry."""
    refused: dict[int, Refusal] = field(default_factory=dict)
    is_whole: set[int] = field(default_factory=set)
    """Indices of the entries whose messages were all sent."""

    def accepted(self) -> frozenset[int]:
        """Return the indices of the entries that the broker has accepted."""
        return frozenset(self.is_whole - set(self.open_mids.values()) - set(self.refused))


class MqttSink:
    """The ward's broker as a sink: MQTT 5, QoS 1, nothing queued in the client while offline."""

    name = "mqtt"

    def __init__(
        self, config: MqttConfig, identity: GatewayIdentity, callbacks: MqttCallbacks
    ) -> None:
        topics = Topics(config.site, config.ward, config.gateway_id)
        self._book = MessageBook(
            topics, identity, callbacks.now_ns, callbacks.retained_alerts, config.bed_ids
        )
        self._callbacks = callbacks
        commands = CommandCallbacks(callbacks.on_answer, callbacks.on_entry, self._reject)
        self._gate = CommandGate(commands)
        # Filled by the network's thread, emptied by the delivering thread:
        self._refusals: deque[tuple[str, str]] = deque(maxlen=_MOST_REFUSALS)
        self._unknown_topics: deque[str] = deque(maxlen=_MOST_UNKNOWN)
        self._on_change: Callable[[], None] = _do_nothing
        self._own_topic = topics.gateway()
        self._clears_unknown = True
        self._was_online = False
        """True where the broker held our birth at an earlier connection."""
        beds = sorted(config.bed_ids or ())
        probed = [topic for bed in beds for topic in (topics.answers(bed), topics.context(bed))]
        self._probe = CommandProbe(probed, identity.boot_id)
        self._probed_link: BrokerLink | None = None
        """Link to which the probes belong; None before the first."""
        commands_of_all = [topics.acknowledgements(), topics.contexts()]
        filters = [self._own_topic]
        filters += [topics.alerts()] if config.clears_alerts else []
        filters += [topics.screens()] if config.hears_screens else []
        events = ConnectionEvents(self._states, self._process, self._note_change)
        will = self._book.of_gateway("lost")
        self._connection = Connection(config, commands_of_all, filters, will, events)

    def start(self, on_change: Callable[[], None] | None = None) -> None:
        """Begin to connect, now and after every loss; call `on_change` at both, on any thread."""
        self._on_change = on_change or _do_nothing
        self._connection.start()

    def leave_unknown(self) -> None:
        """Leave unknown alerts on the broker, as the journal that knows them cannot be read."""
        self._clears_unknown = False

    def close(self) -> None:
        """Say goodbye, so that the last will is not sent, and disconnect."""
        link = self._connection.link
        if link is not None:
            self._say_goodbye(link)
        self._connection.stop()

    def fault(self) -> str:
        """Return why nothing, or not everything, is published; empty while all is well."""
        notes = (self._connection.fault(), self._probe.words(time.monotonic()))
        return "; ".join(note for note in notes if note)

    def interrupt(self) -> None:
        """Make a delivery under way fail soon."""
        link = self._connection.link
        if link is not None:
            link.acks.put(None)

    def deliver(self, entries: Sequence[JournalEntry]) -> int:
        """Publish entries of one lane; return the number that the broker has accepted.

        Raises
        ------
        DeliveryError
            When it has not accepted all; retryable where it could not be reached, or the link
            broke.
        """
        link = self._connection.require_link()
        delivery = _Delivery()
        try:
            for index, entry in enumerate(entries):
                self._send_entry(link, delivery, index, entry)
            while delivery.open_mids:
                self._await_ack(link, delivery)
        except DeliveryError as error:
            raise PartialDeliveryError(
                str(error),
                retryable=True,
                accepted=delivery.accepted(),
                refused=tuple(delivery.refused.values()),
                unanswered=frozenset(delivery.open_mids.values()),
            ) from error
        if delivery.refused:
            refused = tuple(delivery.refused.values())
            raise PartialDeliveryError(
                refused[0].reason, retryable=False, accepted=delivery.accepted(), refused=refused
            )
        return len(entries)

    def tend(self) -> None:
        """Send what is due besides entries: states after trouble, refusals, removals of old alerts.

        Raises
        ------
        DeliveryError
            When the link breaks meanwhile.
        """
        link = self._connection.link
        if link is None:
            return
        for message in self._due_messages(link):
            self._publish_now(link, message)
        birth = self._connection.slow_birth()
        if birth is not None:
            self._publish_now(link, birth)
            self._connection.note_held(birth)
        self._send_probes(link)

    def _send_probes(self, link: BrokerLink) -> None:
        """Send the probes that are due, and wait until the broker has answered to all."""
        if link is not self._probed_link:
            self._probed_link = link
            self._probe.restart()
        probes = self._probe.due(time.monotonic())
        delivery = _Delivery()
        for index, message in enumerate(probes):
            while len(delivery.open_mids) >= link.window:
                self._await_ack(link, delivery)
            delivery.open_mids[self._connection.publish(link, message)] = index
        while delivery.open_mids:
            self._await_ack(link, delivery)
        if probes:
            refused = [probes[index].topic for index in delivery.refused]
            self._probe.note_answers(refused, time.monotonic())

    def _publish_now(
        self, link: BrokerLink, message: Publication, wait_s: float = _ACK_TIMEOUT_S
    ) -> None:
        """Publish one message and return when the broker has answered."""
        delivery = _Delivery({self._connection.publish(link, message): 0})
        while delivery.open_mids:
            self._await_ack(link, delivery, wait_s)

    def _due_messages(self, link: BrokerLink) -> Iterable[Publication]:
        while self._refusals:
            bed_id, reason = self._refusals.popleft()
            yield self._book.of_refusal(bed_id, reason)
        topics = [self._unknown_topics.popleft() for _ in range(len(self._unknown_topics))]
        for topic in [*topics, *self._book.outdated()]:
            clearing = self._book.clearing(topic)
            if clearing is not None and link.may_retain:
                yield clearing

    def _send_entry(
        self, link: BrokerLink, delivery: _Delivery, index: int, entry: JournalEntry
    ) -> None:
        try:
            messages = self._book.of_entry(entry)
            for message in messages:
                link.check_size(message)
        except ValueError as error:
            delivery.refused[index] = Refusal(index, str(error), is_final=True)
            return
        for message in messages:
            while len(delivery.open_mids) >= link.window:
                self._await_ack(link, delivery)
            delivery.open_mids[self._connection.publish(link, message)] = index
        delivery.is_whole.add(index)

    def _await_ack(
        self, link: BrokerLink, delivery: _Delivery, wait_s: float = _ACK_TIMEOUT_S
    ) -> None:
        try:
            answer = link.acks.get(timeout=wait_s)
        except queue.Empty as error:
            # paho would send its own copies again beside the entries that are delivered again.
            words = f"no PUBACK in {wait_s:g} s"
            self._connection.drop(words)
            raise DeliveryError(words, retryable=True) from error
        if answer is None:
            raise DeliveryError(self.fault() or "interrupted", retryable=True)
        mid, reason = answer
        index, topic = delivery.open_mids.pop(mid, None), link.topics.pop(mid, "")
        if index is not None and reason.is_failure:
            words = f"the broker refused a message on {topic}: {reason}"
            delivery.refused[index] = Refusal(index, words, is_final=reason.value in _HOPELESS)

    def _say_goodbye(self, link: BrokerLink) -> None:
        try:
            self._publish_now(link, self._book.of_gateway("stopped"), _GOODBYE_TIMEOUT_S)
        except DeliveryError:
            return  # the broker itself publishes that the gateway is lost

    def _states(self) -> list[Publication]:
        """Return the states that the broker must hold from the start of a connection."""
        return [self._book.of_gateway("online"), *self._book.of_alerts(), *self._book.of_beds()]

    def _process(self, topic: str, payload: bytes, *, is_held: bool) -> None:
        """Process a message from the broker: a command, or an alert that it holds."""
        if topic == self._own_topic:
            # At the first connection, an earlier run may have left its message there.
            if self._was_online and self._book.is_namesake(payload):
                self._connection.note_namesake()
            self._was_online = True
        elif is_screens(topic):
            if not is_held:  # a report that the broker kept says nothing about now
                self._callbacks.on_screens(board_of(topic), payload)
        elif not is_alert(topic):
            is_new = not is_held and not self._probe.note_heard(topic, payload)
            if is_new and self._book.is_ours(bed_of(topic)):
                self._gate.accept(topic, payload, time.monotonic())
        elif is_held and self._clears_unknown and self._book.is_unknown_alert(topic, payload):
            self._unknown_topics.append(topic)
            self._on_change()

    def _reject(self, bed_id: str, reason: str) -> bool:
        is_accepted = self._callbacks.on_rejected(bed_id, reason)
        if not is_accepted:
            self._refusals.append((bed_id, reason))
            self._on_change()
        return is_accepted

    def _note_change(self) -> None:
        self._on_change()


def _do_nothing() -> None:
    return
