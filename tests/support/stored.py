"""The journal's vitals against what the database holds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from edge_agent.model.measurements import CANONICAL_UNITS
from tests.support.gateways import journalled_vitals

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.influxd import Influxd

Row = tuple[object, ...]
_FIELDS = '"value", "validity", "mode", "reason", "code", "measured_ns", "received_ns"'
_TAGS = '"bed", "device", "kind", "unit", "probe"'


def differences(server: Influxd, journal: Path) -> list[tuple[str, Row]]:
    """Return what is missing in the database, in it twice, or in it alone; at least one row is.

    Compared are key, value, unit, validity, mode, reason, code and both times.
    """
    kept: Counter[Row] = Counter(
        (
            vital.stored_ns,
            vital.bed_id,
            vital.device_id,
            vital.kind.value,
            CANONICAL_UNITS[vital.kind],
            vital.site,
            vital.value,
            vital.validity.value,
            vital.mode.value,
            vital.reason,
            vital.code,
            vital.measured_at.utc_ns,
            vital.received_at.utc_ns,
        )
        for _, vital in journalled_vitals(journal)
    )
    assert kept
    stored: Counter[Row] = Counter(
        (
            row["time"],
            row["bed"],
            row["device"],
            row["kind"],
            row["unit"],
            row["probe"] or "",
            row["value"],
            row["validity"],
            row["mode"],
            row["reason"],
            row["code"],
            row["measured_ns"],
            row["received_ns"],
        )
        for row in server.query(f"SELECT {_FIELDS}, {_TAGS} FROM vitals")
    )
    missing = [("missing", row) for row in (kept - stored)]
    return missing + [("not journalled so", row) for row in (stored - kept)]
