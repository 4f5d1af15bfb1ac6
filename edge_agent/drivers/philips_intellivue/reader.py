"""Read big-endian fields off a message without ever running past its end."""

from __future__ import annotations

from edge_agent.model.errors import CrswatchError


class MalformedError(CrswatchError):
    """A message contradicts itself: a field is cut short or a length does not fit."""


class Reader:
    """A position in the bytes of one message."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        """Whether bytes are left."""
        return self._at < len(self._data)

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes.

        Raises
        ------
        MalformedError
            If fewer are left.
        """
        end = self._at + count
        if end > len(self._data):
            left = len(self._data) - self._at
            raise MalformedError(f"{count} bytes announced, {left} are left")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def u8(self) -> int:
        """Return the next byte."""
        return self.take(1)[0]

    def u16(self) -> int:
        """Return the next unsigned 16-bit integer."""
        return int.from_bytes(self.take(2), "big")

    def u32(self) -> int:
        """Return the next unsigned 32-bit integer."""
        return int.from_bytes(self.take(4), "big")

    def block(self) -> bytes:
        """Return the bytes that a leading 16-bit length announces."""
        return self.take(self.u16())

    def attributes(self) -> dict[int, bytes]:
        """Return an attribute list: count, length, then that many of id, length, value."""
        count = self.u16()
        entries = Reader(self.block())
        found = {entries.u16(): entries.block() for _ in range(count)}
        entries.finish()
        return found

    def finish(self) -> None:
        """Check that nothing is left.

        Raises
        ------
        MalformedError
            If bytes are left over.
        """
        if self:
            left = len(self._data) - self._at
            raise MalformedError(f"{left} bytes too many")
