"""Status of the gateway in a file for `crswatch status`.

A file needs no broker, database or port. It lies beside the journal, or in memory if the journal's
disk cannot be written.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from edge_agent.config.beside_journal import paths_beside
from edge_agent.journal.entries import DeliveryHealth
from edge_agent.journal.ownership import STATUS_BEGIN, STATUS_SUFFIX
from edge_agent.model.assessment import Assessment
from edge_agent.model.clock import Instant
from edge_agent.model.device_status import DeviceStatus

WRITE_EVERY_S: Final = 5.0  # wall: spares the flash card
WAIT_S: Final = 1.0
"""Longest wait in seconds for the disk: a status is written in a millisecond, unless the disk
hangs."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AssessedBed:
    """A bed and its assessment."""

    bed_id: str
    assessment: Assessment


class RunState(StrEnum):
    """Stage of the agent's run."""

    RUNNING = "running"
    STOPPING = "stopping"
    """The agent was asked to stop and writes the waiting entries."""
    STOPPED = "stopped"
    GONE = "gone"
    """The process ended without writing a status; set by the reader only."""


@dataclass(frozen=True, slots=True)
class SinkStatus:
    """Status of the delivery to a broker or a database."""

    name: str
    fault: str = ""
    """Reason why it does not accept everything; empty while it does."""
    since: Instant | None = None
    """Start of the fault, or of the time without one; None before the first attempt."""
    waiting: int = 0
    """Number of journal entries that it has not accepted yet."""
    oldest_alert_at: Instant | None = None
    """Time of the oldest alert that waits for it; None if none waits."""
    refused: int = 0
    """Number of entries it refused, which are set aside; earlier runs included."""
    refused_reason: str = ""
    """Reason for the newest refusal."""
    taken: int = 0
    """Number of entries it accepted since the start."""


@dataclass(frozen=True, slots=True)
class GatewayStatus:
    """The state of one gateway at one moment."""

    gateway_id: str
    version: str
    started_at: Instant
    written_at: Instant
    restarts: int
    """Number of times that a part had to be restarted."""
    journal_fault: str
    """Reason why entries wait in memory; empty while the journal's file is written."""
    journal_pending: int
    """Number of entries that are not on disk yet."""
    lost_readings: int
    """Number of messages discarded because the disk failed for longer than memory could bridge."""
    devices: tuple[DeviceStatus, ...]
    beds: tuple[AssessedBed, ...] = ()
    """Beds evaluated since the start."""
    sinks: tuple[SinkStatus, ...] = ()
    """One status for each broker and database in the configuration."""
    state: RunState = RunState.RUNNING
    pid: int = 0
    """Process id of the agent; 0 if unknown."""
    process_key: str = ""
    """Key that separates the process from others with its id; empty if unknown."""
    newest_death: str = ""
    """Part of the agent that died last; empty if none did."""
    mishaps: int = 0
    """Number of messages and steps that failed and were discarded since the start."""
    newest_mishap: str = ""
    """Newest of them, in words."""
    journal_lost_aside: int = 0
    """Number of refused entries deleted since the start, because too many were set aside."""
    journal_damaged_rows: int = 0
    """Number of unusable rows of the journal found since the start."""
    journal_damage: str = ""
    """Newest of them, with its reason."""
    journal_set_aside: tuple[str, ...] = ()
    """Names of damaged journals that were set aside since the start."""
    unrestored: str = ""
    """Reason why nothing of earlier runs was restored; empty if it was."""
    audit_fault: str = ""
    """Fault of the audit trail, human-readable; empty without one."""


_decoder: Final = msgspec.json.Decoder(GatewayStatus)


def encode_status(status: GatewayStatus) -> bytes:
    """Return the status as JSON."""
    return msgspec.json.encode(status)


def decode_status(body: bytes) -> GatewayStatus:
    """Return the status that `encode_status` encoded; raise MsgspecError for another body."""
    return _decoder.decode(body)


def status_path(journal: Path) -> Path:
    """Return the path of the status file of the gateway with this journal."""
    return journal.with_name(journal.name + STATUS_SUFFIX)


def status_paths(journal: Path) -> tuple[Path, Path]:
    """Return the paths of the status file of the gateway with this journal: on disk, in memory."""
    return paths_beside(journal, STATUS_SUFFIX)


