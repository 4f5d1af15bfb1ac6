"""A Philips IntelliVue monitor at its MIB/RS232 port: the device's side of Data Export.

Source: Philips, IntelliVue Data Export Interface Programming Guide, 4535 642 59271; behaviour on
which the guide is silent (linked results closed by an empty result, a first reply without values)
after recordings of an M8000 and an MP90.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final

from edge_agent.model.clock import Instant
from simulators.monitors.device import PowerOn
from simulators.monitors.intellivue import association
from simulators.monitors.intellivue.alarms import AlarmListEntry, alert_objects, present_alarms
from simulators.monitors.intellivue.numerics import (
    AttributeGroup,
    NumericsDisplay,
    numeric_objects,
    shown_values,
    spo2_state,
)
from simulators.monitors.intellivue.replies import (
    CREATE_INVOKE_ID,
    create_event,
    error,
    poll_replies,
    priority_list,
)
from simulators.monitors.intellivue.requests import (
    Action,
    ActionKind,
    CreateResult,
    GetRequest,
    PollClass,
    SetRequest,
    Unknown,
    parse_request,
)
from simulators.monitors.intellivue.wire import (
    EXPORT_PREFIX,
    TICKS_PER_S,
    HostDatagrams,
    ObservedObject,
    frame,
)
from simulators.monitors.push_device import Outbox

_CYCLE_TICKS: Final = 8192  # 1.024 s between measurements
_CYCLE_NS: Final = _CYCLE_TICKS * 10**9 // TICKS_PER_S
_NUMERIC_GROUPS: Final = frozenset(
    {AttributeGroup.ALL, AttributeGroup.METRIC_OBSERVED, AttributeGroup.VMO_STATIC}
)
_VALUE_GROUPS: Final = frozenset({AttributeGroup.METRIC_OBSERVED})
_ALERT_GROUPS: Final = frozenset(
    {AttributeGroup.ALL, AttributeGroup.ALERT_MONITOR, AttributeGroup.VMO_STATIC}
)


@dataclass(frozen=True, slots=True)
class IntellivueSettings:
    """Settings of one monitor."""

    model: str = "M8000"
    bed_label: str = ""
    min_poll_period_ticks: int = 4000
    """Shortest poll period that it grants, 1/8 ms."""
    mtu: int = 996
    """Largest user data of one frame, bytes."""
    wall_offset_s: float = 0.0
    """Offset of its own wall clock from the ward's, seconds; positive where it is ahead."""
    refuse_for_s: float = 0.0
    """Seconds after power-on in which it refuses associations."""
    is_demo: bool = False
    alarm_box_fault: bool = False
    """True for a broken remote alarm box, which it reports as a technical alarm."""


@dataclass(slots=True)
class _ExtendedPoll:
    """A request that is answered every cycle until it expires."""

    action: Action
    expires_at: Instant
    sequence: int = 0


@dataclass(slots=True)
class _Association:
    """The one dialogue with a host."""

    terms: association.Terms
    last_poll_at: Instant
    is_configured: bool = False
    """True where the host has confirmed the MDS create event."""
    sent_static: bool = False
    """True where a reply with static attributes has been sent."""
    polls: dict[PollClass, _ExtendedPoll] = field(default_factory=dict)
    alarm_cycles: dict[AlarmListEntry, int] = field(default_factory=dict)
    """The cycle in which each present alarm was first reported."""


