"""Reader of big-endian fields that never runs past the end of a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge_agent.model.errors import CrswatchError


class MalformedMessageError(CrswatchError):
    """A message contradicts itself: a field is cut short or a length does not fit."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """A list of attributes."""

    values: Mapping[int, bytes]
    """Value by attribute id, without attributes that come twice with different values."""
    doubled: tuple[tuple[int, bool], ...] = ()
    """Ids that come more than once, with True where every value is the same."""

    def words(self) -> tuple[str, ...]:
        """Return a report about each attribute that comes more than once."""
        return tuple(
            f"attribute {key:04X} comes twice in one object, "
            + ("with one value" if is_same else "with different values: none is read")
            for key, is_same in self.doubled
        )


class Reader:
    """A position in the bytes of one message."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        """Return whether bytes are left."""
        return self._at < len(self._data)

    def read(self, count: int) -> bytes:
        """Return the next `count` bytes.

        Raises
        ------
        MalformedMessageError
            If fewer are left.
        """
        end = self._at + count
        if end > len(self._data):
            left = len(self._data) - self._at
            raise MalformedMessageError(f"{count} bytes announced, {left} are left")
        found = self._data[self._at : end]
        self._at = end
        return found

    def u8(self) -> int:
        """Return the next byte."""
        return self.read(1)[0]

    def u16(self) -> int:
        """Return the next unsigned 16-bit integer."""
        return int.from_bytes(self.read(2), "big")

    def u32(self) -> int:
        """Return the next unsigned 32-bit integer."""
        return int.from_bytes(self.read(4), "big")

    def block(self) -> bytes:
        """Return the bytes that a leading 16-bit length announces."""
        return self.read(self.u16())

    def attributes(self) -> Attributes:
        """Return an attribute list: count, length, then that many of id, length, value."""
        count = self.u16()
        entries = Reader(self.block())
        found: dict[int, bytes] = {}
        doubled: dict[int, bool] = {}
        for _ in range(count):
            attribute_id, value = entries.u16(), entries.block()
            if attribute_id in found:
                is_same = value == found[attribute_id]
                doubled[attribute_id] = doubled.get(attribute_id, True) and is_same
            found.setdefault(attribute_id, value)
        entries.finish()
        values = {key: value for key, value in found.items() if doubled.get(key, True)}
        return Attributes(values, tuple(doubled.items()))

    def finish(self) -> None:
        """Check that no bytes are left.

        Raises
        ------
        MalformedMessageError
            If bytes are left over.
        """
        if self:
            left = len(self._data) - self._at
            raise MalformedMessageError(f"{left} bytes too many")
