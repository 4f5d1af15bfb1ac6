"""One bed of a planned ward: a monitor that can be switched off, on a line that can fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from edge_agent.model.clock import Instant
from simulators.monitors.catalog import MONITORS, connects
from simulators.monitors.device import MonitorDevice, PowerOn, View
from simulators.patients.plan import FaultKind
from simulators.patients.vitals import TrueVitals
from simulators.wards.bedside import WAITING_LIMIT, PlugLink
from simulators.wards.line_faults import FaultSpan, LineFaults
from simulators.wards.ward_plan import BedPlan, LineFaultKind


class WardBed:
    """A bed that follows its plan from `began` on.

    Parameters
    ----------
    plan
        Plan of the bed.
    link
        Monitor's end of the line.
    seed
        Seed of the ward.
    began
        Time at which the ward began.
    note_fault
        Called with each fault as it begins; None for no call.

    Raises
    ------
    ConfigError
        If the patient's file has mistakes.
    """

    def __init__(
        self,
        plan: BedPlan,
        link: PlugLink,
        seed: int,
        began: Instant,
        note_fault: Callable[[FaultSpan], None] | None = None,
    ) -> None:
        self.plan = plan
        self.link = link
        patient = plan.patient.patient(plan.seed)
        self._vitals_at = patient.vitals_at
        self._clock_steps = [f for f in patient.plan.faults if f.kind is FaultKind.CLOCK_STEP]
        self._began = began
        self._faults = LineFaults(plan, seed, began, note_fault)
        self._monitor: MonitorDevice | None = self._switched_on(began)  # None while off
        self._is_plugged = True
        self._waiting = bytearray()

    def serve(self, at: Instant) -> None:
        """Read from the host, run the monitor, and write as much as the line accepts."""
        self._faults.move_to(at)
        self._switch(at)
        self._plug()
        received = self._faults.to_monitor(self.link.read())
        said = self._sent_bytes(received, at)
        self._waiting += self._faults.to_host(said, at)
        del self._waiting[:-WAITING_LIMIT]
        del self._waiting[: self.link.write_some(bytes(self._waiting))]

    def close(self) -> None:
        """Unplug the cable for good."""
        self.link.close()

    def _sent_bytes(self, received: bytes, at: Instant) -> bytes:
        if self._monitor is None:
            return b""
        step_ns = round(self._clock_step_s(at) * 1e9)
        shown = Instant(at.monotonic_ns, at.utc_ns + step_ns)
        if received:
            self._monitor.receive(received, shown)
        else:
            self._monitor.tick(shown)
        return self._monitor.bytes_to_send()

    def _clock_step_s(self, at: Instant) -> float:
        """Return the error of the monitor's clock due to faults of line and patient, seconds."""
        lived_s = self._lived_s(at)
        own = (f.size for f in self._clock_steps if f.from_s <= lived_s < f.to_s)
        return self._faults.clock_step_s + sum(own)

    def _lived_s(self, at: Instant) -> float:
        """Return the patient time, seconds."""
        return self.plan.starts_at_s + at.seconds_since(self._began)

    def _switch(self, at: Instant) -> None:
        is_off = self._faults.is_on(LineFaultKind.OFF)
        if is_off and self._monitor is not None:
            self._monitor = None
            self._waiting.clear()
        elif not is_off and self._monitor is None:
            self._monitor = self._switched_on(at)

    def _plug(self) -> None:
        """Plug the line in or out as due; a network monitor without power has no connection."""
        is_dark = self._monitor is None and connects(self.plan.monitor)
        is_plugged = not is_dark and not self._faults.is_on(LineFaultKind.DISCONNECT)
        if is_plugged == self._is_plugged:
            return
        self._is_plugged = is_plugged
        if is_plugged:
            self.link.plug_in()
        else:
            self.link.unplug()
            self._waiting.clear()
            self._faults.forget()

    def _switched_on(self, at: Instant) -> MonitorDevice:
        """Return the same monitor as after power-on, without memory of the time before."""
        view = view_from(self._vitals_at, self._lived_s(at))
        return MONITORS[self.plan.monitor](self.plan.bed_id, self.plan.seed, PowerOn(view, at))


def view_from(vitals_at: View, from_s: float) -> View:
    """Return the view of a monitor switched on at a patient time, which counts from there.

    The monitor does not see cuff readings from before.
    """

    def seen(device_s: float) -> TrueVitals:
        vitals = vitals_at(from_s + device_s)
        cuff = vitals.cuff
        if cuff is None or cuff.measured_at_s < from_s:
            return replace(vitals, cuff=None)
        return replace(vitals, cuff=replace(cuff, measured_at_s=cuff.measured_at_s - from_s))

    return seen
