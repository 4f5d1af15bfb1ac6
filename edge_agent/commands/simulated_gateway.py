"""A gateway.toml that monitors exactly the beds of a simulated ward."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from edge_agent.config.gateway_file import parse_config
from edge_agent.config.ports import CONNECTIONS
from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.registry import driver
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import VitalKind
from edge_agent.model.session_events import NumericsReceived
from simulators.monitors.catalog import MONITORS, connects
from simulators.monitors.device import PowerOn
from simulators.wards.ward_bed import WardBed
from simulators.wards.ward_plan import BedPlan

GATEWAY_BEGIN: Final = '[gateway]\nid = "gw-simulated"'
"""Beginning of every configuration that this module writes."""
_SIGNALS: Final = {
    "heart_rate": VitalKind.HEART_RATE,
    "spo2": VitalKind.SPO2,
    "temperature": VitalKind.TEMPERATURE,
    "blood_pressure": VitalKind.NIBP_SYSTOLIC,
}
_SIGNALS_OF: Final = {
    "ascii_line:suretemp_like": ("temperature",),
    "ascii_line:suntech_like": ("blood_pressure",),
}
"""Signals of monitors that show less than their driver reads."""
_FIRST_WORDS_S: Final = 120
"""Seconds within which every monitor on the network has sent a message."""


def gateway_toml(beds: Sequence[WardBed], journal: Path, source: str) -> str:
    """Return the text of a configuration with these beds and without a broker.

    Parameters
    ----------
    journal
        Path of the gateway's journal, in a folder that exists.
    source
        Name of the text in messages about mistakes.

    Raises
    ------
    ConfigError
        If one gateway cannot monitor these beds, such as two dialects at one address.
    """
    tables = [
        f'{GATEWAY_BEGIN}\nsite = "simulated"\nward = "ward"',
        f"[journal]\npath = {json.dumps(str(journal))}",
        *(_bed_table(bed.plan, bed.link.path) for bed in beds),
    ]
    text = "\n\n".join(tables) + "\n"
    parse_config(text, source=source)
    return text


def _bed_table(plan: BedPlan, path: str) -> str:
    name, _, profile = plan.monitor.partition(":")
    is_remote = connects(plan.monitor)
    values: dict[str, object] = {
        "id": plan.bed_id,
        "port": f"{CONNECTIONS}{path}" if is_remote else path,
        "driver": name,
        "required_signals": _signals(plan.monitor),
    }
    if profile:
        values["profile"] = profile
    if is_remote:
        values["origin"] = _origin(plan)
    rows = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items())
    return "\n".join(("[[beds]]", *rows))


def _signals(monitor: str) -> tuple[str, ...]:
    """Return the signals whose loss is an alert: those that the monitor shows at all."""
    shown = driver(monitor.partition(":")[0]).produces
    usual = tuple(signal for signal, kind in _SIGNALS.items() if kind in shown)
    return _SIGNALS_OF.get(monitor, usual)


def _origin(plan: BedPlan) -> str:
    """Return the origin the driver reports for this monitor, found by running the two."""
    name, _, profile = plan.monitor.partition(":")
    began = Instant(0, 0)
    view = plan.patient.patient(plan.seed).vitals_at
    monitor = MONITORS[plan.monitor](plan.bed_id, plan.seed, PowerOn(view, began))
    session = driver(name).open_session(SessionOptions(plan.bed_id, profile=profile))
    for second in range(_FIRST_WORDS_S):
        at = began.plus(second)
        monitor.tick(at)
        for event in session.receive(monitor.bytes_to_send(), at):
            if isinstance(event, NumericsReceived):
                return event.origin
        monitor.receive(session.bytes_to_send(), at)
    raise AssertionError(f"{plan.monitor} says nothing for {_FIRST_WORDS_S} s")
