"""Vitals and alerts as lines of InfluxDB's line protocol.

Every line has a key of its own (measurement, tags, time) that never changes, so writing it twice
leaves one row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from edge_agent.model.alerts import Alert
from edge_agent.model.measurements import CANONICAL_UNITS, Vital
from edge_agent.payloads.checkpoints import CheckpointEvent

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_TAG_SPECIAL: Final = re.compile(r"([,= ])")


def vital_line(ward_tags: Mapping[str, str], vital: Vital) -> str:
    """Return one vital as a line; `ward_tags` holds the tags of the ward."""
    tags = {
        **ward_tags,
        "bed": vital.bed_id,
        "device": vital.device_id,
        "kind": str(vital.kind),
        "probe": vital.site,
        "unit": CANONICAL_UNITS[vital.kind],
    }
    fields = {
        "validity": _quoted(vital.validity.value),
        "mode": _quoted(vital.mode.value),
        "reason": _quoted(vital.reason),
        "code": f"{vital.code}i",
        "measured_ns": f"{vital.measured_at.utc_ns}i",
        "received_ns": f"{vital.received_at.utc_ns}i",
    }
    if vital.value is not None:
        fields["value"] = repr(float(vital.value))
    return _line("vitals", tags, fields, vital.stored_ns)


def alert_line(ward_tags: Mapping[str, str], alert: Alert) -> str:
    """Return one change of an alert as a line; `ward_tags` holds the tags of the ward."""
    tags = {**ward_tags, "bed": alert.bed_id, "rule": alert.rule_id, "kind": alert.kind.value}
    fields = {
        "alert_id": _quoted(alert.alert_id),
        "n": f"{alert.n}i",
        "state": _quoted(alert.state.value),
        "priority": _quoted(alert.priority.name.lower()),
        "text": _quoted(alert.text),
        "by": _quoted(alert.acknowledged_by),
        "signal": _quoted(alert.signal or ""),
        "is_test": "true" if alert.is_test else "false",
    }
    # two transitions may share a moment, never a number
    return _line("alerts", tags, fields, alert.changed_at.utc_ns + alert.n)


def checkpoint_line(ward_tags: Mapping[str, str], checkpoint: CheckpointEvent, at_ns: int) -> str:
    """Return a checkpoint of the audit trail as a line; `ward_tags` holds the tags of the ward."""
    fields = {
        "count": f"{checkpoint.count}i",
        "head": _quoted(checkpoint.head),
        "key": _quoted(checkpoint.key),
        "signed": _quoted(checkpoint.signed.replace("\n", r"\n")),  # no line break in any field
    }
    return _line("audit", {**ward_tags, "origin": checkpoint.origin}, fields, at_ns)


def _line(
    measurement: str, tags: Mapping[str, str], fields: Mapping[str, str], time_ns: int
) -> str:
    """Return one line; tags sorted as the server stores them, empty ones left out."""
    key = ",".join(
        [measurement, *(f"{name}={_tag(value)}" for name, value in sorted(tags.items()) if value)]
    )
    return f"{key} {','.join(f'{name}={text}' for name, text in fields.items())} {time_ns}"


def _tag(text: str) -> str:
    """Return a tag value, escaped.

    Line protocol cannot carry a line break or a backslash before a special character in a tag:
    control characters become spaces and backslashes slashes.
    """
    plain = _CONTROL.sub(" ", text).replace("\\", "/")
    return _TAG_SPECIAL.sub(r"\\\1", plain)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
