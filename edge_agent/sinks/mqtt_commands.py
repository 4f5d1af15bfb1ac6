"""Gate for people's commands over MQTT: limited in rate, never blocking, refusals reported."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge_agent.model.answers import AlertTest, Answer
from edge_agent.model.patient import BedEntry
from edge_agent.payloads.answers import parse_command
from edge_agent.payloads.entries import parse_entry
from edge_agent.payloads.topics import bed_of, is_context

BURST: Final = 60
"""Commands of one kind for one bed at once: all its alerts acknowledged, or a patient entered."""
PER_SECOND: Final = 2.0
"""Further commands per second; people and their programs stay far below. Both are design start
values, unvalidated."""
_REPORT_EVERY_S: Final = 10.0
_BED: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""Valid bed names, as in the configuration; any other name is no bed of any gateway."""
_MOST_BEDS: Final = 256
"""Beds with a count of their own; those beyond share one."""
_OTHERS: Final = ""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CommandCallbacks:
    """Receivers of commands; called on the network's thread, so none may wait.

    A ValueError of one is a refusal, with its reason.
    """

    on_answer: Callable[[Answer | AlertTest], bool]
    """Returns True where the command was accepted."""
    on_entry: Callable[[BedEntry], bool]
    on_rejected: Callable[[str, str], bool]


@dataclass(slots=True)
class _Allowance:
    """Commands that one bed may still send."""

    left: float
    at_s: float
    refused: int = 0
    reported_s: float | None = None
    """Time of the last report of a refusal, seconds; None before the first."""


class CommandGate:
    """Gate that passes commands at a rate that people need."""

    def __init__(self, callbacks: CommandCallbacks) -> None:
        self._callbacks = callbacks
        self._allowances: dict[tuple[str, bool], _Allowance] = {}
        self._strangers = 0

    def accept(self, topic: str, payload: bytes, now_s: float) -> None:
        """Pass on one command, or report why not."""
        bed_id = bed_of(topic)
        if not _BED.fullmatch(bed_id):
            self._strangers += 1
            if self._strangers == 1:
                _LOG.warning("mqtt: a command for %.40r names no bed and is ignored", bed_id)
            return
        if self._is_allowed(bed_id, now_s, is_entry=is_context(topic)):
            self._parse(bed_id, payload, is_entry=is_context(topic))

    def _parse(self, bed_id: str, payload: bytes, *, is_entry: bool) -> None:
        try:
            if is_entry:
                is_accepted = self._callbacks.on_entry(parse_entry(bed_id, payload))
            else:
                is_accepted = self._callbacks.on_answer(parse_command(bed_id, payload))
        except ValueError as error:
            self._callbacks.on_rejected(bed_id, str(error))
        else:
            if not is_accepted:
                self._callbacks.on_rejected(bed_id, "the gateway is too busy; send it again")

    def _is_allowed(self, bed_id: str, now_s: float, *, is_entry: bool) -> bool:
        key = (bed_id, is_entry)
        if key not in self._allowances and len(self._allowances) >= _MOST_BEDS:
            key = (_OTHERS, is_entry)
        allowance = self._allowances.setdefault(key, _Allowance(BURST, now_s))
        grown = allowance.left + (now_s - allowance.at_s) * PER_SECOND
        allowance.left, allowance.at_s = min(float(BURST), grown), now_s
        if allowance.left >= 1:
            allowance.left -= 1
            return True
        allowance.refused += 1
        if allowance.reported_s is None or now_s - allowance.reported_s >= _REPORT_EVERY_S:
            self._callbacks.on_rejected(
                bed_id,
                f"{allowance.refused} commands not accepted: more than {PER_SECOND:g} a second",
            )
            allowance.refused, allowance.reported_s = 0, now_s
        return False
