"""Notes beside the measurements in words: what people entered, and what devices said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edge_agent.model.facts import Note, NoteKind
from edge_agent.model.language import Language
from edge_agent.wording.catalogue import listed, phrase, short_number
from edge_agent.wording.status_words import missing_words, reason_words
from edge_agent.wording.values import Reading, device_words

_ENTERED: Final = (NoteKind.SYMPTOM, NoteKind.FLUIDS, NoteKind.FLAG)
_TREATMENTS: Final = frozenset(
    {
        NoteKind.OXYGEN,
        NoteKind.VASOPRESSORS,
        NoteKind.ANTIPYRETIC,
        NoteKind.TOCILIZUMAB,
        NoteKind.STEROID,
    }
)
_FAILED: Final = {
    " could not be evaluated (": "note.not_evaluated",
    " could not be stored or reported (": "note.not_stored",
}
"""Marks of failures of which people on the ward only need to know the effect."""
_SAID: Final = (
    NoteKind.LINK,
    NoteKind.ALARMS,
    NoteKind.FAILURES,
    NoteKind.CLOCK,
    NoteKind.NOT_USED,
    NoteKind.NOT_UNDERSTOOD,
    NoteKind.NO_VITAL,
    NoteKind.TEST,
)


def said_words(notes: Sequence[Note], reader: Reading) -> list[str]:
    """Return the sentences about what devices said, what people entered, and what is missing."""
    language = reader.language
    found = []
    for note in notes:
        if note.kind in _SAID:
            words = "; ".join(dict.fromkeys(_said(word, language) for word in note.words))
            found.append(_opened(phrase(language, f"note.{note.kind}", words=words)))
        elif note.kind is NoteKind.AWAY:
            found.append(_away(note, reader))
        elif note.kind is NoteKind.MISSING:
            inputs = listed([missing_words(name, language) for name in note.words])
            key = "missing" if inputs else "missing_earlier"
            found.append(phrase(language, f"note.{key}", listed=inputs))
    entered = [_entered(note, reader) for note in notes if note.kind in _ENTERED]
    return found + ([phrase(language, "note.entered", listed=listed(entered))] if entered else [])


def note_words(note: Note, reader: Reading) -> str:
    """Return a treatment or an entry in a few words; empty for what is said in a sentence."""
    if note.kind in _ENTERED:
        return _entered(note, reader)
    return _treatment(note, reader) if note.kind in _TREATMENTS else ""


def _said(word: str, language: Language) -> str:
    """Return a device's or the program's words; the name of a failed part is for engineers."""
    found = next((key for mark, key in _FAILED.items() if mark in word), None)
    return reason_words(word, language) if found is None else phrase(language, found)


def _treatment(note: Note, reader: Reading) -> str:
    language = reader.language
    if note.kind is NoteKind.OXYGEN:
        device = device_words(note.words[0], language)
        if note.value is None:
            return phrase(language, "note.oxygen", device=device)
        flow = short_number(language, note.value)
        return phrase(language, "note.oxygen_flow", device=device, value=flow)
    if note.kind is NoteKind.VASOPRESSORS:
        key = "vasopressors" if note.words else "no_vasopressors"
        return phrase(language, f"note.{key}", names=listed(note.words))
    return phrase(language, f"note.{note.kind}", time=_time(note, reader))


def _entered(note: Note, reader: Reading) -> str:
    language = reader.language
    if note.kind is NoteKind.FLUIDS:
        return phrase(language, "note.fluids", value=short_number(language, note.value or 0.0))
    words = phrase(language, f"{note.kind}.{note.words[0]}")
    if note.at_utc_ns is None:
        return words
    return phrase(language, "note.timed", what=words, time=_time(note, reader))


def _away(note: Note, reader: Reading) -> str:
    reason = phrase(reader.language, f"away.{note.words[0]}")
    return phrase(reader.language, "note.away", reason=reason, time=_time(note, reader))


def _time(note: Note, reader: Reading) -> str:
    return "" if note.at_utc_ns is None else reader.time(note.at_utc_ns)


def _opened(sentence: str) -> str:
    """Return a sentence that opens with a capital letter."""
    return sentence[:1].upper() + sentence[1:]
