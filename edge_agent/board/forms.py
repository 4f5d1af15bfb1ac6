"""Bodies of the board's POSTs, and the commands they mean."""

from __future__ import annotations

from typing import Final

import msgspec

from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from edge_agent.model.names import MAX_NAME_CHARS, is_id, names_somebody
from edge_agent.model.patient import BedEntry, EntryKind, PatientEntry

_MOST_SEEN: Final = 64
_LONGEST_REASON: Final = 500
_MILLION: Final = 1_000_000


class SignedForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Fields of every act: proof of the person who acts."""

    by: str = ""
    """Name; only where the board has no accounts, and beside a PIN."""
    pin: str = ""
    badge: str = ""


class _SeenForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    alert_id: str
    n: int = 0


class AnswerForm(SignedForm, frozen=True, kw_only=True):
    """An answer to a bed's problem."""

    kind: AnswerKind
    answer_id: str
    seen: tuple[_SeenForm, ...] = ()
    reason: str = ""
    for_s: float | None = None

    def answer(self, bed_id: str, by: str) -> Answer:
        """Return the answer of a person.

        Raises
        ------
        ValueError
            With the mistake, the value seen and the values allowed.
        """
        _check_id("answer_id", self.answer_id)
        if len(self.seen) > _MOST_SEEN:
            raise ValueError(f"seen has {len(self.seen)} alerts; at most {_MOST_SEEN} allowed")
        for one in self.seen:
            _check_id("alert_id", one.alert_id)
        if len(self.reason) > _LONGEST_REASON:
            raise ValueError(f"reason has {len(self.reason)} characters; at most {_LONGEST_REASON}")
        if self.for_s is not None and not 0 < self.for_s <= 86_400:
            raise ValueError(f"for_s is {self.for_s:g}; want seconds above 0")
        seen = tuple(SeenAlert(one.alert_id, one.n) for one in self.seen)
        return Answer(bed_id, self.kind, by, seen, self.reason, self.for_s, self.answer_id)


class EntryForm(SignedForm, frozen=True, kw_only=True):
    """An entry about a patient, with the fields of `crswatch context`."""

    kind: EntryKind
    entry_id: str
    at_ms: int
    name: str = ""
    amount: float | None = None
    unit: str = ""
    site: str = ""
    until_ms: int | None = None
    patient_id: str = ""
    corrects: str = ""
    is_void: bool = False

    def entry(self, bed_id: str, by: str) -> BedEntry:
        """Return the entry of a person; raise ValueError with the mistake."""
        _check_id("entry_id", self.entry_id)
        until_ms = self.until_ms
        entry = PatientEntry(
            entry_id=self.entry_id,
            patient_id=self.patient_id,
            kind=self.kind,
            at_utc_ns=self.at_ms * _MILLION,
            name=self.name,
            amount=self.amount,
            unit=self.unit,
            site=self.site,
            until_utc_ns=None if until_ms is None else until_ms * _MILLION,
            by=by,
            corrects=self.corrects,
            is_void=self.is_void,
        )
        return BedEntry(bed_id, entry)


class AwayForm(SignedForm, frozen=True, kw_only=True):
    """A pause of one bed."""

    entry_id: str
    reason: str
    at_ms: int
    until_ms: int
    corrects: str = ""
    """The entry of the pause that this one changes or ends."""

    def entry(self, bed_id: str, by: str) -> BedEntry:
        """Return the entry of a person; raise ValueError with the mistake."""
        form = EntryForm(
            kind=EntryKind.AWAY,
            entry_id=self.entry_id,
            at_ms=self.at_ms,
            name=self.reason,
            until_ms=self.until_ms,
            corrects=self.corrects,
        )
        return form.entry(bed_id, by)


class PauseForm(SignedForm, frozen=True, kw_only=True):
    """A pause of the sound on every screen of the ward."""

    for_s: float


class ScreenForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Report of a screen on itself, every 10 s."""

    name: str
    seq: int
    can_sound: bool
    is_awake: bool
    shows: tuple[str, ...] = ()
    audio_time: float = 0.0


class LoginForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Proof of identity at log-in."""

    person: str = ""
    password: str = ""
    pin: str = ""
    badge: str = ""


class StationForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Name of a screen that becomes a shared one."""

    name: str


class BadgeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Badge of a person whose account is locked."""

    badge: str


def checked_name(name: str) -> str:
    """Return a person's name without space around it; raise ValueError where it is none."""
    stripped = name.strip()
    if not names_somebody(stripped):
        raise ValueError(f"name is {name[:80]!r}; want 1 to {MAX_NAME_CHARS} visible characters")
    return stripped


def _check_id(field: str, value: str) -> None:
    if not value or not is_id(value):
        raise ValueError(f"{field} is {value[:80]!r}; want a printable id")