class IntellivueMonitor:
    """One monitor; pure: bytes and moments in, bytes out.

    The witness receives every reply with values.

    Parameters
    ----------
    on
        Power-on, with the patient.
    settings
        Settings of the monitor.
    seed
        Chooses the start of its counter, its system id and its handles.
    """

    def __init__(self, on: PowerOn, settings: IntellivueSettings, seed: int) -> None:
        self._on = on
        self._settings = settings
        self._random = Random(seed)
        self._system_id = self._random.randbytes(6)
        self._utc_ns_at_zero = on.at.utc_ns
        """Time of the power-on by its wall clock, which may be set while it runs, ns since 1970."""
        self._priority_list = bytes(4)  # no entries
        self._host = HostDatagrams()
        self._out = Outbox(on.witness)
        self.reboot(on.at)

    @property
    def is_associated(self) -> bool:
        """True while a host holds the association."""
        return self._association is not None

    def reboot(self, at: Instant) -> None:
        """Restart: the counter begins anew, handles change, and the association ends."""
        self._booted_at = at
        self._start_ticks = self._random.randrange(2**24)
        self._handle_shift = self._random.randrange(64)
        self._cycle = 0
        self._association: _Association | None = None
        self._out.fetch()

    def receive(self, data: bytes, at: Instant) -> None:
        """Read bytes from the host; discard damaged frames silently."""
        self.tick(at)
        for payload in self._host.feed(data):
            self._handle(payload, at)

    def tick(self, at: Instant) -> None:
        """Run the due measurement cycles; drop the association of a silent host."""
        running_ns = at.monotonic_ns - self._on.at.monotonic_ns
        self._utc_ns_at_zero = at.utc_ns - running_ns
        last = (at.monotonic_ns - self._booted_at.monotonic_ns) // _CYCLE_NS
        while self._cycle < last:
            self._cycle += 1
            self._drop_silent_host(self._cycle_at())
            if self._association is None:
                self._cycle = last
            else:
                self._answer_extended(self._association)
        self._drop_silent_host(at)

    def bytes_to_send(self) -> bytes:
        """Return and forget the bytes due to the host."""
        return self._out.fetch()

    def _cycle_at(self) -> Instant:
        return self._booted_at.plus(self._cycle * _CYCLE_NS / 1e9)

    def _drop_silent_host(self, at: Instant) -> None:
        link = self._association
        if link and at.seconds_since(link.last_poll_at) > link.terms.silence_limit_s:
            self._association = None

    def _answer_extended(self, link: _Association) -> None:
        now = self._cycle_at()
        for poll_class, poll in list(link.polls.items()):
            if now > poll.expires_at:
                del link.polls[poll_class]
                continue
            self._reply(link, poll.action, poll.sequence)
            poll.sequence = (poll.sequence + 1) & 0xFFFF

    def _handle(self, payload: bytes, at: Instant) -> None:
        kind = payload[0] if payload else None
        if kind == association.ASSOCIATION_REQUEST:
            self._associate(payload, at)
        elif self._association is None:
            return
        elif kind == association.RELEASE_REQUEST:
            self._association = None
            self._send(association.RELEASE_RESPONSE)
        elif kind == association.ABORT:
            self._association = None
        elif payload.startswith(EXPORT_PREFIX):
            self._operate(self._association, payload[len(EXPORT_PREFIX) :], at)

    def _associate(self, request: bytes, at: Instant) -> None:
        offer = association.Terms(self._settings.min_poll_period_ticks, self._settings.mtu)
        terms = association.negotiate(request, offer)
        is_busy = at.seconds_since(self._booted_at) < self._settings.refuse_for_s
        if self._association or is_busy or terms is None:
            self._send(association.REFUSE)
            return
        self._association = _Association(terms, last_poll_at=at)
        self._send(association.accept(terms))
        self._send(self._create_event(at))

    def _create_event(self, at: Instant) -> bytes:
        elapsed_ns = at.monotonic_ns - self._booted_at.monotonic_ns
        ticks = (self._start_ticks + elapsed_ns * TICKS_PER_S // 10**9) & 0xFFFFFFFF
        wall_ns = at.utc_ns + round(self._settings.wall_offset_s * 1e9)
        bed_label = self._settings.bed_label
        return create_event(self._settings.model, bed_label, self._system_id, ticks, wall_ns)

    def _operate(self, link: _Association, body: bytes, at: Instant) -> None:
        request = parse_request(body)
        if isinstance(request, CreateResult):
            link.is_configured |= request.invoke_id == CREATE_INVOKE_ID
        elif request is None or not link.is_configured:
            return
        elif isinstance(request, Action):
            self._poll(link, request, at)
        elif isinstance(request, Unknown):
            self._send(error(request))
        else:
            self._priorities(request)

    def _poll(self, link: _Association, action: Action, at: Instant) -> None:
        link.last_poll_at = at
        if action.kind is ActionKind.SINGLE_POLL:
            self._reply(link, action, None)
        else:
            duration_s = action.period_ticks / TICKS_PER_S
            link.polls[action.poll_class] = _ExtendedPoll(action, at.plus(duration_s))

    def _priorities(self, request: GetRequest | SetRequest) -> None:
        if isinstance(request, SetRequest):
            self._priority_list = request.value
        self._send(priority_list(request, self._priority_list))

    def _reply(self, link: _Association, action: Action, sequence: int | None) -> None:
        ticks = (self._start_ticks + self._cycle * _CYCLE_TICKS) & 0xFFFFFFFF
        objects = self._objects(link, action)
        replies = poll_replies(action, sequence, ticks, objects, link.terms.mtu)
        wires = [self._send(payload) for payload in replies]
        is_values = action.poll_class is PollClass.NUMERIC and action.group in _VALUE_GROUPS
        if self._on.witness and is_values and any(object_.attributes for object_ in objects):
            self._out.attest(b"".join(wires), self._cycle_at(), shown_values(self._display()))

    def _objects(self, link: _Association, action: Action) -> list[ObservedObject]:
        if action.poll_class is PollClass.NUMERIC and action.group in _NUMERIC_GROUPS:
            group = AttributeGroup(action.group)
            with_values = group is AttributeGroup.METRIC_OBSERVED or link.sent_static
            link.sent_static |= group is AttributeGroup.ALL
            return numeric_objects(self._display(), group, with_values=with_values)
        if action.poll_class is PollClass.ALERT_MONITOR and action.group in _ALERT_GROUPS:
            return self._alerts(link, AttributeGroup(action.group))
        return []

    def _alerts(self, link: _Association, group: AttributeGroup) -> list[ObservedObject]:
        display = self._display()
        alarms = present_alarms(display, alarm_box_fault=self._settings.alarm_box_fault)
        if group is not AttributeGroup.VMO_STATIC:
            known = link.alarm_cycles
            link.alarm_cycles = {alarm: known.get(alarm, self._cycle) for alarm in alarms}
        fresh = {alarm for alarm, cycle in link.alarm_cycles.items() if cycle == self._cycle}
        return alert_objects(display, group, alarms, fresh)

    def _display(self) -> NumericsDisplay:
        patient_s = self._on.patient_s(self._cycle_at())
        offset_ns = round(self._settings.wall_offset_s * 1e9)
        return NumericsDisplay(
            vitals=self._on.view(patient_s),
            spo2_state=spo2_state(self._on.view, patient_s),
            wall_ns_at_zero=self._utc_ns_at_zero + offset_ns,
            handle_shift=self._handle_shift,
            is_demo=self._settings.is_demo,
        )

    def _send(self, payload: bytes) -> bytes:
        """Put a frame on the line, and return it."""
        wire = frame(payload)
        self._out.put(wire)
        return wire
