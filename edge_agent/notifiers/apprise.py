"""Way out through the library apprise: ntfy, Gotify, SMS gateways and some hundred other services.

It needs the extra `crswatch[ways]`.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final, Protocol

from edge_agent.extras import ways_module
from edge_agent.model.alerts import AlertPriority
from edge_agent.model.calls import Notice
from edge_agent.model.clock import Instant
from edge_agent.model.errors import ConfigError, DeliveryError, Mistake
from edge_agent.model.texts import read_text

_BEAT_TAG: Final = "heartbeat"
"""Tag of the addresses that get the heartbeat; they must disturb nobody."""
_KINDS: Final = {
    AlertPriority.HIGH: "failure",
    AlertPriority.MEDIUM: "warning",
    AlertPriority.LOW: "info",
}
"""Apprise's own kinds, which many services show as a colour or a sound."""
_LIBRARY_LOG: Final = logging.getLogger("apprise")


@dataclass(frozen=True, slots=True)
class AppriseWayConfig:
    """File of the addresses; they hold secrets."""

    name: str
    urls_file: Path
    """One address a line, in apprise's own form: PERSON=ntfy://HOST/TOPIC."""
    timeout_s: float = 10.0
    """Longest time for one notice."""


class AppriseWay:
    """Services that apprise knows; a notice is delivered when one of the person's has it."""

    def __init__(self, config: AppriseWayConfig) -> None:
        self._config = config
        self.name = config.name
        self._library: ModuleType | None = None  # None before the first use
        self._is_closed = False

    def notify(self, notice: Notice) -> None:
        """Send a notice to the addresses of its person.

        Raises
        ------
        DeliveryError
            If none of them accepted it; not retryable if there is none.
        """
        kind = "info" if notice.is_over else _KINDS[notice.priority]
        body = notice.sentence or notice.headline
        self._send(notice.person_id, notice.headline, body, kind)

    def beat(self, _at: Instant) -> None:
        """Send a heartbeat to the addresses for it.

        Raises
        ------
        DeliveryError
            If one of them did not accept it.
        """
        self._send(_BEAT_TAG, "crswatch", f"heartbeat of {self.name}", "info")

    def close(self) -> None:
        """Refuse everything from now on; what is under way ends at its time limit."""
        self._is_closed = True

    def _send(self, tag: str, title: str, body: str, kind: str) -> None:
        if self._is_closed:
            raise DeliveryError("closed", retryable=True)
        try:
            text = read_text(self._config.urls_file)
            library = self._library = self._library or _apprise_library()
        except ConfigError as error:
            raise DeliveryError(str(error), retryable=True) from error
        services = library.Apprise()
        addresses = library.AppriseConfig()
        addresses.add_config(text, format="text")
        services.add(addresses)
        result = services.notify(
            body,
            title,
            notify_type=kind,
            body_format="text",
            tag=tag,
            match_always=False,
            timeout=self._config.timeout_s,
        )
        outcomes = list(result)
        if not outcomes:
            words = f"{self._config.urls_file} has no address for {tag!r}"
            raise DeliveryError(words, retryable=False)
        if not any(outcomes) or (tag == _BEAT_TAG and not all(outcomes)):
            raise DeliveryError(_words(outcomes), retryable=True)


def _apprise_library() -> ModuleType:
    """Return the library, which from then on logs nothing by itself.

    Raises
    ------
    ConfigError
        If it is not installed.
    """
    library = ways_module("apprise")
    with warnings.catch_warnings():
        # The first address loads every plug-in; some of them use modules that Python will drop.
        warnings.simplefilter("ignore", DeprecationWarning)
        library.Apprise().add("json://localhost")
    # It would log each attempt; what it says goes into our own words.
    _LIBRARY_LOG.propagate = False
    if not _LIBRARY_LOG.handlers:
        _LIBRARY_LOG.addHandler(logging.NullHandler())
    return library


class _LogEntry(Protocol):
    """One line that apprise would have logged."""

    message: str


class _Outcome(Protocol):
    """Outcome at one address, true after a success."""

    name: str

    def __bool__(self) -> bool: ...

    def logs(self) -> Iterable[_LogEntry]:
        """Return what was logged."""


def _words(outcomes: Sequence[_Outcome]) -> str:
    """Return why services did not accept a notice; no message holds their addresses."""
    failed = [outcome for outcome in outcomes if not outcome]
    return "; ".join(f"{one.name}: {_reason(one)}" for one in failed)


def _reason(outcome: _Outcome) -> str:
    messages = [entry.message for entry in outcome.logs()]
    return messages[-1] if messages else "no answer in time"


def address_mistakes(path: Path, *, wants_beat: bool) -> list[Mistake]:
    """Return the mistakes in a file of addresses; no message holds an address.

    Raises
    ------
    ConfigError
        If the file cannot be read, or the library is not installed.
    """
    library, mistakes, every_tag = _apprise_library(), list[Mistake](), set[str]()
    for number, line in enumerate(read_text(path).splitlines(), 1):
        text = line.strip()
        if not text or text.startswith(("#", ";")):
            continue
        tags, _, address = text.partition("=")
        if "://" in tags:
            message = f"line {number} names nobody; want PERSON=SERVICE://..."
            mistakes.append(Mistake(str(path), "-", message))
        elif not library.Apprise().add(address.strip()):
            message = f"line {number} is no address that apprise knows; want PERSON=SERVICE://..."
            mistakes.append(Mistake(str(path), "-", message))
        every_tag |= {tag.strip() for tag in tags.split(",")}
    if wants_beat and _BEAT_TAG not in every_tag:
        message = f"has no line {_BEAT_TAG}=SERVICE://...; add one, or set has_heartbeat = false"
        mistakes.append(Mistake(str(path), "-", message))
    return mistakes
