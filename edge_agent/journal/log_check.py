"""Frames of a write-ahead log that SQLite does not read, because one before them is damaged.

SQLite ends reading at the first frame that does not fit, as after a loss of power. That leaves one
commit unread at most, which nobody was told of; more of them were on the disk and are lost.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_HEADER: Final = struct.Struct(">8I")  # source: sqlite.org/fileformat2.html, 4.1
_FRAME: Final = struct.Struct(">6I")
_SUMMED_BYTES: Final = 24
_MAGIC: Final = 0x377F0682
_WORD: Final = 2**32


@dataclass(frozen=True, slots=True)
class LogFrames:
    """Frames of a log, as its file has them before it is opened."""

    has_sound_header: bool
    ends_commit: tuple[bool, ...]
    """For each frame of this log, True where it ends a commit."""

    def damage(self, read: int) -> str:
        """Return in words what SQLite does not read; empty where it misses nothing.

        Parameters
        ----------
        read
            Number of frames that it found to be sound.
        """
        if not self.has_sound_header:
            return f"the write-ahead log: up to {sum(self.ends_commit)} commits are lost"
        lost = sum(self.ends_commit[read:])
        return (
            f"frame {read + 1} of the write-ahead log: {lost} commits are lost" if lost > 1 else ""
        )

    def is_cut(self, read: int) -> bool:
        """Return True where the end was not read, as after a loss of power."""
        return self.has_sound_header and read < len(self.ends_commit)


def frames_of(journal: Path) -> LogFrames:
    """Return the frames in a journal's write-ahead log.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    real = Path(os.path.realpath(journal))  # SQLite stores its log beside the real file
    log = real.with_name(f"{real.name}-wal")
    content = log.read_bytes() if log.exists() else b""
    head = content[: _HEADER.size]
    if len(head) < _HEADER.size or not head.strip(b"\0"):
        return LogFrames(has_sound_header=True, ends_commit=())
    magic, _, page_bytes, _, *salts, _, _ = _HEADER.unpack(head)
    is_sound = _has_sum(head) and magic | 1 == _MAGIC | 1
    step = _FRAME.size + (page_bytes if is_sound else 4096)
    found = [
        _FRAME.unpack_from(content, at) for at in range(_HEADER.size, len(content) - step + 1, step)
    ]
    if not is_sound and found:
        salts = list(found[0][2:4])  # those in the header may be the damaged ones
    ends = tuple(bool(frame[1]) for frame in found if list(frame[2:4]) == salts)
    return LogFrames(is_sound, ends)


def _has_sum(head: bytes) -> bool:
    """Return True where a header fits its checksum; source: as above, 4.2."""
    order = ">" if head[3] & 1 else "<"
    numbers = struct.unpack_from(f"{order}6I", head)
    first = second = 0
    for even, odd in zip(numbers[::2], numbers[1::2], strict=True):
        first = (first + even + second) % _WORD
        second = (second + odd + first) % _WORD
    return struct.unpack_from(">2I", head, _SUMMED_BYTES) == (first, second)
