"""People's entries as numbers by the minute."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from edge_agent.detect.minutes.context_rows import (
    context_columns,
    entered_readings,
)
from edge_agent.detect.minutes.formulas import CONTEXT
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import NONE, EntryKind, OxygenDevice, PatientEntry
from edge_agent.patient.context import ContextLog, age_of, state_at, states_over
from edge_agent.patient.onset import ANY_PRODUCT, ONSETS
from edge_agent.patient.state import UNKNOWN_PATIENT

HOUR = 3600 * 10**9
INF, NAN = math.inf, math.nan


def entry(  # noqa: PLR0913 - the fields of an entry
    kind: EntryKind,
    hour: float,
    name: str = "",
    *,
    until: float | None = None,
    amount: float | None = None,
    site: str = "",
) -> PatientEntry:
    return PatientEntry(
        entry_id=f"{kind}-{hour}-{name}",
        patient_id="p-1",
        kind=kind,
        at_utc_ns=round(hour * HOUR),
        name=name,
        amount=amount,
        site=site,
        until_utc_ns=None if until is None else round(until * HOUR),
    )


def column(name: str, entries: list[PatientEntry], *hours: float) -> list[float]:
    moments = np.array([round(h * HOUR) for h in hours], np.int64)
    row = context_columns(ContextLog(entries), moments)[CONTEXT.index(name)]
    return [float(value) for value in row]


def same(got: list[float], *wanted: float) -> None:
    assert got == pytest.approx(list(wanted), nan_ok=True)


@pytest.mark.parametrize("utc_ns", [0, -HOUR, 9 * 10**18])
def test_what_was_never_entered_is_endless_zero_or_not_known(utc_ns: int) -> None:
    found = context_columns(None, np.array([utc_ns], np.int64))[:, 0]
    known = dict(zip(CONTEXT, found.tolist(), strict=True))
    assert {n for n, v in known.items() if v == INF} == {
        n for n in CONTEXT if n.startswith("hours_since")
    }
    assert {n for n, v in known.items() if v == 0} == {
        "away",
        "is_cooled",
        "oxygen_raised",
        "is_hypercapnic",
    }
    assert math.isnan(known["has_oxygen"])
    assert math.isnan(known["age_years"])


def test_hours_count_from_the_end_of_what_lasts_and_from_the_newest() -> None:
    given = [
        entry(EntryKind.ANTIPYRETIC, 1, "paracetamol"),
        entry(EntryKind.ANTIPYRETIC, 5, "paracetamol"),
    ]
    same(column("hours_since_antipyretic", given, 0.5, 1, 3, 6), INF, 0, 2, 1)
    ran = [entry(EntryKind.TRANSFUSION, 1, "platelets", until=2)]
    same(column("hours_since_transfusion", ran, 1.5, 2, 4), 0, 0, 2)
    none = [entry(EntryKind.STEROID, 1, NONE)]
    same(column("hours_since_anticytokine", none, 2), INF)


def test_an_entry_counts_from_when_it_was_entered() -> None:
    late = replace(entry(EntryKind.TOCILIZUMAB, 1), entered_utc_ns=3 * HOUR)
    same(column("hours_since_anticytokine", [late], 2, 3), INF, 2)


def test_the_product_tells_when_crs_is_likely() -> None:
    given = [entry(EntryKind.INFUSION, 10, "axi-cel"), entry(EntryKind.INFUSION, 20, "other")]
    same(column("hours_since_infusion", given, 5, 25), -15, 5)
    same(column("onset_from_h", given[:1], 25), ONSETS["axi-cel"].from_h)
    same(column("onset_to_h", given, 25), ANY_PRODUCT.to_h)


def test_cooling_is_known_from_its_entry_to_its_end() -> None:
    cooled = [entry(EntryKind.COOLING, 1, until=2), entry(EntryKind.COOLING, 3)]
    same(column("is_cooled", cooled, 0, 1, 2, 3, 9), 0, 1, 0, 1, 1)
    same(column("is_cooled", [*cooled, entry(EntryKind.COOLING, 4, NONE)], 3, 4), 1, 0)


def test_oxygen_that_goes_up_is_raised_for_six_hours() -> None:
    given = [
        entry(EntryKind.OXYGEN, 0, OxygenDevice.AIR),
        entry(EntryKind.OXYGEN, 1, OxygenDevice.NASAL_CANNULA, amount=2),
        entry(EntryKind.OXYGEN, 2, OxygenDevice.NASAL_CANNULA, amount=1),
    ]
    same(column("has_oxygen", given, -1, 0, 1, 2), NAN, 0, 1, 1)
    same(column("oxygen_raised", given, 0, 1, 6.9, 7), 0, 1, 1, 0)
    more = [*given, entry(EntryKind.OXYGEN, 8, OxygenDevice.NASAL_CANNULA, amount=2)]
    same(column("oxygen_raised", more, 7.5, 8, 14), 0, 1, 0)
    over = [entry(EntryKind.OXYGEN, 1, OxygenDevice.FACE_MASK, amount=5, until=2)]
    same(column("has_oxygen", over, 1, 3), 1, 0)


def test_vasopressors_are_counted_while_they_run() -> None:
    running = [
        entry(EntryKind.VASOPRESSOR, 1, "norepinephrine", until=4),
        entry(EntryKind.VASOPRESSOR, 2, "vasopressin"),
    ]
    same(column("vasopressors", running, 0, 1, 2, 4), NAN, 1, 2, 1)
    same(column("vasopressors", [*running, entry(EntryKind.VASOPRESSOR, 5, NONE)], 5), 0)


def test_consciousness_stands_for_a_shift() -> None:
    seen = [entry(EntryKind.CONSCIOUSNESS, 1, "A"), entry(EntryKind.CONSCIOUSNESS, 2, "V")]
    same(column("consciousness", seen, 0, 1, 2, 14, 14.1), NAN, 0, 2, 2, NAN)


def test_age_and_flags() -> None:
    flags = [entry(EntryKind.FLAG, 1, "hypercapnic"), entry(EntryKind.FLAG, 0, "neutropenia")]
    same(column("is_hypercapnic", flags, 0, 1), 0, 1)
    same(column("age_years", [entry(EntryKind.AGE, 0, amount=7)], 0), 7)
    assert age_of(None) is None
    assert age_of(ContextLog()) is None


def test_a_state_counts_from_its_entry_and_of_nobody_there_is_none() -> None:
    log = ContextLog([entry(EntryKind.BASELINE, 1, "temperature", amount=36.2)])
    assert state_at(None, 0) is UNKNOWN_PATIENT
    assert state_at(log, 0).baselines == {}
    assert state_at(log, HOUR).baselines == {VitalKind.TEMPERATURE: 36.2}
    moments = np.array([0, HOUR - 1, HOUR, HOUR + 1])
    assert list(states_over(log, moments)) == [
        (0, 2, UNKNOWN_PATIENT),
        (2, 4, state_at(log, HOUR)),
    ]
    assert list(states_over(log, moments[:0])) == []


def test_an_age_counts_from_its_entry() -> None:
    ages = [entry(EntryKind.AGE, 1, amount=7), entry(EntryKind.AGE, 3, amount=70)]
    same(column("age_years", ages, 0, 1, 2, 3), NAN, 7, 7, 70)


def test_of_two_transfusions_the_one_that_ended_last_counts() -> None:
    given = [
        entry(EntryKind.TRANSFUSION, 1, "platelets"),
        entry(EntryKind.TRANSFUSION, 20, "red cells", until=22),
    ]
    same(column("hours_since_transfusion", given, 0, 1, 13, 14, 20, 23), INF, 0, 0, 1, 0, 1)
    same(column("hours_since_procedure", [entry(EntryKind.PROCEDURE, 1, "pain")], 2, 4), 0, 2)


def test_readings_taken_by_hand_are_events_of_places_that_count() -> None:
    log = ContextLog(
        [
            entry(EntryKind.SPOT, 1, "temperature", amount=38.2),
            entry(EntryKind.SPOT, 2, "temperature", amount=33.0, site="skin"),
            entry(EntryKind.SPOT, 3, "nibp_systolic", amount=110),
        ]
    )
    found = entered_readings(log, 7)[VitalKind.TEMPERATURE]
    assert found.values.tolist() == [38.2]
    assert found.times_ns.tolist() == [HOUR - 7]
    assert found.utc_ns.tolist() == [HOUR]
    assert entered_readings(None, 7)[VitalKind.TEMPERATURE].values.size == 0
