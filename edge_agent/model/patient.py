"""Entries of people about a patient; a correction does not delete the entry that it corrects.

An entry is a fact with the time at which it became true. `patient.context` derives the patient's
state at a moment from the entries, so a late entry and a correction count from the time they are
about.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

CHILD_YEARS: Final = 18.0
"""Age from which a patient counts as an adult."""


class EntryKind(StrEnum):
    """Subject of an entry; each kind's note says what `name`, `amount` and `unit` hold."""

    ADMITTED = "admitted"
    """Start of a stay at the entry's bed."""
    TRANSFERRED = "transferred"
    """Continuation of the stay at the entry's bed."""
    DISCHARGED = "discharged"
    """End of the stay."""
    INFUSION = "infusion"
    """name: product (axi-cel, teclistamab)."""
    AGE = "age"
    """amount: years."""
    WEIGHT = "weight"
    """amount: kg."""
    BASELINE = "baseline"
    """name: a vital kind; amount in its canonical unit. The patient's own usual value."""
    OXYGEN = "oxygen"
    """name: an `OxygenDevice`; amount: l/min where it has a flow."""
    VASOPRESSOR = "vasopressor"
    """name: the drug, until it ends."""
    ANTIPYRETIC = "antipyretic"
    """name: the drug."""
    TOCILIZUMAB = "tocilizumab"
    STEROID = "steroid"
    """name: the drug."""
    FLUIDS = "fluids"
    """amount: l."""
    TRANSFUSION = "transfusion"
    """name: the product, until it ends."""
    PROCEDURE = "procedure"
    """name: procedure, pain, mobilising; each makes a heart race for a while."""
    COOLING = "cooling"
    """Blanket or bath, until it ends."""
    SPOT = "spot"
    """name: a vital kind measured by hand; amount in its canonical unit; `site`: where."""
    CONSCIOUSNESS = "consciousness"
    """name: A, C, V, P or U (ACVPU)."""
    ICE = "ice"
    """amount: 0-10 points (immune effector cell-associated encephalopathy score)."""
    SYMPTOM = "symptom"
    """name: chills, headache, dyspnoea, confusion and the others of `entry_check.SYMPTOMS`."""
    FLAG = "flag"
    """name: neutropenia, culture, beta_blocker, paced, hypercapnic, infusion_reaction, limits."""
    LAB = "lab"
    """name: il6, crp, ferritin, ldh, creatinine, platelets; amount in `unit`."""
    CRS = "crs"
    """name: confirmed or ruled_out, by a clinician."""
    AWAY = "away"
    """name: shower, ct, transport, therapy or other, until the patient is expected back. A pause in
    the assessment of the bed; the end of the pause is known from its start."""


NONE: Final = "none"
"""Name of an entry that says there is none, as opposed to no entry at all. For vasopressors,
transfusions and cooling: none runs any longer. For other drugs: none has been given."""


class OxygenDevice(StrEnum):
    """Devices that deliver oxygen."""

    AIR = "air"
    NASAL_CANNULA = "nasal cannula"
    BLOW_BY = "blow-by"
    HIGH_FLOW_CANNULA = "high-flow cannula"
    FACE_MASK = "face mask"
    VENTURI_MASK = "venturi mask"
    NON_REBREATHER = "non-rebreather"
    CPAP = "cpap"
    BIPAP = "bipap"
    VENTILATOR = "ventilator"


@dataclass(frozen=True, slots=True)
class PatientEntry:
    """One fact about one patient."""

    entry_id: str
    """Unique id from the sender, so that an entry sent twice counts once."""
    patient_id: str
    """Pseudonymous; never a name."""
    kind: EntryKind
    at_utc_ns: int
    """Time at which it became true."""
    name: str = ""
    """`NONE`, where the kind allows it, for "none runs" or "none was given"."""
    amount: float | None = None
    """None without a number."""
    unit: str = ""
    """UCUM unit of a laboratory value; every other kind has one unit."""
    site: str = ""
    """Site of a spot temperature."""
    until_utc_ns: int | None = None
    """Time at which it ended; None while it lasts, and for kinds without an end."""
    bed_id: str = ""
    """Bed of an admission or transfer."""
    by: str = ""
    """Person who entered it; empty for a simulated or recorded patient."""
    entered_utc_ns: int = 0
    corrects: str = ""
    """The entry_id that this one replaces; the earlier entry stays stored."""
    is_void: bool = False
    """True if it only withdraws the entry it corrects."""

    def __post_init__(self) -> None:
        if self.amount is not None and not math.isfinite(self.amount):
            raise ValueError(f"{self.kind}: amount {self.amount!r}; want a finite number")
        if self.until_utc_ns is not None and self.until_utc_ns < self.at_utc_ns:
            raise ValueError(f"{self.kind}: ends before it begins")


@dataclass(frozen=True, slots=True)
class BedEntry:
    """An entry as given at a bed; without a patient it is about the one who is there."""

    bed_id: str
    entry: PatientEntry
