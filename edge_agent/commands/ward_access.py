"""The ward that people's commands are about: of the agent on this machine, or of the broker."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from edge_agent.board.shapes import ShownBed, Snapshot
from edge_agent.config.gateway_file import AgentConfig
from edge_agent.model.answers import Answer
from edge_agent.model.errors import ConfigError, LinkError, Mistake
from edge_agent.model.language import Language
from edge_agent.model.names import MAX_NAME_CHARS, names_somebody
from edge_agent.ward_client.answer_words import AnswerEffect
from edge_agent.ward_client.bed_names import bed_labels, beds_meant
from edge_agent.ward_client.local_ward import LocalWard
from edge_agent.ward_client.reader import Reader, usual_language
from edge_agent.ward_client.remote_ward import RemoteWard

_NOBODY: Final = (
    "no agent of this configuration runs on this machine, and it has no [mqtt] to reach others"
)


class Ward(Protocol):
    """A ward that can be looked at and answered; each raises LinkError without contact."""

    def snapshot(self) -> Snapshot:
        """Return the ward as it is now."""

    def answer(self, answer: Answer) -> AnswerEffect:
        """Give an answer, and return its effect."""


@contextmanager
def opened_ward(config: AgentConfig) -> Iterator[Ward]:
    """Give the ward of a configuration.

    Raises
    ------
    LinkError
        If nobody can be reached who knows the ward.
    """
    local = LocalWard(config.journal.path)
    if local.is_there():
        yield local
        return
    if config.mqtt is None:
        raise LinkError(_NOBODY, retryable=True)
    with RemoteWard(config, config.mqtt) as remote:
        yield remote


def add_language_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option for the reader's language."""
    parser.add_argument(
        "--language",
        type=Language,
        choices=tuple(Language),
        default=usual_language(),
        metavar="L",
        help=f"{' or '.join(Language)} (default: that of this terminal)",
    )


def reader_of(snapshot: Snapshot, language: Language) -> Reader:
    """Return a person who reads a snapshot now."""
    return Reader(language, ZoneInfo(snapshot.ward.zone), snapshot.now_ms)


def labels_of(snapshot: Snapshot, reader: Reader) -> dict[str, str]:
    """Return the name of each bed for people."""
    return bed_labels([bed.id for bed in snapshot.beds], reader.say("bed"))


def bed_meant(text: str, beds: Sequence[ShownBed], option: str) -> ShownBed:
    """Return the only bed that a person can mean.

    Raises
    ------
    ConfigError
        If it is none or more than one.
    """
    found = beds_meant(text, [bed.id for bed in beds])
    if len(found) == 1:
        return next(bed for bed in beds if bed.id == found[0])
    known = ", ".join(found or [bed.id for bed in beds])
    raise ConfigError((Mistake("command line", option, f"is {text!r}; want one of {known}"),))


def checked_name(by: str) -> str:
    """Return the name of the person who gives a command.

    Raises
    ------
    ConfigError
        If it names nobody.
    """
    if not names_somebody(by.strip()):
        message = f"is {by[:80]!r}; want 1 to {MAX_NAME_CHARS} characters that can be seen"
        raise ConfigError((Mistake("command line", "--by", message),))
    return by.strip()
