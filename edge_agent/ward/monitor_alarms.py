"""Red alarms of a monitor itself, in its own words: shown to people, never evaluated."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from edge_agent.model.bed_events import BedState
from edge_agent.model.session_events import DeviceAlarm

MOST_WORDS: Final = 12
"""Most alarms named in one alert, which also says how many more there are; monitors show five to
ten at a time."""
_LONGEST_WORDS: Final = 80
"""Longest text of one alarm in characters; the longest text field is GE's, with 80."""
_RED_MARKS: Final = ("***", "!!!")
"""Marks before the text of a red alarm about the patient, and of a red technical one (Philips
IntelliVue Instructions for Use, "Alarms")."""
_RED_TECHNICAL_MARK: Final = "!!!"

_EVENT: Final = 3 << 16
_GRAVEST: Final = {
    _EVENT + 3072: "apnea",
    _EVENT + 3076: "asystole",
    _EVENT + 3086: "extreme bradycardia",
    _EVENT + 3122: "extreme tachycardia",
    _EVENT + 3224: "ventricular tachycardia",
    _EVENT + 61444: "ventricular fibrillation",
    (1024 << 16) + 0x402: "rapid ventricular tachycardia",
}
"""Events that are of high priority where the device gives none (IEC 60601-1-8:2006, table 1: death
as the result of a failure to respond at once), with the words for an alarm without a text. Codes:
ISO/IEEE 11073-10101, partition 3; from 61440 on Philips's own; the last is the driver ge_dri's."""
_UNSHOWN: Final = {"Cc", "Cf", "Cn", "Co", "Cs"}
"""Categories of invisible characters: control, format, unassigned, private, surrogate."""
_MEASURED: Final = re.compile(r"(?<!code )(?<![.\w])\d+(?:\.\d+)?")
"""Numbers on their own; those in a name, as in P1, or in a code separate one alarm from another."""


def red_words(alarms: Iterable[DeviceAlarm]) -> dict[BedState, tuple[str, ...]]:
    """Return a monitor's red alarms, about the patient and about itself, each once.

    Alarms raised in test, demo or standby are left out. An alarm that the device assigns to neither
    counts as the patient's.
    """
    found: dict[BedState, dict[str, str]] = {}
    for alarm in alarms:
        if alarm.is_usable and _is_red(alarm):
            is_fault = alarm.is_technical or alarm.text.startswith(_RED_TECHNICAL_MARK)
            state = BedState.MONITOR_FAULT if is_fault else BedState.MONITOR_ALARM
            words = _words(alarm)
            found.setdefault(state, {}).setdefault(words.casefold(), words)
    return {state: tuple(words.values()) for state, words in found.items()}


def limited(words: Sequence[str], most: int) -> tuple[str, ...]:
    """Return the first `most` words, and the number of the others."""
    more = len(words) - most
    return (*words[:most], f"and {more} more") if more > 0 else tuple(words)


def names_alarm(words: str, sentence: str) -> bool:
    """Return True if a sentence names an alarm; a number in it may have changed."""
    return unmeasured(words) in unmeasured(sentence)


def unmeasured(words: str) -> str:
    """Return an alarm's words without the measured numbers, which change while it lasts."""
    return _MEASURED.sub("#", words)


def one_line(text: str) -> str:
    """Return a device's text on one line, limited in length, without invisible characters."""
    seen = "".join(
        " " if c.isspace() else c
        for c in text[: 4 * _LONGEST_WORDS]
        if c.isspace() or unicodedata.category(c) not in _UNSHOWN
    )
    return " ".join(seen.split())[:_LONGEST_WORDS].rstrip()


def _is_red(alarm: DeviceAlarm) -> bool:
    if alarm.priority:
        return alarm.priority == "high"
    return alarm.text.startswith(_RED_MARKS) or alarm.event_code in _GRAVEST


def _words(alarm: DeviceAlarm) -> str:
    named = one_line(alarm.text) or _GRAVEST.get(alarm.event_code, "")
    return f'"{named}"' if named else f"an alarm without a text (code {alarm.event_code})"