def newest_status(paths: Sequence[Path]) -> tuple[bytes, float]:
    """Return the newest of the files, and its time of writing (UTC, seconds).

    Raises
    ------
    OSError
        If none can be read.
    """
    found: list[tuple[float, bytes]] = []
    for path in paths[1:]:
        try:
            found.append(_owned_file(path))
        except OSError:
            continue  # no status in memory
    try:
        found.append((paths[0].stat().st_mtime, paths[0].read_bytes()))
    except OSError:
        if not found:
            raise
    written_s, body = max(found)
    return body, written_s


def _owned_file(path: Path) -> tuple[float, bytes]:
    """Read a file in a folder that everybody may write to; refuse another user's file."""
    file_descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(file_descriptor, "rb") as file:
        known = os.fstat(file.fileno())
        if known.st_uid not in {os.getuid(), 0} and os.getuid() != 0:
            raise PermissionError(f"{path} belongs to user {known.st_uid}")
        return known.st_mtime, file.read()


def process_key(pid: int) -> str:
    """Return the key that separates a process from others with its id; empty without one.

    It holds the process namespace, the boot of the machine, and the start of the process.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        started, state = fields[19], fields[0]
        scope = _process_scope()
    except (OSError, IndexError):
        return ""
    return "" if state == "Z" else f"{scope} {started}"


def _process_scope() -> str:
    namespace = Path("/proc/self/ns/pid").readlink()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{namespace} {boot}"


def has_ended(status: GatewayStatus) -> bool:
    """Return True if the process that wrote a status has ended; False if that is unknown."""
    if not status.process_key:
        return False
    try:
        is_here = status.process_key.startswith(f"{_process_scope()} ")
    except OSError:
        return False
    return is_here and process_key(status.pid) != status.process_key


class StatusFile:
    """File with the newest status; replaced as a whole, so that no reader sees a part of it.

    Parameters
    ----------
    paths
        Path on disk, and path in memory for the time while the disk is full or hangs.
    clock
        Function that returns monotonic seconds.
    """

    def __init__(
        self, paths: tuple[Path, Path], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._path, self._spare = paths
        self._clock = clock
        self._written_s: float | None = None  # None before the first
        self._has_failed = False
        self._is_on_disk = False
        self._writing = threading.Thread()

    def is_due(self) -> bool:
        """Return True if the last status was written long enough ago."""
        return self._written_s is None or self._clock() - self._written_s >= WRITE_EVERY_S

    def write(self, body: bytes) -> None:
        """Write the status; a full disk is not an error.

        Wait for a disk that hangs only once, for `WAIT_S`, because the supervisor must go on.
        """
        self._written_s = self._clock()
        if not self._writing.is_alive():
            self._is_on_disk = False
            self._writing = threading.Thread(target=self._replace, args=(body,), daemon=True)
            self._writing.start()
            self._writing.join(WAIT_S)
        try:
            if self._is_on_disk:
                self._spare.unlink(missing_ok=True)
            else:
                _write_new(self._spare, body)
        except OSError as error:
            _LOG.debug("the status cannot be left in memory: %s", error)

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
            self._is_on_disk = True


def _write_new(path: Path, body: bytes) -> None:
    """Write a file in a folder that everybody may write to; never follow an existing file there."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    file_descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(file_descriptor, "wb") as file:
        file.write(body)
    fresh.replace(path)


def _refuse_another(path: Path) -> None:
    """Raise an error if a file is not a status file; zeros after a power loss are accepted."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        head = file.read(len(STATUS_BEGIN))
    if head.strip(b"\0") and head != STATUS_BEGIN:
        raise FileExistsError(f"{path} is no status of an agent; it was left as it is")


def sink_status(health: DeliveryHealth) -> SinkStatus:
    """Return the status of a sink from the health of its delivery."""
    return SinkStatus(
        name=health.sink,
        fault=health.fault,
        since=Instant(0, health.since_ns) if health.since_ns else None,
        waiting=health.waiting,
        oldest_alert_at=Instant(0, health.oldest_alert_ns) if health.oldest_alert_ns else None,
        refused=health.quarantined,
        refused_reason=health.reason,
        taken=health.delivered,
    )
