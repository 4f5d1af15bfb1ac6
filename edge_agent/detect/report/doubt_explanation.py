"""The doubted values in a sentence, when the nurse is asked to measure again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from edge_agent.detect.conditions.view import View
from edge_agent.detect.language.rule import LatestCondition, Rule, ShareCondition
from edge_agent.detect.series.doubts import AS_MEASURED, DOUBTED
from edge_agent.model.measurements import VitalKind

_WORDS: Final[Mapping[VitalKind, str]] = MappingProxyType(
    {
        VitalKind.HEART_RATE: "HR {:.0f}/min",
        VitalKind.SPO2: "SpO2 {:.0f} %",
        VitalKind.RESPIRATORY_RATE: "Resp {:.0f}/min",
        VitalKind.TEMPERATURE: "Temp {:.1f} °C",
        VitalKind.ART_SYSTOLIC: "BP {:.0f} mmHg systolic (arterial line)",
        VitalKind.ART_MEAN: "BP {:.0f} mmHg mean (arterial line)",
        VitalKind.NIBP_SYSTOLIC: "BP {:.0f} mmHg systolic",
        VitalKind.NIBP_MEAN: "BP {:.0f} mmHg mean",
    }
)


def doubt_sentence(rule: Rule, view: View) -> str:
    """Return the doubted values that a rule rests on; empty for other rules."""
    found = dict.fromkeys(
        part for leaf in rule.when.leaves() for part in _doubted_words(leaf, view)
    )
    return f"{'; '.join(found)}." if found else ""


def _doubted_words(leaf: object, view: View) -> Iterator[str]:
    """Yield the newest doubted value of one condition, in words."""
    if isinstance(leaf, ShareCondition) and leaf.signal in DOUBTED:
        values = view.window(leaf.signal, leaf.length)
        known = values[~np.isnan(values)]
        if known.size:
            yield f"{_WORDS[DOUBTED[leaf.signal]].format(known[-1])}, doubtful"
    if isinstance(leaf, LatestCondition) and leaf.signal in AS_MEASURED:
        kind = AS_MEASURED[leaf.signal]
        measured, trusted = view.events(leaf.signal), view.events(kind.value)
        known = measured.values[~np.isnan(measured.values)]
        if known.size:
            is_trusted = trusted.values[-1:] == known[-1:]
            yield _WORDS[kind].format(known[-1]) + ("" if is_trusted.all() else ", doubtful")
