"""The tree of errors; callers decide by the type."""

from __future__ import annotations

from dataclasses import dataclass


class CrswatchError(Exception):
    """Base class of all errors that this program raises on purpose."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a file: its key, the value seen and the values allowed."""

    source: str
    key: str
    """A dash for a mistake about the whole file."""
    message: str

    def __str__(self) -> str:
        where = (self.source,) if self.key == "-" else (self.source, self.key)
        return ": ".join((*where, self.message))


class _FileError(CrswatchError):
    """All mistakes of one or more files."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(str(m) for m in mistakes))
        self.mistakes = mistakes


class ConfigError(_FileError):
    """Mistakes in the gateway's configuration."""


class RuleError(_FileError):
    """Mistakes in a rule file or its vectors."""


class _RetryableError(CrswatchError):
    """An error that may be temporary."""

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable


class LinkError(_RetryableError):
    """Failure of a line to a monitor."""


class DeliveryError(_RetryableError):
    """Failure of a sink to accept a delivery; if not retryable, it never will."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One entry of a delivery that a sink refused."""

    index: int
    """Index in the delivery."""
    reason: str
    is_final: bool
    """True if the entry itself can never be sent, whatever happens to the others."""


class PartialDeliveryError(DeliveryError):
    """Partial acceptance of a delivery; retryable if the rest was interrupted.

    Parameters
    ----------
    accepted
        Indices of the entries that the sink has safely accepted.
    refused
        Entries that the sink refused individually.
    unanswered
        Indices of the entries that were sent but not answered when the link broke.
    """

    def __init__(
        self,
        message: str,
        *,
        retryable: bool,
        accepted: frozenset[int] = frozenset(),
        refused: tuple[Refusal, ...] = (),
        unanswered: frozenset[int] = frozenset(),
    ) -> None:
        super().__init__(message, retryable=retryable)
        self.accepted = accepted
        self.refused = refused
        self.unanswered = unanswered


class JournalError(CrswatchError):
    """Failure to read or write the journal."""


class JournalRefusedError(JournalError):
    """Refusal of a journal path that is not a journal of ours, or is used by another agent."""


class JournalInUseError(JournalRefusedError):
    """Refusal of a journal that another agent uses; it may be free later."""


class AccessError(CrswatchError):
    """Failure to read or write the accounts, or an act that they do not allow."""


class AccountsRefusedError(AccessError):
    """Refusal of a path that is not an accounts file of ours, or that others may read."""


class AuthorityError(CrswatchError):
    """Failure to use the files of a site's certificate authority."""
