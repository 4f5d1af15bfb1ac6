"""Entries made of the words of `crswatch context`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from edge_agent.commands.context_entry import entry_of
from tests.support.gateways import BED
from tests.support.patient_entries import NOW_NS

if TYPE_CHECKING:
    from edge_agent.model.patient import PatientEntry


FIELDS = {
    **dict.fromkeys(
        ("kind", "name", "amount", "unit", "site", "at", "until", "patient", "corrects", "id")
    ),
    "bed": BED,
    "by": "N12",
    "end": None,
    "take_back": None,
}


def made(known: tuple[PatientEntry, ...] = (), **given: object) -> PatientEntry:
    return entry_of(argparse.Namespace(**{**FIELDS, **given}), known, NOW_NS)
