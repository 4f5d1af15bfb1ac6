"""Acts of people and of the gateway that the audit trail records, and the trail's checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from edge_agent.model.clock import Instant


class Act(StrEnum):
    """Kinds of acts; each note says what `subject` and `detail` hold."""

    STARTED = "started"
    """The agent started; subject: hash of its configuration and rules; detail: version."""
    STOPPED = "stopped"
    """subject: as for `STARTED`."""
    ANSWER = "answer"
    """A person's answer to alerts; subject: alert ids; detail: kind, seen, outcome."""
    ENTRY = "entry"
    """A fact about a patient; subject: entry id; detail: kind, outcome."""
    AWAY = "away"
    """A pause of one bed; subject: entry id; detail: kind, outcome."""
    TEST_ALERT = "test_alert"
    """A test of the whole chain at a bed."""
    AUDIO_PAUSE = "audio_pause"
    """A pause of the sound; detail: seconds."""
    COMMAND_REFUSED = "command_refused"
    """A command that was not carried out; detail: reason."""
    CALL_TO_NOBODY = "call_to_nobody"
    """A step of a call that nobody fills; subject: call id; detail: duty."""
    HANDOVER = "handover"
    """A change of shift; subject: the shift that begins."""
    LOG_IN = "log_in"
    """detail: method."""
    LOG_IN_FAILED = "log_in_failed"
    """detail: method, reason."""
    LOCKED_OUT = "locked_out"
    """Too many failures; subject: account or address; detail: seconds."""
    LOCK_LIFTED = "lock_lifted"
    """subject: account."""
    LOG_OUT = "log_out"
    STATION_SET_UP = "station_set_up"
    """A shared screen; subject: its name."""
    SESSIONS_REVOKED = "sessions_revoked"
    """subject: account; detail: number of sessions."""
    ACCOUNT_CHANGED = "account_changed"
    """subject: account; detail: the change, never a secret."""
    TRAIL_BEGUN = "trail_begun"
    """First entry of a trail; subject: its origin; detail: an earlier trail that is missing."""
    TRAIL_TORN = "trail_torn"
    """Bytes before this entry are no entries; detail: their number and SHA-256."""
    TRAIL_DAMAGED = "trail_damaged"
    """The trail is not as the newest checkpoint says; detail: the difference in words."""
    ACTS_LOST = "acts_lost"
    """Acts that memory could not hold while the disk failed; detail: their number."""


@dataclass(frozen=True, slots=True)
class AuditAct:
    """One act, as it goes into the audit trail."""

    act: str
    """An `Act`; the trail of a newer program may hold others."""
    by: str
    """Person, or user of the system for a command; empty for the gateway itself."""
    at: Instant
    """Time on the gateway's clocks; a trail that was read back has the UTC only."""
    role: str = ""
    """Role of the person at that time; empty without accounts."""
    via: str = ""
    """Way by which it came: mqtt, board and the browser's address, socket, command."""
    bed_id: str = ""
    """Empty for an act that is about no bed."""
    subject: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry of the trail, chained to the one before it."""

    n: int
    """Number in the trail, from 1."""
    previous: str
    """Hash of the entry before, hexadecimal; `GENESIS` for the first."""
    head: str
    """Hash of this entry, which includes `n` and `previous`."""
    act: AuditAct


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Signed statement that the trail had `count` entries and ended with `head`."""

    origin: str
    """Name of the trail: site, ward and gateway."""
    count: int
    head: str
    """Hash of entry number `count`, hexadecimal."""
    at_utc_ns: int
    text: str
    """The signed note, as it leaves the gateway."""
    key: str = ""
    """Public key in the form of `payloads.checkpoints`; empty for a note that was read."""
