"""The numbers of a line, and the verdict of its status codes on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge_agent.drivers.message_facts import MessageFacts
from edge_agent.model.measurements import Numeric, Validity

STATUS_CODES: Final = {
    "AO": 0x0001,  # alarm off
    "AS": 0x0002,  # alarm silence
    "LB": 0x0004,  # low battery
    "LM": 0x0008,  # loss of pulse with motion
    "LP": 0x0010,  # loss of pulse
    "MO": 0x0020,  # interference, motion
    "PH": 0x0040,  # pulse rate above its limit
    "PL": 0x0080,  # pulse rate below its limit
    "PS": 0x0100,  # pulse search
    "SD": 0x0200,  # sensor disconnected
    "SH": 0x0400,  # saturation above its limit
    "SL": 0x0800,  # saturation below its limit
    "SO": 0x1000,  # sensor off
    "BU": 0x10000,  # battery in use; source: unknown
}
"""Status bits by code; the bits are this driver's own numbering.

Source of all but BU: NPB-290 operator's manual, data port protocol, and nellcor-n595.spec of GitHub
mdpnp/mdpnp.
"""
UNKNOWN_CODE: Final = 0x8000
"""Status bit of a code that is not in the table, so that its effect on the numbers is unknown."""
SPO2_MARK: Final = 0x2000
PULSE_MARK: Final = 0x4000
"""Status bits of a `*` behind a number: the number is outside its limits."""

_UNUSABLE: Final = sum(STATUS_CODES[code] for code in ("LM", "LP", "PS", "SD", "SO"))
_DOUBTFUL: Final = STATUS_CODES["MO"] | UNKNOWN_CODE


@dataclass(frozen=True, slots=True)
class NellcorParameter:
    """One parameter of the oximeter."""

    label: str
    """Heading of the column."""
    code: int
    """ISO/IEEE 11073-10101 code, or a private one where the standard has none."""
    unit: tuple[int, str]
    """11073-10101 unit code, UCUM unit."""
    highest: int
    """Largest possible value; a larger one is damage, and no value is ever cut down to it."""
    zero_is_a_value: bool = False


SPO2: Final = 150456  # MDC_PULS_OXIM_SAT_O2
PULSE: Final = 149530  # MDC_PULS_OXIM_PULS_RATE
ROWS: Final = (
    NellcorParameter("%SpO2", SPO2, (262688, "%"), 100),
    # 300: these oximeters show up to 250; the bound leaves room for other models
    NellcorParameter("BPM", PULSE, (264864, "/min"), 300),
    NellcorParameter("PA", (1024 << 16) + 1, (262656, "1"), 999, zero_is_a_value=True),
)
"""Parameters in the order of their columns."""


def numerics_of(values: tuple[int | None, ...], facts: MessageFacts) -> tuple[Numeric, ...]:
    """Return the numerics of a line; `values` are in the order of `ROWS`, None for dashes."""
    # dashes that no code explains: the line is incomplete, or the oximeter is unsure
    is_doubted = bool(facts.state & _DOUBTFUL) or None in values
    verdicts = (
        _validity(row, value, facts.state, is_doubted=is_doubted)
        for row, value in zip(ROWS, values, strict=True)
    )
    numbers = (None if value is None else float(value) for value in values)
    return tuple(
        facts.numeric(row.label, row.code, row.unit, number, verdict)
        for row, number, verdict in zip(ROWS, numbers, verdicts, strict=True)
    )


def _validity(
    row: NellcorParameter, value: int | None, state: int, *, is_doubted: bool
) -> Validity:
    if state & _UNUSABLE:
        return Validity.INVALID
    if value is None:
        return Validity.NOT_AVAILABLE
    if value == 0 and not row.zero_is_a_value:
        return Validity.INVALID  # these oximeters write 0 while they search for a pulse
    return Validity.QUESTIONABLE if is_doubted else Validity.VALID
