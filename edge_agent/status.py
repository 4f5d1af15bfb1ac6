"""How the gateway fares, left as a file for `crswatch status`.

A file needs neither broker nor database nor a port of its own. It lies beside the journal, and in
memory where the journal's disk takes nothing.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from edge_agent.model.assessment import Assessment
from edge_agent.model.clock import Instant
from edge_agent.model.device_status import DeviceStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WRITE_EVERY_S: Final = 5.0  # wall: spares the flash card
WAIT_S: Final = 1.0
"""A status is written in a millisecond; a disk that takes so long hangs."""
_BEGIN: Final = b'{"gateway_id":'
IN_MEMORY: Final = Path("/dev/shm")
"""A folder of this machine's memory, which a full disk does not touch."""
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
    process_key: str = ""
    """Tells the process from others with its number; empty where the system does not say."""
    newest_death: str = ""
    """The part of the agent that died last; empty where none did."""
    mishaps: int = 0
    """Messages and steps that could not be judged since the start, and were set aside."""
    newest_mishap: str = ""
    """The newest of them, in words."""
    journal_lost_aside: int = 0
    """Refused entries that the journal deleted since the start, as too many were set aside."""
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


def status_paths(journal: Path) -> tuple[Path, Path]:
    """Return where the gateway with this journal leaves its status: on its disk, or in memory."""
    digest = hashlib.sha256(os.fsencode(os.path.realpath(journal))).hexdigest()[:16]
    return status_path(journal), IN_MEMORY / f"crswatch-{digest}.status.json"


def newest_status(paths: Sequence[Path]) -> tuple[bytes, float]:
    """Return the newest of the files, and when it was written (UTC, seconds).

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
            continue  # nothing was left in memory
    try:
        found.append((paths[0].stat().st_mtime, paths[0].read_bytes()))
    except OSError:
        if not found:
            raise
    written_s, body = max(found)
    return body, written_s


def _owned_file(path: Path) -> tuple[float, bytes]:
    """Read a file of a folder that everybody may write to, unless it is somebody else's."""
    file_descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(file_descriptor, "rb") as file:
        known = os.fstat(file.fileno())
        if known.st_uid not in {os.getuid(), 0} and os.getuid() != 0:
            raise PermissionError(f"{path} belongs to user {known.st_uid}")
        return known.st_mtime, file.read()


def process_key(pid: int) -> str:
    """Return what tells a process from others of its number; empty where it does not run.

    It holds the numbering it belongs to, the start of the machine, and that of the process.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        started, state = fields[19], fields[0]
        place = _process_place()
    except (OSError, IndexError):
        return ""
    return "" if state == "Z" else f"{place} {started}"


def _process_place() -> str:
    space = Path("/proc/self/ns/pid").readlink()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{space} {boot}"


def has_ended(status: GatewayStatus) -> bool:
    """Return whether the process that left a status has ended; False where nobody can say."""
    if not status.process_key:
        return False
    try:
        is_here = status.process_key.startswith(f"{_process_place()} ")
    except OSError:
        return False
    return is_here and process_key(status.pid) != status.process_key


class StatusFile:
    """The file with the newest status; replaced as a whole, so that a reader never sees half.

    Parameters
    ----------
    paths
        Where it is written, and where else while that disk takes nothing or hangs.
    clock
        Seconds that always rise.
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
        """Return whether the last status was not written just now."""
        return self._written_s is None or self._clock() - self._written_s >= WRITE_EVERY_S

    def write(self, body: bytes) -> None:
        """Write the status; a disk that is full is no error.

        A disk that hangs is waited for `WAIT_S` once; whoever watches the parts goes on meanwhile.
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
    """Write a file where everybody may put others: never through one that is there already."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    file_descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(file_descriptor, "wb") as file:
        file.write(body)
    fresh.replace(path)


def _refuse_another(path: Path) -> None:
    """Raise an error where a file is somebody else's; a power loss may have left zeros."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        head = file.read(len(_BEGIN))
    if head.strip(b"\0") and head != _BEGIN:
        raise FileExistsError(f"{path} is no status of an agent; it was left as it is")
