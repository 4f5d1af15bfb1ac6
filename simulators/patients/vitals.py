"""The signs that sensors see at one moment, and that monitors show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cuff:
    """One reading of the blood pressure cuff, mmHg."""

    systolic: int
    mean: int
    diastolic: int
    measured_at_s: float
    """Patient time, seconds."""


@dataclass(frozen=True, slots=True)
class TrueVitals:
    """Signs that the sensors see at one moment; None where the sensor is off the patient."""

    heart_rate: int | None
    pulse_rate: int | None
    spo2: int | None
    perfusion_index: float | None
    respiratory_rate: int | None
    temperature: float | None
    temperature_site: str
    cuff: Cuff | None
    """Newest reading; None before the first."""
