"""Codes of the monitor: measured quantities and units.

Source: ISO/IEEE 11073-10101 terms where a reference name (MDC_...) is given; the private terms of
the manufacturer (E000 to FFFF) as GitHub mindleaving/patient-monitor-datalogger lists them, after
the Data Export Interface Programming Guide (4535 642 59271). Codes that are not listed are passed
on as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OBJECT_PARTITION: Final = 1
METRIC_PARTITION: Final = 2
EVENT_PARTITION: Final = 3
UNIT_PARTITION: Final = 4

NAMES: Final[Mapping[int, str]] = {
    0x4182: "MDC_ECG_HEART_RATE",
    0x418A: "MDC_ECG_CARD_BEAT_RATE_BTB",
    0x4261: "MDC_ECG_V_P_C_CNT",
    0x480A: "MDC_PULS_RATE",
    0x4822: "MDC_PLETH_PULS_RATE",
    0xF0E5: "Pulse (NBP)",
    0x4BB0: "MDC_PULS_OXIM_PERF_REL",
    0x4BB8: "MDC_PULS_OXIM_SAT_O2",
    0xF09C: "SpO2 (telemetry)",
    0x500A: "MDC_RESP_RATE",
    0x5012: "MDC_AWAY_RESP_RATE",
    0x50B0: "MDC_AWAY_CO2_ET",
    0x4A04: "MDC_PRESS_BLD_NONINV",
    0x4A05: "MDC_PRESS_BLD_NONINV_SYS",
    0x4A06: "MDC_PRESS_BLD_NONINV_DIA",
    0x4A07: "MDC_PRESS_BLD_NONINV_MEAN",
    0x4A10: "MDC_PRESS_BLD_ART",
    0x4A11: "MDC_PRESS_BLD_ART_SYS",
    0x4A12: "MDC_PRESS_BLD_ART_DIA",
    0x4A13: "MDC_PRESS_BLD_ART_MEAN",
    0x4A14: "MDC_PRESS_BLD_ART_ABP",
    0x4A15: "MDC_PRESS_BLD_ART_ABP_SYS",
    0x4A16: "MDC_PRESS_BLD_ART_ABP_DIA",
    0x4A17: "MDC_PRESS_BLD_ART_ABP_MEAN",
    0x4B48: "MDC_TEMP",
    0x4B60: "MDC_TEMP_CORE",
    0x4B64: "MDC_TEMP_ESOPH",
    0x4B6C: "MDC_TEMP_NASOPH",
    0x4B74: "MDC_TEMP_SKIN",
    0x4B78: "MDC_TEMP_TYMP",
    0xE004: "Temperature (rectal)",
    0xE014: "Temperature (blood)",
    0xF0C4: "Temperature (vesical)",
    0xF0C7: "Temperature (T1)",
    0xF0C8: "Temperature (T2)",
    0xF0C9: "Temperature (T3)",
    0xF0CA: "Temperature (T4)",
    0xF108: "Temperature (oral)",
    0xF10C: "Temperature (axillary)",
    0xF140: "Temperature (predictive)",
}
"""Reference name by physio id; a plain name where the code is the manufacturer's own."""

UCUM: Final[Mapping[int, str]] = {
    0x0200: "1",
    0x0220: "%",
    0x0512: "mm",
    0x0AA0: "/min",
    0x0AE0: "/min",
    0x0F03: "kPa",
    0x0F20: "mm[Hg]",
    0x1140: "[degF]",
    0x17A0: "Cel",
}
"""UCUM unit by the monitor's 16-bit unit code."""


def term(partition: int, code: int) -> int:
    """Return the ISO/IEEE 11073-10101 number of a 16-bit code (partition x 65536 + code)."""
    return partition * 65536 + code
