"""The numbers of a line: their spelling, and the verdict of the oximeter's exceptions on them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from edge_agent.drivers.message_facts import MessageFacts
from edge_agent.model.measurements import Numeric, Validity

# source of the exception bits: Rad-8 operator's manual, trend data format (bits 001 to 800; 100 and
# 200 of these are reserved); of the others: GitHub mdpnp/mdpnp, other/pox_rad/poxrad_discrete.h
NO_SENSOR: Final = 0x000001
DEFECTIVE_SENSOR: Final = 0x000002
LOW_PERFUSION: Final = 0x000004
PULSE_SEARCH: Final = 0x000008
INTERFERENCE: Final = 0x000010
SENSOR_OFF: Final = 0x000020
AMBIENT_LIGHT: Final = 0x000040
UNRECOGNISED_SENSOR: Final = 0x000080
LOW_SIGNAL_IQ: Final = 0x000400
_SPCO_LOW_CONFIDENCE: Final = 0x200000
_SPMET_LOW_CONFIDENCE: Final = 0x400000

UNUSABLE: Final = NO_SENSOR | DEFECTIVE_SENSOR | PULSE_SEARCH | SENSOR_OFF | UNRECOGNISED_SENSOR
"""Exceptions under which no number comes from a pulse."""

_UNDOCUMENTED_DOUBTS: Final = 0x000100 | 0x001000 | 0x004000 | 0x008000 | 0x010000 | 0x020000
"""Incompatible sensor; cable: absent, incompatible, unrecognised, defective; calibrating. Masimo's
manuals do not list them, so a number sent despite them is questionable, not discarded."""
_EMITTER_DOUBTS: Final = 0x080000 | 0x100000
"""Emitter temperature out of range, sensor current limit exceeded."""

DOUBTFUL: Final = (
    LOW_PERFUSION
    | INTERFERENCE
    | AMBIENT_LIGHT
    | LOW_SIGNAL_IQ
    | _UNDOCUMENTED_DOUBTS
    | _EMITTER_DOUBTS
)
"""Exceptions under which a number is questionable."""

_PERCENT: Final = (262688, "%")
_BEATS_PER_MIN: Final = (264864, "/min")
_NO_DIMENSION: Final = (262656, "1")
_UNIT_NOT_SENT: Final = (0, "")


@dataclass(frozen=True, slots=True)
class MasimoParameter:
    """One parameter of the oximeter."""

    code: int
    """ISO/IEEE 11073-10101 code, or a private one where the standard has none."""
    shapes: tuple[str, ...]
    """Spellings: 0 for a digit, + for either sign; a missing value has dashes for digits."""
    unit: tuple[int, str]
    """11073-10101 unit code, UCUM unit."""
    highest: float
    """Largest possible value; a larger one is damage, and no value is ever cut down to it."""
    zero_is_a_value: bool = True
    doubts: int = DOUBTFUL
    """Exceptions under which a number is questionable."""

    def pattern(self) -> str:
        """Return the regular expression of a number or its dashes; a percent sign may follow."""
        texts = [*self.shapes, *(shape.replace("0", "-") for shape in self.shapes)]
        escaped = [re.escape(text).replace(r"\+", "[+-]") for text in texts]
        return f"(?:{'|'.join(escaped)})%?".replace("0", r"\d")


_PRIVATE: Final = 1024 << 16
SPO2: Final = 150456  # MDC_PULS_OXIM_SAT_O2
PULSE: Final = 149530  # MDC_PULS_OXIM_PULS_RATE
SPCO: Final = _PRIVATE + 1
SPMET: Final = _PRIVATE + 2
DESAT: Final = _PRIVATE + 6

# source of the widths: lines quoted in the READMEs of GitHub yahnatan/pulseox and
# remkolems/masimo-datacapture, and poxrad_discrete.h; of 100 % and 20 %: Rad-57 operator's manual,
# trend data format (it shows pulse rates up to 240; the bound leaves room for other models)
ROWS: Final = {
    "SPO2": MasimoParameter(SPO2, ("000",), _PERCENT, 100, zero_is_a_value=False),
    "BPM": MasimoParameter(PULSE, ("000",), _BEATS_PER_MIN, 300, zero_is_a_value=False),
    "PI": MasimoParameter(150448, ("00.00",), _PERCENT, 20, zero_is_a_value=False),
    "SPCO": MasimoParameter(
        SPCO, ("00.0", "00"), _PERCENT, 99.9, doubts=DOUBTFUL | _SPCO_LOW_CONFIDENCE
    ),
    "SPMET": MasimoParameter(
        SPMET, ("00.0",), _PERCENT, 99.9, doubts=DOUBTFUL | _SPMET_LOW_CONFIDENCE
    ),
    "SPHB": MasimoParameter(_PRIVATE + 3, ("00.0",), _UNIT_NOT_SENT, 99.9, zero_is_a_value=False),
    "SPOC": MasimoParameter(_PRIVATE + 4, ("00",), _UNIT_NOT_SENT, 99, zero_is_a_value=False),
    "PVI": MasimoParameter(_PRIVATE + 5, ("000",), _PERCENT, 100),
    "DESAT": MasimoParameter(DESAT, ("00",), _NO_DIMENSION, 99),
    "PIDELTA": MasimoParameter(_PRIVATE + 7, ("+00",), _PERCENT, 99),
}
"""Parameters by their key; a number that has lost a byte fits no shape of its row."""


def numeric(key: str, value: float | None, facts: MessageFacts) -> Numeric:
    """Return the numeric of one parameter; `value` is None where the line shows dashes."""
    row = ROWS[key]
    return facts.numeric(key, row.code, row.unit, value, _validity(row, value, facts.state))


def _validity(row: MasimoParameter, value: float | None, exceptions: int) -> Validity:
    if exceptions & UNUSABLE:
        return Validity.INVALID
    if value is None:
        return Validity.NOT_AVAILABLE
    if value == 0 and not row.zero_is_a_value:
        return Validity.INVALID  # these oximeters write 000 for "no value"
    return Validity.QUESTIONABLE if exceptions & row.doubts else Validity.VALID
