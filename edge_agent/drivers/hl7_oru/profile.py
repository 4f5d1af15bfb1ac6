"""What is particular about one kind of sender: what HL7 leaves open, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from edge_agent.drivers.linear_pattern import LinearPattern


@dataclass(frozen=True, slots=True)
class Remap:
    """Which code a row means where the sender gives it another one."""

    code: int
    to: int
    sub_id: LinearPattern | None = None
    """What OBX-4 has to look like, in whole; None: anything."""
    method: LinearPattern | None = None
    """What the code or the name in OBX-17 has to look like, in whole; None: also nothing."""
    unit: str = ""
    """UCUM name of the unit that the row has to have; empty: any."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How one kind of sender writes; each field is a key of a profile file."""

    title: str = ""
    """One line about it, for people."""
    manufacturer: str = ""
    """Empty: the sender names it in MSH-4."""
    missing_values: frozenset[float] = frozenset()
    """Numbers that stand for no value."""
    x_is_invalid: bool = True
    """Whether X in OBX-11 says that there is no valid value; false where every row has it."""
    zero_is_a_value: bool = True
    """Whether a zero that is not marked invalid can be believed."""
    occasional_codes: frozenset[int] = frozenset()
    """Codes of readings that are taken now and then and repeated until the next one."""
    occasional_time_is_own: bool = False
    """Whether OBX-14 of an occasional reading is its own also where it equals the time of the
    message, which some senders write into every row."""
    occasional_is_sent_once: bool = False
    """Whether such a reading comes in one message only, the one that it caused."""
    acknowledge: str = "as_asked"
    """as_asked (by MSH-15 and MSH-16), always or never."""
    accepted_unread: frozenset[str] = frozenset()
    """Message types that are accepted, so that the sender goes on, though they are not read."""
    lost_after_s: float = 180.0
    """Seconds without a message after which the sender is lost."""
    charset: str = ""
    """Codec that the sender writes in, whatever MSH-18 declares; empty: the one it declares."""
    zone: tzinfo | None = None
    """Zone of the sender's clock where its times name none; None: that of the session."""
    poll_every_s: float = 0.0
    """Seconds from one query to the next; 0: the sender talks unasked."""
    poll_timeout_s: float = 10.0
    """Seconds after which a query that was not answered is given up."""
    alarm_text_system: str = ""
    """Coding system of rows that are alarms as text; empty: there are none."""
    alarm_text_for_s: float = 120.0
    """Seconds for which alarms as text stand unless they are repeated; no message ends them."""
    alarm_text_priorities: Mapping[str, str] = field(default_factory=dict)
    """Priority by the name or the code of such a row."""
    codes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """11073-10101 code by coding system, and by code of that system."""
    units: Mapping[str, int] = field(default_factory=dict)
    """11073 unit code by name of a unit in lower case."""
    remap: tuple[Remap, ...] = ()
    """The first that fits a row counts."""
