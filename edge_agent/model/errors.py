"""The one tree of errors; a caller can act on the type."""

from __future__ import annotations

from dataclasses import dataclass


class CrswatchError(Exception):
    """Base of every error this program raises on purpose."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong in a file: where, and what was seen and allowed."""

    source: str
    key: str
    """A dash where it is about the whole file."""
    message: str

    def __str__(self) -> str:
        places = (self.source,) if self.key == "-" else (self.source, self.key)
        return ": ".join((*places, self.message))


class _FileError(CrswatchError):
    """Every mistake of one or more files at once."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(str(m) for m in mistakes))
        self.mistakes = mistakes


class ConfigError(_FileError):
    """The gateway's configuration is wrong."""


class RuleError(_FileError):
    """A rule file or its vectors are wrong."""


class _RetryableError(CrswatchError):
    """An error that may pass."""

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable


class LinkError(_RetryableError):
    """A line to a monitor failed."""


class DeliveryError(_RetryableError):
    """A sink did not take what it was given; not retryable means it never will."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One entry of a delivery that a sink did not take."""

    place: int
    """Its index in the delivery."""
    reason: str
    is_final: bool
    """Whether the entry itself cannot be sent, whatever the other side says of others."""


class PartialDeliveryError(DeliveryError):
    """A sink took a part of a delivery; retryable where something stopped it before the rest.

    Parameters
    ----------
    message
        What happened.
    taken
        Places of the entries that are safely taken.
    refused
        Entries refused one by one.
    unanswered
        Places of the entries that were sent and had no answer when the link broke.
    """

    def __init__(
        self,
        message: str,
        *,
        retryable: bool,
        taken: frozenset[int] = frozenset(),
        refused: tuple[Refusal, ...] = (),
        unanswered: frozenset[int] = frozenset(),
    ) -> None:
        super().__init__(message, retryable=retryable)
        self.taken = taken
        self.refused = refused
        self.unanswered = unanswered


class JournalError(CrswatchError):
    """The journal cannot be read or written."""


class JournalRefusedError(JournalError):
    """The journal's path names what is not ours to write, or what another agent uses."""
