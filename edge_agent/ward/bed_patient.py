"""The stay of the patient in a bed, as it is shown to people."""

from __future__ import annotations

from edge_agent.model.assessment import PatientAtBed, PauseOfBed
from edge_agent.ward.occupancy import Occupancy


def patient_at(occupancy: Occupancy, bed_id: str, utc_ns: int) -> PatientAtBed:
    """Return the stay in a bed at a moment; a bed to which nobody was admitted has one, too."""
    stays = occupancy.stays
    change = occupancy.changes.get(bed_id)
    context = stays.log_at(bed_id).at(utc_ns)
    away = context.away
    return PatientAtBed(
        patient_id=stays.patient_at(bed_id) or "",
        is_present=not stays.is_vacated(bed_id),
        since_utc_ns=None if change is None else change.at.utc_ns,
        product=context.product,
        infused_utc_ns=context.infused_utc_ns,
        away=None if away is None else PauseOfBed(away.name, away.until_utc_ns, away.by),
    )
