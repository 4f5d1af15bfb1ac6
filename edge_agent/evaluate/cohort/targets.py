"""Targets of the figures of a cohort, each to hold on the worst ward and in every physiology."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from edge_agent.evaluate.estimates.figure import Target

# design start values, unvalidated: nobody has shown on a ward what is good enough
TARGETS: Final[Mapping[str, Target]] = MappingProxyType(
    {
        "crs_sensitivity": Target(0.98),
        "grade2_in_time": Target(0.98),
        "chance_sensitivity": Target(0.25, is_most=True),
        "lead_over_4h_hours": Target(2.5),
        "lead_over_8h_hours": Target(5.5),
        "lead_over_4h_hours_without_watch": Target(1.8),
        "lead_over_8h_hours_without_watch": Target(4.4),
        "fever_delay_minutes": Target(3.0, is_most=True),
        "patient_alerts_per_patient_day": Target(1.0, is_most=True),
        "high_per_patient_day": Target(0.25, is_most=True),
        "ppv": Target(0.8),
        "false_fever_per_patient_day": Target(0.01, is_most=True),
        "false_crs_per_patient_day": Target(0.02, is_most=True),
        "false_watch_per_patient_day": Target(0.05, is_most=True),
        "false_from_faults_per_patient_day": Target(0.02, is_most=True),
        "technical_per_patient_day": Target(2.0, is_most=True),
        "nurse_technical_per_patient_day": Target(0.5, is_most=True),
        "losses_in_5_min": Target(0.99),
        "temperature_losses_in_20_min": Target(0.9),
        "grade_covered": Target(0.99),
        "grade_equal_complete": Target(0.9),
        "faults_announced": Target(0.99),
    }
)
"""Target of each figure that has one, in the order of the page."""
