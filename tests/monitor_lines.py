"""Every kind of simulated monitor on its kind of line, with the faults of the real ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from simulators.faults import FaultRates
from simulators.monitors.hl7_oru import Hl7Monitor
from simulators.monitors.hl7_settings import Hl7Settings
from simulators.monitors.philips_intellivue import IntellivueMonitor, MonitorSettings
from tests.witnessed import Line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.witnessed import Build

CHECKED: Final = FaultRates(
    drop_per_byte=2e-5, flip_per_byte=2e-5, truncate_per_chunk=2e-3, stall_per_chunk=1e-3
)
"""For protocols whose checksums tell a flipped bit."""


@dataclass(frozen=True, slots=True)
class Case:
    """A line and the monitor at its end."""

    line: Line
    build: Build


PLACE: Final = "ICU^^5"
HL7_FAULTS: Final[Mapping[str, dict[str, Any]]] = {
    "mindray_egateway": {"in_pieces": True, "duplicated_spo2": True, "bad_charset_bytes": True},
    "comen_nc5": {"garbage_between": True},
    "northern_aquaris": {"scaled_temperature": True, "zoneless_times": True},
    "intellibridge": {"stale_nibp": True},
    "ge_carescape_gateway": {"co2_under_spo2_code": True, "no_set_ids": True},
    "edan_ehc": {"oversized_at_s": 900.0},
}


def _hl7(name: str, **faults: Any) -> Case:  # noqa: ANN401 - settings of many types
    settings = Hl7Settings(dialect=name, place=PLACE, wall_offset_s=40.0, **faults)
    return Case(
        Line("hl7_oru", profile=name, over_tcp=True, origin=PLACE),
        lambda view, at, witness: Hl7Monitor(view, settings, 7, at, witness),
    )


CASES: Final[Mapping[str, Case]] = {
    "philips_intellivue": Case(
        Line("philips_intellivue", rates=CHECKED),
        lambda view, at, witness: IntellivueMonitor(
            view, MonitorSettings(wall_offset_s=-86_400.0 * 300), 7, at, witness
        ),
    ),
} | {f"hl7_oru {name}": _hl7(name, **faults) for name, faults in HL7_FAULTS.items()}
