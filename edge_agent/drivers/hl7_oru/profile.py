"""Peculiarities of one kind of sender, in details that HL7 leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from edge_agent.drivers.linear_pattern import LinearPattern


@dataclass(frozen=True, slots=True)
class Remap:
    """Replacement of a code that a sender uses in another meaning."""

    code: int
    to: int
    sub_id: LinearPattern | None = None
    """Pattern of the whole of OBX-4; None for any text."""
    method: LinearPattern | None = None
    """Pattern of the whole code or name in OBX-17; None for any, or none."""
    unit: str = ""
    """UCUM unit that the row must have; empty for any."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Format of one kind of sender; each field is a key of a profile file."""

    title: str = ""
    """Human-readable title, one line."""
    manufacturer: str = ""
    """Manufacturer; empty where the sender names it in MSH-4."""
    missing_values: frozenset[float] = frozenset()
    """Numbers that stand for no value."""
    x_is_invalid: bool = True
    """True where X in OBX-11 means that there is no valid value; False where every row has X."""
    zero_is_a_value: bool = True
    """True where a zero that is not marked invalid is a valid value."""
    occasional_codes: frozenset[int] = frozenset()
    """Codes of occasional readings, which are repeated until the next one."""
    occasional_time_is_own: bool = False
    """True where OBX-14 of an occasional reading is its own time even if it equals that of the
    message, which some senders write into every row."""
    occasional_is_sent_once: bool = False
    """True where such a reading comes in only one message, which it caused."""
    acknowledge: str = "as_asked"
    """as_asked (by MSH-15 and MSH-16), always or never."""
    accepted_unread: frozenset[str] = frozenset()
    """Message types that are accepted but not read, so that the sender continues."""
    lost_after_s: float = 180.0
    """Seconds without a message after which the sender is lost."""
    charset: str = ""
    """Codec of the sender, whatever MSH-18 declares; empty for the declared one."""
    zone: tzinfo | None = None
    """Zone of the sender's clock where its times name none; None for the session's zone."""
    poll_every_s: float = 0.0
    """Seconds from one query to the next; 0 for a sender that sends unasked."""
    poll_timeout_s: float = 10.0
    """Seconds after which an unanswered query is abandoned."""
    alarm_text_system: str = ""
    """Coding system of rows that are alarms as text; empty where there are none."""
    alarm_text_for_s: float = 120.0
    """Seconds for which alarms as text persist unless repeated; no message ends them."""
    alarm_text_priorities: Mapping[str, str] = field(default_factory=dict)
    """Priority by the name or the code of such a row."""
    codes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """11073-10101 code by coding system, and by code of that system."""
    units: Mapping[str, int] = field(default_factory=dict)
    """11073 unit code, by the name of a unit in lower case."""
    remap: tuple[Remap, ...] = ()
    """Replacements of codes; the first that fits a row applies."""
