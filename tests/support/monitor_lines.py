"""Every kind of simulated monitor on its kind of line, with the faults of the real ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from simulators.links.faults import FaultRates
from simulators.monitors.ascii_line import (
    CuffSettings,
    CuffWriter,
    ThermometerSettings,
    ThermometerWriter,
)
from simulators.monitors.ge_dri.monitor import GeDriMonitor
from simulators.monitors.ge_dri.settings import GeDriSettings, PatientSpan
from simulators.monitors.hl7.monitor import Hl7Monitor
from simulators.monitors.hl7.settings import Hl7Settings
from simulators.monitors.intellivue.monitor import IntellivueMonitor, IntellivueSettings
from simulators.monitors.masimo_ascii import MasimoSettings, MasimoWriter
from simulators.monitors.nellcor_ascii import NellcorSettings, NellcorWriter
from simulators.monitors.nonin.monitor import NoninMonitor, NoninSettings
from simulators.monitors.push_device import PacedMonitor
from tests.support.witnessed import Line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators.monitors.nonin.wire import Format
    from tests.support.witnessed import Build

CHECKED: Final = FaultRates(
    drop_per_byte=2e-5, flip_per_byte=2e-5, truncate_per_chunk=2e-3, stall_per_chunk=1e-3
)
"""For protocols whose checksums tell a flipped bit."""
UNCHECKED: Final = replace(CHECKED, flip_per_byte=0.0)
"""For text without a checksum: a digit flipped into another one cannot be told by anybody."""
CUT: Final = replace(UNCHECKED, drop_per_byte=0.0)
"""For text of free width without a checksum: a digit that is lost cannot be told either."""
LOCATION: Final = "ICU^^5"
_SPEED_OF_FRAMES: Final = 5.0
"""Speed for 75 frames a second: their 0.5 s of silence leave a busy machine 0.1 s between two
pieces."""


@dataclass(frozen=True, slots=True)
class Case:
    """A line and the monitor at its end."""

    line: Line
    build: Build


def _hl7(name: str, origin: str = LOCATION, **faults: Any) -> Case:  # noqa: ANN401 - of many types
    settings = Hl7Settings(dialect=name, location=LOCATION, wall_offset_s=40.0, **faults)
    return Case(
        Line("hl7_oru", profile=name, over_tcp=True, origin=origin),
        lambda on: Hl7Monitor(on, settings, 7),
    )


def _nonin(profile: Format, rates: FaultRates, speed: float = 20.0) -> Case:
    settings = NoninSettings(
        format=profile,
        artifact_at_s=(700.0,),
        sync_losses_at_s=(300.0, 1200.0),
        checksum_errors_at_s=(400.0, 1300.0),
        event_marks_at_s=(500.0,),
    )
    return Case(
        Line("nonin", profile=profile, rates=rates, speed=speed),
        lambda on: NoninMonitor(on, settings, 7),
    )


_INTELLIVUE: Final = IntellivueSettings(wall_offset_s=-86_400.0 * 300)
_GE: Final = GeDriSettings(
    wall_offset_s=7200.0,
    has_arterial_line=True,
    cvp_on_p2=True,
    room_temperature_probe=True,
    off_value=-32765,
    asystole=(PatientSpan(1300.0, 1330.0),),
    ecg_noise=(PatientSpan(1500.0, 1520.0),),
    zeroing=(PatientSpan(1600.0, 1630.0),),
    silent_stop_at_s=(1900.0,),
    stall_at_s=2500.0,
)
_GE_VENOUS: Final = GeDriSettings(
    spo2_is_venous=True, probe_hangs=True, off_is_active=True, heart_rate_from_spo2=True
)
_EFFICIA: Final = Hl7Settings(dialect="efficia", location=LOCATION)
_MASIMO: Final = MasimoSettings(
    line_end=b"\n\r",
    wall_offset_s=86_400.0 * 3650,
    numbers_while_searching=True,
    ascii2_from_s=2000.0,
    ascii2_to_s=2060.0,
    cut_at_s=(100.0, 200.0, 333.0),
    empty_line_every=7,
)
_MASIMO_ZEROS: Final = MasimoSettings(model="radical7", zeros_when_off=True)
_NELLCOR: Final = NellcorSettings(
    limit_changes_at_s=(900.0,),
    alarm_sound="AO",
    motion_at_s=(600.0, 1000.0),
    silent_from_s=2000.0,
    silent_to_s=2100.0,
)
_THERMOMETER: Final = ThermometerSettings(every_s=300.0, unit="F", fail_every=4)
_CUFF: Final = CuffSettings(weak_every=3, fail_every=5)

CASES: Final[Mapping[str, Case]] = {
    "philips_intellivue": Case(
        Line("philips_intellivue", rates=CHECKED),
        lambda on: IntellivueMonitor(on, _INTELLIVUE, 7),
    ),
    "ge_dri": Case(
        Line("ge_dri", rates=CHECKED),
        lambda on: GeDriMonitor(on, _GE, 7),
    ),
    "ge_dri venous": Case(
        Line("ge_dri", rates=CHECKED),
        lambda on: GeDriMonitor(on, _GE_VENOUS, 8),
    ),
    "hl7_oru mindray": _hl7(
        "mindray_egateway", in_pieces=True, duplicated_spo2=True, bad_charset_bytes=True
    ),
    "hl7_oru comen": _hl7("comen_nc5", garbage_between=True),
    "hl7_oru northern": _hl7("northern_aquaris", scaled_temperature=True, zoneless_times=True),
    "hl7_oru intellibridge": _hl7("intellibridge", "ICU^^5&0&0", stale_nibp=True),
    "hl7_oru ge": _hl7("ge_carescape_gateway", co2_under_spo2_code=True, no_set_ids=True),
    "hl7_oru edan": _hl7("edan_ehc", oversized_at_s=900.0),
    "hl7_oru efficia": Case(
        Line("hl7_oru", profile="efficia", rates=CUT, origin=LOCATION),
        lambda on: Hl7Monitor(on, _EFFICIA, 7),
    ),
    "masimo_ascii": Case(
        Line("masimo_ascii", rates=UNCHECKED),
        lambda on: PacedMonitor(MasimoWriter(_MASIMO, 7), on),
    ),
    "masimo_ascii zeros": Case(
        Line("masimo_ascii", rates=UNCHECKED),
        lambda on: PacedMonitor(MasimoWriter(_MASIMO_ZEROS, 7), on),
    ),
    "nellcor_ascii": Case(
        Line("nellcor_ascii", rates=UNCHECKED),
        lambda on: PacedMonitor(NellcorWriter(_NELLCOR, 7), on),
    ),
    "nonin df2": _nonin("df2", CHECKED, _SPEED_OF_FRAMES),
    "nonin df7": _nonin("df7", CHECKED, _SPEED_OF_FRAMES),
    "nonin df8": _nonin("df8", FaultRates(stall_per_chunk=1e-3)),
    "nonin ascii": _nonin("ascii", UNCHECKED),
    "ascii_line thermometer": Case(
        Line("ascii_line", profile="suretemp_like", rates=UNCHECKED),
        lambda on: PacedMonitor(ThermometerWriter(_THERMOMETER, 7), on),
    ),
    "ascii_line cuff": Case(
        Line("ascii_line", profile="suntech_like", rates=UNCHECKED),
        lambda on: PacedMonitor(CuffWriter(_CUFF, 7), on),
    ),
}
"""By driver, and what is particular about the monitor."""
