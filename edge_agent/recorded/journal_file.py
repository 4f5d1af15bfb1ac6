"""A gateway's journal as a feed: the monitors' messages, unchanged, at the recorded moments.

Other reports of a driver, such as a lost link, are not replayed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from edge_agent.journal.entries import Lane
from edge_agent.journal.reader import read_journal
from edge_agent.journal.rows import sound
from edge_agent.model.bed_events import DevicePlace, FromDevice
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import NumericsReceived
from edge_agent.payloads.readings import decode_readings

_LOG = logging.getLogger(__name__)


def journal_feed(path: Path, bed_id: str | None = None) -> Iterator[FromDevice]:
    """Yield every message with numerics in a journal, as it was stored.

    Damaged messages are left out, counted and logged.

    Parameters
    ----------
    path
        A journal that no process writes to; it is not changed.
    bed_id
        None: all beds.

    Raises
    ------
    JournalError
        If the file is no journal.
    """
    entries = (e for e in read_journal(path, Lane.READINGS) if bed_id in {None, e.bed_id})
    damages: list[str] = []
    for readings in sound(entries, decode_readings, damages.append):
        utc_ns = readings.received_at.utc_ns
        at = Instant(utc_ns, utc_ns)
        numerics = tuple(replace(numeric, received_at=at) for numeric in readings.numerics)
        place = DevicePlace(readings.bed_id, readings.device_id)
        yield FromDevice(place, (NumericsReceived(numerics, readings.device_now, at),), at)
    if damages:
        _LOG.warning("%s: left out %d rows, the first: %s", path, len(damages), damages[0])
