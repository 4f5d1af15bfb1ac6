"""The ECG of a simulated S/5 monitor as waveform records.

Source: Datex-Ohmeda, S/5 DRI specification, 8005313: waveform subrecords; status words and the
length of a record as a real monitor sends them.
"""

from __future__ import annotations

from math import exp
from struct import pack
from typing import Final

from simulators.monitors.ge_dri.wire import INVALID, BuiltSubrecord

ECG1: Final = 1
SAMPLES: Final = 60
EVERY_S: Final = 0.2
"""300 samples a second, 60 in a record."""
_STATUS: Final = 0x2C92
_LEAD_OFF: Final = 0x0008
_LEAD_II: Final = 2
_WAVES_OF_A_BEAT: Final = (  # height in microvolt, place and width as shares of a beat
    (110.0, 0.20, 0.025),
    (-90.0, 0.375, 0.008),
    (1000.0, 0.40, 0.010),
    (-180.0, 0.425, 0.009),
    (260.0, 0.65, 0.045),
)


class Electrocardiogram:
    """A plain ECG that continues from record to record at any heart rate."""

    def __init__(self) -> None:
        self._beat = 0.0  # place within the beat, in [0, 1)

    def next_record(self, heart_rate: int | None) -> BuiltSubrecord:
        """Return the next fifth of a second; None for electrodes that are off."""
        if heart_rate is None:
            status, samples = _STATUS | _LEAD_OFF, [INVALID] * SAMPLES
        else:
            status, samples = _STATUS, [self._next_sample(heart_rate) for _ in range(SAMPLES)]
        header = pack("<hHH", SAMPLES, status, _LEAD_II)
        return BuiltSubrecord(ECG1, header + pack(f"<{SAMPLES}h", *samples))

    def _next_sample(self, heart_rate: int) -> int:
        if heart_rate == 0:
            return 0
        self._beat = (self._beat + heart_rate * EVERY_S / (60 * SAMPLES)) % 1.0
        return round(
            sum(
                height * exp(-(((self._beat - place) / width) ** 2) / 2)
                for height, place, width in _WAVES_OF_A_BEAT
            )
        )
