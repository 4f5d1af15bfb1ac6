"""How the gateway fares, left as a file beside the journal for `crswatch status`.

A file needs neither broker nor database nor a port of its own.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

from edge_agent.model.assessment import Assessment
from edge_agent.model.clock import Instant
from edge_agent.model.device_status import DeviceStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WRITE_EVERY_S: Final = 5.0  # wall: spares the flash card
WAIT_S: Final = 1.0
"""A status is written in a millisecond; a disk that takes so long hangs."""
_BEGIN: Final = b'{"gateway_id":'
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AssessedBed:
    """Whether a bed is assessed."""

    bed_id: str
    assessment: Assessment


class RunState(StrEnum):
    """Where the agent is in its life."""

    RUNNING = "running"
    STOPPING = "stopping"
    """It was told to stop and writes what waits."""
    STOPPED = "stopped"
    GONE = "gone"
    """Its process ended without a word; said by the reader alone."""


@dataclass(frozen=True, slots=True)
class SinkStatus:
    """How the way to a broker or a database fares."""

    name: str
    fault: str = ""
    """Why it does not take everything; empty while it does."""
    since: Instant | None = None
    """Start of the fault, or of the time without one; None before the first try."""
    waiting: int = 0
    """Journal entries it has not taken yet."""
    oldest_alert_at: Instant | None = None
    """When the oldest alert that waits for it became known; None where none waits."""
    refused: int = 0
    """Entries set aside because it refused them, also in earlier runs."""
    refused_reason: str = ""
    """The newest reason for setting one aside."""
    taken: int = 0
    """Entries it took since the start."""


@dataclass(frozen=True, slots=True)
class GatewayStatus:
    """The state of one gateway at one moment."""

    gateway_id: str
    version: str
    started_at: Instant
    written_at: Instant
    restarts: int
    """How often a part had to be started again."""
    journal_fault: str
    """Why entries wait in memory; empty while the journal's file takes them."""
    journal_pending: int
    """Entries that are not on disk yet."""
    lost_readings: int
    """Readings given up because the disk failed for longer than memory could bridge."""
    devices: tuple[DeviceStatus, ...]
    beds: tuple[AssessedBed, ...] = ()
    """Those that were judged since the start."""
    sinks: tuple[SinkStatus, ...] = ()
    """One for each broker and database of the configuration."""
    state: RunState = RunState.RUNNING
    pid: int = 0
    """The agent's process; 0 where it is not said."""
    pid_space: str = ""
    """The system's name for the numbering that `pid` belongs to."""
    newest_death: str = ""
    """The part of the agent that died last; empty where none did."""
    mishaps: int = 0
    """Messages and steps that could not be judged since the start, and were set aside."""
    newest_mishap: str = ""
    """The newest of them, in words."""
    journal_damaged_rows: int = 0
    """Rows of the journal that could not be used since the start."""
    journal_damage: str = ""
    """The newest of them and its reason."""
    journal_set_aside: tuple[str, ...] = ()
    """Names of damaged journals that were set aside since the start."""
    unrestored: str = ""
    """Why nothing of earlier runs is known; empty where it is."""


_decoder: Final = msgspec.json.Decoder(GatewayStatus)


def encode_status(status: GatewayStatus) -> bytes:
    """Return the status as JSON."""
    return msgspec.json.encode(status)


def decode_status(body: bytes) -> GatewayStatus:
    """Return what `encode_status` was given; raises MsgspecError where it is something else."""
    return _decoder.decode(body)


def status_path(journal: Path) -> Path:
    """Return where the gateway with this journal leaves its status."""
    return journal.with_name(f"{journal.name}.status.json")


class StatusFile:
    """The file with the newest status; replaced as a whole, so that a reader never sees half.

    Parameters
    ----------
    path
        The file.
    clock
        Seconds that always rise.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._written_s: float | None = None  # None before the first
        self._has_failed = False
        self._writing = threading.Thread()

    def write(self, body: bytes) -> None:
        """Write the status unless one was written just now; a disk that is full is no error.

        A disk that hangs is waited for `WAIT_S` once; whoever watches the parts goes on meanwhile.
        """
        now_s = self._clock()
        if self._written_s is not None and now_s - self._written_s < WRITE_EVERY_S:
            return
        if self._writing.is_alive():
            return
        self._written_s = now_s
        self._writing = threading.Thread(target=self._replace, args=(body,), daemon=True)
        self._writing.start()
        self._writing.join(WAIT_S)

    def _replace(self, body: bytes) -> None:
        fresh = self._path.with_name(f"{self._path.name}.new")
        try:
            _refuse_another(fresh)
            _refuse_another(self._path)
            fresh.write_bytes(body)
            fresh.replace(self._path)
        except OSError as error:
            if not self._has_failed:
                _LOG.warning("the status cannot be written: %s", error)
            self._has_failed = True
        else:
            self._has_failed = False


def _refuse_another(path: Path) -> None:
    """Raise an error where a file is somebody else's; a power loss may have left zeros."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        head = file.read(len(_BEGIN))
    if head.strip(b"\0") and head != _BEGIN:
        raise FileExistsError(f"{path} is no status of an agent; it was left as it is")
