"""What is known of a patient besides the monitor: entries of people, corrected without losing any.

An entry is a fact with the time at which it became true. What holds at a moment is worked out from
the entries (`detect.context`), so a late entry and a correction count from the time they are about.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class EntryKind(StrEnum):
    """What an entry is about; beside each what `name`, `amount` and `unit` hold."""

    ADMITTED = "admitted"
    """A stay begins at the entry's bed."""
    TRANSFERRED = "transferred"
    """The stay goes on at the entry's bed."""
    DISCHARGED = "discharged"
    """The stay ends."""
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
    """name: procedure, pain, mobilising: what makes a heart race for a while."""
    COOLING = "cooling"
    """Blanket or bath, until it ends."""
    SPOT = "spot"
    """name: a vital kind taken by hand; amount in its canonical unit; `site` where it was taken."""
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


NONE: Final = "none"
"""The name of an entry which says that there is none, so that it differs from nobody having said:
of vasopressors, transfusions and cooling none runs any more, of other drugs none has been given."""


class OxygenDevice(StrEnum):
    """How oxygen is given."""

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
    """Unique; given by whoever enters it, so that sending it twice enters it once."""
    patient_id: str
    """Pseudonymous; never a name."""
    kind: EntryKind
    at_utc_ns: int
    """When it became true."""
    name: str = ""
    """`NONE` where the kind allows it: that nothing of the kind runs or was given."""
    amount: float | None = None
    """None where none is given."""
    unit: str = ""
    """UCUM, of a laboratory value; the other kinds have one unit."""
    site: str = ""
    """Where a spot temperature was taken."""
    until_utc_ns: int | None = None
    """When it ended; None while it lasts, and for what has no end."""
    bed_id: str = ""
    """Of admission and transfer."""
    by: str = ""
    """Who entered it; empty for a simulated or recorded patient."""
    entered_utc_ns: int = 0
    corrects: str = ""
    """The entry_id this one stands in place of; the earlier one is kept."""
    is_void: bool = False
    """Whether it only takes back the entry it corrects."""

    def __post_init__(self) -> None:
        if self.amount is not None and not math.isfinite(self.amount):
            raise ValueError(f"{self.kind}: amount {self.amount!r}; want a finite number")
        if self.until_utc_ns is not None and self.until_utc_ns < self.at_utc_ns:
            raise ValueError(f"{self.kind}: ends before it begins")


@dataclass(frozen=True, slots=True)
class BedEntry:
    """An entry as it was given at a bed; one without a patient is about whoever is there."""

    bed_id: str
    entry: PatientEntry
