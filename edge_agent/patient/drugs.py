"""Names of vasopressors, with one name for each drug."""

from __future__ import annotations

_DRUG_NAMES = {
    "norepinephrine": "norepinephrine",
    "norad": "norepinephrine",
    "levophed": "norepinephrine",
    "epinephrine": "epinephrine",
    "adrenalin": "epinephrine",
    "phenylephrine": "phenylephrine",
    "neosynephrine": "phenylephrine",
    "dopamine": "dopamine",
    "vasopressin": "vasopressin",
    "argipressin": "vasopressin",
    "pitressin": "vasopressin",
    "vasostrict": "vasopressin",
}
"""Drug by the beginning of its name: one drug under two names is one vasopressor."""


def drug_name(name: str) -> str:
    """Return one name for each drug, whatever name was entered."""
    letters = letters_of(name)
    return next((drug for start, drug in _DRUG_NAMES.items() if letters.startswith(start)), letters)


def letters_of(name: str) -> str:
    """Return the letters of a name in lower case."""
    return "".join(letter for letter in name.lower() if letter.isalpha())
