"""A listener at the end of a talking monitor's line, with a hand on its clock and its patient."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from edge_agent.model.clock import Instant
from simulators.monitors.device import PowerOn
from simulators.patients.vitals import Cuff, TrueVitals

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.monitors.device import MonitorDevice, Sent, View

POWERED_AT = Instant(7_000_000_000, 1_456_181_264_000_000_000)  # 2016-02-22 22:47:44 UTC
NORMAL = TrueVitals(97, 97, 98, 3.6, 16, 38.4, "oral", Cuff(120, 90, 75, 60.0))
NO_PROBE = replace(NORMAL, pulse_rate=None, spo2=None, perfusion_index=None)


@dataclass
class Patient:
    """Signs that change at given patient seconds."""

    courses: dict[float, TrueVitals] = field(default_factory=lambda: {0.0: NORMAL})

    def __call__(self, patient_s: float) -> TrueVitals:
        """Return the signs of the newest course that has begun."""
        return self.courses[max(begun for begun in self.courses if begun <= patient_s)]


def vital_signs(**changed: float | None) -> Patient:
    """Return a patient whose signs are normal but for the given ones."""
    return Patient({0.0: replace(NORMAL, **changed)})  # type: ignore[arg-type]  # all are numbers


class Listener:
    """Ticks a monitor and keeps what it says and what it attests."""

    def __init__(self, view: View, make: Callable[[PowerOn], MonitorDevice]) -> None:
        self.sent: list[Sent] = []
        self.monitor = make(PowerOn(view, POWERED_AT, self.sent.append))
        self.now = POWERED_AT

    def wait(self, seconds: float, step_s: float | None = None) -> bytes:
        """Return what comes in the next seconds, in one big step or in small ones."""
        heard = b""
        step = seconds if step_s is None else step_s
        for _ in range(round(seconds / step)):
            self.now = self.now.plus(step)
            self.monitor.tick(self.now)
            heard += self.monitor.bytes_to_send()
        return heard

    def lines(self, seconds: float) -> list[str]:
        """Return the lines of the next seconds, which end in CR LF, without their ends."""
        heard = self.wait(seconds).decode("ascii")
        assert heard == "" or heard.endswith("\r\n")
        return heard.split("\r\n")[:-1]
