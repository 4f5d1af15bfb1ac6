"""Way out to an alert manager (IHE PCD ACM): ORU^R40 over MLLP, and reports of status (R41)."""

from __future__ import annotations

import hashlib
import logging
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from edge_agent.clients.stream import ServerAddress
from edge_agent.clients.tls import tls_context
from edge_agent.drivers.hl7_oru.er7 import Er7Message
from edge_agent.drivers.hl7_oru.frames import framed
from edge_agent.drivers.hl7_oru.reply import (
    OutgoingHeader,
    ReplyOutcome,
    acknowledgement,
    acknowledgement_codes,
)
from edge_agent.model.calls import Notice, Receipt, ReceiptFact
from edge_agent.model.clock import Clock, Instant
from edge_agent.model.errors import DeliveryError
from edge_agent.notifiers.acm.alert_report import AlertReport, AlertSender, alert_message
from edge_agent.notifiers.acm.codes import PRIORITIES, TYPES, AlarmState, Phase
from edge_agent.notifiers.acm.mllp_peer import MllpPeer
from edge_agent.notifiers.acm.numbers import AlertNumbers, Numbered
from edge_agent.notifiers.acm.status_listener import StatusListener
from edge_agent.notifiers.acm.status_report import (
    PersonStatus,
    StatusKind,
    StatusReport,
    read_status,
)
from edge_agent.notifiers.notifier import WayEvents
from edge_agent.notifiers.replies import Replies
from edge_agent.payloads.notices import GatewayPlace

_LOG = logging.getLogger(__name__)
_NAMESPACE: Final = uuid.UUID("1f0a7c52-6a1c-4c0c-8d54-2b7b0c9a3e60")
"""Namespace of the ids of heartbeats, one for each gateway."""
_MOST_SENT: Final = 2000
_LOCAL, _MULTICAST = 0x02, 0x01
"""Bits in the first byte of an EUI-64 (IEEE 802, 8.2)."""


