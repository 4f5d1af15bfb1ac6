"""A ward's faults and habits of staff as one value of rates."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WardHabits:
    """Rates of a ward's faults and habits; `ranges.RANGES` holds range and source of each.

    A share is 0 to 1. A rate per day or hour is the median over patients, as some patients move and
    pull at their probes far more than others.
    """

    name: str
    seed: int
    """Seed of the ward, which separates its patients' faults from those of other wards."""

    cuff_every_min: float
    """Routine interval of the cuff, minutes."""
    cuff_changes_per_day: float
    """Changes of the cuff's interval by nurses, per patient-day."""
    cuff_missed_share: float
    """Share of due readings that nobody and no monitor takes."""
    cuff_off_per_day: float
    """Cuffs taken off for hours, per patient-day."""
    cuff_deep_share: float
    """Share of readings that are 40 to 60 mmHg too low."""
    cuff_high_share: float
    """Share of readings that are 40 to 60 mmHg too high."""
    cuff_narrow_share: float
    """Share of readings with a pulse pressure below 15 mmHg."""
    cuff_swapped_share: float
    """Share of readings with systolic and diastolic pressure swapped."""
    cuff_failed_share: float
    """Share of readings that end without a value."""
    cuff_retry_share: float
    """Share of failed readings that the monitor repeats within 3 minutes."""
    cuff_check_share: float
    """Share of odd readings that a nurse repeats within 10 minutes."""
    cuff_repeat_wrong_share: float
    """Share of those repeats that are wrong again."""
    cuff_scatter_mmhg: float
    """Scatter of a reading beyond the patient's own, mmHg, standard deviation."""

    spo2_off_per_day: float
    """Oximeter probes off the finger, per patient-day."""
    spo2_off_median_min: float
    spo2_zero_share: float
    """Share of monitors that send zero for a probe that is off."""
    spo2_flat_per_day: float
    """Oximeter probes off that read a steady 100 %, per patient-day."""
    motion_per_h: float
    """Movements that falsify the oximeter, per patient-hour, besides the patient's own."""
    motion_hides_share: float
    """Share of movements during which SpO2 is wrong, too."""
    leads_off_per_day: float
    leads_off_median_min: float
    temperature_off_per_day: float
    """Temperature probes that the monitor finds disconnected, per patient-day."""
    temperature_slipped_per_day: float
    """Temperature probes that slip off and cool, per patient-day."""
    temperature_warmed_per_day: float
    """Warmings of the probe by blanket, bath or hot drink, per patient-day."""
    temperature_cooled_per_day: float
    """Coolings of the probe by blanket, ice or cold drink, per patient-day."""
    disconnected_per_day: float
    """Disconnections of the whole monitor, per patient-day."""
    disconnected_median_min: float
    transport_per_day: float
    """Journeys without the monitor, per patient-day."""
    transport_entered_share: float
    """Share of journeys that staff enter as an absence."""

    probe_tympanic: float
    """Weight of the ear among the sites of temperature probes."""
    probe_bladder: float
    probe_oesophageal: float
    hand_share: float
    """Share of patients without a temperature probe."""
    hand_every_h: float
    """Interval of temperatures taken by hand, hours, in every patient."""
    hand_jitter_min: float
    """Greatest deviation from the due time, either way, minutes."""
    hand_missed_share: float
    hand_oral: float
    """Weight of the mouth among the sites."""
    hand_tympanic: float
    hand_axillary: float

    entry_delay_median_min: float
    """Delay of an entry after the fact, minutes."""
    entry_delay_spread: float
    """Standard deviation of the logarithm of that delay."""
    entry_missing_share: float
    """Share of facts that nobody enters."""

    low_pressure_share: float
    """Share of people whose pressure is low for life."""
    low_pressure_entered_share: float
    """Share of these whose usual pressure somebody enters within three days."""
    fast_heart_share: float
    """Share of people with a fast heart for life."""
    anaemia_share: float
    apnoea_share: float
    """Share of people with apnoea in sleep."""
    pacemaker_share: float
    pacemaker_entered_share: float
    pain_per_day: float
    """Attacks of pain, per patient-day."""
    procedures_per_day: float
    pain_entered_share: float
    """Share of pain and procedures that staff enter."""

    answer_median_min: float
    """Time from an alert to its answer, minutes, median."""
    answer_spread: float
    """Standard deviation of the logarithm of that time."""
    answer_never_share: float
    """Share of alerts that nobody answers."""

    @property
    def probe_sites(self) -> dict[str, float]:
        """Weight of each site of temperature probes; keys of `person.SITES`."""
        return {
            "tympanic": self.probe_tympanic,
            "bladder": self.probe_bladder,
            "oesophageal": self.probe_oesophageal,
        }
