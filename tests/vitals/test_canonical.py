"""The canonical table is complete, and its codes are the published ones."""

from __future__ import annotations

import pytest

from edge_agent.detect.grid import HOLD_STEPS
from edge_agent.detect.language.signals import RUNNING
from edge_agent.model.measurements import CANONICAL_UNITS, VitalKind
from edge_agent.vitals.canonical import CODES, KINDS, max_age_s
from edge_agent.vitals.units import CONVERSIONS


@pytest.mark.parametrize("kind", VitalKind)
def test_every_kind_is_complete(kind: VitalKind) -> None:
    row = KINDS[kind]
    assert row.lowest < row.highest
    assert row.max_age_s > 0
    assert {CONVERSIONS[code].to_unit for code in row.units} == {CANONICAL_UNITS[kind]}
    assert kind in {code_row.kind for code_row in CODES.values()}
    assert kind in HOLD_STEPS or kind not in RUNNING


@pytest.mark.parametrize(
    ("code", "kind", "site"),
    [
        (147842, VitalKind.HEART_RATE, ""),
        (149530, VitalKind.PULSE_RATE, "spo2"),
        (149546, VitalKind.PULSE_RATE, "nibp"),
        (150456, VitalKind.SPO2, ""),
        (150448, VitalKind.PERFUSION_INDEX, ""),
        (151562, VitalKind.RESPIRATORY_RATE, ""),
        (150021, VitalKind.NIBP_SYSTOLIC, ""),
        (150023, VitalKind.NIBP_MEAN, ""),
        (150022, VitalKind.NIBP_DIASTOLIC, ""),
        (150301, VitalKind.NIBP_SYSTOLIC, "cuff"),
        (150302, VitalKind.NIBP_DIASTOLIC, "cuff"),
        (150303, VitalKind.NIBP_MEAN, "cuff"),
        (150037, VitalKind.ART_SYSTOLIC, "abp"),
        (150039, VitalKind.ART_MEAN, "abp"),
        (150038, VitalKind.ART_DIASTOLIC, "abp"),
        (150033, VitalKind.ART_SYSTOLIC, "art"),
        (150035, VitalKind.ART_MEAN, "art"),
        (150034, VitalKind.ART_DIASTOLIC, "art"),
        (150344, VitalKind.TEMPERATURE, ""),
        (151728, VitalKind.ETCO2, ""),
    ],
)
def test_a_published_code_is_known(code: int, kind: VitalKind, site: str) -> None:
    assert (CODES[code].kind, CODES[code].site) == (kind, site)


def test_cuff_readings_and_nothing_continuous_are_events() -> None:
    events = {(row.kind, row.site) for row in CODES.values() if row.is_event}
    cuff = {VitalKind.NIBP_SYSTOLIC, VitalKind.NIBP_MEAN, VitalKind.NIBP_DIASTOLIC}
    assert events == {(kind, site) for kind in cuff for site in ("", "cuff")} | {
        (VitalKind.PULSE_RATE, "nibp"),
        (VitalKind.TEMPERATURE, "predictive"),
    }


def test_a_spot_temperature_and_a_cuff_pulse_live_longer_than_continuous_ones() -> None:
    assert max_age_s(VitalKind.TEMPERATURE, "core") == 300
    assert max_age_s(VitalKind.TEMPERATURE, "predictive") == 8 * 3600
    assert max_age_s(VitalKind.PULSE_RATE, "spo2") == 30
    assert max_age_s(VitalKind.PULSE_RATE, "nibp") == 3600
