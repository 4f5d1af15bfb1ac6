"""Rules for passwords, PINs and badge numbers; each refusal gives its reason.

Passwords follow NIST SP 800-63B-4, 3.1.1.2: length counts, no rule about kinds of characters, no
change by the calendar, and no password that is known, repeated, in a row or made of the name.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SHORTEST_PASSWORD: Final = 15
"""Characters; NIST SP 800-63B-4, 3.1.1.2, for a password that is the only factor."""
_LONGEST_PASSWORD: Final = 128
"""Characters; the standard wants at least 64 to be allowed, and hashing needs some limit."""
LONGEST_SECRET: Final = 256
"""Characters; a longer text is no secret of ours, and is not hashed."""
_LEAST_LEFT: Final = 8
"""Characters that have to stay when known words and rows are taken out, and how many of them have
to be different; both are design start values, unvalidated."""
_LEAST_DIFFERENT: Final = 4
_LONGEST_NAME: Final = 80
_PIN: Final = re.compile(r"[0-9]{4,8}")
_BADGE: Final = re.compile(r"[!-~]{6,64}")
_DIGITS: Final = "01234567890123456789"
_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    _DIGITS,
    "qwertyuiop",
    "qwertzuiopü",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
)
_KNOWN_WORDS: Final = (
    "password", "passwort", "kennwort", "passphrase", "secret", "geheim", "letmein", "welcome",
    "willkommen", "login", "admin", "administrator", "master", "default", "changeme", "hospital",
    "krankenhaus", "klinik", "station", "ward", "nurse", "schwester", "pfleger", "pflege", "arzt",
    "doctor", "intensiv", "monitor", "alarm", "crswatch", "patient", "hallo", "hello", "iloveyou",
    "sunshine", "sommer", "summer", "winter", "spring", "autumn", "herbst", "frühling", "monday",
    "montag", "dragon", "football", "fussball", "princess", "schatz",
)  # fmt: skip
"""Words that people take first; written for this program."""
_KNOWN_PINS: Final = frozenset({"2580", "0852", "1379", "1004", "112233", "147258", "159753"})
"""PINs that people take first, beside rows, repeats and years; written for this program."""


def name_mistake(person: str) -> str:
    """Return why a text cannot name an account; empty where it can."""
    if not 0 < len(person.strip()) <= _LONGEST_NAME or person != person.strip():
        return f"want a name or staff id of 1 to {_LONGEST_NAME} characters, without blanks around"
    if not person.isprintable():
        return "holds a character that cannot be seen"
    return ""


def folded(person: str) -> str:
    """Return a name in the form in which names are compared: letters alike in any case."""
    return unicodedata.normalize("NFKC", person.strip()).casefold()


def normal_password(password: str) -> str:
    """Return a password in the form that is hashed, the same from every keyboard (NFC)."""
    return unicodedata.normalize("NFC", password)


def password_mistake(password: str, person: str) -> str:
    """Return why a password is not accepted; empty where it is. No message repeats any of it."""
    text = normal_password(password)
    if len(text) < _SHORTEST_PASSWORD:
        return (
            f"has {len(text)} characters; want at least {_SHORTEST_PASSWORD}, such as four words "
            "that do not belong together"
        )
    if len(text) > _LONGEST_PASSWORD:
        return f"has {len(text)} characters; want at most {_LONGEST_PASSWORD}"
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        return "holds a character that cannot be typed"
    plain = folded(text)
    if _is_repeated(plain):
        return "repeats itself; want four words that do not belong together"
    names = [word for word in re.split(r"[^\w]+", folded(person)) if len(word) > 3]
    left = _without_rows(_without(plain, [*_KNOWN_WORDS, *names]))
    if len(left) < _LEAST_LEFT or len(set(left)) < _LEAST_DIFFERENT:
        return (
            "is mostly made of words, rows or a name that are tried first; want four words that do "
            "not belong together"
        )
    return ""


def pin_mistake(pin: str) -> str:
    """Return why a PIN is not accepted; empty where it is."""
    if not _PIN.fullmatch(pin):
        return "want 4 to 8 digits"
    half = len(pin) // 2
    if len(set(pin)) < 3 or pin in _KNOWN_PINS or (pin[:half] == pin[half:]):
        return "is one that is tried first: it repeats itself"
    if pin in _DIGITS or pin in _DIGITS[::-1]:
        return "is one that is tried first: it is a row"
    if re.fullmatch(r"(19|20)[0-9]{2}", pin):
        return "is one that is tried first: it is a year"
    return ""


def badge_mistake(badge: str) -> str:
    """Return why a badge number is not accepted; empty where it is."""
    return "" if _BADGE.fullmatch(badge) else "want 6 to 64 letters and digits, as the reader types"


def _is_repeated(text: str) -> bool:
    """Return True for a text that is one part, of at most half its length, again and again."""
    at = (text + text).find(text, 1)
    return at <= len(text) // 2


def _without_rows(text: str) -> str:
    """Return a text without rows of four and more characters, forwards or backwards."""
    rows = [row for known in _ROWS for row in (known, known[::-1])]
    kept, at = "", 0
    while at < len(text):
        length = max(_shared(text[at:], row) for row in rows)
        if length < 4:
            kept += text[at]
            length = 1
        at += length
    return kept


def _shared(text: str, row: str) -> int:
    """Return the number of characters with which a text goes along a row."""
    start = row.find(text[0])
    if start < 0:
        return 0
    length = 0
    for mine, theirs in zip(text, row[start:], strict=False):
        if mine != theirs:
            break
        length += 1
    return length


def _without(text: str, words: list[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return text
