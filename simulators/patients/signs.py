"""Vital signs of a body, before any sensor."""

from __future__ import annotations

from dataclasses import dataclass, fields

from simulators.patients.shapes import Float64


@dataclass(slots=True)
class Body:
    """Signs over time, each of shape (n,); effects are added in place."""

    t: Float64
    """Patient time, seconds."""
    temperature: Float64
    """Core temperature, Celsius."""
    skin: Float64
    """Offset of a probe on the skin, Celsius."""
    probe: Float64
    """Offset of any temperature probe, Celsius."""
    heart_rate: Float64
    irregularity: Float64
    """Beat-to-beat spread of the heart rate, 1/min."""
    pulse_deficit: Float64
    """Heart beats without a pulse, 1/min."""
    respiratory_rate: Float64
    spo2: Float64
    systolic: Float64
    diastolic: Float64
    perfusion_index: Float64
    elevation: Float64
    """Temperature above the usual value of the person at this time of day, Celsius."""
    systolic_untreated: Float64
    """Systolic pressure without fluids and vasopressors, mmHg."""
    spo2_on_air: Float64

    def since(self, step: int) -> Body:
        """Return the signs from a step on."""
        return Body(**{field.name: getattr(self, field.name)[step:] for field in fields(self)})
