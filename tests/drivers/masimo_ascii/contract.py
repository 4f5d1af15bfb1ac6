"""The stream on which the contract test checks this driver."""

from __future__ import annotations

from tests.drivers.masimo_ascii.oximeter import Shown, golden

CONTRACT = (
    golden("rad8_reading")
    + b"noise"
    + golden("rad8_no_sensor")
    + golden("radical7_sensor_off")
    + Shown(end="\n\r\n\r").line()
    + Shown(spo2="000%", bpm="000", exc="000820").line(),
    True,
    60,
)
