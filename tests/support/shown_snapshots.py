"""Wards as a board shows them, made of a ward that moves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from edge_agent.board.ward_picture import WardPicture
from edge_agent.board.ward_state import WardPlace
from edge_agent.model.language import Language
from edge_agent.vitals.canonical import max_age_s
from edge_agent.ward_client.reader import Reader
from tests.support.board_ward import BoardWard, now_ms

if TYPE_CHECKING:
    from edge_agent.board.shapes import ShownBed, Snapshot

ZONE = "Europe/Berlin"


def snapshot_of(ward: BoardWard) -> Snapshot:
    """Return a ward as it is now."""
    shown = WardPicture(WardPlace("hospital", "Ward 7", ZONE), max_age_s, now_ms)
    shown.feed = ward.feed
    return shown.snapshot()


def every_state() -> Snapshot:
    """Return a ward with a bed in every state."""
    return snapshot_of(BoardWard("all"))


def quiet() -> Snapshot:
    """Return a ward where all is well."""
    return snapshot_of(BoardWard("quiet"))


def reader_of(snapshot: Snapshot, language: Language = Language.EN) -> Reader:
    """Return a person who reads a snapshot now."""
    return Reader(language, ZoneInfo(ZONE), snapshot.now_ms)


def bed_of(snapshot: Snapshot, bed_id: str) -> ShownBed:
    """Return a bed."""
    (bed,) = [bed for bed in snapshot.beds if bed.id == bed_id]
    return bed


def with_beds(snapshot: Snapshot, *beds: ShownBed) -> Snapshot:
    """Return a snapshot with other beds."""
    return msgspec.structs.replace(snapshot, beds=beds)


def copies(bed: ShownBed, count: int) -> list[ShownBed]:
    """Return a bed so many times under other names."""
    return [msgspec.structs.replace(bed, id=f"room-{i:03}") for i in range(count)]


def later(reader: Reader, by_ms: int) -> Reader:
    """Return the same person some time later."""
    return replace(reader, now_ms=reader.now_ms + by_ms)
