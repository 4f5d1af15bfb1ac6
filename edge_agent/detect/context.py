"""stub"""
from __future__ import annotations
from dataclasses import dataclass, field
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind

@dataclass
class Ctx:
    baselines: dict
class ContextLog:
    def __init__(self, entries=()):
        self.entries = tuple(entries)
        ages = [e.amount for e in self.entries if e.kind is EntryKind.AGE]
        self.age_years = ages[-1] if ages else None
    def at(self, utc_ns):
        return Ctx({VitalKind(e.name): e.amount for e in self.entries if e.kind is EntryKind.BASELINE and e.at_utc_ns <= utc_ns})
