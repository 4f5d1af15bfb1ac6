"""11073-10101 codes and units of rows, whatever dictionary the rows use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeVar

from edge_agent.drivers.hl7_oru.er7 import Segment
from edge_agent.drivers.hl7_oru.profile import Profile

_K = TypeVar("_K")
_V = TypeVar("_V")

PRIVATE: Final = 1024 << 16
"""Private partition 1024 of ISO/IEEE 11073-10101; its terms here are those of `beside` codes and
`UNLISTED`."""
UNLISTED: Final = PRIVATE + 1
"""Code of a row whose dictionary or code is unknown; the label names both."""

OBSERVATION: Final = 3
_SUB_ID: Final = 4
UNIT: Final = 6
_METHOD: Final = 17

_MDC: Final = re.compile("[1-9][0-9]{4,9}")
_MDIL: Final = re.compile("[0-9a-fA-F]{4}-[0-9a-fA-F]{4}")
"""Partition and term in hexadecimal: 0002-4182 is 2 x 65536 + 4182 (Philips Efficia CM Series Data
Export Guide, MDIL Coding)."""
_MDC_SYSTEM: Final = re.compile(r".*MDC.*|.*11073.*|(?:.*:)?2\.16\.840\.1\.113883\.6\.24")
"""Names of ISO/IEEE 11073-10101 in messages: MDC, 99MDC, MDC-IEEE, ISO11073, its OID."""
_MDIL_SYSTEMS: Final = {"MDIL", "MDILL", ""}
_LOINC_SYSTEMS: Final = {"LN", "LOINC", "2.16.840.1.113883.6.1"}

_UCUM: Final = {
    262656: "1",
    262688: "%",
    264672: "/min",
    264864: "/min",
    264928: "/min",
    265987: "kPa",
    266016: "mm[Hg]",
    266048: "cm[H2O]",
    266560: "[degF]",
    268192: "Cel",
}
"""UCUM by unit code; source: ISO/IEEE 11073-10101, partition 4."""
_PER_MINUTE: Final = 264672
_RATES: Final = {
    264864: (range(0x24180, 0x24190), range(0x24800, 0x24900)),  # heart and pulse rates
    264928: (range(0x25000, 0x25080),),  # respiration rates
}
"""Unit code of "per minute" and the codes of its numerics: UCUM has one unit where 11073 has one
for each kind of rate."""
_DEGREES: Final = str.maketrans(dict.fromkeys("\u00ba\u02da\u2218\u2070", "\u00b0"))
"""Signs that look like the degree sign, mapped to it."""
_NOT_SPELLED: Final = str.maketrans({" ": None, ".": None, "\u2212": "-"})
_ANNOTATION: Final = re.compile(r"\{[^{}]*\}")
_MOST_CACHED: Final = 4096
"""Largest number of cached texts: a gateway of many beds sends some hundred; more are not codes."""


class Code(NamedTuple):
    """Code and name of a row's quantity."""

    code: int
    """11073-10101 code; a private one where none is known."""
    label: str
    """The sender's name of the quantity."""


class Unit(NamedTuple):
    """Unit of a value."""

    code: int
    """11073-10101 code of partition 4; 0 where the unit is unknown."""
    ucum: str
    """UCUM unit; empty where it is unknown."""


class Dictionary:
    """Finds the codes and units of rows by the rules of one profile, and caches them."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._listed = {spelling(name): unit for name, unit in profile.units.items()}
        self._names = profile.codes.get("MDC", {})
        self._codes: dict[tuple[str, str, str, str], Code] = {}
        self._units: dict[str, Unit] = {}

    def code(self, row: Segment) -> Code:
        """Return the code of the row."""
        key = (row.field(OBSERVATION), row.field(_SUB_ID), row.field(_METHOD), row.field(UNIT))
        found = self._codes.get(key)
        if found is None:
            found = self._find(row)
            _remember(self._codes, key, found)
        return found

    def unit(self, row: Segment, code: int) -> Unit:
        """Return the unit of the row's value; `code` is the code of the row."""
        text = row.field(UNIT)
        found = self._units.get(text)
        if found is None:
            number = self._unit_code(row.components(UNIT))
            found = Unit(number, _UCUM.get(number, ""))
            _remember(self._units, text, found)
        if found.code != _PER_MINUTE:
            return found
        fits = (unit for unit, ranges in _RATES.items() if any(code in r for r in ranges))
        return Unit(next(fits, _PER_MINUTE), "/min")

    def coded(self, components: Sequence[str]) -> int:
        """Return the 11073 code of a coded field or of its alternative; 0 for none.

        Parameters
        ----------
        components
            Code, name, system, and the same three of the alternative.
        """
        padded = [*components, *[""] * 6]
        return self._number(padded[0], padded[2]) or self._number(padded[3], padded[5])

    def _find(self, row: Segment) -> Code:
        components = [*row.components(OBSERVATION), "", "", ""]
        name, label = components[0], components[1]
        code = self.coded(components) or self._names.get(label.strip(), 0)
        if not code:
            texts = (components[2], name, label)
            return Code(UNLISTED, " ".join(text for text in texts if text))
        return Code(self._remapped(code, row), label)

    def _remapped(self, code: int, row: Segment) -> int:
        sub_id, method = row.text(_SUB_ID), row.components(_METHOD)[:2]
        for remap in self._profile.remap:
            if (
                remap.code == code
                and (remap.sub_id is None or remap.sub_id.fullmatch(sub_id))
                and (remap.method is None or any(map(remap.method.fullmatch, method)))
                and remap.unit in {"", self.unit(row, code).ucum}
            ):
                return remap.to
        return code

    def _number(self, text: str, system: str) -> int:
        text, system = text.strip(), system.strip()
        own = self._profile.codes.get(system)
        if own is not None and text in own:
            return own[text]
        system = system.upper()
        if not system or _MDC_SYSTEM.fullmatch(system):
            if _MDC.fullmatch(text):
                number = int(text)
                return number if 1 << 16 <= number < 1 << 32 else 0
            if text in self._names:
                return self._names[text]
        if system in _LOINC_SYSTEMS:
            return self._profile.codes.get("LN", {}).get(text, 0)
        if system in _MDIL_SYSTEMS and _MDIL.fullmatch(text):
            return int(text.replace("-", ""), 16)
        return 0

    def _unit_code(self, components: list[str]) -> int:
        first = self._listed.get(spelling(components[0]))
        if first:
            return first
        number = self.coded(components)
        if number:
            return number if number >> 16 == 4 else 0
        names = (self._listed.get(spelling(part), 0) for part in components[1:5])
        found = next((unit for unit in names if unit), 0)
        # An annotation in braces does not change the unit (UCUM, 6); the code tells the kind of
        # rate.
        return found or self._listed.get(_ANNOTATION.sub("", spelling(components[0])), 0)


def spelling(unit: str) -> str:
    """Return a unit's name without differences of case, blanks and dots."""
    plain = unicodedata.normalize("NFKC", unit.translate(_DEGREES)).casefold()
    return plain.translate(_NOT_SPELLED)


def beside(code: int) -> int:
    """Return the private code of a further row of `code` in one message."""
    return PRIVATE | (code & 0xFFFF)


def _remember(known: dict[_K, _V], key: _K, found: _V) -> None:
    if len(known) >= _MOST_CACHED:
        known.clear()
    known[key] = found
