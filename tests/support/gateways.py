"""A gateway's configuration on disk, and what its journal holds once it has stopped."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from edge_agent.journal.entries import Lane
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.writer import Journal
from edge_agent.payloads.alerts import decode_alert
from edge_agent.payloads.readings import decode_readings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge_agent.model.alerts import Alert
    from edge_agent.model.measurements import Vital

SITE, WARD, BED = "hospital", "cart-1", "bed-07"


def write_config(
    folder: Path,
    port: str,
    *,
    broker_port: int | None = None,
    influx_url: str = "",
    listen_only: bool = True,
) -> Path:
    """Return the path of a gateway.toml for one bed; its journal lies beside it."""
    mode = "true" if listen_only else "false"
    parts = [
        f'[gateway]\nid = "gw-01"\nsite = "{SITE}"\nward = "{WARD}"',
        f'[journal]\npath = "{folder / "journal.db"}"',
        f'[[beds]]\nid = "{BED}"\nport = "{port}"\ndriver = "philips_intellivue"',
        f"listen_only = {mode}",
    ]
    if broker_port is not None:
        parts.append(f'[mqtt]\nhost = "127.0.0.1"\nport = {broker_port}')
    if influx_url:
        parts.append(f'[influx]\nurl = "{influx_url}"\napi = "v1"\ndatabase = "ward"')
    path = folder / "gateway.toml"
    path.write_text("\n".join(parts) + "\n")
    return path


@contextmanager
def opened(path: Path) -> Iterator[Journal]:
    """Open the journal of a gateway that has stopped."""
    journal = Journal(JournalSettings(path, (), 1e9))
    journal.start()
    try:
        yield journal
    finally:
        journal.stop()


def journalled_vitals(path: Path) -> list[tuple[int, Vital]]:
    """Return every journalled vital with the seq of its message."""
    with opened(path) as journal:
        entries = journal.read_since(Lane.READINGS, 0)
    return [(e.seq, vital) for e in entries for vital in decode_readings(e.body).vitals]


def journalled_alerts(path: Path) -> list[Alert]:
    """Return every journalled alert change."""
    with opened(path) as journal:
        return [decode_alert(entry.body) for entry in journal.read_since(Lane.ALERTS, 0)]
