"""The stream on which the contract test checks this driver."""

from __future__ import annotations

from tests.drivers.masimo_ascii.oximeter import Shown, golden

CONTRACT = (
    golden("rad8_reading")
    + b"noise"
    + Shown(spo2="---%", bpm="---%", exc="000001").line()
    + golden("rad8_reading")
    + Shown(end="\n\r\n\r").line()
    + Shown(spo2="000%", bpm="000", exc="000820").line(),
    True,
    60,
)
