"""Readings and rules for tests of the detector."""

from __future__ import annotations

import math

from edge_agent.detect.language.rule import Rule
from edge_agent.detect.language.rule_file import parse_rule
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import (
    DeviceTime,
    GenerationMode,
    Validity,
    Vital,
    VitalKind,
)

START = Instant(1_000 * 10**9, 1_800_000_000 * 10**9)
BED = "bed-07"


def at(seconds: float) -> Instant:
    """Return the moment some seconds after the start of watching."""
    return START.plus(seconds)


def reading(
    kind: VitalKind,
    seconds: float,
    value: float | None,
    *,
    site: str = "",
    device_time: DeviceTime | None = None,
) -> Vital:
    """Return a reading; None or NaN stands for no value."""
    has_value = value is not None and not math.isnan(value)
    moment = at(seconds)
    stamp = round(seconds * 1e9)
    return Vital(
        bed_id=BED,
        kind=kind,
        value=value if has_value else None,
        validity=Validity.VALID if has_value else Validity.NOT_AVAILABLE,
        mode=GenerationMode.REAL,
        reason="",
        site=site,
        device_id="monitor-1",
        code=0,
        device_time=device_time or DeviceTime(elapsed_ns=stamp, wall_ns=stamp + 7),
        measured_at=moment,
        received_at=moment,
        stored_ns=moment.utc_ns,
    )


def rule(body: str, *, rule_id: str = "test.rule", head: str = "") -> Rule:
    """Return a rule from the text of its [when] and [clear], medium and not latching."""
    return parse_rule(
        f"{rule_id}.toml",
        f"""
[rule]
id = "{rule_id}"
version = 1
kind = "physiological"
priority = "medium"
source = "test"
status = "unvalidated"
latch_s = 0
{head}
[when]
for_s = 0
clear_for_s = 0
{body}
""",
    )