@dataclass(frozen=True, slots=True)
class AcmConfig:
    """Address of the alert manager, and the forms that it wants."""

    name: str
    host: str
    port: int
    place: GatewayPlace
    eui64: str = ""
    """Identifier of the gateway, 16 hexadecimal digits; empty for one made from its name."""
    receiving_application: str = ""
    receiving_facility: str = ""
    recipient: Literal["obr28", "prt", "none"] = "obr28"
    """Field that names the person to notify."""
    listen: str = ""
    """Address mllp://HOST:PORT at which reports of status arrive; empty where they come over the
    connection of the alerts."""
    status_trigger: str = "R41"
    status_structure: str = "ORA_R41"
    tls_ca: Path | None = None
    """Certificate authority of the alert manager; None for a line without TLS."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    timeout_s: float = 5.0
    """Longest time until a message is acknowledged."""


class AcmWay:
    """An alert manager; a notice is delivered when the alert manager has acknowledged it.

    What becomes of it after that comes back as reports of status.
    """

    def __init__(self, config: AcmConfig, events: WayEvents, clock: Clock) -> None:
        self._config = config
        self.name = config.name
        self._events = events
        self._sender = AlertSender(
            config.place,
            config.eui64.upper() or _made_eui64(config.place),
            config.receiving_application,
            config.receiving_facility,
            config.recipient,
        )
        self._kind = StatusKind(config.status_trigger, config.status_structure)
        self._replies = Replies(config.name, events)
        self._numbers = AlertNumbers(events.now().utc_ns)
        self._sent: dict[str, Numbered] = {}
        """Messages by control id, the newest last; replaced as a whole by the sending thread."""
        self._beats = 0
        self._acks = 0
        address = ServerAddress(config.host, config.port)
        self._peer = MllpPeer(
            address, config.timeout_s, lambda: tls_context(config), self._kind.is_in, self._receive
        )
        self._listener = StatusListener(config.listen, self._receive, clock)

    def notify(self, notice: Notice) -> None:
        """Send a notice as alert messages, each acknowledged.

        Raises
        ------
        DeliveryError
            If one was not acknowledged, or the alert manager says that it cannot deliver it.
        """
        self._listener.start()
        self._replies.expect(notice)
        for message in self._numbers.messages(notice):
            self._remember(message)
            body = alert_message(self._report(message), self._sender, message.control_id)
            answer = self._peer.exchange(body, message.control_id)
            if self._kind.is_in(answer):
                self._take_answer(answer)

    def beat(self, at: Instant) -> None:
        """Send a heartbeat, and have it acknowledged.

        Raises
        ------
        DeliveryError
            If it was not acknowledged.
        """
        self._listener.start()
        phase = Phase.CONTINUE if self._beats else Phase.START
        control_id = OutgoingHeader(at.utc_ns, self._beats).control_id
        body = alert_message(self._beat(at, phase, AlarmState.ACTIVE), self._sender, control_id)
        self._peer.exchange(body, control_id)
        self._beats += 1

    def close(self) -> None:
        """Say that the heartbeat ends on purpose, and close the connections; on any thread."""
        at = self._events.now()
        if self._beats:
            control_id = OutgoingHeader(at.utc_ns, self._beats).control_id
            report = self._beat(at, Phase.END, AlarmState.INACTIVE)
            self._peer.say_goodbye(alert_message(report, self._sender, control_id))
        self._peer.close()
        self._listener.stop()

    def _report(self, message: Numbered) -> AlertReport:
        notice = message.notice
        return AlertReport(
            alert_id=message.alert_id,
            n=message.n,
            at_ns=notice.at.utc_ns,
            bed_id=notice.bed_id,
            person_id=notice.person_id,
            notice_id=notice.notice_id,
            since_ns=None if notice.since is None else notice.since.utc_ns,
            headline=notice.headline,
            text=notice.sentence,
            phase=message.phase,
            state=message.state,
            inactivation=(message.inactivation,),
            priority=PRIORITIES[notice.priority],
            alert_type=TYPES[notice.kind],
            is_test=notice.is_test,
        )

    def _beat(self, at: Instant, phase: Phase, state: AlarmState) -> AlertReport:
        place = self._config.place
        name = f"{place.site}/{place.ward}/{place.gateway_id}"
        return AlertReport(
            alert_id=str(uuid.uuid5(_NAMESPACE, name)),
            n=self._beats,
            at_ns=at.utc_ns,
            headline="heartbeat",
            phase=phase,
            state=state,
            is_beat=True,
            confirm_s=self._config.timeout_s,
        )

    def _remember(self, message: Numbered) -> None:
        sent = {k: v for k, v in self._sent.items() if k != message.control_id}
        if len(sent) >= _MOST_SENT:
            del sent[next(iter(sent))]
        self._sent = sent | {message.control_id: message}

    def _take_answer(self, answer: Er7Message) -> None:
        """Record a report of status that is the acknowledgement of a notice.

        Raises
        ------
        DeliveryError
            If it says that the notice cannot be delivered.
        """
        failed = [s for s in read_status(answer).statuses if s.fact is ReceiptFact.FAILED]
        if failed:
            raise DeliveryError(_undelivered(failed[0]), retryable=True)
        refusal = self._take_status(answer)
        if refusal:
            _LOG.warning("way %s: a status is not accepted: %s", self.name, refusal)

    def _receive(self, message: Er7Message) -> bytes:
        """Take a message of the alert manager's own; return the bytes to answer; on its thread."""
        is_acknowledgement = any(segment.name == "MSA" for segment in message.segments)
        if not self._kind.is_in(message):
            if is_acknowledgement:
                return b""
            outcome = ReplyOutcome.REJECTED
            words = f"want a report of status, {self._kind.trigger}"
        else:
            words = self._take_status(message)
            outcome = ReplyOutcome.ERROR if words else ReplyOutcome.ACCEPTED
        if words:
            _LOG.warning("way %s: a message is not accepted: %s", self.name, words)
        if is_acknowledgement:
            return b""  # nobody acknowledges an acknowledgement
        self._acks += 1
        outgoing = OutgoingHeader(self._events.now().utc_ns, self._acks)
        codes = acknowledgement_codes(message, outcome, "")
        return b"".join(framed(acknowledgement(message, code, outgoing, words)) for code in codes)

    def _take_status(self, message: Er7Message) -> str:
        """Record a report of status; return why it is not accepted, empty if it is."""
        report = read_status(message)
        notice = self._notice_of(report)
        if notice is None:
            return "it names no alert that was sent"
        if report.bed_id and report.bed_id != notice.bed_id:
            return f"it is about {report.bed_id}, and the alert about {notice.bed_id}"
        refusals = [self._note(notice, status) for status in report.statuses]
        return next((words for words in refusals if words), "")

    def _note(self, notice: Notice, status: PersonStatus) -> str:
        if not status.is_known:
            return f"status {status.word!r} is not known"
        if status.fact is None:
            return ""
        if status.fact is not ReceiptFact.FAILED:
            return self._replies.note(notice, status.fact, status.person)
        at, words = self._events.now(), _undelivered(status)
        fact, by = ReceiptFact.FAILED, status.person
        receipt = Receipt(notice.notice_id, notice.bed_id, self.name, fact, at, by, words)
        self._events.on_receipt(receipt)
        return ""

    def _notice_of(self, report: StatusReport) -> Notice | None:
        """Return the notice that a report is about: by the ids that it repeats."""
        sent = self._sent
        for control_id in (report.answered_id, report.control_id):
            if control_id in sent:
                return sent[control_id].notice
        if report.notice_id:
            known = self._replies.find(report.notice_id)
            if known is not None:
                return known
        alerts = [m for m in reversed(sent.values()) if m.alert_id == report.alert_id]
        numbered = [message for message in alerts if message.n == report.n]
        people = {status.person for status in report.statuses}
        theirs = [message for message in alerts if message.notice.person_id in people]
        return next((message.notice for message in (*numbered, *theirs, *alerts)), None)


def _undelivered(status: PersonStatus) -> str:
    return f"the alert manager says {status.word!r}"


def _made_eui64(place: GatewayPlace) -> str:
    """Return an identifier of local administration, made from the gateway's name."""
    name = f"{place.site}/{place.ward}/{place.gateway_id}"
    digest = bytearray(hashlib.sha256(name.encode()).digest()[:8])
    digest[0] = (digest[0] | _LOCAL) & ~_MULTICAST
    return digest.hex().upper()
