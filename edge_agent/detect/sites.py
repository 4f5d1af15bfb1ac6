"""Measurement sites whose readings the rules must not use."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from edge_agent.model.measurements import VitalKind

if TYPE_CHECKING:
    from collections.abc import Mapping

INELIGIBLE_SITES: Final[Mapping[VitalKind, frozenset[str]]] = MappingProxyType(
    {
        # Not the body's core temperature, in which fever is defined. Which sites to leave out:
        # design start value, unvalidated.
        VitalKind.TEMPERATURE: frozenset({"room", "surface", "skin", "airway", "myocardial"}),
    }
)
"""Sites whose readings show that the bed is connected but that no rule reads."""
